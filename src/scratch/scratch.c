/*
 * scratch.c
 *		Build a schema in a scratch database, and look at what came of it.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/guc.h"

#include "base/wire.h"
#include "base/worker.h"
#include "model/model_wire.h"
#include "scratch/scratch.h"
#include "scratch/scratch_build.h"
#include "scratch/scratch_database.h"
#include "scratch/scratch_outside.h"
#include "store/mutex.h"
#include "store/vouch.h"

/* The worker of the statement that runs, and what it is doing. */
static struct
{
	MigrWorker *worker;			/* NULL: there is none */
	Oid			database;		/* where it builds */
	Oid			role;			/* as whom */
	bool		commits;		/* what it builds */
	int			depth;			/* of its subtransactions */
	int			failures;		/* of requests, that depth knows of */
	int			warnings;		/* before this build */
}			current;

static bool in_scratch;
static bool throwaway;

/* Would it be built if it were committed on its way? */
static bool endless;

void
migr_scratch_init(void)
{
	DefineCustomBoolVariable("migr.in_scratch",
							 "Is this a build in a scratch database, which is rolled back?",
							 NULL, &in_scratch, false, PGC_INTERNAL, 0, NULL, NULL, NULL);
	DefineCustomBoolVariable("migr.scratch_throwaway",
							 "Build what commits, or takes too many locks, in a database that is made for it and dropped.",
							 NULL, &throwaway, false, PGC_USERSET, 0, NULL, NULL, NULL);
}

/* --- requests ------------------------------------------------------------- */

/* Ask for something that is answered by nothing but its end. */
static void
ask(char kind, StringInfo content)
{
	migr_worker_send(current.worker, kind, content);
	migr_worker_finish(current.worker);
}

static StringInfo
new_message(void)
{
	return makeStringInfo();
}

/* --- a build -------------------------------------------------------------- */

static void
forget_worker(void *arg)
{
	memset(&current, 0, sizeof(current));
}

/* One worker serves all builds of a statement in one database. */
static void
get_worker(const MigrScratchDatabase *database)
{
	MigrWorkerStart start = {MIGR_BUILD_ENTRY, "migr scratch build"};

	if (current.worker &&
		(current.database != database->oid || migr_worker_is_busy(current.worker)))
		migr_worker_end(current.worker);
	if (current.worker)
		return;
	start.database = database->oid;
	start.role = database->role;
	current.worker = migr_worker_start(&start);
	current.database = database->oid;
	current.role = database->role;
	migr_worker_on_end(current.worker, forget_worker, NULL);
}

static void
begin(const MigrScratchJob *job, const MigrScratchDatabase *database)
{
	StringInfo	message = migr_scratch_beginning(job, database);

	get_worker(database);
	endless = false;
	current.commits = database->throwaway;
	current.warnings = migr_worker_warnings(current.worker);
	ask(MIGR_BUILD_BEGIN, message);
	current.depth = 0;
	current.failures = migr_worker_failures(current.worker);
}

void
migr_scratch_leave(void)
{
	if (current.worker)
		migr_worker_end(current.worker);
}

/* A build, and in which database. */
typedef struct Attempt
{
	const MigrScratchJob *job;
	const MigrScratchDatabase *database;
	MigrWork	work;
	void	   *arg;
} Attempt;

static void
attempt(void *arg)
{
	const Attempt *build = arg;

	begin(build->job, build->database);
	build->work(build->arg);
	ask(MIGR_BUILD_END, NULL);
}

/* Once more, in a database that is committed into, and dropped in any case. */
static void
build_committing(Attempt *build)
{
	MigrScratchDatabase database = migr_scratch_database_throwaway(build->job->role);
	ErrorData  *error;

	/* cppcheck-suppress autoVariables ; nobody looks at it behind this */
	build->database = &database;
	error = migr_subxact_run(attempt, build, true);
	migr_scratch_leave();
	migr_scratch_database_discard(&database);
	if (error)
		ReThrowError(error);
}

void
migr_scratch_do(const MigrScratchJob *job, MigrWork work, void *arg)
{
	Attempt		build = {.job = job, .work = work, .arg = arg};
	MigrScratchDatabase database;
	ErrorData  *error;

	migr_mutex_check_outside();
	database = migr_scratch_database_of(job->role);
	build.database = &database;
	error = migr_subxact_run(attempt, &build, true);
	if (error && endless && throwaway)
		build_committing(&build);
	else if (error)
		ReThrowError(error);
	if (!migr_scratch_database_is_kept())
	{
		/* Nobody may be connected to it then. */
		migr_scratch_leave();
		(void) migr_scratch_database_drop(job->role);
	}
}

/* A request that fails ends the innermost subtransaction over there. */
static void
follow_failures(void)
{
	int			failures = migr_worker_failures(current.worker);

	current.depth -= failures - current.failures;
	current.failures = failures;
}

ErrorData *
migr_scratch_try(MigrWork work, void *arg, bool keep)
{
	return migr_scratch_try_if(work, arg, &keep);
}

