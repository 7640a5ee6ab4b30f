/*
 * compat.h
 *		What differs between the server majors that migr supports.
 *
 * The only file that may test PG_VERSION_NUM.  Everything else is written
 * against the newest name; each block below says since when that name exists.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_COMPAT_H
#define MIGR_COMPAT_H

#include "access/htup_details.h"
#include "catalog/objectaddress.h"
#include "catalog/partition.h"
#include "catalog/pg_attribute.h"
#include "catalog/pg_authid.h"
#include "catalog/pg_enum.h"
#include "catalog/pg_inherits.h"
#include "commands/copy.h"
#include "commands/defrem.h"
#include "executor/executor.h"
#include "nodes/parsenodes.h"
#include "parser/parse_node.h"
#include "parser/parse_type.h"
#include "parser/parser.h"
#include "postmaster/bgworker.h"
#include "storage/lock.h"
#include "storage/proc.h"
#include "storage/shm_mq.h"
#include "tcop/pquery.h"
#include "tcop/utility.h"
#include "utils/guc.h"
#include "utils/guc_tables.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/syscache.h"

#if PG_VERSION_NUM >= 140000
#include "access/toast_compression.h"
#include "access/toast_internals.h"
#include "common/cryptohash.h"
#endif

#if PG_VERSION_NUM < 130000
#error "migr needs PostgreSQL 13 or later"
#endif

/* The role that stands for the owner of the database, since 14. */
#ifndef ROLE_PG_DATABASE_OWNER
#define ROLE_PG_DATABASE_OWNER InvalidOid
#endif

/* The major version, for what differs in behaviour. */
#define MIGR_SERVER_MAJOR (PG_VERSION_NUM / 10000)

/*
 * What differs in SQL, the catalogs mostly, is said where the SQL is:
 * MIGR_SINCE_15(then, before) is the one text since 15, and the other before.
 */
#if PG_VERSION_NUM >= 140000
#define MIGR_SINCE_14(then, before) then
#else
#define MIGR_SINCE_14(then, before) before
#endif
#if PG_VERSION_NUM >= 150000
#define MIGR_SINCE_15(then, before) then
#else
#define MIGR_SINCE_15(then, before) before
#endif
#if PG_VERSION_NUM >= 160000
#define MIGR_SINCE_16(then, before) then
#else
#define MIGR_SINCE_16(then, before) before
#endif
#if PG_VERSION_NUM >= 170000
#define MIGR_SINCE_17(then, before) then
#else
#define MIGR_SINCE_17(then, before) before
#endif
#if PG_VERSION_NUM >= 180000
#define MIGR_SINCE_18(then, before) then
#else
#define MIGR_SINCE_18(then, before) before
#endif

/* 16: VARSIZE and friends left postgres.h. */
#if PG_VERSION_NUM >= 160000
#include "varatt.h"
#endif

/* 14: raw_parser() takes a parse mode. */
static inline List *
migr_compat_raw_parser(const char *sql)
{
#if PG_VERSION_NUM >= 140000
	return raw_parser(sql, RAW_PARSE_DEFAULT);
#else
	return raw_parser(sql);
#endif
}

/* 15: EmitWarningsOnPlaceholders() became MarkGUCPrefixReserved(). */
#if PG_VERSION_NUM < 150000
#define MarkGUCPrefixReserved(prefix) EmitWarningsOnPlaceholders(prefix)
#endif

/* 16: errors may be saved for the caller; they are raised here. */
static inline void
migr_compat_parse_type(const char *name, Oid *type, int32 *typmod)
{
#if PG_VERSION_NUM >= 160000
	(void) parseTypeString(name, type, typmod, NULL);
#else
	parseTypeString(name, type, typmod, false);
#endif
}

/* 16: what a check hook keeps is freed by the server's own function. */
static inline void *
migr_compat_guc_malloc(size_t size)
{
#if PG_VERSION_NUM >= 160000
	return guc_malloc(LOG, size);
#else
	return malloc(size);
#endif
}

