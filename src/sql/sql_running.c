/*
 * sql_running.c
 *		SQL-callable: upgrade, downgrade, stamp, reset; and the tables' triggers.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "commands/trigger.h"
#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/rel.h"

#include "base/args.h"
#include "base/db.h"
#include "base/srf.h"
#include "base/xact.h"
#include "run/adopt.h"
#include "run/deploy.h"
#include "run/offline.h"
#include "run/offline_range.h"
#include "run/redo.h"
#include "run/reset.h"
#include "run/runner.h"
#include "run/stamp.h"
#include "run/standalone.h"
#include "run/tenant_deploy.h"
#include "run/tenant_offline.h"
#include "run/tenant_run.h"
#include "sql/sql_function.h"
#include "store/generation.h"
#include "store/log_chain.h"
#include "store/mutex.h"
#include "store/replicated.h"
#include "store/vouch.h"

PG_FUNCTION_INFO_V1(migr_upgrade_1_0);
PG_FUNCTION_INFO_V1(migr_downgrade_1_0);
PG_FUNCTION_INFO_V1(migr_deploy);
PG_FUNCTION_INFO_V1(migr_revert);
PG_FUNCTION_INFO_V1(migr_deploy_tenants);
PG_FUNCTION_INFO_V1(migr_redo);
PG_FUNCTION_INFO_V1(migr_stamp_1_0);
PG_FUNCTION_INFO_V1(migr_adopt);
PG_FUNCTION_INFO_V1(migr_reset);
PG_FUNCTION_INFO_V1(migr_sql_1_0);
PG_FUNCTION_INFO_V1(migr_guard_table);
PG_FUNCTION_INFO_V1(migr_note_written);
PG_FUNCTION_INFO_V1(migr_chain_log);

static Datum
run(FunctionCallInfo fcinfo, MigrDirection direction, const char *target)
{
	MigrTenantRequest request = {.direction = direction, .target = target};
	MigrSrf		srf;

	request.dry = migr_arg_bool(fcinfo, 1, "dry_run");
	request.tag = migr_arg_text_or_null(fcinfo, 2);
	request.tenant = migr_arg_text_or_null(fcinfo, 3);
	request.create = direction == MIGR_UPGRADE && migr_arg_bool(fcinfo, 4, "new_tenant");
	srf = migr_srf_begin(fcinfo);
	migr_srf_put_texts(&srf, request.tenant ? migr_tenant_run(&request)
					   : migr_runner_run(direction, target, request.dry, request.tag));
	return (Datum) 0;
}

/*
 * migr_upgrade(target text, dry_run bool, tag text, tenant text, new_tenant bool) → SETOF text
 *
 * The ids applied, in order.  Raises MG001 to MG006, MG011, 25001, 25006,
 * 55P03, and whatever a script raises; of a tenant also 3F000, 0A000 and 40001.
 */
MIGR_FUNCTION(migr_upgrade_1_0)
{
	return run(fcinfo, MIGR_UPGRADE, migr_arg_text(fcinfo, 0, "target"));
}

/*
 * migr_downgrade(target text, dry_run bool, tag text, tenant text) → SETOF text
 *
 * The ids undone, in order.  Raises what migr_upgrade() raises, and MG008.
 */
MIGR_FUNCTION(migr_downgrade_1_0)
{
	return run(fcinfo, MIGR_DOWNGRADE, migr_arg_text(fcinfo, 0, "target"));
}

static bool
is_before(const char *phase)
{
	if (strcmp(phase, "before") != 0 && strcmp(phase, "all") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("phase is \"before\" or \"all\", not \"%s\"", phase)));
	return strcmp(phase, "before") == 0;
}

