/*
 * log_steps.c
 *		What the log says of statements that run by themselves, one by one.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/pg_type.h"

#include "store/log_steps.h"

/* What sets the version of a revision, whatever was known of its statements before. */
#define SINCE_RECORDED(revision) \
	"l.id > coalesce((SELECT max(r.id) FROM migr.log r WHERE r.step IS NULL AND r.outcome = 'done'" \
	"                    AND r.action IN ('deploy', 'revert', 'upgrade', 'downgrade', 'stamp', 'reset', 'repair')" \
	"                    AND " revision " = ANY (r.revisions)), 0)"

#define COLUMNS "l.revisions[1], l.target, l.step, l.outcome, l.checksum, l.command, l.objects"

static MigrQuery read_query = {
	"SELECT DISTINCT ON (l.step) " COLUMNS
	"  FROM migr.log l"
	" WHERE l.action = 'step' AND l.revisions[1] = $1 AND l.target = $2 AND " SINCE_RECORDED("$1")
	" ORDER BY l.step, l.id DESC",
	2, {TEXTOID, TEXTOID}
};

static MigrQuery open_query = {
	"SELECT DISTINCT ON (l.revisions[1], l.target) " COLUMNS
	"  FROM migr.log l"
	" WHERE l.action = 'step' AND " SINCE_RECORDED("l.revisions[1]")
	" ORDER BY l.revisions[1], l.target, l.id DESC",
	0, {0}
};

static MigrQuery failure_query = {
	"SELECT pg_catalog.format('%s of %s by %s at %s: %s', f.action, f.target, f.performed_by,"
	"                         pg_catalog.date_trunc('second', f.started_at), f.detail)"
	"  FROM (SELECT * FROM migr.log WHERE outcome = 'failed' AND step IS NULL ORDER BY id DESC LIMIT 1) f"
	" WHERE NOT EXISTS (SELECT FROM migr.log l WHERE l.id > f.id AND l.outcome = 'done' AND l.step IS NULL"
	"                      AND l.action IN ('deploy', 'revert', 'upgrade', 'downgrade', 'stamp', 'reset', 'repair'))",
	0, {0}
};

static List *
read_steps(MigrDb *db, MigrQuery *query, Datum *values)
{
	uint64		rows = migr_db_run(db, query, values, NULL);
	List	   *steps = NIL;

	for (uint64 i = 0; i < rows; i++)
	{
		MigrLogStep *step = palloc(sizeof(MigrLogStep));

		step->revision = migr_db_text(i, 1);
		step->action = migr_db_text(i, 2);
		step->step = DatumGetInt32(migr_db_datum(i, 3));
		step->outcome = migr_db_text(i, 4);
		step->checksum = migr_db_text(i, 5);
		step->command = migr_db_text(i, 6);
		step->objects = migr_db_texts(i, 7);
		steps = lappend(steps, step);
	}
	return steps;
}

List *
migr_log_steps_read(MigrDb *db, const char *revision, const char *action)
{
	Datum		values[] = {migr_db_text_datum(revision), migr_db_text_datum(action)};

	return read_steps(db, &read_query, values);
}

List *
migr_log_steps_open(MigrDb *db)
{
	return read_steps(db, &open_query, NULL);
}

char *
migr_log_steps_describe(const MigrLogStep *step)
{
	const char *state = strcmp(step->outcome, "running") == 0 ? "was interrupted"
		: strcmp(step->outcome, "failed") == 0 ? "failed" : "was the last that is done";

	return psprintf("%s section, statement %d: %s %s", step->action, step->step, step->command, state);
}

char *
migr_log_steps_failure(MigrDb *db)
{
	return migr_db_run(db, &failure_query, NULL, NULL) > 0 ? migr_db_text(0, 1) : NULL;
}
