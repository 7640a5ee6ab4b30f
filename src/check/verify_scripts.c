/*
 * verify_scripts.c
 *		Checks that run stored scripts: verify sections.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"

#include "base/errors.h"
#include "base/subxact.h"
#include "check/verify_subject.h"
#include "diff/drift.h"
#include "exec/exec.h"
#include "exec/statement.h"
#include "exec/verify_section.h"
#include "scratch/scratch.h"
#include "scratch/scratch_outside.h"
#include "snapshot/snap.h"
#include "store/mutex.h"
#include "store/repeatable.h"
#include "store/vouch.h"

/* --- errors -------------------------------------------------------------- */

/* An error that is no finding: the session, or its command, is to end. */
void
migr_check_raise_if_session_ends(ErrorData *error)
{
	if (ERRCODE_TO_CATEGORY(error->sqlerrcode) ==
		ERRCODE_TO_CATEGORY(ERRCODE_OPERATOR_INTERVENTION))
		ReThrowError(error);
}

/* What an error is in a check: raised again if the session is to end. */
MigrStatus
migr_check_status_of(ErrorData *error)
{
	static const int unknown[] = {
		ERRCODE_INSUFFICIENT_RESOURCES, ERRCODE_SYSTEM_ERROR,
		ERRCODE_TRANSACTION_ROLLBACK
	};
	int			category = ERRCODE_TO_CATEGORY(error->sqlerrcode);

	migr_check_raise_if_session_ends(error);
	for (int i = 0; i < (int) lengthof(unknown); i++)
	{
		if (category == ERRCODE_TO_CATEGORY(unknown[i]))
			return MIGR_STATUS_SKIPPED;
	}
	switch (error->sqlerrcode)
	{
		case ERRCODE_READ_ONLY_SQL_TRANSACTION:
		case ERRCODE_INSUFFICIENT_PRIVILEGE:
		case ERRCODE_LOCK_NOT_AVAILABLE:
		case ERRCODE_MIGR_UNSUPPORTED_IN_SCRATCH:
			return MIGR_STATUS_SKIPPED;
		default:
			return MIGR_STATUS_FAIL;
	}
}

/* An error in one piece, with the place in a script where it happened. */
const char *
migr_check_describe(const ErrorData *error)
{
	StringInfoData out;
	const char *place = error->context ? strstr(error->context, "revision \"") : NULL;

	initStringInfo(&out);
	if (error->sqlerrcode == ERRCODE_MIGR_VERIFY_FAILED && error->detail)
		appendStringInfoString(&out, error->detail);
	else
	{
		appendStringInfoString(&out, error->message);
		if (error->detail)
			appendStringInfo(&out, ": %s", error->detail);
	}
	if (place)
		appendStringInfo(&out, " (%.*s)", (int) strcspn(place, "\n"), place);
	return out.data;
}

/* --- verify sections ----------------------------------------------------- */

/* Say why scripts can't be run, if that is so. */
bool
migr_check_cannot_run(MigrSubject *subject, const char *check)
{
	const char *reason = NULL;

	if (!subject->sound)
		reason = "the chain of revisions is broken";
	else if (migr_mutex_in_run())
		reason = "a revision script is running in this session";
	if (reason)
		migr_subject_add(subject, check, NULL, MIGR_STATUS_SKIPPED, reason);
	return reason != NULL;
}

/* The scripts (MigrScript *) of all that is applied, in order. */
List *
migr_check_read_applied(const MigrSubject *subject)
{
	const MigrGraph *graph = subject->state->graph;
	int		   *order = palloc((graph->count + 1) * sizeof(int));
	int			count = migr_graph_order_steps(graph, subject->state->applied,
											   MIGR_DOWN_ALL, order);
	List	   *scripts;
	MigrDb		db;

	migr_db_begin(&db, true);
	scripts = migr_store_parse_scripts(&db, graph, order, count);
	migr_db_end(&db);
	return scripts;
}

/* Reading them, where one may be broken. */
typedef struct Applied
{
	const MigrSubject *subject;
	List	   *scripts;
} Applied;

static void
try_read_applied(void *arg)
{
	Applied    *applied = arg;

	applied->scripts = migr_check_read_applied(applied->subject);
}

/* A verify section being run. */
typedef struct Section
{
	const MigrScript *script;
	Oid			caller;
	Oid			role;			/* that runs it; InvalidOid if nobody does */
	ErrorData  *failure;
} Section;

/*
 * As the role that has loaded it where it may not run for the caller: in the
 * way in which the server lets a table's owner run code in the session of
 * another.  Ends with the subtransaction.
 */
static void
become(Section *section)
{
	Oid			user;
	int			context;

	section->role = migr_vouch_role_for_build(list_make1(unconstify(MigrScript *, section->script)));
	if (section->role == section->caller)
		return;
	GetUserIdAndSecContext(&user, &context);
	SetUserIdAndSecContext(section->role, context | SECURITY_LOCAL_USERID_CHANGE |
						   SECURITY_RESTRICTED_OPERATION);
}