static Datum
deploy(FunctionCallInfo fcinfo, MigrDirection direction, const char *name)
{
	MigrDeploy	deploy = {.direction = direction};

	migr_xact_check_top(fcinfo, name);
	(void) migr_xact_memory();
	deploy.target = migr_arg_text(fcinfo, 0, "target");
	deploy.lock_timeout = migr_arg_milliseconds(fcinfo, 1, "lock_timeout");
	deploy.attempts = migr_arg_count(fcinfo, 2, "attempts");
	deploy.tag = migr_arg_text_or_null(fcinfo, 3);
	deploy.before = direction == MIGR_UPGRADE && is_before(migr_arg_text(fcinfo, 4, "phase"));
	migr_deploy_run(&deploy);
	return (Datum) 0;
}

/*
 * migr_deploy(target text, lock_timeout interval, attempts int, tag text, phase text),
 * a procedure
 *
 * Upgrades with a commit for each revision; in phase "before" without those that wait
 * for the application's rollout.  Raises what migr_upgrade() raises but
 * for 25001, which is for where it can't commit; and after the last try 55P03,
 * 40P01 or 40001.
 */
MIGR_FUNCTION(migr_deploy)
{
	return deploy(fcinfo, MIGR_UPGRADE, "migr_deploy");
}

/*
 * migr_revert(target text, lock_timeout interval, attempts int, tag text), a procedure
 *
 * The same for downgrades; raises MG008 and MG010 as well.
 */
MIGR_FUNCTION(migr_revert)
{
	return deploy(fcinfo, MIGR_DOWNGRADE, "migr_revert");
}

/*
 * migr_redo(revision text, scripts text) → SETOF text
 *
 * Undoes the revision, loads its script anew and applies it; returns what was
 * applied.  Raises what migr_downgrade(), migr_load() and migr_upgrade() raise,
 * and 55000 for a revision that is not the last of its line.
 */
MIGR_FUNCTION(migr_redo)
{
	char	   *revision = migr_arg_text_or_null(fcinfo, 0);
	char	   *scripts = migr_arg_text_or_null(fcinfo, 1);
	MigrSrf		srf = migr_srf_begin(fcinfo);

	migr_srf_put_texts(&srf, migr_redo_revision(revision, scripts));
	return (Datum) 0;
}

/*
 * migr_deploy_tenants(pattern text, target text, lock_timeout interval, attempts int,
 * stop_after int, canary text, tag text), a procedure
 *
 * Upgrades the tenants that match, with a commit for each.  Raises MG016 at its end if any of
 * them failed; 42704 if none matches; 25001 where it can't commit.
 */
MIGR_FUNCTION(migr_deploy_tenants)
{
	MigrTenantDeploy deploy = {.pattern = "*"};

	migr_xact_check_top(fcinfo, "migr_deploy_tenants");
	(void) migr_xact_memory();
	deploy.pattern = migr_arg_text(fcinfo, 0, "pattern");
	deploy.target = migr_arg_text(fcinfo, 1, "target");
	deploy.lock_timeout = migr_arg_milliseconds(fcinfo, 2, "lock_timeout");
	deploy.attempts = migr_arg_count(fcinfo, 3, "attempts");
	deploy.stop_after = PG_ARGISNULL(4) ? 0 : migr_arg_count(fcinfo, 4, "stop_after");
	deploy.canary = migr_arg_text_or_null(fcinfo, 5);
	deploy.tag = migr_arg_text_or_null(fcinfo, 6);
	migr_tenant_deploy_run(&deploy);
	return (Datum) 0;
}

/*
 * migr_stamp(target text, purge bool, tag text, tenant text) → SETOF text
 *
 * Sets the version and runs nothing; returns the heads it leaves.
 */
MIGR_FUNCTION(migr_stamp_1_0)
{
	char	   *targets = migr_arg_text(fcinfo, 0, "target");
	bool		purge = migr_arg_bool(fcinfo, 1, "purge");
	char	   *tag = migr_arg_text_or_null(fcinfo, 2);
	char	   *tenant = migr_arg_text_or_null(fcinfo, 3);
	MigrSrf		srf = migr_srf_begin(fcinfo);

	migr_srf_put_texts(&srf, tenant ? migr_tenant_stamp(tenant, targets, purge, tag)
					   : migr_stamp_set(targets, purge, tag));
	return (Datum) 0;
}

