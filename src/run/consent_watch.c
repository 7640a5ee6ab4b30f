/*
 * consent_watch.c
 *		What a script that nobody has approved loses all the same is seen when it happens.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/dependency.h"
#include "catalog/objectaccess.h"
#include "catalog/pg_class.h"
#include "catalog/pg_largeobject.h"
#include "catalog/pg_user_mapping.h"
#include "executor/executor.h"
#include "nodes/plannodes.h"
#include "parser/parsetree.h"
#include "tcop/utility.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

#include "base/compat.h"
#include "base/db.h"
#include "base/errors.h"
#include "base/ident.h"
#include "run/consent_loss.h"
#include "run/consent_watch.h"
#include "store/mutex.h"

/* The script that is watched; by value, as nobody says when an error has ended it. */
static struct
{
	bool		on;
	bool		upgrades;
	const char *noun;
	char		revision[MIGR_IDENT_MAX + 1];
	char		bringer[NAMEDATALEN];
}			watched;

static object_access_hook_type next_access;
static ProcessUtility_hook_type next_utility;
static ExecutorStart_hook_type next_start;

void
migr_consent_refuse(const char *noun, const char *revision, const char *direction, const char *bringer,
					const char *what)
{
	bool		upgrades = strcmp(direction, "upgrade") == 0;

	ereport(ERROR,
			(errcode(ERRCODE_MIGR_NOT_APPROVED),
			 upgrades ? errmsg("%s \"%s\" is not approved", noun, revision)
			 : errmsg("the downgrade of revision \"%s\" is not approved", revision),
			 errdetail_internal("%s", what),
			 errhint("Somebody other than \"%s\", who loaded it, allows it by SELECT migr_approve(%s, 'why'%s).",
					 bringer, quote_literal_cstr(revision), upgrades ? "" : ", direction => 'downgrade'")));
}

static void see_access(ObjectAccessType access, Oid classid, Oid objid, int subid, void *arg);
static void see_utility(MIGR_UTILITY_PARAMETERS);
static void see_start(QueryDesc *query, int eflags);

/* Have the server call us, once there is something to watch. */
static void
install(void)
{
	static bool installed;

	if (installed)
		return;
	next_access = object_access_hook;
	object_access_hook = see_access;
	next_utility = ProcessUtility_hook;
	ProcessUtility_hook = see_utility;
	next_start = ExecutorStart_hook;
	ExecutorStart_hook = see_start;
	installed = true;
}

void
migr_consent_watch(const MigrScript *script, const char *direction, const char *bringer)
{
	watched.on = script != NULL;
	if (script == NULL)
		return;
	install();
	watched.upgrades = strcmp(direction, "upgrade") == 0;
	watched.noun = migr_script_noun(script);
	strlcpy(watched.revision, script->revision, sizeof(watched.revision));
	strlcpy(watched.bringer, bringer, sizeof(watched.bringer));
}

/* An error leaves the run, so nothing is watched any more behind one. */
static bool
is_watching(void)
{
	return watched.on && migr_mutex_in_run() && !migr_db_active();
}

static void
refuse(const char *what)
{
	migr_consent_refuse(watched.noun, watched.revision, watched.upgrades ? "upgrade" : "downgrade",
						watched.bringer, psprintf("What it does loses data, which its text does not tell: %s.", what));
}

/* --- drops ---------------------------------------------------------------------- */

static bool
is_stored_column(Oid relation, int number)
{
	HeapTuple	row = SearchSysCache2(ATTNUM, ObjectIdGetDatum(relation), Int16GetDatum(number));
	bool		stored;

	if (!HeapTupleIsValid(row))
		return true;
	stored = ((Form_pg_attribute) GETSTRUCT(row))->attgenerated == '\0';
	ReleaseSysCache(row);
	return stored;
}

/* What the server drops for itself: what rows were in that are written anew, a sequence of an identity. */
static bool
is_internal(const ObjectAccessDrop *drop)
{
	return drop && (drop->dropflags & PERFORM_DELETION_INTERNAL) != 0;
}

/* The sequence of an identity column goes with it. */
static bool
is_of_identity(Oid sequence)
{
	Oid			table;
	int32		column;

	return sequenceIsOwned(sequence, DEPENDENCY_INTERNAL, &table, &column);
}

static bool
loses_relation(Oid relation, int column, const ObjectAccessDrop *drop)
{
	char		kind = get_rel_relkind(relation);

	if (column != 0)
		return (kind == RELKIND_RELATION || kind == RELKIND_PARTITIONED_TABLE ||
				kind == RELKIND_COMPOSITE_TYPE) &&
			is_stored_column(relation, column) && !migr_consent_is_nobodys(relation);
	if (is_internal(drop) || (kind == RELKIND_SEQUENCE && is_of_identity(relation)))
		return false;
	return (kind == RELKIND_RELATION || kind == RELKIND_PARTITIONED_TABLE || kind == RELKIND_SEQUENCE) &&
		!migr_consent_is_nobodys(relation);
}

