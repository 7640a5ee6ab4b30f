/*
 * usage_watch.c
 *		Sees which tables, columns, indexes and functions are used, and by whom.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "access/parallel.h"
#include "access/sysattr.h"
#include "access/tableam.h"
#include "access/transam.h"
#include "access/xact.h"
#include "catalog/dependency.h"
#include "catalog/namespace.h"
#include "catalog/objectaccess.h"
#include "catalog/pg_class.h"
#include "catalog/pg_proc.h"
#include "executor/executor.h"
#include "miscadmin.h"
#include "nodes/bitmapset.h"
#include "nodes/nodeFuncs.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/syscache.h"

#include "base/compat_usage.h"
#include "base/db.h"
#include "base/usage_table.h"
#include "store/mutex.h"
#include "store/usage_watch.h"

static ExecutorCheckPerms_hook_type next_check;
static ExecutorStart_hook_type next_start;
static ExecutorFinish_hook_type next_finish;
static object_access_hook_type next_access;

static bool stopped;
static bool explaining;			/* nothing of it will run */

/*
 * When permissions were last asked for, of what counts.  A plan that starts asks for its own:
 * then it counts as well, and this is its time.  0: they have not been since it started.
 */
static uint32 seen_at;

/* Relations and functions that the transaction drops, in its context. */
static Oid *gone;
static int	gone_count;

/*
 * A dump reads all of a table, and says nothing of whether anybody needs it.  Whatever
 * name it goes by, pg_dump is known by what it has set.
 */
static bool
is_dump(void)
{
	return XactReadOnly && IsolationUsesXactSnapshot() && !synchronize_seqscans &&
		namespace_search_path && namespace_search_path[0] == '\0';
}

/* Does what the session does count? */
static bool
counts(void)
{
	return migr_usage_is_observed() && !stopped && !explaining && OidIsValid(MyDatabaseId) &&
		MyBackendType != B_AUTOVAC_WORKER && !IsParallelWorker() &&
		!migr_db_active() && !migr_mutex_in_run() && !is_dump();
}

/* --- relations and columns --------------------------------------------------------- */

/* Make up the session's mind on a relation that it has not come across. */
static pg_noinline bool
note_new(Oid relation, MigrUsageSort sort, uint32 now)
{
	if (get_rel_persistence(relation) == RELPERSISTENCE_TEMP)
	{
		migr_usage_ignore(relation, MIGR_USAGE_RELATION);
		return false;
	}
	migr_usage_note(relation, MIGR_USAGE_RELATION, sort, now);
	return true;
}

/* Returns false if it is passed over. */
static inline bool
note_relation(Oid relation, MigrUsageSort sort, uint32 now)
{
	MigrUsageSession session;

	if (relation < FirstNormalObjectId)
		return false;
	session = migr_usage_note_known(relation, MIGR_USAGE_RELATION, sort, now);
	if (unlikely(session == MIGR_USAGE_NEW))
		return note_new(relation, sort, now);
	return session == MIGR_USAGE_NOTED;
}

static void
see_columns(Oid relation, const Bitmapset *columns, MigrUsageSort sort, uint32 now)
{
	int			member = -1;

	while ((member = bms_next_member(columns, member)) >= 0)
	{
		int			column = member + FirstLowInvalidHeapAttributeNumber;

		if (column == InvalidAttrNumber)
			migr_usage_note(relation, MIGR_USAGE_WHOLE_ROW, sort, now);
		else if (column > 0)
			migr_usage_note(relation, MIGR_USAGE_COLUMN + column, sort, now);
	}
}

/* SELECT FOR UPDATE needs the permission to update, and updates no column. */
static bool
is_write(const MigrCompatPermission *permission)
{
	return (permission->requiredPerms & (ACL_INSERT | ACL_DELETE | ACL_TRUNCATE)) != 0 ||
		((permission->requiredPerms & ACL_UPDATE) != 0 && !bms_is_empty(permission->updatedCols));
}

