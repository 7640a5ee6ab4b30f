/*
 * desired.c
 *		The desired schema: DDL as text, or in the files of migr.schema_location.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/guc.h"

#include "compat.h"
#include "desired.h"
#include "exec.h"
#include "scratch.h"
#include "source.h"

/* A file that is being run. */
typedef struct Part
{
	MigrScript *script;
	List	   *statements;
	int			done;			/* that many have run */
	ErrorData  *error;			/* of the next one, when it was last tried */
} Part;

/* All files, and what they build. */
typedef struct Desired
{
	List	   *parts;			/* Part * */
	const char *then;			/* to run behind them, or NULL */
	MigrSchema *schema;
} Desired;

static void
run_next(void *arg)
{
	Part	   *part = arg;

	migr_scratch_run_statement(part->script, MIGR_SECTION_UPGRADE,
							   list_nth(part->statements, part->done));
}

/* The settings that the statements which have run left for the others. */
static void
restore_settings(const Part *part)
{
	for (int i = 0; i < part->done; i++)
	{
		const MigrStatement *statement = list_nth(part->statements, i);

		if (statement->sets)
			migr_scratch_run_statement(part->script, MIGR_SECTION_UPGRADE, statement);
	}
}

/* Run a file as far as it goes; does it get further than it was? */
static bool
advance(Part *part)
{
	int			before = part->done;
	int			guc_level = NewGUCNestLevel();

	if (client_min_messages < WARNING)
		(void) set_config_option("client_min_messages", "warning", PGC_USERSET,
								 PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
	restore_settings(part);
	part->error = NULL;
	while (part->done < list_length(part->statements))
	{
		CHECK_FOR_INTERRUPTS();
		part->error = migr_subxact_run(run_next, part, true);
		if (part->error && migr_subxact_is_foreign(part->error))
			ReThrowError(part->error);
		if (part->error)
			break;
		part->done++;
	}
	AtEOXact_GUC(false, guc_level);
	return part->done > before;
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

/*
 * Run the files in turn, each from where it failed, as long as one gets
 * further.
 */
static void
build(void *arg)
{
	Desired    *desired = arg;
	bool		progress = true;
	List	   *stuck = NIL;
	ListCell   *lc;

	while (progress)
	{
		progress = false;
		stuck = NIL;
		foreach(lc, desired->parts)
		{
			Part	   *part = lfirst(lc);

			if (part->done == list_length(part->statements))
				continue;
			progress = advance(part) || progress;
			if (part->error)
				stuck = lappend(stuck, part);
		}
		if (stuck == NIL)
			break;
	}
	if (stuck != NIL)
		raise_stuck(stuck);
	migr_exec_settle("desired schema");
	if (desired->then)
		migr_scratch_run_section(migr_script_of_sql(desired->then, "renaming"),
								 MIGR_SECTION_UPGRADE);
	desired->schema = migr_snap_model(migr_scratch_scope());
}

static Part *
make_part(const char *sql, const char *name)
{
	Part	   *part = palloc0(sizeof(Part));

	part->script = migr_script_of_sql(sql, name);
	part->statements = migr_stmt_split(part->script, MIGR_SECTION_UPGRADE);
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
