/*
 * usage_known.c
 *		What is known of the last use of a table, column, index or function.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/relation.h"
#include "catalog/index.h"
#include "catalog/pg_authid.h"
#include "catalog/pg_class.h"
#include "catalog/pg_proc.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "storage/lmgr.h"
#include "utils/acl.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/relcache.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"

#include "base/citus.h"
#include "base/compat_usage.h"
#include "store/usage_known.h"

/* --- what migr has observed --------------------------------------------------------- */

static void
find_observed(Oid classid, Oid objid, int subid, MigrUsed *used)
{
	used->observed = true;
	used->since = migr_usage_since();
	if (classid == ProcedureRelationId)
	{
		migr_usage_find(objid, MIGR_USAGE_FUNCTION, used->uses);
		migr_usage_find(GetSysCacheHashValue1(PROCOID, ObjectIdGetDatum(objid)),
						MIGR_USAGE_FUNCTION_HASH, used->uses);
	}
	else if (subid == 0)
		migr_usage_find(objid, MIGR_USAGE_RELATION, used->uses);
	else
	{
		migr_usage_find(objid, MIGR_USAGE_COLUMN + subid, used->uses);
		migr_usage_find(objid, MIGR_USAGE_WHOLE_ROW, used->uses);
	}
}

/* --- what the server counts ----------------------------------------------------------- */

/* Of one of its functions of an OID; 0 if that is NULL. */
static int64
ask(PGFunction function, Oid oid)
{
	LOCAL_FCINFO(fcinfo, 1);
	Datum		value;

	InitFunctionCallInfoData(*fcinfo, NULL, 1, InvalidOid, NULL, NULL);
	fcinfo->args[0].value = ObjectIdGetDatum(oid);
	fcinfo->args[0].isnull = false;
	value = function(fcinfo);
	return fcinfo->isnull ? 0 : DatumGetInt64(value);
}

static void
add_scans(Oid relation, MigrUsed *used)
{
	PGFunction	last = migr_compat_last_scan();

	if (last == NULL)
		used->counted[MIGR_USAGE_READ] |= ask(pg_stat_get_numscans, relation) > 0;
	else
		used->uses[MIGR_USAGE_READ].at = Max(used->uses[MIGR_USAGE_READ].at, ask(last, relation));
}

/* Nobody is waited for: who has it locked uses it. */
static void
add_scans_of_indexes(Oid oid, MigrUsed *used)
{
	Relation	relation;
	ListCell   *lc;

	if (!ConditionalLockRelationOid(oid, AccessShareLock))
	{
		used->counted[MIGR_USAGE_READ] = true;
		return;
	}
	relation = try_relation_open(oid, NoLock);
	if (relation == NULL)
	{
		UnlockRelationOid(oid, AccessShareLock);
		return;
	}
	foreach(lc, RelationGetIndexList(relation))
		add_scans(lfirst_oid(lc), used);
	relation_close(relation, AccessShareLock);
}

static bool
has_own_rows(char relkind)
{
	return relkind == RELKIND_RELATION || relkind == RELKIND_MATVIEW;
}

static bool
is_in_shards(Oid relation, char relkind)
{
	return OidIsValid(migr_citus()) &&
		migr_citus_has_rows_of(relkind == RELKIND_INDEX ? IndexGetRelation(relation, true) : relation);
}

static void
find_counted(Oid classid, Oid objid, MigrUsed *used)
{
	char		relkind = classid == RelationRelationId ? get_rel_relkind(objid) : '\0';

	used->since = (TimestampTz) ask(pg_stat_get_db_stat_reset_time, MyDatabaseId);
	if (classid == ProcedureRelationId)
	{
		if (pgstat_track_functions != TRACK_FUNC_ALL)
			used->since = 0;
		used->counted[MIGR_USAGE_READ] = ask(pg_stat_get_function_calls, objid) > 0;
		return;
	}
	/* Of views and partitioned tables, nothing is counted, and of what is in shards, elsewhere. */
	if (!pgstat_track_counts || (!has_own_rows(relkind) && relkind != RELKIND_INDEX) ||
		is_in_shards(objid, relkind))
		used->since = 0;
	add_scans(objid, used);
	if (!has_own_rows(relkind))
		return;
	add_scans_of_indexes(objid, used);
	used->counted[MIGR_USAGE_WRITTEN] = ask(pg_stat_get_tuples_inserted, objid) +
		ask(pg_stat_get_tuples_updated, objid) + ask(pg_stat_get_tuples_deleted, objid) > 0;
}

