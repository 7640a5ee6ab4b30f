/*
 * worker_segment.h
 *		What a session and its worker share; for worker.c and worker_serve.c.
 *
 * The session writes it before the worker starts, and neither changes it after
 * that.  Both run the same library, so the layout is nobody else's.
 *
 * Private to base.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_WORKER_SEGMENT_H
#define MIGR_WORKER_SEGMENT_H

#define MIGR_WORKER_TYPE "migr scratch"

#define MIGR_WORKER_MAGIC 0x6d696772

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

#endif							/* MIGR_WORKER_SEGMENT_H */