/*
 * 14: the predefined roles lost their DEFAULT_ prefix, CopyFromState replaced CopyState
 * for reading, and plans are held by any owner of resources.
 */
#if PG_VERSION_NUM < 140000
#define ROLE_PG_READ_SERVER_FILES DEFAULT_ROLE_READ_SERVER_FILES
#define CopyFromState CopyState
#define ReleaseCachedPlan(plan, owner) ReleaseCachedPlan(plan, true)
#endif

/* 17: a column without a target of its own for statistics has NULL for -1. */
static inline int
migr_compat_statistics_target(HeapTuple tuple, TupleDesc desc)
{
#if PG_VERSION_NUM >= 170000
	bool		is_null;
	Datum		target = heap_getattr(tuple, Anum_pg_attribute_attstattarget,
									  desc, &is_null);

	return is_null ? -1 : DatumGetInt16(target);
#else
	return ((Form_pg_attribute) GETSTRUCT(tuple))->attstattarget;
#endif
}

/* 14: columns have methods of compression. */
static inline char
migr_compat_compression(const FormData_pg_attribute *attribute)
{
#if PG_VERSION_NUM >= 140000
	return attribute->attcompression;
#else
	return '\0';
#endif
}

/* 14: REINDEX keeps its options in a list of DefElem. */
static inline bool
migr_compat_reindex_concurrently(ReindexStmt *stmt)
{
#if PG_VERSION_NUM >= 140000
	ListCell   *lc;

	foreach(lc, stmt->params)
	{
		DefElem    *option = lfirst_node(DefElem, lc);

		if (strcmp(option->defname, "concurrently") == 0)
			return option->arg == NULL || defGetBoolean(option);
	}
	return false;
#else
	return stmt->concurrent;
#endif
}

/* 19: CLUSTER became one form of REPACK. */
static inline bool
migr_compat_clusters_all(Node *node)
{
#if PG_VERSION_NUM >= 190000
	return IsA(node, RepackStmt) && ((RepackStmt *) node)->relation == NULL;
#else
	return IsA(node, ClusterStmt) && ((ClusterStmt *) node)->relation == NULL;
#endif
}

/* 14: what CREATE TABLE AS creates has another name.  Of a view it is the schema that fills it. */
static inline bool
migr_compat_fills_table(Node *node)
{
#if PG_VERSION_NUM >= 140000
	return IsA(node, CreateTableAsStmt) && ((CreateTableAsStmt *) node)->objtype == OBJECT_TABLE;
#else
	return IsA(node, CreateTableAsStmt) && ((CreateTableAsStmt *) node)->relkind == OBJECT_TABLE;
#endif
}

/* 15: MERGE. */
static inline bool
migr_compat_is_merge(Node *node)
{
#if PG_VERSION_NUM >= 150000
	return IsA(node, MergeStmt);
#else
	return false;
#endif
}

/* 14: DETACH PARTITION CONCURRENTLY. */
static inline bool
migr_compat_detach_concurrently(AlterTableCmd *cmd)
{
#if PG_VERSION_NUM >= 140000
	return cmd->subtype == AT_DetachPartition &&
		castNode(PartitionCmd, cmd->def)->concurrent;
#else
	return false;
#endif
}

/* 14: a partition may be about to be detached, and then is no child for most. */
static inline bool
migr_compat_detach_pending(Oid partition)
{
#if PG_VERSION_NUM >= 140000
	return PartitionHasPendingDetach(partition);
#else
	return false;
#endif
}

/* 14: the parent of a partition that is about to be detached is one still. */
static inline bool
migr_compat_is_partition_of(Oid partition, Oid parent)
{
	return has_superclass(partition) && get_rel_relispartition(partition) &&
#if PG_VERSION_NUM >= 140000
		get_partition_parent(partition, true) == parent;
#else
		get_partition_parent(partition) == parent;
#endif
}

