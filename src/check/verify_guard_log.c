/*
 * verify_guard_log.c
 *		What migr.guard has seen, beside the drift that came of it.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "base/db.h"
#include "base/ident.h"
#include "check/verify_subject.h"
#include "model/attribute_list.h"

/* So many of the latest changes are looked at. */
#define CHANGES "1000"

/* A change outside of migr that migr.guard has logged. */
typedef struct Caught
{
	List	   *objects;		/* char *, as "table public.t" */
	const char *command;
	const char *what;			/* command, who and when */
	bool		recent;			/* since the last run */
	bool		shown;			/* beside a drift */
} Caught;

static MigrQuery caught_query = {
	"SELECT l.objects, l.command,"
	"       pg_catalog.format('%s by %s%s at %s', l.command, l.performed_by,"
	"         CASE WHEN l.run_as <> l.performed_by THEN ' as ' || l.run_as END,"
	"         pg_catalog.date_trunc('second', l.started_at)),"
	"       l.id > coalesce((SELECT max(r.id) FROM migr.log r"
	"                         WHERE r.action IN ('upgrade', 'downgrade', 'deploy', 'revert', 'stamp', 'reset')), 0)"
	"  FROM migr.log l WHERE l.action = 'ddl'"
	" ORDER BY l.id DESC LIMIT " CHANGES, 0, {0}
};

List *
migr_caught_read(void)
{
	List	   *result = NIL;
	uint64		rows;
	MigrDb		db;

	migr_db_begin(&db, true);
	rows = migr_db_run(&db, &caught_query, NULL, NULL);
	for (uint64 i = 0; i < rows; i++)
	{
		Caught	   *caught = palloc0(sizeof(Caught));

		caught->objects = migr_db_texts(i, 1);
		caught->command = migr_db_text(i, 2);
		caught->what = migr_db_text(i, 3);
		caught->recent = DatumGetBool(migr_db_datum(i, 4));
		result = lappend(result, caught);
	}
	migr_db_end(&db);
	return result;
}

/*
 * What the description of an object is about, "public.t" for "column
 * public.t.a", "index i ON public.t" and "function public.t(integer)": the
 * first word with a dot, up to a second one.  All of it where there is none.
 */
static char *
about(const char *object)
{
	const char *word = object;
	bool		quoted = false;
	int			dots = 0;
	const char *c;

	for (c = object; *c; c++)
	{
		if (*c == '"')
			quoted = !quoted;
		if (quoted)
			continue;
		if (*c == ' ' || *c == '(')
		{
			if (dots > 0)
				break;
			word = c + 1;
		}
		else if (*c == '.' && ++dots > 1)
			break;
	}
	return dots > 0 ? pnstrdup(word, c - word) : pstrdup(object);
}

/* A change of the object itself counts before one of its table as a whole. */
const char *
migr_caught_explain(const List *caught, const char *object)
{
	char	   *subject = about(object);
	const char *own = NULL;
	const char *whole = NULL;
	ListCell   *lc;
	ListCell   *cell;

	foreach(lc, caught)
	{
		Caught	   *change = lfirst(lc);

		foreach(cell, change->objects)
		{
			const char *changed = lfirst(cell);

			if (strcmp(about(changed), subject) != 0)
				continue;
			if (pg_strcasecmp(changed, object) == 0)
				own = own ? own : change->what;
			else if (migr_ddl_list_word(changed, "on") < 0)
				whole = whole ? whole : change->what;
			change->shown = true;
		}
	}
	return own ? own : whole;
}

void
migr_caught_rest(MigrSubject *subject, const char *check, const List *caught,
				 bool compared)
{
	ListCell   *lc;

	foreach(lc, caught)
	{
		const Caught *change = lfirst(lc);

		if (change->shown || !change->recent)
			continue;
		migr_report_add(subject->report, check,
						change->objects == NIL ? change->command
						: migr_ident_join(change->objects),
						compared ? MIGR_STATUS_OK : MIGR_STATUS_SKIPPED,
						psprintf("migr.guard: %s%s", change->what,
								 compared ? "; it makes no difference" : ""));
	}
}