static void
see_permission(const MigrCompatPermission *permission, uint32 now)
{
	Oid			relation = permission->relid;

	if (!migr_compat_is_of_relation(permission) || permission->requiredPerms == 0)
		return;
	if ((permission->requiredPerms & ACL_SELECT) != 0 &&
		note_relation(relation, MIGR_USAGE_READ, now))
		see_columns(relation, permission->selectedCols, MIGR_USAGE_READ, now);
	if (is_write(permission) && note_relation(relation, MIGR_USAGE_WRITTEN, now))
	{
		see_columns(relation, permission->insertedCols, MIGR_USAGE_WRITTEN, now);
		see_columns(relation, permission->updatedCols, MIGR_USAGE_WRITTEN, now);
	}
}

static bool
see_permissions(MIGR_COMPAT_CHECK_PERMS_PARAMS)
{
	if (next_check && !next_check(MIGR_COMPAT_CHECK_PERMS_ARGS))
		return false;
	if (counts())
	{
		ListCell   *lc;

		seen_at = migr_usage_now();
		foreach(lc, permissions)
			see_permission(lfirst(lc), seen_at);
	}
	return true;
}

/* --- plans ----------------------------------------------------------------------------- */

static void
see_relation(Relation relation, MigrUsageSort sort, uint32 now)
{
	if (relation)
		(void) note_relation(RelationGetRelid(relation), sort, now);
}

/* Partitions that are pruned when the plan starts have no node here. */
static bool
see_node(PlanState *node, void *arg)
{
	uint32		now = *(uint32 *) arg;

	if (node == NULL)
		return false;
	switch (nodeTag(node))
	{
		case T_IndexScanState:
			see_relation(((IndexScanState *) node)->iss_RelationDesc, MIGR_USAGE_READ, now);
			break;
		case T_IndexOnlyScanState:
			see_relation(((IndexOnlyScanState *) node)->ioss_RelationDesc, MIGR_USAGE_READ, now);
			break;
		case T_BitmapIndexScanState:
			see_relation(((BitmapIndexScanState *) node)->biss_RelationDesc, MIGR_USAGE_READ, now);
			return false;
		case T_SeqScanState:
		case T_SampleScanState:
		case T_BitmapHeapScanState:
		case T_TidScanState:
		case T_ForeignScanState:
		case T_CustomScanState:
			break;
		default:
			return planstate_tree_walker(node, see_node, arg);
	}
	see_relation(((ScanState *) node)->ss_currentRelation, MIGR_USAGE_READ, now);
	return planstate_tree_walker(node, see_node, arg);
}

/* Plans know the functions that they need by hash value, those that were inlined too. */
static void
see_functions(const PlannedStmt *planned, uint32 now)
{
	ListCell   *lc;

	foreach(lc, planned->invalItems)
	{
		const PlanInvalItem *item = lfirst(lc);

		if (item->cacheId == PROCOID)
			migr_usage_note((Oid) item->hashValue, MIGR_USAGE_FUNCTION_HASH, MIGR_USAGE_READ, now);
	}
}

/* Its triggers will be called, as far as anybody can say. */
static void
see_triggers(const ResultRelInfo *written, uint32 now)
{
	const TriggerDesc *triggers = written->ri_TrigDesc;

	for (int i = 0; triggers && i < triggers->numtriggers; i++)
	{
		const Trigger *trigger = &triggers->triggers[i];

		if (trigger->tgfoid >= FirstNormalObjectId && trigger->tgenabled != TRIGGER_DISABLED)
			migr_usage_note(trigger->tgfoid, MIGR_USAGE_FUNCTION, MIGR_USAGE_READ, now);
	}
}

static void
see_written(List *written, uint32 now)
{
	ListCell   *lc;

	foreach(lc, written)
	{
		const ResultRelInfo *info = lfirst(lc);

		see_triggers(info, now);
		see_relation(info->ri_RelationDesc, MIGR_USAGE_WRITTEN, now);
	}
}

static void
start(QueryDesc *query, int flags)
{
	if (next_start)
		next_start(query, flags);
	else
		standard_ExecutorStart(query, flags);
}

static void
start_explain(QueryDesc *query, int flags)
{
	bool		before = explaining;

	explaining = true;
	PG_TRY();
	{
		start(query, flags);
	}
	PG_FINALLY();
	{
		explaining = before;
	}
	PG_END_TRY();
}

