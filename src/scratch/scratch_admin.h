/*
 * scratch_admin.h
 *		Requests to the worker that makes and drops scratch databases.
 *
 * CREATE DATABASE and DROP DATABASE run in no transaction block, so a function
 * can't run them.  The worker is connected to the live database, and notes there
 * what it has made.
 *
 * Private to scratch.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_SCRATCH_ADMIN_H
#define MIGR_SCRATCH_ADMIN_H

/* What the comment on a scratch database begins with. */
#define MIGR_SCRATCH_COMMENT "scratch builds of migr"

#define MIGR_ADMIN_ENTRY "migr_scratch_admin_main"

/*
 * Make a database: its name, the role that owns it, CREATE DATABASE.  It admits
 * nobody yet.  The reply is its oid, whether another session has made it and opened
 * it meanwhile, and what is prepared in it then.
 */
#define MIGR_ADMIN_CREATE 'C'

/*
 * Close it to all but its owner, note it, and open it: name, oid, role, whether
 * it is noted, contents, names of the extensions that were prepared.
 */
#define MIGR_ADMIN_OPEN 'O'

/* Drop it and forget it: name, oid, role (or none: it was not noted). */
#define MIGR_ADMIN_DROP 'D'

#define MIGR_ADMIN_MADE 'd'

#endif							/* MIGR_SCRATCH_ADMIN_H */
