/*
 * sha256.h
 *		SHA-256 of bytes that come piece by piece.
 *
 * By what the server has for it: OpenSSL where it was built with that, which
 * uses the processor's own instructions.  Between begin and end nothing may raise.
 *
 * Private to base.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_SHA256_H
#define MIGR_SHA256_H

typedef struct MigrSha256
{
	void	   *state;
} MigrSha256;

extern void migr_sha256_begin(MigrSha256 *sha);
extern void migr_sha256_add(MigrSha256 *sha, const char *bytes, size_t len);

/* The digest, as 32 bytes. */
extern void migr_sha256_end_bytes(MigrSha256 *sha, unsigned char *digest);

/* The same in hex. */
extern char *migr_sha256_end(MigrSha256 *sha);

#endif							/* MIGR_SHA256_H */
