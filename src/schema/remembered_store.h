/*
 * remembered_store.h
 *		What builds of desired DDL came to, kept in migr.remembered.
 *
 * Written and read as the owner of migr's tables, who is not trusted with what is in
 * them: nothing is read that migr has not written for that key (base/seal.h).  A build is a
 * head, which says of it what who keeps it wants to, and a schema in pieces.  Nobody waits for anybody: each
 * write has rows of its own, and what others are about to drop is passed over.
 *
 * Private to schema.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_REMEMBERED_STORE_H
#define MIGR_REMEMBERED_STORE_H

#include "lib/stringinfo.h"
#include "utils/uuid.h"

#include "model/model.h"

/* How much is kept, before the server compresses it: of one build, and of all. */
#define MIGR_REMEMBERED_BUILD_BYTES (INT64CONST(256) * 1024 * 1024)
#define MIGR_REMEMBERED_BYTES (INT64CONST(512) * 1024 * 1024)

/* And of how many builds of a role. */
#define MIGR_REMEMBERED_BUILDS 8

typedef struct MigrRememberedKey
{
	Oid			role;			/* who has built */
	const char *environment;	/* scratch.h */
	const char *desired;		/* digest of the DDL */
} MigrRememberedKey;

typedef struct MigrRememberedRow
{
	pg_uuid_t	build;
	List	   *pieces;			/* char *: the digests of its pieces */
	StringInfo	head;
} MigrRememberedRow;

/* The last build of a key, or with any the last one of its role and environment. */
extern bool migr_remembered_read(const MigrRememberedKey *key, bool any, MigrRememberedRow *row);

/* Its schema; NULL if that is not complete. */
extern MigrSchema *migr_remembered_read_schema(const MigrRememberedRow *row);

/* Keep a build, unless it is too large, and drop what is too old or too much. */
extern void migr_remembered_write(const MigrRememberedKey *key, StringInfo head,
								  MigrSchema *schema);

#endif							/* MIGR_REMEMBERED_STORE_H */
