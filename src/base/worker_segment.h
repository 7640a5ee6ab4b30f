/*
 * worker_segment.h
 *		What a session and its worker share; for worker.c and worker_serve.c.
 *
 * The session writes it before the worker starts, and neither changes it after
 * that.  Where the library was replaced since the session loaded it, the worker's is
 * another: so the version is part of the magic number, and the worker ends at once.
 *
 * Private to base.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_WORKER_SEGMENT_H
#define MIGR_WORKER_SEGMENT_H

#define MIGR_WORKER_TYPE "migr scratch"

#define MIGR_WORKER_KEY_HEADER 0
#define MIGR_WORKER_KEY_REQUESTS 1
#define MIGR_WORKER_KEY_REPLIES 2
#define MIGR_WORKER_KEYS 3

typedef struct MigrWorkerHeader
{
	Oid			database;
	Oid			session_user;	/* who authenticates */
	Oid			role;			/* whose rights it has */
	bool		closed;
	int			session;		/* process id */
	char		purpose[NAMEDATALEN];
} MigrWorkerHeader;

static inline uint64
migr_worker_magic(void)
{
	uint64		magic = 0;

	for (const char *c = MIGR_VERSION; *c; c++)
		magic = magic * 31 + *c;
	return magic;
}

#endif							/* MIGR_WORKER_SEGMENT_H */
