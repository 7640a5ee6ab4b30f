/*
 * check.c
 *		Everything that can be known to be wrong with this database.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/guc.h"

#include "check.h"
#include "compat.h"
#include "drift.h"
#include "errors.h"
#include "exec.h"
#include "ident.h"
#include "mutex.h"
#include "rule.h"
#include "scratch.h"
#include "snap.h"
#include "stmt.h"
#include "store.h"
#include "subxact.h"
#include "validate.h"
#include "verify.h"

/* What the checks look at. */
typedef struct Subject
{
	MigrReport *report;
	MigrState  *state;
	const MigrVersion **versions;	/* by node; NULL where there is no row */
	MigrFindings findings;		/* about the graph */
	bool		sound;			/* is the graph? */
} Subject;

typedef void (*GroupCheck) (Subject *subject, const char *check);

static const char *
id_of(const Subject *subject, int node)
{
	return subject->state->graph->nodes[node].id;
}

static char *
revision_object(const char *revision)
{
	return psprintf("revision %s", revision);
}

static void
add(Subject *subject, const char *check, const char *revision,
	MigrStatus status, const char *detail)
{
	migr_report_add(subject->report, check,
					revision ? revision_object(revision) : NULL, status, detail);
}

/* Read what there is; read_only: as the caller's snapshot sees it. */
static Subject
read_subject(MigrReport *report, bool read_only)
{
	Subject		subject = {.report = report};
	MigrGraph  *graph;
	MigrNode   *nodes;
	List	   *versions;
	int			count;
	ListCell   *lc;
	MigrDb		db;

	migr_db_begin(&db, read_only);
	nodes = migr_store_read_nodes(&db, &count);
	versions = migr_store_read_versions(&db);
	migr_db_end(&db);
	graph = migr_graph_create(nodes, count);
	subject.state = migr_store_state(graph, versions);
	subject.versions = palloc0((graph->count + 1) * sizeof(MigrVersion *));
	foreach(lc, versions)
	{
		const MigrVersion *version = lfirst(lc);
		int			node = migr_graph_find(graph, version->revision);

		if (node >= 0)
			subject.versions[node] = version;
	}
	migr_validate_graph(&subject.findings, graph, false);
	subject.sound = graph->problems == NIL;
	return subject;
}

/* --- errors -------------------------------------------------------------- */