/* 17: LockHeldByMe() can ask for a stronger lock as well. */
static inline bool
migr_compat_lock_held(const LOCKTAG *tag, LOCKMODE mode)
{
#if PG_VERSION_NUM >= 170000
	return LockHeldByMe(tag, mode, false);
#else
	return LockHeldByMe(tag, mode);
#endif
}

/* 14: BeginCopyFrom() takes the WHERE clause; before, nobody but COPY can give it. */
#define MIGR_COPY_WHERE (PG_VERSION_NUM >= 140000)

static inline CopyFromState
migr_compat_begin_copy_from(ParseState *pstate, Relation rel, Node *where,
							copy_data_source_cb source, List *columns,
							List *options)
{
#if PG_VERSION_NUM >= 140000
	return BeginCopyFrom(pstate, rel, where, NULL, false, source, columns,
						 options);
#else
	Assert(where == NULL);
	return BeginCopyFrom(pstate, rel, NULL, false, source, columns, options);
#endif
}

/*
 * Check that the current user may insert into these columns of nsitem's
 * relation.  16 moved the wanted rights from the range table entry into
 * RTEPermissionInfo.
 */
static inline void
migr_compat_check_insert(ParseState *pstate, ParseNamespaceItem *nsitem,
						 Bitmapset *columns)
{
#if PG_VERSION_NUM >= 160000
	nsitem->p_perminfo->requiredPerms |= ACL_INSERT;
	nsitem->p_perminfo->insertedCols = columns;
	ExecCheckPermissions(pstate->p_rtable, list_make1(nsitem->p_perminfo), true);
#else
	nsitem->p_rte->requiredPerms |= ACL_INSERT;
	nsitem->p_rte->insertedCols = columns;
	ExecCheckRTPerms(pstate->p_rtable, true);
#endif
}

/* 14: OpenSSL's hashes, or else the server's own as before, whose header wants OpenSSL's. */
#define MIGR_SHA256_LENGTH 32
#if PG_VERSION_NUM < 140000
extern void pg_sha256_init(void *state);
extern void pg_sha256_update(void *state, const uint8 *bytes, size_t len);
extern void pg_sha256_final(void *state, uint8 *digest);
#endif
static inline void *
migr_compat_sha256_create(void)
{
#if PG_VERSION_NUM >= 140000
	pg_cryptohash_ctx *state = pg_cryptohash_create(PG_SHA256);

	return state && pg_cryptohash_init(state) >= 0 ? state : NULL;
#else
	/* It has 112 bytes at most. */
	void	   *state = palloc0(256);

	pg_sha256_init(state);
	return state;
#endif
}

static inline bool
migr_compat_sha256_update(void *state, const char *bytes, size_t len)
{
#if PG_VERSION_NUM >= 140000
	return pg_cryptohash_update(state, (const uint8 *) bytes, len) >= 0;
#else
	pg_sha256_update(state, (const uint8 *) bytes, len);
	return true;
#endif
}

static inline bool
migr_compat_sha256_final(void *state, uint8 *digest)
{
#if PG_VERSION_NUM >= 140000
	bool		done = pg_cryptohash_final(state, digest, MIGR_SHA256_LENGTH) >= 0;

	pg_cryptohash_free(state);
	return done;
#else
	pg_sha256_final(state, digest);
	pfree(state);
	return true;
#endif
}

/*
 * 14: a value can be compressed by LZ4, if the server was built with it; NULL if it
 * can't, or does not get smaller.
 */
static inline struct varlena *
migr_compat_compress_lz4(struct varlena *value)
{
#if PG_VERSION_NUM >= 140000 && defined(USE_LZ4)
	return (struct varlena *) DatumGetPointer(toast_compress_datum(PointerGetDatum(value),
																   TOAST_LZ4_COMPRESSION));
#else
	return NULL;
#endif
}

/* 15: schema public belongs to the database's owner, and takes no objects of others. */
static inline const char *
migr_compat_create_public(void)
{
#if PG_VERSION_NUM >= 150000
	return "CREATE SCHEMA public AUTHORIZATION pg_database_owner"
		"    GRANT USAGE ON SCHEMA public TO PUBLIC";
#else
	return "CREATE SCHEMA public GRANT ALL ON SCHEMA public TO PUBLIC";
#endif
}