/* --- who may know ----------------------------------------------------------------------- */

static Oid
owner_of(Oid classid, Oid objid)
{
	bool		is_function = classid == ProcedureRelationId;
	HeapTuple	row = SearchSysCache1(is_function ? PROCOID : RELOID, ObjectIdGetDatum(objid));
	Oid			owner = InvalidOid;

	if (HeapTupleIsValid(row))
	{
		owner = is_function ? ((Form_pg_proc) GETSTRUCT(row))->proowner
			: ((Form_pg_class) GETSTRUCT(row))->relowner;
		ReleaseSysCache(row);
	}
	return owner;
}

/* Who owns a thing may know who uses it; so may who sees all sessions. */
static bool
may_know(Oid classid, Oid objid)
{
	Oid			owner = owner_of(classid, objid);

	return has_privs_of_role(GetUserId(), ROLE_PG_READ_ALL_STATS) ||
		(OidIsValid(owner) && has_privs_of_role(GetUserId(), owner));
}

void
migr_used_find(Oid classid, Oid objid, int subid, MigrUsed *used)
{
	memset(used, 0, sizeof(MigrUsed));
	used->shown = may_know(classid, objid);
	used->has_rows = classid == RelationRelationId && get_rel_relkind(objid) != RELKIND_INDEX &&
		get_rel_relkind(objid) != RELKIND_PARTITIONED_INDEX;
	if (migr_usage_is_observed())
		find_observed(classid, objid, subid, used);
	else
		find_counted(classid, objid, used);
}

/* --- what follows ------------------------------------------------------------------------- */

MigrUsedVerdict
migr_used_within(const MigrUsed *used, int seconds)
{
	TimestampTz from = GetCurrentTimestamp() - (TimestampTz) seconds * USECS_PER_SEC;

	/* Times are rounded down, by a clock that may be a little late. */
	for (int sort = 0; sort < MIGR_USAGE_SORTS; sort++)
	{
		if (used->counted[sort] ||
			(used->uses[sort].at != 0 && used->uses[sort].at + 2 * USECS_PER_SEC > from))
			return MIGR_USED_WITHIN;
	}
	return used->since == 0 || used->since > from ? MIGR_USED_UNKNOWN : MIGR_USED_NOT;
}

static void
describe_user(StringInfo text, const MigrUse *use, bool shown)
{
	char	   *role = OidIsValid(use->role) ? GetUserNameFromId(use->role, true) : NULL;

	if (!shown || !OidIsValid(use->role))
		return;
	if (role)
		appendStringInfo(text, " by role \"%s\"", role);
	else
		appendStringInfo(text, " by a role that is gone");
	if (use->application && use->application[0])
		appendStringInfo(text, ", application \"%s\"", use->application);
}

static void
describe_use(StringInfo text, const MigrUsed *used, MigrUsageSort sort)
{
	const char *verb = sort == MIGR_USAGE_WRITTEN ? "written" : used->has_rows ? "read" : "used";
	const MigrUse *use = &used->uses[sort];

	if (use->at != 0)
	{
		appendStringInfo(text, "%sIt was last %s on %s", text->len > 0 ? " " : "", verb,
						 timestamptz_to_str(use->at));
		describe_user(text, use, used->shown);
		appendStringInfoChar(text, '.');
	}
	else if (used->counted[sort])
		appendStringInfo(text, "%sThe server has counted that it was %s, and does not say when.",
						 text->len > 0 ? " " : "", verb);
}

char *
migr_used_describe(const MigrUsed *used)
{
	StringInfoData text;

	initStringInfo(&text);
	for (int sort = 0; sort < MIGR_USAGE_SORTS; sort++)
		describe_use(&text, used, sort);
	if (text.len > 0)
		return text.data;
	if (used->since != 0)
		appendStringInfo(&text, "Its use is known since %s, and there was none.",
						 timestamptz_to_str(used->since));
	else
		appendStringInfoString(&text, "Nothing is known of its use.");
	return text.data;
}
