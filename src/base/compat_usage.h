/*
 * compat_usage.h
 *		What differs between majors of hooks, and of what the server says of use.
 *
 * A part of compat.h: the only other file that may test PG_VERSION_NUM.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_COMPAT_USAGE_H
#define MIGR_COMPAT_USAGE_H

#include "catalog/objectaddress.h"
#include "catalog/pg_authid.h"
#include "executor/executor.h"
#include "miscadmin.h"
#include "nodes/execnodes.h"
#include "nodes/parsenodes.h"
#include "utils/fmgrprotos.h"

/* 14: the predefined roles lost their DEFAULT_ prefix. */
#if PG_VERSION_NUM < 140000
#define ROLE_PG_READ_ALL_STATS DEFAULT_ROLE_READ_ALL_STATS
#endif

/*
 * 15: shared memory is asked for by a hook, not when the library is loaded.  Returns the
 * hook that request has to call, or NULL.
 */
typedef void (*MigrCompatRequest) (void);

static inline MigrCompatRequest
migr_compat_request_shmem(MigrCompatRequest request)
{
#if PG_VERSION_NUM >= 150000
	MigrCompatRequest next = shmem_request_hook;

	shmem_request_hook = request;
	return next;
#else
	request();
	return NULL;
#endif
}

/* 16: permissions that a query needs left its range table. */
#if PG_VERSION_NUM >= 160000
#define MigrCompatPermission RTEPermissionInfo
#define MIGR_COMPAT_CHECK_PERMS_PARAMS List *range_table, List *permissions, bool abort
#define MIGR_COMPAT_CHECK_PERMS_ARGS range_table, permissions, abort
#define migr_compat_is_of_relation(permission) true
#else
#define MigrCompatPermission RangeTblEntry
#define MIGR_COMPAT_CHECK_PERMS_PARAMS List *permissions, bool abort
#define MIGR_COMPAT_CHECK_PERMS_ARGS permissions, abort
#define migr_compat_is_of_relation(permission) ((permission)->rtekind == RTE_RELATION)
#endif

/* 14: relations that a statement writes are in a list. */
static inline List *
migr_compat_written(EState *estate)
{
#if PG_VERSION_NUM >= 140000
	return estate->es_opened_result_relations;
#else
	List	   *written = NIL;

	for (int i = 0; i < estate->es_num_result_relations; i++)
		written = lappend(written, &estate->es_result_relations[i]);
	return written;
#endif
}

/* 16: the server keeps when a table or an index was last scanned; NULL: it does not. */
static inline PGFunction
migr_compat_last_scan(void)
{
#if PG_VERSION_NUM >= 160000
	return pg_stat_get_lastscan;
#else
	return NULL;
#endif
}

/* 14: an object that is gone may be passed over. */
#if PG_VERSION_NUM >= 140000
#define migr_compat_object_kind(address) getObjectTypeDescription(address, false)
#define migr_compat_object_identity(address) getObjectIdentity(address, false)
#else
#define migr_compat_object_kind(address) getObjectTypeDescription(address)
#define migr_compat_object_identity(address) getObjectIdentity(address)
#endif

#endif							/* MIGR_COMPAT_USAGE_H */