/*
 * migr_adopt(version_table regclass, tool text, skip_lost bool, check_only bool, tag text)
 * → TABLE(revision text, action text)
 *
 * Records as applied what the version table of another tool says.
 */
MIGR_FUNCTION(migr_adopt)
{
	MigrAdopt	adopt = {.relation = PG_ARGISNULL(0) ? InvalidOid : PG_GETARG_OID(0)};
	MigrSrf		srf;
	ListCell   *lc;

	adopt.tool = migr_arg_text_or_null(fcinfo, 1);
	adopt.skip_lost = migr_arg_bool(fcinfo, 2, "skip_lost");
	adopt.check_only = migr_arg_bool(fcinfo, 3, "check_only");
	adopt.tag = migr_arg_text_or_null(fcinfo, 4);
	srf = migr_srf_begin(fcinfo);
	foreach(lc, migr_adopt_table(&adopt))
	{
		const MigrAdopted *adopted = lfirst(lc);
		Datum		values[] = {migr_db_text_datum(adopted->revision), migr_db_text_datum(adopted->action)};
		bool		nulls[] = {false, false};

		migr_srf_put(&srf, values, nulls);
	}
	return (Datum) 0;
}

/*
 * migr_reset(confirm text) → SETOF text
 *
 * Drops what is managed, upgrades to the heads, and returns what that applied.
 */
MIGR_FUNCTION(migr_reset)
{
	char	   *confirm = migr_arg_text(fcinfo, 0, "confirm");
	MigrSrf		srf = migr_srf_begin(fcinfo);

	migr_srf_put_texts(&srf, migr_reset_database(confirm));
	return (Datum) 0;
}

/* What is asked of migr_sql(). */
typedef enum Wanted
{
	WANTS_UPGRADE,
	WANTS_DOWNGRADE,
	WANTS_STAMP
} Wanted;

static Wanted
wanted_of(const char *direction, bool standalone)
{
	if (strcmp(direction, "upgrade") == 0)
		return WANTS_UPGRADE;
	if (strcmp(direction, "downgrade") == 0)
		return WANTS_DOWNGRADE;
	if (strcmp(direction, "stamp") != 0 || !standalone)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("\"%s\" is no direction", direction),
				 errhint("It is \"upgrade\" or \"downgrade\", or with standalone \"stamp\".")));
	return WANTS_STAMP;
}

/*
 * migr_sql(range text, direction text, standalone bool, applied text[], tenant text) → text
 *
 * What a run would do, as SQL for psql.  Raises what the run would raise before its
 * first statement.
 */
MIGR_FUNCTION(migr_sql_1_0)
{
	char	   *range = migr_arg_text(fcinfo, 0, "range");
	char	   *direction = migr_arg_text(fcinfo, 1, "direction");
	bool		standalone = migr_arg_bool(fcinfo, 2, "standalone");
	MigrOfflinePlace place = {.elsewhere = !PG_ARGISNULL(3)};
	Wanted		wanted = wanted_of(direction, standalone);
	MigrDirection way = wanted == WANTS_UPGRADE ? MIGR_UPGRADE : MIGR_DOWNGRADE;
	char	   *tenant = migr_arg_text_or_null(fcinfo, 4);
	char	   *sql;

	if (tenant && (standalone || place.elsewhere))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("the script of a tenant is for a database that has extension migr"),
				 errhint("Leave out standalone and applied.")));
	place.applied = place.elsewhere ? migr_arg_texts(fcinfo, 3, "applied") : NIL;
	if (tenant)
		sql = migr_tenant_script(way, range, tenant);
	else if (wanted == WANTS_STAMP)
		sql = migr_standalone_stamp(range, &place);
	else if (standalone)
		sql = migr_standalone_script(way, range, &place);
	else
		sql = migr_offline_script(way, range, &place);
	PG_RETURN_TEXT_P(cstring_to_text(sql));
}