static bool
loses(Oid classid, Oid objid, int subid, const ObjectAccessDrop *drop)
{
	if (classid == RelationRelationId)
		return loses_relation(objid, subid, drop);
	return classid == LargeObjectRelationId || classid == UserMappingRelationId;
}

static void
see_access(ObjectAccessType access, Oid classid, Oid objid, int subid, void *arg)
{
	if (next_access)
		next_access(access, classid, objid, subid, arg);
	if ((access != OAT_DROP && access != OAT_TRUNCATE) || !is_watching())
		return;
	if (access == OAT_DROP && loses(classid, objid, subid, arg))
		refuse(psprintf("it drops %s%s", subid == 0 ? "" : psprintf("column %s of ", get_attname(objid, subid, false)),
						getObjectDescriptionOids(classid, objid)));
	if (access == OAT_TRUNCATE && !migr_consent_is_nobodys(objid))
		refuse(psprintf("it truncates %s", getObjectDescriptionOids(classid, objid)));
}

/* --- utility statements ----------------------------------------------------------- */

/* It runs at the end of the transaction. */
static bool
is_held(const Node *statement)
{
	return IsA(statement, DeclareCursorStmt) &&
		(((const DeclareCursorStmt *) statement)->options & CURSOR_OPT_HOLD) != 0;
}

static void
see_utility(MIGR_UTILITY_PARAMETERS)
{
	if (is_watching() && is_held(planned->utilityStmt))
		refuse("a cursor WITH HOLD runs when nobody looks any more");
	if (is_watching())
	{
		List	   *losses = migr_consent_losses(planned->utilityStmt, NULL);

		if (losses != NIL)
			refuse(migr_ident_join(losses));
	}
	if (next_utility)
		next_utility(MIGR_UTILITY_ARGUMENTS);
	else
		standard_ProcessUtility(MIGR_UTILITY_ARGUMENTS);
}

/* --- rows -------------------------------------------------------------------------- */

static bool gives_all(const Plan *plan);

static bool
any_gives_all(const List *plans)
{
	ListCell   *lc;

	foreach(lc, plans)
	{
		if (gives_all(lfirst(lc)))
			return true;
	}
	return false;
}

/* Does a plan give all rows of a table, as there is no condition on them? */
static bool
gives_all(const Plan *plan)
{
	if (plan == NULL || plan->qual != NIL)
		return false;
	switch (nodeTag(plan))
	{
		case T_SeqScan:
			return true;
		case T_IndexScan:
			return ((const IndexScan *) plan)->indexqual == NIL;
		case T_IndexOnlyScan:
			return ((const IndexOnlyScan *) plan)->indexqual == NIL;
		case T_Append:
			return any_gives_all(((const Append *) plan)->appendplans);
		case T_MergeAppend:
			return any_gives_all(((const MergeAppend *) plan)->mergeplans);
		case T_SubqueryScan:
			return gives_all(((const SubqueryScan *) plan)->subplan);
			/* Its own condition is about no row. */
		case T_Result:
		case T_LockRows:
		case T_Material:
		case T_Sort:
		case T_Gather:
		case T_GatherMerge:
			return gives_all(plan->lefttree);
		default:
			return false;
	}
}

static void
look_at_change(const PlannedStmt *planned, ModifyTable *change)
{
	ListCell   *lc;

	if ((change->operation != CMD_UPDATE && change->operation != CMD_DELETE) ||
		!MIGR_SINCE_14(gives_all(change->plan.lefttree), any_gives_all(change->plans)))
		return;
	foreach(lc, change->resultRelations)
	{
		Oid			relation = rt_fetch(lfirst_int(lc), planned->rtable)->relid;

		if (!migr_consent_is_nobodys(relation))
			refuse(psprintf("it %s all rows of %s", change->operation == CMD_UPDATE ? "updates" : "deletes",
							quote_qualified_identifier(get_namespace_name(get_rel_namespace(relation)),
													   get_rel_name(relation))));
	}
}

static void
see_start(QueryDesc *query, int eflags)
{
	if (is_watching() && (eflags & EXEC_FLAG_EXPLAIN_ONLY) == 0)
	{
		const PlannedStmt *planned = query->plannedstmt;
		ListCell   *lc;

		if (planned->planTree && IsA(planned->planTree, ModifyTable))
			look_at_change(planned, (ModifyTable *) planned->planTree);
		foreach(lc, planned->subplans)
		{
			if (lfirst(lc) && IsA(lfirst(lc), ModifyTable))
				look_at_change(planned, lfirst(lc));
		}
	}
	if (next_start)
		next_start(query, eflags);
	else
		standard_ExecutorStart(query, eflags);
}
