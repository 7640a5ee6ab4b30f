/*
 * own_rule.c
 *		Integrity rules of one's own.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "access/xact.h"
#include "miscadmin.h"
#include "nodes/parsenodes.h"
#include "utils/acl.h"
#include "utils/snapmgr.h"

#include "base/db.h"
#include "base/errors.h"
#include "base/raw_tree.h"
#include "base/secure.h"
#include "base/server_parser.h"
#include "base/subxact.h"
#include "exec/own_rule.h"

/* So many objects are named in an error. */
#define OBJECTS_SHOWN 10

static MigrQuery rows_query = {
	"SELECT name, query, message, owner, pg_catalog.lower(setting) IS NOT DISTINCT FROM 'off', before_commit"
	"  FROM migr.rule WHERE query IS NOT NULL ORDER BY name", 0, {0}
};

List *
migr_own_rules(void)
{
	List	   *rules = NIL;
	uint64		count;
	MigrDb		db;

	migr_db_begin(&db, true);
	count = migr_db_run(&db, &rows_query, NULL, NULL);
	for (uint64 i = 0; i < count; i++)
	{
		MigrOwnRule *rule = palloc(sizeof(MigrOwnRule));

		rule->name = migr_db_text(i, 1);
		rule->query = migr_db_text(i, 2);
		rule->message = migr_db_text(i, 3);
		rule->owner = migr_db_text(i, 4);
		rule->off = DatumGetBool(migr_db_datum(i, 5));
		rule->before_commit = DatumGetBool(migr_db_datum(i, 6));
		rules = lappend(rules, rule);
	}
	migr_db_end(&db);
	return rules;
}

/* Raise 22023 unless it is one query, and reads. */
static void
check_query(const char *query)
{
	List	   *statements = migr_parse(query, "rule", 1);

	if (list_length(statements) != 1 || !migr_raw_only_reads(linitial_node(RawStmt, statements)->stmt))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the query of a rule must be one SELECT that only reads")));
}

/* --- running one ------------------------------------------------------------------- */

typedef struct Running
{
	const MigrOwnRule *rule;
	Oid			owner;
	List	   *findings;		/* MigrOwnFinding * */
} Running;

static void
read_findings(Running *running, MigrDb *db)
{
	MigrQuery	query = {running->rule->query, 0, {0}};
	uint64		count = migr_db_run_once(db, &query, NULL);

	for (uint64 i = 0; i < count; i++)
	{
		MigrOwnFinding *finding = palloc(sizeof(MigrOwnFinding));

		finding->object = migr_db_shown(i, 1);
		finding->message = migr_db_shown(i, 2);
		if (finding->object == NULL)
			finding->object = "(null)";
		if (finding->message == NULL)
			finding->message = running->rule->message;
		running->findings = lappend(running->findings, finding);
	}
}

/* What the transaction itself has done counts. */
static void
run(void *arg)
{
	Running    *running = arg;
	MigrDb		db;

	check_query(running->rule->query);
	CommandCounterIncrement();
	PushActiveSnapshot(GetTransactionSnapshot());
	migr_db_begin_as(&db, running->owner);
	/* To the end of the subtransaction; since 17, no function can set it for its own time. */
	XactReadOnly = true;
	read_findings(running, &db);
	migr_db_end(&db);
	PopActiveSnapshot();
}

const char *
migr_own_rule_run(const MigrOwnRule *rule, List **findings)
{
	Running		running = {.rule = rule, .owner = rule->owner ? get_role_oid(rule->owner, true) : InvalidOid};
	ErrorData  *error;

	*findings = NIL;
	if (!OidIsValid(running.owner))
		return psprintf("role \"%s\", with whose rights it runs, does not exist", rule->owner ? rule->owner : "");
	if (!has_privs_of_role(migr_secure_store_owner(), running.owner))
		return psprintf("the owner of migr's tables has not the rights of role \"%s\", as which it runs", rule->owner);
	error = migr_subxact_run(run, &running, false);
	if (error && migr_subxact_is_foreign(error))
		ReThrowError(error);
	*findings = running.findings;
	return error ? error->message : NULL;
}

/* --- before an upgrade commits ------------------------------------------------------ */

static char *
describe(const List *findings)
{
	StringInfoData text;
	int			count = 0;
	ListCell   *lc;

	initStringInfo(&text);
	foreach(lc, findings)
	{
		const MigrOwnFinding *finding = lfirst(lc);

		if (count++ == OBJECTS_SHOWN)
		{
			appendStringInfo(&text, "\nand %d more", list_length(findings) - OBJECTS_SHOWN);
			break;
		}
		appendStringInfo(&text, "%s%s%s%s", count == 1 ? "" : "\n", finding->object,
						 finding->message ? ": " : "", finding->message ? finding->message : "");
	}
	return text.data;
}

void
migr_own_rules_before_commit(void)
{
	ListCell   *lc;

	foreach(lc, migr_own_rules())
	{
		const MigrOwnRule *rule = lfirst(lc);
		const char *trouble;
		List	   *findings;

		if (rule->off || !rule->before_commit)
			continue;
		trouble = migr_own_rule_run(rule, &findings);
		if (trouble)
			ereport(ERROR,
					(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
					 errmsg("rule \"%s\" can't be checked before the upgrade commits", rule->name),
					 errdetail_internal("%s", trouble)));
		if (findings != NIL)
			ereport(ERROR,
					(errcode(ERRCODE_MIGR_VERIFY_FAILED),
					 errmsg("rule \"%s\" would not hold", rule->name),
					 errdetail_internal("%s", describe(findings))));
	}
}

/* --- writing a row --------------------------------------------------------------------- */

const char *
migr_own_rule_owner(const char *query, const char *owner)
{
	Oid			role = owner ? get_role_oid(owner, false) : GetUserId();

	check_query(query);
	if (!has_privs_of_role(GetUserId(), role))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("permission denied to have a rule run as role \"%s\"", owner)));
	return owner ? owner : GetUserNameFromId(role, false);
}

void
migr_own_rules_ready(void)
{
	static MigrQuery *const queries[] = {&rows_query};

	migr_db_plan(queries, lengthof(queries));
}
