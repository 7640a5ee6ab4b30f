/*
 * sha256.c
 *		SHA-256 of bytes that come piece by piece.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "utils/builtins.h"

#include "base/compat.h"
#include "base/sha256.h"

/* It fails only where OpenSSL does. */
static void
check(bool done)
{
	if (!done)
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR),
				 errmsg("could not compute a SHA-256 hash")));
}

void
migr_sha256_begin(MigrSha256 *sha)
{
	sha->state = migr_compat_sha256_create();
	check(sha->state != NULL);
}

void
migr_sha256_add(MigrSha256 *sha, const char *bytes, size_t len)
{
	check(migr_compat_sha256_update(sha->state, bytes, len));
}

void
migr_sha256_end_bytes(MigrSha256 *sha, unsigned char *digest)
{
	check(migr_compat_sha256_final(sha->state, digest));
}

char *
migr_sha256_end(MigrSha256 *sha)
{
	uint8		digest[MIGR_SHA256_LENGTH];
	char	   *result = palloc0(2 * sizeof(digest) + 1);

	migr_sha256_end_bytes(sha, digest);
	hex_encode((const char *) digest, sizeof(digest), result);
	return result;
}
