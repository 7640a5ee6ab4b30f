/*
 * desired.c
 *		The desired schema: DDL as text, or in the files of migr.schema_location.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

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

/* Does a statement do nothing but change settings, so that it can run again? */
static bool
only_sets(const Part *part, const MigrStatement *statement)
{
	const char *sql = part->script->sections[MIGR_SECTION_UPGRADE].sql +
		statement->start;

	return statement->changes_settings &&
		(pg_strncasecmp(sql, "set", 3) == 0 || pg_strncasecmp(sql, "select", 6) == 0);
}

/* The settings that the statements which have run left for the others. */
static void
restore_settings(const Part *part)
{
	for (int i = 0; i < part->done; i++)
	{
		const MigrStatement *statement = list_nth(part->statements, i);

		if (only_sets(part, statement))
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

/*
 * Run the files in turn, each from where it failed, as long as one gets
 * further.
 */
static void
build(void *arg)
{
	Desired    *desired = arg;
	bool		progress = true;
	const Part *stuck = NULL;
	ListCell   *lc;

	while (progress)
	{
		progress = false;
		stuck = NULL;
		foreach(lc, desired->parts)
		{
			Part	   *part = lfirst(lc);

			if (part->done == list_length(part->statements))
				continue;
			progress = advance(part) || progress;
			if (part->error && stuck == NULL)
				stuck = part;
		}
		if (stuck == NULL)
			break;
	}
	if (stuck)
		ReThrowError(stuck->error);
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