/* Raise 55000 if a table is one of which rows are neither changed nor removed. */
static void
check_append_only(const char *table)
{
	/* Of the ends of its chain, migr removes those that it follows. */
	if (strcmp(table, "log") == 0 ||
		(strcmp(table, "log_end") == 0 && !migr_db_active()))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("migr.%s can only be appended to", table)));
}

/* Is it one of the tables that say for which scripts superusers vouch? */
static bool
is_store(const char *table)
{
	return strcmp(table, "revision") == 0 || strcmp(table, "repeatable") == 0;
}

/*
 * Raise 55000 if a table is one that migr alone writes.  Replication may begin by adding
 * rows of another database, which mean nothing here.
 */
static void
check_own(const char *table, TriggerEvent event)
{
	if (TRIGGER_FIRED_BY_INSERT(event) && SessionReplicationRole == SESSION_REPLICATION_ROLE_REPLICA)
		return;
	if ((strcmp(table, "generation") == 0 || strcmp(table, "standing") == 0) && !migr_db_active())
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("migr.%s is written by migr alone", table)));
}

/*
 * migr.guard_table() → trigger
 *
 * Before each statement on migr's tables: a script may not change them, and
 * of the log nobody may change what is written.  Raises 55000.
 */
MIGR_FUNCTION(migr_guard_table)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;

	if (!CALLED_AS_TRIGGER(fcinfo))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("function \"guard_table\" was not called by trigger manager")));

	if (!migr_db_active() && migr_mutex_in_run())
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("a revision script can't change migr.%s",
						RelationGetRelationName(trigger->tg_relation))));
	if (!TRIGGER_FIRED_BY_INSERT(trigger->tg_event))
		check_append_only(RelationGetRelationName(trigger->tg_relation));
	check_own(RelationGetRelationName(trigger->tg_relation), trigger->tg_event);
	if (TRIGGER_FIRED_BY_TRUNCATE(trigger->tg_event))
	{
		migr_replicated_check_truncate(trigger->tg_relation);
		migr_generation_end();
	}
	if (is_store(RelationGetRelationName(trigger->tg_relation)) &&
		(TRIGGER_FIRED_BY_INSERT(trigger->tg_event) ||
		 TRIGGER_FIRED_BY_UPDATE(trigger->tg_event)))
		migr_vouch_check_writer(trigger->tg_relation);
	return PointerGetDatum(NULL);
}

/*
 * migr.note_written() → trigger
 *
 * Before each row of scripts and version: what was known of them is so no more.
 */
Datum
migr_note_written(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;

	if (!CALLED_AS_TRIGGER(fcinfo) || !TRIGGER_FIRED_FOR_ROW(trigger->tg_event) ||
		!TRIGGER_FIRED_BEFORE(trigger->tg_event))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("function \"note_written\" was not called before a row is written")));
	migr_generation_end();
	return PointerGetDatum(TRIGGER_FIRED_BY_UPDATE(trigger->tg_event)
						   ? trigger->tg_newtuple : trigger->tg_trigtuple);
}

/*
 * migr.chain_log() → trigger
 *
 * Before each row of the log: its id, its place in the chain, and its hash.  Rows
 * of the log, and ends of its chain, that are there already are left out.
 */
Datum
migr_chain_log(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;
	HeapTuple	row;
	TupleDesc	desc;

	if (!CALLED_AS_TRIGGER(fcinfo) || !TRIGGER_FIRED_FOR_ROW(trigger->tg_event) ||
		!TRIGGER_FIRED_BY_INSERT(trigger->tg_event))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("function \"chain_log\" was not called for a new row")));
	row = trigger->tg_trigtuple;
	desc = RelationGetDescr(trigger->tg_relation);
	return PointerGetDatum(strcmp(RelationGetRelationName(trigger->tg_relation), "log_end") == 0
						   ? migr_chain_link_end(row, desc)
						   : migr_chain_link(row, desc));
}