static void
see_start(QueryDesc *query, int flags)
{
	uint32		now;

	if ((flags & EXEC_FLAG_EXPLAIN_ONLY) != 0)
	{
		start_explain(query, flags);
		return;
	}
	seen_at = 0;
	start(query, flags);
	if (seen_at == 0 && !counts())
		return;
	now = seen_at != 0 ? seen_at : migr_usage_now();
	(void) see_node(query->planstate, &now);
	see_functions(query->plannedstmt, now);
	if (query->operation != CMD_SELECT || query->plannedstmt->hasModifyingCTE)
		see_written(migr_compat_written(query->estate), now);
}

/* Partitions to which rows have found their way. */
static void
see_finish(QueryDesc *query)
{
	if (query->estate->es_tuple_routing_result_relations != NIL && counts())
		see_written(query->estate->es_tuple_routing_result_relations, migr_usage_now());
	if (next_finish)
		next_finish(query);
	else
		standard_ExecutorFinish(query);
}

/* --- objects ------------------------------------------------------------------------------ */

/* Of what is dropped for good, nobody will ask. */
static void
see_drop(Oid classid, Oid objid, const ObjectAccessDrop *drop)
{
	if ((drop && (drop->dropflags & PERFORM_DELETION_INTERNAL) != 0) ||
		(classid == RelationRelationId && get_rel_persistence(objid) == RELPERSISTENCE_TEMP))
		return;
	if (gone == NULL)
		gone = MemoryContextAlloc(TopTransactionContext, sizeof(Oid));
	else
		gone = repalloc(gone, (gone_count + 1) * sizeof(Oid));
	gone[gone_count++] = objid;
}

static void
see_access(ObjectAccessType access, Oid classid, Oid objid, int subid, void *arg)
{
	if (next_access)
		next_access(access, classid, objid, subid, arg);
	if (access == OAT_FUNCTION_EXECUTE && objid >= FirstNormalObjectId && counts())
		migr_usage_note(objid, MIGR_USAGE_FUNCTION, MIGR_USAGE_READ, migr_usage_now());
	else if (access == OAT_TRUNCATE && counts())
		(void) note_relation(objid, MIGR_USAGE_WRITTEN, migr_usage_now());
	else if (access == OAT_DROP && subid == 0 && migr_usage_is_observed() &&
			 (classid == RelationRelationId || classid == ProcedureRelationId))
		see_drop(classid, objid, arg);
}

/* What a subtransaction has dropped that was rolled back is still there. */
static void
keep_gone(void)
{
	int			count = 0;

	for (int i = 0; i < gone_count; i++)
	{
		if (!SearchSysCacheExists1(RELOID, ObjectIdGetDatum(gone[i])) &&
			!SearchSysCacheExists1(PROCOID, ObjectIdGetDatum(gone[i])))
			gone[count++] = gone[i];
	}
	gone_count = count;
}

static void
follow(XactEvent event, void *arg)
{
	if (gone == NULL)
		return;
	switch (event)
	{
		case XACT_EVENT_PRE_COMMIT:
			keep_gone();
			return;
		case XACT_EVENT_COMMIT:
			migr_usage_forget(gone, gone_count);
			break;
		case XACT_EVENT_ABORT:
		case XACT_EVENT_PREPARE:
			break;
		case XACT_EVENT_PARALLEL_PRE_COMMIT:
		case XACT_EVENT_PARALLEL_COMMIT:
		case XACT_EVENT_PARALLEL_ABORT:
		case XACT_EVENT_PRE_PREPARE:
			return;
	}
	gone = NULL;
	gone_count = 0;
}

void
migr_usage_watch_stop(void)
{
	stopped = true;
}

void
migr_usage_watch_init(void)
{
	if (!process_shared_preload_libraries_in_progress)
		return;
	next_check = ExecutorCheckPerms_hook;
	ExecutorCheckPerms_hook = see_permissions;
	next_start = ExecutorStart_hook;
	ExecutorStart_hook = see_start;
	next_finish = ExecutorFinish_hook;
	ExecutorFinish_hook = see_finish;
	next_access = object_access_hook;
	object_access_hook = see_access;
	RegisterXactCallback(follow, NULL);
}
