/*
 * desired.c
 *		The desired schema: DDL as text, or in the files of migr.schema_location.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "miscadmin.h"

#include "kind/kind.h"
#include "schema/desired.h"
#include "schema/desired_files.h"
#include "schema/remembered.h"
#include "schema/renamed_from.h"
#include "scratch/scratch.h"
#include "script/script_files.h"

/* A file that is being run. */
typedef struct Part
{
	const char *name;
	const char *sql;
	int			number;			/* in the build */
	const List *waits;			/* int: places of those that are to be complete */
	bool		says_empty;
	bool		held;			/* in this attempt, by one of them */
	int			statements;
	int			done;			/* that many have run, and stay */
	int			reached;		/* that many have run in this attempt */
	int			goal;			/* that many are to */
	ErrorData  *error;			/* of the next one, when it was last tried */
} Part;

/* All files, and what they build. */
typedef struct Desired
{
	List	   *parts;			/* Part * */
	List	   *marks;			/* MigrRenamedFrom * */
	int			first;			/* where an attempt begins */
	int			at;				/* and where it is */
	const char *then;			/* to run behind them, or NULL */
	bool		in_order;		/* no file had to wait for another one */
	MigrScratchSeen seen;
	MigrSchema *schema;
} Desired;

/*
 * Run a file from where it stands up to its goal.  Of those statements that
 * stay, what they set goes with each attempt.
 */
static void
run_part(Part *part)
{
	migr_scratch_run_sql(part->number, part->done, part->goal, &part->reached);
}

/* Has a file that stands further ahead come to its end? */
static bool
is_complete(const Desired *desired, int place)
{
	const Part *part = list_nth(desired->parts, place);

	if (place < desired->first)
		return part->done == part->statements;
	return !part->held && part->goal == part->statements;
}

static bool
is_held(const Desired *desired, const Part *part)
{
	ListCell   *lc;

	foreach(lc, part->waits)
	{
		if (!is_complete(desired, lfirst_int(lc)))
			return true;
	}
	return false;
}

