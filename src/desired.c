/*
 * desired.c
 *		The desired schema: DDL as text, or in the files of migr.schema_location.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/guc.h"

#include "compat.h"
#include "desired.h"
#include "exec.h"
#include "scan.h"
#include "scratch.h"
#include "source.h"

/* A file that is being run. */
typedef struct Part
{
	MigrScript *script;
	List	   *statements;
	int			done;			/* that many have run, and stay */
	int			reached;		/* that many have run in this attempt */
	int			goal;			/* that many are to */
	ErrorData  *error;			/* of the next one, when it was last tried */
} Part;

/* All files, and what they build. */
typedef struct Desired
{
	List	   *parts;			/* Part * */
	int			first;			/* where an attempt begins */
	int			at;				/* and where it is */
	const char *then;			/* to run behind them, or NULL */
	MigrSchema *schema;
} Desired;

/* Run a file from where it stands up to its goal. */
static void
run_part(Part *part)
{
	int			guc_level = NewGUCNestLevel();

	if (client_min_messages < WARNING)
		(void) set_config_option("client_min_messages", "warning", PGC_USERSET,
								 PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
	for (part->reached = 0; part->reached < part->goal; part->reached++)
	{
		const MigrStatement *statement = list_nth(part->statements, part->reached);

		CHECK_FOR_INTERRUPTS();
		/* Of those that stay, what they set goes with each attempt. */
		if (part->reached >= part->done || statement->sets)
			migr_scratch_run_statement(part->script, MIGR_SECTION_UPGRADE, statement);
		migr_scratch_commit_labels();
	}
	AtEOXact_GUC(false, guc_level);
}

/* Run the files that have something left, as far as they go without an error. */
static void
attempt(void *arg)
{
	Desired    *desired = arg;

	for (desired->at = desired->first; desired->at < list_length(desired->parts); desired->at++)
	{
		Part	   *part = list_nth(desired->parts, desired->at);

		if (part->done < part->goal)
			run_part(part);
		if (part->error)
			break;
	}
}

/* Is something missing that another file could have made? */
static bool
misses_something(const ErrorData *error)
{
	switch (error->sqlerrcode)
	{
		case ERRCODE_UNDEFINED_TABLE:
		case ERRCODE_UNDEFINED_COLUMN:
		case ERRCODE_UNDEFINED_FUNCTION:
		case ERRCODE_UNDEFINED_OBJECT:
		case ERRCODE_UNDEFINED_SCHEMA:
			return true;
		default:
			return false;
	}
}

/*
 * Raise what is wrong with the files that got stuck: the first error that is
 * more than a consequence of others.  The other files are named behind it.
 */
static void
raise_stuck(const List *stuck)
{
	const Part *culprit = linitial(stuck);
	StringInfoData others;
	ListCell   *lc;

	foreach(lc, stuck)
	{
		const Part *part = lfirst(lc);

		if (misses_something(culprit->error) && !misses_something(part->error))
			culprit = part;
	}
	initStringInfo(&others);
	foreach(lc, stuck)
	{
		const Part *part = lfirst(lc);

		if (part != culprit)
			appendStringInfo(&others, "\n%s fails, too: %s", part->script->name,
							 part->error->message);
	}
	if (culprit->error->context)
		culprit->error->context = psprintf("%s%s", culprit->error->context, others.data);
	ReThrowError(culprit->error);
}

/* What the last attempt did, up to where it is, stays; was there anything? */
static bool
keep(Desired *desired)
{
	bool		progress = false;

	for (int i = desired->first; i < list_length(desired->parts) && i <= desired->at; i++)
	{
		Part	   *part = list_nth(desired->parts, i);

		progress = progress || part->done < part->goal;
		part->done = part->goal;
		part->goal = list_length(part->statements);
	}
	desired->first = desired->at + 1;
	return progress;
}

/*
 * Run the files in turn, each from where it failed; does one get further?
 *
 * A subtransaction costs time in proportion to all that was made before, so
 * there is not one for each statement: all files are run in one, and if one
 * fails, that which came before the error is run again, to stay.
 */
static bool
advance(Desired *desired)
{
	bool		progress = false;

	desired->first = 0;
	while (desired->first < list_length(desired->parts))
	{
		ErrorData  *error = migr_subxact_run(attempt, desired, true);

		if (error)
		{
			Part	   *part = list_nth(desired->parts, desired->at);

			/* Nothing can come to the help of a single one. */
			if (migr_subxact_is_foreign(error) || list_length(desired->parts) == 1)
				ReThrowError(error);
			part->error = error;
			part->goal = Max(part->reached, part->done);
			error = migr_subxact_run(attempt, desired, true);
			if (error)
				ReThrowError(error);
		}
		progress = keep(desired) || progress;
	}
	return progress;
}

static List *
find_stuck(const Desired *desired)
{
	List	   *stuck = NIL;
	ListCell   *lc;

	foreach(lc, desired->parts)
	{
		if (((Part *) lfirst(lc))->error)
			stuck = lappend(stuck, lfirst(lc));
	}
	return stuck;
}

static void
build(void *arg)
{
	Desired    *desired = arg;
	List	   *stuck = NIL;
	bool		progress;

	do
	{
		ListCell   *lc;

		foreach(lc, desired->parts)
			((Part *) lfirst(lc))->error = NULL;
		progress = advance(desired);
		stuck = find_stuck(desired);
	} while (progress && stuck != NIL);
	if (stuck != NIL)
		raise_stuck(stuck);
	migr_exec_settle("desired schema");
	if (desired->then)
		migr_scratch_run_section(migr_script_of_sql(desired->then, "renaming"),
								 MIGR_SECTION_UPGRADE);
	desired->schema = migr_snap_model(migr_scratch_scope());
}

static bool
is_word(const char *sql, const MigrToken *token, const char *word)
{
	return token->end - token->start == (int) strlen(word) &&
		pg_strncasecmp(sql + token->start, word, strlen(word)) == 0;
}

/*
 * Dumps say at their beginning whether a backslash in a string is an escape, and
 * those of old servers that it is.  Read the text as it says, until the end of
 * the GUC level.
 */
static void
adopt_strings(const char *sql)
{
	MigrScan	scan;
	MigrToken	set;
	MigrToken	name;
	MigrToken	to;
	MigrToken	value;
	bool		on;

	migr_scan_begin(&scan, sql, strlen(sql));
	while (migr_scan_next(&scan, &set) != MIGR_TOKEN_END && set.kind != MIGR_TOKEN_UNTERMINATED)
	{
		MigrScan	rest = scan;

		if (!is_word(sql, &set, "set") || migr_scan_next(&rest, &name) != MIGR_TOKEN_WORD ||
			!is_word(sql, &name, "standard_conforming_strings"))
			continue;
		(void) migr_scan_next(&rest, &to);
		if (migr_scan_next(&rest, &value) == MIGR_TOKEN_WORD &&
			parse_bool_with_len(sql + value.start, value.end - value.start, &on))
			(void) set_config_option("standard_conforming_strings", on ? "on" : "off",
									 PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
		return;
	}
}

static Part *
make_part(const char *sql, const char *name)
{
	Part	   *part = palloc0(sizeof(Part));
	int			guc_level = NewGUCNestLevel();

	/* What there is to warn of is told when it runs. */
	(void) set_config_option("escape_string_warning", "off", PGC_USERSET,
							 PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
	adopt_strings(sql);
	part->script = migr_script_of_sql(sql, name);
	part->statements = migr_stmt_split(part->script, MIGR_SECTION_UPGRADE);
	part->goal = list_length(part->statements);
	AtEOXact_GUC(false, guc_level);
	return part;
}

/* The files of migr.schema_location as parts. */
static List *
read_parts(void)
{
	const char *location = migr_source_schema_location();
	List	   *parts = NIL;
	ListCell   *lc;

	if (location == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("there is no desired schema"),
				 errhint("Pass its DDL, or set migr.schema_location.")));
	foreach(lc, migr_source_read(location, true))
	{
		const MigrFile *file = lfirst(lc);

		parts = lappend(parts, make_part(file->text,
										 psprintf("schema file \"%s\"", file->name)));
	}
	/* An empty schema is one that somebody says: it would drop everything. */
	if (parts == NIL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("there are no schema files in \"%s\"", location),
				 errdetail("Files are read whose names end with \".sql\".")));
	return parts;
}

MigrSchema *
migr_desired_build(const char *ddl, const char *name, const char *then)
{
	Desired		desired = {.then = then};

	desired.parts = ddl ? list_make1(make_part(ddl, name)) : read_parts();
	migr_scratch_do(build, &desired);
	return desired.schema;
}