/* 15: privileges on parameters, which the databases of a cluster share. */
static inline bool
migr_compat_is_parameter(ObjectType type)
{
#if PG_VERSION_NUM >= 150000
	return type == OBJECT_PARAMETER_ACL;
#else
	return false;
#endif
}

/* 17: a background worker may be a role that can't log in. */
static inline bool
migr_compat_worker_may_be(Oid role)
{
#if PG_VERSION_NUM >= 170000
	return true;
#else
	HeapTuple	tuple = SearchSysCache1(AUTHOID, ObjectIdGetDatum(role));
	bool		can_log_in = HeapTupleIsValid(tuple) &&
		((Form_pg_authid) GETSTRUCT(tuple))->rolcanlogin;

	if (HeapTupleIsValid(tuple))
		ReleaseSysCache(tuple);
	return can_log_in;
#endif
}

static inline uint32
migr_compat_worker_flags(bool closed)
{
	uint32		flags = closed ? BGWORKER_BYPASS_ALLOWCONN : 0;

#if PG_VERSION_NUM >= 170000
	flags |= BGWORKER_BYPASS_ROLELOGINCHECK;
#endif
	return flags;
}

/* 15: whether the reader is to be told at once. */
static inline shm_mq_result
migr_compat_mq_sendv(shm_mq_handle *queue, shm_mq_iovec *parts, int count)
{
#if PG_VERSION_NUM >= 150000
	return shm_mq_sendv(queue, parts, count, true, true);
#else
	return shm_mq_sendv(queue, parts, count, true);
#endif
}

/* 14: ProcessUtility() is told whether it may change the tree. */
#if PG_VERSION_NUM >= 140000
#define MIGR_UTILITY_PARAMETERS \
	PlannedStmt *planned, const char *sql, bool read_only_tree, \
	ProcessUtilityContext context, ParamListInfo params, \
	QueryEnvironment *environment, DestReceiver *dest, QueryCompletion *completion
#define MIGR_UTILITY_ARGUMENTS \
	planned, sql, read_only_tree, context, params, environment, dest, completion
#else
#define MIGR_UTILITY_PARAMETERS \
	PlannedStmt *planned, const char *sql, \
	ProcessUtilityContext context, ParamListInfo params, \
	QueryEnvironment *environment, DestReceiver *dest, QueryCompletion *completion
#define MIGR_UTILITY_ARGUMENTS \
	planned, sql, context, params, environment, dest, completion
#endif

/* Run a utility statement as a client's own, in no transaction block. */
static inline void
migr_compat_run_utility(PlannedStmt *planned, const char *sql)
{
#if PG_VERSION_NUM >= 140000
	ProcessUtility(planned, sql, false, PROCESS_UTILITY_TOPLEVEL, NULL, NULL,
				   None_Receiver, NULL);
#else
	ProcessUtility(planned, sql, PROCESS_UTILITY_TOPLEVEL, NULL, NULL,
				   None_Receiver, NULL);
#endif
}

/* 18: whether a portal runs once needs no saying. */
static inline void
migr_compat_portal_run(Portal portal)
{
#if PG_VERSION_NUM >= 180000
	(void) PortalRun(portal, FETCH_ALL, true, None_Receiver, None_Receiver, NULL);
#else
	(void) PortalRun(portal, FETCH_ALL, true, true, None_Receiver, None_Receiver, NULL);
#endif
}

/* 15: a generator of random numbers that is the server's own; from 0 to 1. */
#if PG_VERSION_NUM >= 150000
#include "common/pg_prng.h"
#endif

static inline double
migr_compat_random(void)
{
#if PG_VERSION_NUM >= 150000
	return pg_prng_double(&pg_global_prng_state);
#else
	return (double) random() / ((double) MAX_RANDOM_VALUE + 1);
#endif
}

