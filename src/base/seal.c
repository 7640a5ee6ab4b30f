/*
 * seal.c
 *		Telling what migr has written from what somebody else has.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "access/xlog.h"
#include "catalog/pg_control.h"
#include "miscadmin.h"

#include "base/compat.h"
#include "base/seal.h"
#include "base/text.h"

/* The hash of the secret and what follows, which nobody can make from another one. */
static void
digest_with_secret(const char *label, const unsigned char *inner, unsigned char *digest)
{
	StringInfoData bytes;

	initStringInfo(&bytes);
	appendBinaryStringInfo(&bytes, GetMockAuthenticationNonce(), MOCK_AUTH_NONCE_LEN);
	appendStringInfo(&bytes, " migr %u %s ", MyDatabaseId, label);
	appendBinaryStringInfo(&bytes, (const char *) inner, MIGR_SHA256_LENGTH);
	migr_text_digest(bytes.data, bytes.len, digest);
	explicit_bzero(bytes.data, bytes.len);
	pfree(bytes.data);
}

/* Twice, as what is behind the secret in the end is of one length. */
static void
make(const char *purpose, const char *bytes, int len, unsigned char *seal)
{
	unsigned char digest[MIGR_SHA256_LENGTH];

	migr_text_digest(bytes, len, digest);
	digest_with_secret(purpose, digest, seal);
	digest_with_secret("seal", seal, seal);
}

void
migr_seal_append(StringInfo out, const char *purpose, const char *bytes, int len)
{
	unsigned char seal[MIGR_SHA256_LENGTH];

	make(purpose, bytes, len, seal);
	appendBinaryStringInfo(out, (const char *) seal, sizeof(seal));
}

bool
migr_seal_take(StringInfo in, const char *purpose)
{
	unsigned char seal[MIGR_SHA256_LENGTH];
	const char *given = in->data + in->cursor;
	int			different = 0;

	if (in->len - in->cursor < MIGR_SHA256_LENGTH)
		return false;
	in->cursor += MIGR_SHA256_LENGTH;
	make(purpose, in->data + in->cursor, in->len - in->cursor, seal);

	/* How far it is right, the time that it takes does not tell. */
	for (int i = 0; i < MIGR_SHA256_LENGTH; i++)
		different |= seal[i] ^ (unsigned char) given[i];
	return different == 0;
}
