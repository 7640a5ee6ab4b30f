/*
 * verify_interrupted.c
 *		Check versions: revisions that have run in part, statement by statement.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "check/verify_subject.h"
#include "exec/statement.h"
#include "run/probe.h"
#include "store/log_steps.h"

/* The text of the statement, if the script that is stored has it still; or NULL. */
static char *
text_of(const MigrLogStep *step)
{
	MigrSectionKind kind = strcmp(step->action, "upgrade") == 0 ? MIGR_SECTION_UPGRADE
		: MIGR_SECTION_DOWNGRADE;
	const MigrStatement *statement;
	MigrScript *script = NULL;
	List	   *statements;
	MigrDb		db;

	migr_db_begin(&db, true);
	if (migr_store_read_script(&db, step->revision))
		script = migr_store_parse_script(&db, step->revision);
	migr_db_end(&db);
	statements = script ? migr_stmt_split(script, kind) : NIL;
	if (list_length(statements) < step->step)
		return NULL;
	statement = list_nth(statements, step->step - 1);
	return pnstrdup(script->sections[kind].sql + statement->start, statement->end - statement->start);
}

/* What the statement has left. */
static const char *
found_of(const MigrLogStep *step)
{
	char	   *sql = strcmp(step->outcome, "done") != 0 ? text_of(step) : NULL;
	MigrProbe	probe;

	if (sql == NULL)
		return "";
	probe = migr_probe_look(sql, step->objects);
	return probe.found ? psprintf("; %s", probe.found) : "; nothing is left of it";
}

void
migr_check_interrupted(MigrSubject *subject, const char *check)
{
	List	   *steps;
	ListCell   *lc;
	MigrDb		db;

	migr_db_begin(&db, true);
	steps = migr_log_steps_open(&db);
	migr_db_end(&db);
	foreach(lc, steps)
	{
		const MigrLogStep *step = lfirst(lc);

		migr_subject_add(subject, check, step->revision, MIGR_STATUS_FAIL,
						 psprintf("%s%s; %s goes on from there", migr_log_steps_describe(step),
								  found_of(step),
								  strcmp(step->action, "upgrade") == 0 ? "migr_deploy()" : "migr_revert()"));
	}
}
