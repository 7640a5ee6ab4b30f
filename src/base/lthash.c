/*
 * lthash.c
 *		A hash of a set, which elements can be added to and taken out of.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "utils/builtins.h"

#include "base/compat.h"
#include "base/lthash.h"
#include "base/text.h"

/* SHA-512 makes 64 bytes. */
#define LANES_PER_BLOCK (64 / 2)

/* A block of the vector that an element stands for. */
static bytea *
block_of(bytea *input, int number)
{
	*(unsigned char *) VARDATA(input) = number;
	return DatumGetByteaPP(DirectFunctionCall1(sha512_bytea, PointerGetDatum(input)));
}

/*
 * Add the vector of an element, or its opposite.  Elements of any length are hashed
 * once, and the blocks made of that.
 */
static void
combine(MigrLtHash *hash, const char *element, int len, bool add)
{
	char	   *seed = migr_text_sha256(element, len);
	int			size = strlen(seed);
	bytea	   *input = palloc(VARHDRSZ + 1 + size);

	SET_VARSIZE(input, VARHDRSZ + 1 + size);
	memcpy(VARDATA(input) + 1, seed, size);
	for (int i = 0; i < MIGR_LTHASH_LANES / LANES_PER_BLOCK; i++)
	{
		bytea	   *block = block_of(input, i);
		const unsigned char *bytes = (unsigned char *) VARDATA_ANY(block);

		for (int j = 0; j < LANES_PER_BLOCK; j++)
		{
			uint16		lane = bytes[2 * j] | (bytes[2 * j + 1] << 8);

			hash->lanes[i * LANES_PER_BLOCK + j] += add ? lane : -lane;
		}
		pfree(block);
	}
	pfree(input);
	pfree(seed);
}

void
migr_lthash_add(MigrLtHash *hash, const char *element, int len)
{
	combine(hash, element, len, true);
}

void
migr_lthash_remove(MigrLtHash *hash, const char *element, int len)
{
	combine(hash, element, len, false);
}

void
migr_lthash_store(const MigrLtHash *hash, unsigned char *bytes)
{
	for (int i = 0; i < MIGR_LTHASH_LANES; i++)
	{
		bytes[2 * i] = hash->lanes[i] & 0xff;
		bytes[2 * i + 1] = hash->lanes[i] >> 8;
	}
}

void
migr_lthash_load(MigrLtHash *hash, const unsigned char *bytes)
{
	for (int i = 0; i < MIGR_LTHASH_LANES; i++)
		hash->lanes[i] = bytes[2 * i] | (bytes[2 * i + 1] << 8);
}

char *
migr_lthash_digest(const MigrLtHash *hash)
{
	unsigned char bytes[MIGR_LTHASH_BYTES];

	migr_lthash_store(hash, bytes);
	return migr_text_sha256((char *) bytes, sizeof(bytes));
}
