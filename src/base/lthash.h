/*
 * lthash.h
 *		A hash of a set, which elements can be added to and taken out of.
 *
 * LtHash over vectors of 1,024 numbers of 16 bits: the sum of what SHA-512, in
 * counter mode, makes of each element.  Two sets of which the sums are equal can't
 * be found by who does not solve a lattice problem, as they can where the sum has
 * 256 bits (Bellare and Micciancio, "A new paradigm for collision-free hashing";
 * Lewi, Kim, Maykov and Weis, "Securing update propagation with homomorphic
 * hashing").
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_LTHASH_H
#define MIGR_LTHASH_H

#define MIGR_LTHASH_LANES 1024
#define MIGR_LTHASH_BYTES (2 * MIGR_LTHASH_LANES)

typedef struct MigrLtHash
{
	uint16		lanes[MIGR_LTHASH_LANES];	/* all 0: of the empty set */
} MigrLtHash;

extern void migr_lthash_add(MigrLtHash *hash, const char *element, int len);
extern void migr_lthash_remove(MigrLtHash *hash, const char *element, int len);

/* As bytes, the same on every machine, and back. */
extern void migr_lthash_store(const MigrLtHash *hash, unsigned char *bytes);
extern void migr_lthash_load(MigrLtHash *hash, const unsigned char *bytes);

/* SHA-256 of the bytes, in hex. */
extern char *migr_lthash_digest(const MigrLtHash *hash);

#endif							/* MIGR_LTHASH_H */