/* What an error is in a check: raised again if the session is to end. */
static MigrStatus
status_of(ErrorData *error)
{
	static const int unknown[] = {
		ERRCODE_INSUFFICIENT_RESOURCES, ERRCODE_SYSTEM_ERROR,
		ERRCODE_TRANSACTION_ROLLBACK
	};
	int			category = ERRCODE_TO_CATEGORY(error->sqlerrcode);

	if (category == ERRCODE_TO_CATEGORY(ERRCODE_OPERATOR_INTERVENTION))
		ReThrowError(error);
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
static const char *
describe(const ErrorData *error)
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

/* --- chain, scripts, versions -------------------------------------------- */

/* Say what was found; if applied is not NULL, of these revisions alone. */
static void
add_findings(Subject *subject, const char *check, const MigrFindings *findings,
			 MigrFlaw flaw, MigrStatus status, const bool *applied)
{
	ListCell   *lc;

	foreach(lc, findings->by_flaw[flaw])
	{
		const MigrFinding *finding = lfirst(lc);
		int			node = finding->revision && applied
			? migr_graph_find(subject->state->graph, finding->revision) : -1;

		if (node < 0 || applied[node])
			add(subject, check, finding->revision, status, finding->detail);
	}
}

static void
check_chain(Subject *subject, const char *check)
{
	for (int flaw = 0; flaw < MIGR_FLAWS; flaw++)
		add_findings(subject, check, &subject->findings, flaw,
					 MIGR_STATUS_FAIL, NULL);
	migr_report_end(subject->report, check,
					psprintf("revisions: %d", subject->state->graph->count));
}

/* What was applied, what is stored, and the files, are the same. */
static void
check_scripts(Subject *subject, const char *check)
{
	const MigrState *state = subject->state;
	MigrFindings findings = {{NIL}};
	int			count = 0;

	for (int i = 0; i < state->graph->count; i++)
	{
		const MigrVersion *version = subject->versions[i];
		const MigrRevision *info = state->graph->nodes[i].info;

		if (version == NULL || version->checksum == NULL)
			continue;
		count++;
		if (strcmp(version->checksum, info->checksum) != 0)
			add(subject, check, version->revision, MIGR_STATUS_FAIL,
				"its script in the store is not the one that was applied");
	}
	migr_validate_scripts(&findings, state->graph);
	migr_validate_files(&findings, state->graph);
	add_findings(subject, check, &findings, MIGR_FLAW_ALTERED, MIGR_STATUS_FAIL,
				 state->applied);
	add_findings(subject, check, &findings, MIGR_FLAW_MALFORMED, MIGR_STATUS_FAIL,
				 state->applied);
	add_findings(subject, check, &findings, MIGR_FLAW_DIFFERS, MIGR_STATUS_FAIL,
				 state->applied);
	add_findings(subject, check, &findings, MIGR_FLAW_NOT_COMPARED,
				 MIGR_STATUS_SKIPPED, NULL);
	migr_report_end(subject->report, check, psprintf("applied scripts: %d", count));
}

static void
check_versions(Subject *subject, const char *check)
{
	const MigrState *state = subject->state;
	List	   *heads = migr_set_ids(state->graph, migr_state_heads(state));
	ListCell   *lc;

	foreach(lc, state->unknown)
		add(subject, check, lfirst(lc), MIGR_STATUS_FAIL,
			"it is recorded as applied, but its script is not in the store");
	for (int i = 0; i < state->graph->count; i++)
	{
		if (state->applied[i] && !state->recorded[i])
			add(subject, check, id_of(subject, i), MIGR_STATUS_FAIL,
				"a gap: it has no row in migr.version, though a revision that stands on it has one");
	}
	migr_report_end(subject->report, check,
					heads == NIL ? "current: base"
					: psprintf("current: %s", migr_ident_join(heads)));
}

/* --- scripts that are run ------------------------------------------------ */

/* Say why scripts can't be run, if that is so. */
static bool
cannot_run(Subject *subject, const char *check)
{
	const char *reason = NULL;

	if (!subject->sound)
		reason = "the chain of revisions is broken";
	else if (migr_mutex_in_run())
		reason = "a revision script is running in this session";
	if (reason)
		add(subject, check, NULL, MIGR_STATUS_SKIPPED, reason);
	return reason != NULL;
}

/* The scripts (MigrScript *) of all that is applied, in order. */
static List *
read_applied(const Subject *subject)
{
	const MigrGraph *graph = subject->state->graph;
	int		   *order = palloc((graph->count + 1) * sizeof(int));
	int			count = migr_graph_order(graph, subject->state->applied,
										 MIGR_DOWN_ALL, order);
	List	   *ids = NIL;
	List	   *scripts = NIL;
	ListCell   *lc;
	MigrDb		db;

	for (int i = 0; i < count; i++)
		ids = lappend(ids, unconstify(char *, id_of(subject, order[i])));
	migr_db_begin(&db, true);
	foreach(lc, migr_store_read_scripts(&db, ids))
		scripts = lappend(scripts, migr_script_parse_stored(lfirst(lc)));
	migr_db_end(&db);
	return scripts;
}

/* Reading them, where one may be broken. */
typedef struct Applied
{
	const Subject *subject;
	List	   *scripts;
} Applied;

static void
try_read_applied(void *arg)
{
	Applied    *applied = arg;

	applied->scripts = read_applied(applied->subject);
}

/* A verify section being run. */
typedef struct Section
{
	const MigrScript *script;
	ErrorData  *failure;
} Section;

/* With the settings that the upgrade section made, as when it was applied. */
static void
run_section(void *arg)
{
	Section    *section = arg;
	const MigrScript *script = section->script;
	const char *place = migr_stmt_place(script, MIGR_SECTION_UPGRADE);
	List	   *statements = migr_stmt_split(script, MIGR_SECTION_VERIFY);
	ListCell   *lc;

	foreach(lc, migr_stmt_split(script, MIGR_SECTION_UPGRADE))
	{
		const MigrStatement *statement = lfirst(lc);

		if (statement->sets)
			migr_exec_statement(place, &script->sections[MIGR_SECTION_UPGRADE],
								statement, NULL, NULL);
	}
	section->failure = migr_verify_try(script, statements);
}

static MigrQuery closed_query = {
	"SELECT EXISTS (SELECT FROM pg_catalog.pg_namespace n"
	"                WHERE n.nspname !~ '^pg_' AND NOT pg_catalog.has_schema_privilege(n.oid, 'USAGE'))",
	0, {0}
};

/* Is there a schema in which the caller sees nothing? */
static bool
any_schema_closed(void)
{
	MigrDb		db;
	bool		closed;

	migr_db_begin_as_caller(&db);
	(void) migr_db_run(&db, &closed_query, NULL, NULL);
	closed = DatumGetBool(migr_db_datum(0, 1));
	migr_db_end(&db);
	return closed;
}

/*
 * May an error come of what the caller may not do or see?  Not if the caller is
 * a superuser, or the one who ran the same section when it was applied.
 */
static bool
may_lack_privilege(const MigrVersion *version, const ErrorData *error)
{
	if (superuser() ||
		(version && strcmp(version->applied_by,
						   GetUserNameFromId(GetUserId(), false)) == 0))
		return false;
	switch (error->sqlerrcode)
	{
		case ERRCODE_INSUFFICIENT_PRIVILEGE:
			return true;
		case ERRCODE_UNDEFINED_TABLE:
		case ERRCODE_UNDEFINED_FUNCTION:
		case ERRCODE_UNDEFINED_OBJECT:
		case ERRCODE_UNDEFINED_SCHEMA:
			return any_schema_closed();
		default:
			return false;
	}
}

static MigrStatus
section_status(const Subject *subject, const MigrScript *script, ErrorData *error)
{
	int			node = migr_graph_find(subject->state->graph, script->revision);

	if (may_lack_privilege(subject->versions[node], error))
		return MIGR_STATUS_SKIPPED;
	return error->sqlerrcode == ERRCODE_INSUFFICIENT_PRIVILEGE
		? MIGR_STATUS_FAIL : status_of(error);
}

static void
check_section(Subject *subject, const char *check, const MigrScript *script)
{
	Section		section = {.script = script};
	ErrorData  *error;

	migr_mutex_enter_run();
	error = migr_subxact_run(run_section, &section, false);
	migr_mutex_leave_run();
	if (error == NULL)
		error = section.failure;
	if (error)
		add(subject, check, script->revision,
			section_status(subject, script, error), describe(error));
}

static void
check_sections(Subject *subject, const char *check)
{
	Applied		applied = {.subject = subject};
	ErrorData  *error;
	int			count = 0;
	ListCell   *lc;

	if (cannot_run(subject, check))
		return;
	error = migr_subxact_run(try_read_applied, &applied, false);
	if (error)
		add(subject, check, NULL, status_of(error), describe(error));
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

/* --- drift --------------------------------------------------------------- */

/* What is there and what the scripts build, of one moment. */
typedef struct Build
{
	const char *obstacle;		/* why they can't be compared, or NULL */
	MigrSchema *live;
	MigrSchema *built;
} Build;

/* Not for the scripts, which run with the caller's settings. */
static MigrSchema *
take_snapshot(const MigrSnapScope *scope)
{
	int			guc_level = migr_snap_pin();
	MigrSchema *schema = migr_snap_take(scope);

	AtEOXact_GUC(false, guc_level);
	return schema;
}

static void
take_built(void *arg)
{
	((Build *) arg)->built = take_snapshot(migr_scratch_scope());
}

/* No migration may come in between, and what one has done by now counts. */
static void
build(void *arg)
{
	Build	   *what = arg;
	Subject		subject;

	migr_mutex_acquire();
	subject = read_subject(NULL, false);
	if (!subject.sound)
		what->obstacle = "the chain of revisions is broken";
	else if (subject.state->unknown != NIL)
		what->obstacle = psprintf("the script of revision \"%s\", which is applied, is not in the store",
								  (char *) linitial(subject.state->unknown));
	if (what->obstacle)
		return;
	what->live = take_snapshot(NULL);
	migr_scratch_run(read_applied(&subject), take_built, arg);
}

static void
add_drift(Subject *subject, const char *check, const MigrDrift *drift)
{
	MigrStatus	status = MIGR_STATUS_FAIL;
	const char *detail = NULL;

	switch (drift->kind)
	{
		case MIGR_DRIFT_MISSING:
			detail = psprintf("missing; the scripts build:\n%s", drift->wanted);
			break;
		case MIGR_DRIFT_UNEXPECTED:
			detail = psprintf("unexpected; the database has:\n%s", drift->is);
			break;
		case MIGR_DRIFT_DIFFERENT:
			detail = psprintf("different; the database has:\n%s\nthe scripts build:\n%s",
							  drift->is, drift->wanted);
			break;
		case MIGR_DRIFT_COLUMN_ORDER:
			/* By no statement can that be changed. */
			status = MIGR_STATUS_OK;
			detail = psprintf("its columns are in another order: %s; the scripts build: %s",
							  drift->is, drift->wanted);
	}
	migr_report_add(subject->report, check, drift->object, status, detail);
}

static void
check_drift(Subject *subject, const char *check)
{
	Build		what = {NULL};
	ErrorData  *error;
	int			guc_level;
	ListCell   *lc;

	if (cannot_run(subject, check))
		return;
	error = migr_subxact_run(build, &what, false);
	if (error || what.obstacle)
	{
		add(subject, check, NULL, error ? status_of(error) : MIGR_STATUS_SKIPPED,
			error ? psprintf("what the scripts build can't be told: %s", describe(error))
			: what.obstacle);
		return;
	}
	guc_level = migr_snap_pin();
	foreach(lc, migr_drift_find(what.live, what.built))
		add_drift(subject, check, lfirst(lc));
	AtEOXact_GUC(false, guc_level);
	migr_report_end(subject->report, check,
					psprintf("objects: %d", list_length(what.live->objects)));
}

/* --- all ----------------------------------------------------------------- */

static void
check_integrity(Subject *subject, const char *check)
{
	int			before = list_length(subject->report->verdicts);

	migr_rule_verify(subject->report, NULL);
	if (list_length(subject->report->verdicts) == before)
		add(subject, check, NULL, MIGR_STATUS_SKIPPED, "no rule is switched on");
}

static const struct
{
	const char *name;
	GroupCheck	run;
}			groups[] =
{
	{"chain", check_chain},
	{"scripts", check_scripts},
	{"versions", check_versions},
	{"sections", check_sections},
	{"drift", check_drift},
	{MIGR_RULE_CHECK, check_integrity}
};

List *
migr_check_names(void)
{
	List	   *names = NIL;
	ListCell   *lc;

	for (int i = 0; i < (int) lengthof(groups); i++)
		names = lappend(names, unconstify(char *, groups[i].name));
	foreach(lc, migr_rule_names())
		names = lappend(names, psprintf(MIGR_RULE_CHECK ".%s", (char *) lfirst(lc)));
	return names;
}

static bool
contains(const List *names, const char *name)
{
	ListCell   *lc;

	foreach(lc, names)
	{
		if (strcmp(lfirst(lc), name) == 0)
			return true;
	}
	return false;
}

void
migr_check_names_known(const List *names)
{
	List	   *known = migr_check_names();
	ListCell   *lc;

	foreach(lc, names)
	{
		if (!contains(known, lfirst(lc)))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("there is no check \"%s\"", (char *) lfirst(lc)),
					 errdetail("The checks are %s.", migr_ident_join(known))));
	}
}

void
migr_check_run(MigrReport *report, const List *names)
{
	Subject		subject = read_subject(report, true);
	ListCell   *lc;

	for (int i = 0; i < (int) lengthof(groups); i++)
	{
		if (!contains(names, groups[i].name))
			continue;
		migr_report_begin(report);
		groups[i].run(&subject, groups[i].name);
	}
	if (contains(names, MIGR_RULE_CHECK))
		return;
	foreach(lc, migr_rule_names())
	{
		if (contains(names, psprintf(MIGR_RULE_CHECK ".%s", (char *) lfirst(lc))))
			migr_rule_verify(report, lfirst(lc));
	}
}