/* Run the files that have something left, as far as they go without an error. */
static void
attempt(void *arg)
{
	Desired    *desired = arg;

	for (desired->at = desired->first; desired->at < list_length(desired->parts); desired->at++)
	{
		Part	   *part = list_nth(desired->parts, desired->at);

		part->held = is_held(desired, part);
		desired->in_order = desired->in_order && !part->held;
		if (part->done < part->goal && !part->held)
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
			appendStringInfo(&others, "\n%s fails, too: %s", part->name,
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

		if (!part->held)
		{
			progress = progress || part->done < part->goal;
			part->done = part->goal;
		}
		part->goal = part->statements;
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
		ErrorData  *error = migr_scratch_try(attempt, desired, true);

		if (error)
		{
			Part	   *part = list_nth(desired->parts, desired->at);

			desired->in_order = false;

			if (migr_subxact_is_foreign(error))
				ReThrowError(error);
			part->error = error;
			part->goal = Max(part->reached, part->done);
			error = migr_scratch_try(attempt, desired, true);
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
load_parts(Desired *desired)
{
	ListCell   *lc;

	foreach(lc, desired->parts)
	{
		Part	   *part = lfirst(lc);

		part->number = migr_scratch_load_sql(part->name, part->sql, &part->statements);
		part->done = part->reached = 0;
		part->goal = part->statements;
	}
}

/* SQL to be run behind all files. */
static void
run_then(const char *sql)
{
	int			statements;
	int			reached;
	int			number = migr_scratch_load_sql("renaming", sql, &statements);

	migr_scratch_run_sql(number, 0, statements, &reached);
}

/* Run all files, in whatever order it takes. */
static void
run_parts(Desired *desired)
{
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
}

static void
build(void *arg)
{
	Desired    *desired = arg;

	load_parts(desired);
	desired->in_order = true;
	/* Nothing can come to the help of a single one. */
	if (list_length(desired->parts) == 1)
		run_part(linitial(desired->parts));
	else
		run_parts(desired);
	migr_scratch_settle("desired schema");
	if (desired->then)
		run_then(desired->then);
	migr_scratch_see(MIGR_LOOK_UNMANAGED | MIGR_LOOK_MADE, &desired->seen);
}

/* The files of migr.schema_location. */
static List *
read_files(void)
{
	const char *location = migr_source_schema_location();
	List	   *files = NIL;
	ListCell   *lc;

	if (location == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("there is no desired schema"),
				 errhint("Pass its DDL, or set migr.schema_location.")));
	foreach(lc, migr_source_read(location, MIGR_SOURCE_FILES))
	{
		const MigrFile *file = lfirst(lc);

		files = list_concat(files, migr_desired_files_split(file->text, file->name,
															migr_desired_file_name(file->name)));
	}
	if (files == NIL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("there are no schema files in \"%s\"", location),
				 errdetail("Files are read whose names end with \".sql\".")));
	return files;
}

/* Files as parts, in the order that they ask for. */
static void
make_parts(Desired *desired, const List *files)
{
	ListCell   *lc;

	foreach(lc, migr_desired_files_sort(files))
	{
		const MigrDesiredFile *file = lfirst(lc);
		Part	   *part = palloc0(sizeof(Part));

		desired->marks = list_concat(desired->marks, migr_renamed_from_read(file->sql, file->name));
		part->sql = file->sql;
		part->name = file->name;
		part->waits = file->waits;
		part->says_empty = file->says_empty;
		desired->parts = lappend(desired->parts, part);
	}
}

/* All that is in the files, in one text. */
static char *
join_parts(const List *parts)
{
	StringInfoData out;
	ListCell   *lc;

	initStringInfo(&out);
	foreach(lc, parts)
		appendStringInfo(&out, "%s\n", ((Part *) lfirst(lc))->sql);
	return out.data;
}

/* What they are called and wait for, and their SQL, by turns. */
static List *
texts_of(const List *parts)
{
	List	   *texts = NIL;
	ListCell   *lc;
	ListCell   *waited;

	foreach(lc, parts)
	{
		const Part *part = lfirst(lc);
		StringInfoData title;

		initStringInfo(&title);
		appendStringInfoString(&title, part->name);
		foreach(waited, part->waits)
			appendStringInfo(&title, " %d", lfirst_int(waited));
		texts = lappend(lappend(texts, title.data), unconstify(char *, part->sql));
	}
	return texts;
}

/* Without what is to run behind it, it may be known what comes of it. */
static void
find_or_build(Desired *desired, const MigrScratchJob *job)
{
	MigrRemembering what = {0};

	if (desired->then == NULL)
		migr_remembered_begin(&what, job, texts_of(desired->parts));
	if (migr_remembered_find(&what, &desired->seen) ||
		migr_remembered_find_changed(&what, &desired->seen))
		return;
	migr_scratch_do(job, build, desired);
	migr_remembered_keep(&what, &desired->seen, desired->in_order);
}

/* Build what is in the files, or in DDL that messages call by name. */
static void
build_desired(Desired *desired, const char *ddl, const char *name)
{
	MigrScratchJob job = {.role = GetUserId()};

	make_parts(desired, ddl ? migr_desired_files_split(ddl, NULL, name) : read_files());
	job.ddl = ddl ? ddl : join_parts(desired->parts);
	find_or_build(desired, &job);
	desired->schema = migr_scratch_complete(&desired->seen);
}

MigrSchema *
migr_desired_build(const char *ddl, const char *name, const char *then, List **marks)
{
	Desired		desired = {.then = then};

	build_desired(&desired, ddl, name);
	if (marks)
		*marks = desired.marks;
	return desired.schema;
}

/* Is there nothing but what a new database has? */
static bool
is_empty(const MigrSchema *schema)
{
	ListCell   *lc;

	foreach(lc, schema->objects)
	{
		const MigrObject *object = lfirst(lc);

		if (migr_kind_is_there(object) &&
			!(object->kind == MIGR_KIND_SCHEMA && strcmp(object->name, "public") == 0))
			return false;
	}
	return true;
}

/* An empty schema is one that somebody says: it would drop everything. */
static void
check_wanted(const Desired *desired)
{
	bool		says_empty = false;
	ListCell   *lc;

	foreach(lc, desired->parts)
		says_empty = says_empty || ((Part *) lfirst(lc))->says_empty;
	if (is_empty(desired->schema) == says_empty)
		return;
	if (says_empty)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the desired schema says that it is empty, and is not"),
				 errhint("Remove the line \"-- migr:empty\", or all else.")));
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("the desired schema is empty"),
			 errdetail("Nothing that is part of a schema comes of its DDL."),
			 errhint("If all is to be dropped, say so by the line \"-- migr:empty\".")));
}

MigrSchema *
migr_desired_build_wanted(const char *ddl, const char *then, List **marks)
{
	Desired		desired = {.then = then};

	build_desired(&desired, ddl, "desired schema");
	check_wanted(&desired);
	if (marks)
		*marks = desired.marks;
	return desired.schema;
}