ErrorData *
migr_scratch_try_if(MigrWork work, void *arg, const bool *keep)
{
	int			depth = current.depth;
	ErrorData  *error;

	ask(MIGR_BUILD_SUBXACT, NULL);
	current.depth = depth + 1;
	error = migr_subxact_run(work, arg, true);
	if (error && (current.worker == NULL || migr_worker_is_busy(current.worker)))
		ReThrowError(error);
	follow_failures();
	for (; current.depth > depth; current.depth--)
		ask(error || !*keep ? MIGR_BUILD_UNDO : MIGR_BUILD_KEEP, NULL);
	return error;
}

void
migr_scratch_hold_labels(void)
{
	ask(MIGR_BUILD_HOLD_LABELS, NULL);
}

void
migr_scratch_release_labels(void)
{
	ask(MIGR_BUILD_RELEASE_LABELS, NULL);
}

/* --- scripts -------------------------------------------------------------- */

/* Send a script; its number over there. */
static int
load(char kind, StringInfo message, int *statements)
{
	int			number = -1;

	migr_worker_send(current.worker, kind, message);
	while (migr_worker_receive(current.worker, message) != MIGR_REPLY_DONE)
	{
		number = migr_wire_get_int(message);
		*statements = migr_wire_get_int(message);
	}
	return number;
}

static void
run(int number, MigrSectionKind kind, int done, int last, int *reached)
{
	StringInfo	message = new_message();
	char		reply;

	migr_wire_put_int(message, number);
	migr_wire_put_int(message, kind);
	migr_wire_put_int(message, done);
	migr_wire_put_int(message, last);
	migr_worker_send(current.worker, MIGR_BUILD_RUN, message);
	while ((reply = migr_worker_receive(current.worker, message)) != MIGR_REPLY_DONE)
	{
		if (reply == MIGR_BUILT_ENDLESS)
			endless = true;
		else
			*reached = migr_wire_get_int(message);
	}
}

static int
load_revision(const MigrScript *script)
{
	StringInfo	message = new_message();
	int			statements;
	int			number;

	migr_wire_put_text(message, script->text);
	number = load(MIGR_BUILD_LOAD_REVISION, message, &statements);
	pfree(message->data);
	pfree(message);
	return number;
}

static void
forget_revision(int number)
{
	StringInfo	message = new_message();

	migr_wire_put_int(message, number);
	ask(MIGR_BUILD_FORGET, message);
	pfree(message->data);
	pfree(message);
}

void
migr_scratch_run_section(const MigrScript *script, MigrSectionKind kind)
{
	int			number = load_revision(script);
	int			reached;

	run(number, kind, 0, -1, &reached);
	forget_revision(number);
}

void
migr_scratch_assert_section(const MigrScript *script, MigrSectionKind kind)
{
	StringInfo	message = new_message();
	int			number = load_revision(script);

	migr_wire_put_int(message, number);
	migr_wire_put_int(message, kind);
	ask(MIGR_BUILD_ASSERT, message);
	forget_revision(number);
}

List *
migr_scratch_measure_section(const MigrScript *script, MigrSectionKind kind)
{
	StringInfo	message = new_message();
	int			number = load_revision(script);
	List	   *measured = NIL;
	char		reply;

	migr_wire_put_int(message, number);
	migr_wire_put_int(message, kind);
	migr_worker_send(current.worker, MIGR_BUILD_MEASURE, message);
	while ((reply = migr_worker_receive(current.worker, message)) != MIGR_REPLY_DONE)
	{
		/* That a statement ends the transaction is said of the statement. */
		if (reply == MIGR_BUILT_MEASURED)
			measured = lappend(measured, migr_scratch_get_measured(message));
	}
	forget_revision(number);
	return measured;
}

int
migr_scratch_load_sql(const char *name, const char *sql, int *statements)
{
	StringInfo	message = new_message();

	migr_wire_put_text(message, name);
	migr_wire_put_text(message, sql);
	return load(MIGR_BUILD_LOAD_SQL, message, statements);
}

void
migr_scratch_run_sql(int number, int done, int last, int *reached)
{
	run(number, MIGR_SECTION_UPGRADE, done, last, reached);
}

void
migr_scratch_settle(const char *place)
{
	StringInfo	message = new_message();

	migr_wire_put_text(message, place);
	ask(MIGR_BUILD_SETTLE, message);
}

/* --- what came of it ------------------------------------------------------ */

static void
tell(const List *told)
{
	for (int i = 0; i < list_length(told); i += 2)
		ereport(NOTICE,
				(errmsg("%s", (char *) list_nth(told, i)),
				 errdetail("%s", (char *) list_nth(told, i + 1))));
}