/* With the settings that the upgrade section made, as when it was applied. */
static void
run_statements(Section *section)
{
	const MigrScript *script = section->script;
	const char *place = migr_stmt_place(script, MIGR_SECTION_UPGRADE);
	List	   *statements = migr_stmt_split(script, MIGR_SECTION_VERIFY);
	ListCell   *lc;

	foreach(lc, migr_stmt_split(script, MIGR_SECTION_UPGRADE))
	{
		const MigrStatement *statement = lfirst(lc);

		if (statement->sets && statement->unknown_setting == NULL)
			migr_exec_statement(place, &script->sections[MIGR_SECTION_UPGRADE],
								statement, NULL, NULL);
	}
	section->failure = migr_verify_try(script, statements);
}

static void
run_section(void *arg)
{
	Section    *section = arg;
	MigrConfined confined;

	become(section);
	migr_vouch_confine(&confined, section->script);
	run_statements(section);
	migr_vouch_release(&confined);
}

static MigrQuery closed_query = {
	"SELECT EXISTS (SELECT FROM pg_catalog.pg_namespace n"
	"                WHERE n.nspname !~ '^pg_' AND NOT pg_catalog.has_schema_privilege($1, n.oid, 'USAGE'))",
	1, {OIDOID}
};

/* Is there a schema in which the role sees nothing? */
static bool
any_schema_closed(Oid role)
{
	Datum		value = ObjectIdGetDatum(role);
	MigrDb		db;
	bool		closed;

	migr_db_begin_as_caller(&db);
	(void) migr_db_run(&db, &closed_query, &value, NULL);
	closed = DatumGetBool(migr_db_datum(0, 1));
	migr_db_end(&db);
	return closed;
}

/*
 * May an error come of what the role that ran the section may not do or see?
 * Not if that is a superuser, or the one who ran it when it was applied.
 */
static bool
may_lack_privilege(Oid role, const MigrVersion *version, const ErrorData *error)
{
	if (superuser_arg(role) ||
		(version && strcmp(version->applied_by, GetUserNameFromId(role, false)) == 0))
		return false;
	switch (error->sqlerrcode)
	{
		case ERRCODE_INSUFFICIENT_PRIVILEGE:
			return true;
		case ERRCODE_UNDEFINED_TABLE:
		case ERRCODE_UNDEFINED_FUNCTION:
		case ERRCODE_UNDEFINED_OBJECT:
		case ERRCODE_UNDEFINED_SCHEMA:
			return any_schema_closed(role);
		default:
			return false;
	}
}

/* What the server refuses to one in the session of another tells nothing. */
static MigrStatus
section_status(const MigrSubject *subject, const Section *section, ErrorData *error)
{
	int			node = migr_graph_find(subject->state->graph, section->script->revision);
	bool		refused = error->sqlerrcode == ERRCODE_INSUFFICIENT_PRIVILEGE;
	Oid			role = OidIsValid(section->role) ? section->role : section->caller;

	if ((refused && section->role != section->caller) ||
		may_lack_privilege(role, subject->versions[node], error))
		return MIGR_STATUS_SKIPPED;
	return refused ? MIGR_STATUS_FAIL : migr_check_status_of(error);
}

static void
check_section(MigrSubject *subject, const char *check, const MigrScript *script)
{
	Section		section = {.script = script, .caller = GetUserId()};
	ErrorData  *error;
	const char *detail;

	migr_mutex_enter_run();
	error = migr_subxact_run(run_section, &section, false);
	migr_mutex_leave_run();
	if (error == NULL)
		error = section.failure;
	if (error == NULL)
		return;
	detail = migr_check_describe(error);
	if (OidIsValid(section.role) && section.role != section.caller)
		detail = psprintf("as role \"%s\", which has loaded it: %s",
						  GetUserNameFromId(section.role, false), detail);
	migr_subject_add(subject, check, script->revision,
					 section_status(subject, &section, error), detail);
}

void
migr_check_sections(MigrSubject *subject, const char *check)
{
	Applied		applied = {.subject = subject};
	ErrorData  *error;
	int			count = 0;
	ListCell   *lc;

	if (migr_check_cannot_run(subject, check))
		return;
	error = migr_subxact_run(try_read_applied, &applied, false);
	if (error)
		migr_subject_add(subject, check, NULL, migr_check_status_of(error), migr_check_describe(error));
	foreach(lc, applied.scripts)
	{
		const MigrScript *script = lfirst(lc);

		CHECK_FOR_INTERRUPTS();
		if (!script->sections[MIGR_SECTION_VERIFY].present)
			continue;
		count++;
		check_section(subject, check, script);
	}
	migr_report_end(subject->report, check, psprintf("verify sections: %d", count));
}