/* 16: settings are no array any more, and counted by the same function. */
static inline struct config_generic **
migr_compat_settings(int *count)
{
#if PG_VERSION_NUM >= 160000
	return get_guc_variables(count);
#else
	*count = GetNumConfigOptions();
	return get_guc_variables();
#endif
}

/* 16: lists in shared memory are those of ilist.h. */
static inline int
migr_compat_count_locks(PGPROC *process, int partition)
{
	int			count = 0;

#if PG_VERSION_NUM >= 160000
	dlist_iter	iter;

	dlist_foreach(iter, &process->myProcLocks[partition])
		count++;
#else
	SHM_QUEUE  *locks = &process->myProcLocks[partition];
	Size		link = offsetof(PROCLOCK, procLink);

	for (Pointer lock = SHMQueueNext(locks, locks, link); lock;
		 lock = SHMQueueNext(locks, &((PROCLOCK *) lock)->procLink, link))
		count++;
#endif
	return count;
}

/* 19: a descriptor made by hand has to be finished. */
#if PG_VERSION_NUM >= 190000
#define MIGR_TUPLEDESC_FINALIZE(desc) TupleDescFinalize(desc)
#else
#define MIGR_TUPLEDESC_FINALIZE(desc) ((void) 0)
#endif

/*
 * Labels of enums that nobody may use before they are committed.  14: they have another
 * name.  17: in front of them stand types that are new, whose labels may be used; not
 * those that a subtransaction has made.
 */
#if PG_VERSION_NUM >= 140000
#define migr_compat_new_labels_space() EstimateUncommittedEnumsSpace()
#define migr_compat_put_new_labels(all) RestoreUncommittedEnums(all)
#else
#define migr_compat_new_labels_space() EstimateEnumBlacklistSpace()
#define migr_compat_put_new_labels(all) RestoreEnumBlacklist(all)
#define SerializeUncommittedEnums(all, size) SerializeEnumBlacklist(all, size)
#endif

/* Copy all; returns where the labels begin, behind the last of which is an invalid one. */
static inline Oid *
migr_compat_take_new_labels(Oid *all, Size size)
{
	SerializeUncommittedEnums(all, size);
#if PG_VERSION_NUM >= 170000
	while (OidIsValid(*all))
		all++;
	all++;
#endif
	return all;
}

/*
 * Take a lock if it can be had at once, and find what the server counts it in.
 * 18: whether a failure is logged.
 */
static inline bool
migr_compat_lock_at_once(const LOCKTAG *tag, LOCKMODE mode, LOCALLOCK **local)
{
#if PG_VERSION_NUM >= 180000
	return LockAcquireExtended(tag, mode, false, true, true, local, false) != LOCKACQUIRE_NOT_AVAIL;
#else
	return LockAcquireExtended(tag, mode, false, true, true, local) != LOCKACQUIRE_NOT_AVAIL;
#endif
}

/* 15: publications of schemas. */
#if PG_VERSION_NUM >= 150000
#include "catalog/pg_publication_namespace.h"
#endif

/* 14: ranges have multiranges. */
static inline Oid
migr_compat_multirange_range(Oid multirange)
{
#if PG_VERSION_NUM >= 140000
	return get_multirange_range(multirange);
#else
	return InvalidOid;
#endif
}

/* 17: a process has the parts of its virtual transaction id in one place. */
static inline LocalTransactionId
migr_compat_local_transaction(void)
{
#if PG_VERSION_NUM >= 170000
	return MyProc->vxid.lxid;
#else
	return MyProc->lxid;
#endif
}

/* 18: a module can name itself and its version. */
#ifdef PG_MODULE_MAGIC_EXT
#define MIGR_MODULE_MAGIC PG_MODULE_MAGIC_EXT(.name = "migr", .version = MIGR_VERSION)
#else
#define MIGR_MODULE_MAGIC PG_MODULE_MAGIC
#endif

#endif							/* MIGR_COMPAT_H */