void
migr_scratch_see(int wanted, MigrScratchSeen *seen)
{
	StringInfo	message = new_message();
	MigrSchemaReader reader;
	int			said = 0;
	List	   *unmanaged = NIL;
	char		kind;

	memset(seen, 0, sizeof(*seen));
	migr_object_wire_begin(&reader);
	migr_wire_put_int(message, wanted);
	migr_worker_send(current.worker, MIGR_BUILD_LOOK, message);
	while ((kind = migr_worker_receive(current.worker, message)) != MIGR_REPLY_DONE)
	{
		if (kind == MIGR_BUILT_STATE)
		{
			seen->untouched = migr_wire_get_int(message);
			said = migr_wire_get_int(message);
			seen->denied = migr_wire_get_texts(message);
			seen->told = migr_wire_get_texts(message);
			unmanaged = migr_wire_get_texts(message);
		}
		else if (kind == MIGR_BUILT_MADE)
			migr_scratch_get_made(message, seen);
		else
			migr_object_wire_read(&reader, message);
	}
	seen->schema = reader.schema;
	seen->schema->said = said;
	seen->schema->unmanaged = unmanaged;
	seen->role = current.role;
	seen->is_told = seen->told != NIL || migr_worker_warnings(current.worker) > current.warnings;
	seen->commits = current.commits;
}

MigrSchema *
migr_scratch_complete(const MigrScratchSeen *seen)
{
	tell(seen->told);
	migr_outside_complete(seen->schema, seen->untouched, seen->denied, seen->role);
	return seen->schema;
}

MigrSchema *
migr_scratch_look(int wanted)
{
	MigrScratchSeen seen;

	migr_scratch_see(wanted, &seen);
	return wanted & MIGR_LOOK_TABLES ? seen.schema : migr_scratch_complete(&seen);
}

static List *
get_addresses(StringInfo message)
{
	List	   *addresses = NIL;

	for (int count = migr_wire_get_int(message); count > 0; count--)
	{
		MigrAddress *address = palloc(sizeof(MigrAddress));

		address->classid = migr_wire_get_oid(message);
		address->objid = migr_wire_get_oid(message);
		addresses = lappend(addresses, address);
	}
	return addresses;
}

void
migr_scratch_look_touched(int since, int mark, int limit, MigrScratchTouched *touched)
{
	StringInfo	message = new_message();
	MigrSchemaReader reader;
	char		kind;

	migr_object_wire_begin(&reader);
	migr_wire_put_int(message, since);
	migr_wire_put_int(message, mark);
	migr_wire_put_int(message, limit);
	migr_worker_send(current.worker, MIGR_BUILD_LOOK_TOUCHED, message);
	while ((kind = migr_worker_receive(current.worker, message)) != MIGR_REPLY_DONE)
	{
		if (kind == MIGR_BUILT_TOUCHED)
		{
			touched->everything = migr_wire_get_int(message);
			touched->is_partial = migr_wire_get_int(message);
			touched->addresses = get_addresses(message);
		}
		else
			migr_object_wire_read(&reader, message);
	}
	touched->schema = reader.schema;
}

/* --- what tables hold ----------------------------------------------------- */

/* Ask for something about rows; the difference gets what is replied, if anything is. */
static void
ask_rows(MigrRowsRequest request, MigrRowsDifference *difference)
{
	StringInfo	message = new_message();

	migr_wire_put_int(message, request);
	migr_worker_send(current.worker, MIGR_BUILD_ROWS, message);
	while (migr_worker_receive(current.worker, message) != MIGR_REPLY_DONE)
	{
		if (request == MIGR_ROWS_TELL)
		{
			difference->lost = migr_wire_get_texts(message);
			continue;
		}
		difference->added = migr_wire_get_texts(message);
		difference->unread = migr_wire_get_texts(message);
		difference->sequences = migr_wire_get_texts(message);
		difference->added_count = migr_wire_get_int(message);
		difference->lost_count = migr_wire_get_int(message);
	}
}

void
migr_scratch_rows_begin(void)
{
	ask_rows(MIGR_ROWS_BEGIN, NULL);
}

void
migr_scratch_rows_note(void)
{
	ask_rows(MIGR_ROWS_NOTE, NULL);
}

void
migr_scratch_rows_compare(MigrRowsDifference *difference)
{
	ask_rows(MIGR_ROWS_COMPARE, difference);
}

void
migr_scratch_rows_tell(MigrRowsDifference *difference)
{
	ask_rows(MIGR_ROWS_TELL, difference);
}

void
migr_scratch_rows_end(void)
{
	ask_rows(MIGR_ROWS_END, NULL);
}

/* --- whole builds --------------------------------------------------------- */

/* Scripts to run, and what they build. */
typedef struct Build
{
	const List *scripts;
	MigrSchema *schema;
} Build;

static void
build(void *arg)
{
	Build	   *what = arg;
	ListCell   *lc;

	foreach(lc, what->scripts)
		migr_scratch_run_section(lfirst(lc), MIGR_SECTION_UPGRADE);
	what->schema = migr_scratch_look(0);
}

MigrSchema *
migr_scratch_build(const List *scripts)
{
	MigrScratchJob job = {.role = migr_vouch_role_for_build(scripts)};
	Build		what = {.scripts = scripts};

	migr_scratch_do(&job, build, &what);
	return what.schema;
}
