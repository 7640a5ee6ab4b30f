/*
 * scratch_worker.c
 *		The worker that builds: requests of a session, and what comes of them.
 *
 * A build is one transaction, rolled back whatever happens.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_database.h"
#include "commands/prepare.h"
#include "commands/sequence.h"
#include "commands/tablecmds.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "storage/lock.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "base/citus.h"
#include "base/db.h"
#include "base/errors.h"
#include "base/secure.h"
#include "base/subxact.h"
#include "base/wire.h"
#include "base/worker.h"
#include "exec/verify_section.h"
#include "scratch/scratch_build.h"
#include "scratch/scratch_labels.h"
#include "scratch/scratch_public.h"
#include "scratch/scratch_rows.h"
#include "store/mutex.h"
#include "store/usage_watch.h"

PGDLLEXPORT void migr_scratch_worker_main(Datum main_arg);

/* How often to try to get the database for ourselves, in microseconds. */
#define TRY_INTERVAL 20000L

/* How deep a build is in subtransactions of the session's; -1: no build. */
static int	depth = -1;

/* A script that has been loaded; all of them are gone with the build. */
typedef struct Loaded
{
	MigrScript *script;
	List	   *statements[MIGR_SECTION_KINDS];
	bool		split[MIGR_SECTION_KINDS];
	MemoryContext context;
} Loaded;

/* Has there been one that is not, in a database that stays? */
static bool cleans;

/* What each transaction of such a build begins with. */
static List *settings;

static List *scripts;			/* Loaded *, NULL if it is forgotten */
static MemoryContext build_context;

/* --- begin and end -------------------------------------------------------- */

/* What ALTER ROLE ... SET role says does not count here. */
static void
assume_role(void)
{
	if (!migr_worker_is_itself() || GetUserId() != migr_worker_role())
		SetUserIdAndSecContext(migr_worker_role(), SECURITY_LOCAL_USERID_CHANGE);
}

/*
 * In a block, as between BEGIN and COMMIT: what Citus makes there it makes in this session, else
 * in others, which see nothing of a build that is not committed.
 */
static void
begin_transaction(bool in_block)
{
	SetCurrentStatementStartTimestamp();
	StartTransactionCommand();
	if (in_block)
	{
		BeginTransactionBlock();
		CommitTransactionCommand();
		StartTransactionCommand();
	}
	assume_role();
	PushActiveSnapshot(GetTransactionSnapshot());
}

/* What no rollback takes back: the next build is not to find it. */
static void
forget_session(void)
{
	DropAllPreparedStatements();
	LockReleaseAll(USER_LOCKMETHOD, true);
	ResetSequenceCaches();
}

static void
end_build(void)
{
	if (depth >= 0)
		AbortOutOfAnyTransaction();
	forget_session();
	depth = -1;
	migr_scratch_set_committing(false);
	settings = NIL;
	scripts = NIL;
	migr_mutex_leave_run();
	migr_scratch_denied_reset();
	migr_scratch_absent_reset();
	migr_scratch_measure_forget();
	migr_scratch_made_forget();
	migr_scratch_rows_forget();
	if (build_context)
		MemoryContextDelete(build_context);
	build_context = NULL;
}

/* One build at a time. */
static void
take_database(int wait_ms)
{
	TimestampTz start = GetCurrentTimestamp();
	bool		told = false;
	LOCKTAG		tag;

	SET_LOCKTAG_OBJECT(tag, MyDatabaseId, DatabaseRelationId, MyDatabaseId, 0);
	while (LockAcquire(&tag, ExclusiveLock, false, true) == LOCKACQUIRE_NOT_AVAIL)
	{
		if (!told)
			ereport(NOTICE,
					(errmsg("waiting for another scratch build of this role to finish")));
		told = true;
		if (wait_ms > 0 &&
			TimestampDifferenceExceeds(start, GetCurrentTimestamp(), wait_ms))
			ereport(ERROR,
					(errcode(ERRCODE_LOCK_NOT_AVAILABLE),
					 errmsg("another scratch build of this role is running"),
					 errhint("Try again when it is done. migr.lock_timeout says how long to wait.")));
		CHECK_FOR_INTERRUPTS();
		pg_usleep(TRY_INTERVAL);
	}
}

/*
 * The session's settings, whatever this database and this role have of their
 * own.  What can't be set does not matter enough to fail for it.  A user sets
 * them, and no superuser: one of nobody yet may be a library's that is loaded
 * here, and for superusers alone.
 */
static void
adopt_settings(void)
{
	for (int i = 0; i < list_length(settings); i += 2)
	{
		const char *name = list_nth(settings, i);
		const char *value = list_nth(settings, i + 1);
		const char *is = GetConfigOption(name, true, false);

		if (is == NULL || strcmp(is, value) != 0)
			(void) set_config_option(name, value,
									 strcmp(name, "lc_messages") == 0 ? PGC_SUSET : PGC_USERSET,
									 PGC_S_SESSION, GUC_ACTION_SET, true, DEBUG2, false);
	}
	if (client_min_messages < WARNING)
		(void) set_config_option("client_min_messages", "warning", PGC_USERSET, PGC_S_SESSION,
								 GUC_ACTION_SET, true, DEBUG2, false);
	(void) set_config_option("lock_timeout", "0", PGC_USERSET, PGC_S_SESSION,
							 GUC_ACTION_SET, true, DEBUG2, false);
	migr_citus_sequential(true);
}

/* End a transaction of a build that is committed, and begin the next. */
static void
commit(void)
{
	MemoryContext caller = CurrentMemoryContext;

	PopActiveSnapshot();
	CommitTransactionCommand();
	begin_transaction(false);
	MemoryContextSwitchTo(caller);
	adopt_settings();
	migr_mutex_enter_run();
}

static void
begin_build(StringInfo content)
{
	bool		commits = migr_wire_get_int(content);
	char	   *contents = migr_wire_get_text(content);
	MemoryContext request = CurrentMemoryContext;
	int			wait_ms;
	Oid			owner;
	List	   *extensions;
	List	   *schemas;
	List	   *stand_ins;

	end_build();
	migr_scratch_set_committing(commits);
	cleans = !commits;
	build_context = AllocSetContextCreate(TopMemoryContext, "migr build", ALLOCSET_DEFAULT_SIZES);
	MemoryContextSwitchTo(build_context);
	settings = migr_wire_get_texts(content);
	MemoryContextSwitchTo(request);
	wait_ms = migr_wire_get_int(content);
	owner = migr_wire_get_oid(content);
	extensions = migr_scratch_get_extensions(content);
	schemas = migr_wire_get_texts(content);
	stand_ins = migr_wire_get_texts(content);

	begin_transaction(!commits);
	MemoryContextSwitchTo(request);
	depth = 0;
	take_database(wait_ms);
	migr_scratch_check_pristine(contents);
	migr_scratch_public_begin(owner, build_context);
	migr_scratch_locks_begin();
	adopt_settings();
	migr_scratch_extensions_begin(extensions);
	migr_scratch_extensions_hide(schemas, stand_ins);
	migr_scratch_unmanaged_begin(stand_ins != NIL);
	migr_scratch_said_forget();
	migr_mutex_enter_run();
	if (migr_scratch_is_committing())
		commit();
}

/* --- scripts -------------------------------------------------------------- */

static Loaded *
find_script(int number)
{
	Loaded	   *loaded = number >= 0 && number < list_length(scripts)
		? list_nth(scripts, number) : NULL;

	if (loaded == NULL)
		elog(ERROR, "the scratch build has no script %d", number);
	return loaded;
}

static List *
statements_of(Loaded *loaded, MigrSectionKind kind)
{
	if (!loaded->split[kind])
	{
		MemoryContext caller = MemoryContextSwitchTo(loaded->context);

		loaded->statements[kind] = migr_stmt_split(loaded->script, kind);
		loaded->split[kind] = true;
		MemoryContextSwitchTo(caller);
	}
	return loaded->statements[kind];
}

/* Plain SQL, such as pg_dump writes. */
static void
load_sql(Loaded *loaded, StringInfo content)
{
	char	   *name = migr_wire_get_text(content);
	char	   *sql = migr_wire_get_text(content);
	int			guc_level = NewGUCNestLevel();

	/* What there is to warn of is told when it runs. */
	(void) set_config_option("escape_string_warning", "off", PGC_USERSET,
							 PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
	migr_scratch_adopt_strings(sql);
	loaded->script = migr_script_of_sql(sql, name);
	(void) statements_of(loaded, MIGR_SECTION_UPGRADE);
	AtEOXact_GUC(false, guc_level);
}

static void
load(StringInfo content, bool is_revision)
{
	MemoryContext context = AllocSetContextCreate(build_context, "migr script",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext caller = MemoryContextSwitchTo(context);
	Loaded	   *loaded = palloc0(sizeof(Loaded));
	StringInfoData reply;

	loaded->context = context;
	if (is_revision)
		loaded->script = migr_script_parse_stored(migr_wire_get_text(content));
	else
		load_sql(loaded, content);
	MemoryContextSwitchTo(build_context);
	scripts = lappend(scripts, loaded);
	MemoryContextSwitchTo(caller);
	initStringInfo(&reply);
	migr_wire_put_int(&reply, list_length(scripts) - 1);
	migr_wire_put_int(&reply, list_length(loaded->statements[MIGR_SECTION_UPGRADE]));
	migr_worker_reply(MIGR_BUILT_SCRIPT, &reply);
}

static void
forget(StringInfo content)
{
	int			number = migr_wire_get_int(content);

	MemoryContextDelete(find_script(number)->context);
	list_nth_cell(scripts, number)->ptr_value = NULL;
}

/* How far a request to run statements has come, for who has to go on. */
static void
report_progress(int reached)
{
	StringInfoData reply;

	initStringInfo(&reply);
	migr_wire_put_int(&reply, reached);
	migr_worker_reply(MIGR_BUILT_PROGRESS, &reply);
}

/* What a commit behind it would do, where it would be a transaction of its own. */
static void
end_statement(const MigrScript *script, MigrSectionKind kind, bool *wrote)
{
	if (*wrote && script->revision)
		migr_exec_settle(migr_stmt_place(script, kind));
	*wrote = false;
	PreCommit_on_commit_actions();
}

/* Statements of a section, from first up to but not including last. */
typedef struct Stretch
{
	Loaded	   *loaded;
	int			number;			/* of the script */
	MigrSectionKind kind;
	int			done;			/* so many are not run again, but for SETs */
	int			last;
	int			reached;
} Stretch;

static void
run_stretch(Stretch *stretch)
{
	List	   *statements = statements_of(stretch->loaded, stretch->kind);
	const MigrScript *script = stretch->loaded->script;
	int			last = stretch->last < 0 ? list_length(statements)
		: Min(stretch->last, list_length(statements));
	bool		wrote = false;

	for (stretch->reached = 0; stretch->reached < last; stretch->reached++)
	{
		const MigrStatement *statement = list_nth(statements, stretch->reached);

		CHECK_FOR_INTERRUPTS();
		if (stretch->reached < stretch->done && !statement->sets)
			continue;
		migr_scratch_made_by(stretch->number, stretch->reached);
		migr_scratch_statement(script, stretch->kind, statement, migr_scratch_is_committing());
		wrote = wrote || statement->writes_rows;
		/* Each is a transaction of its own. */
		if (migr_scratch_is_committing() && (!script->transaction || migr_scratch_locks_many()))
			commit();
		else if (!script->transaction)
			end_statement(script, stretch->kind, &wrote);
	}
	migr_scratch_locks_check();
	if (migr_scratch_is_committing())
	{
		commit();
		return;
	}
	if (wrote && script->revision)
		migr_exec_settle(migr_stmt_place(script, stretch->kind));
	if (script->revision)
		PreCommit_on_commit_actions();
}

/* As when it is committed: what a section sets, and its temporary rows, go. */
static void
run(StringInfo content)
{
	/* Not on the stack: an error comes back by longjmp(). */
	Stretch    *stretch = palloc0(sizeof(Stretch));
	int			guc_level = migr_scratch_is_committing() ? 0 : NewGUCNestLevel();

	stretch->number = migr_wire_get_int(content);
	stretch->loaded = find_script(stretch->number);
	stretch->kind = migr_wire_get_int(content);
	stretch->done = migr_wire_get_int(content);
	stretch->last = migr_wire_get_int(content);
	PG_TRY();
	{
		run_stretch(stretch);
	}
	PG_CATCH();
	{
		report_progress(stretch->reached);
		PG_RE_THROW();
	}
	PG_END_TRY();
	migr_scratch_made_by(-1, -1);
	report_progress(stretch->reached);
	if (guc_level > 0)
		AtEOXact_GUC(false, guc_level);
}

/* The same, with a word about each statement. */
static void
measure(StringInfo content)
{
	Loaded	   *loaded = find_script(migr_wire_get_int(content));
	MigrSectionKind kind = migr_wire_get_int(content);
	int			guc_level = NewGUCNestLevel();

	migr_scratch_measure(loaded->script, kind, statements_of(loaded, kind));
	migr_scratch_locks_check();
	AtEOXact_GUC(false, guc_level);
}

/* Assertions, judged as those of a verify section are. */
static void
assert_section(StringInfo content)
{
	Loaded	   *loaded = find_script(migr_wire_get_int(content));
	MigrSectionKind kind = migr_wire_get_int(content);
	ErrorData  *error = migr_assert_try(loaded->script, kind, statements_of(loaded, kind),
										migr_scratch_statement_asked);

	if (error)
		ReThrowError(error);
}

static void
look(StringInfo content)
{
	int			wanted = migr_wire_get_int(content);
	MigrScope scope = {0};
	MigrSchema *schema;
	StringInfoData state;

	scope.tables_only = (wanted & MIGR_LOOK_TABLES) != 0;
	scope.everything = (wanted & MIGR_LOOK_EVERYTHING) != 0;
	migr_scratch_extensions_scope(&scope);
	schema = migr_snap_model(&scope);
	initStringInfo(&state);
	migr_wire_put_int(&state, migr_scratch_public_is_untouched());
	migr_wire_put_int(&state, migr_scratch_said());
	migr_wire_put_texts(&state, migr_scratch_denied());
	migr_wire_put_texts(&state, migr_scratch_absent_told());
	migr_wire_put_texts(&state, (wanted & MIGR_LOOK_UNMANAGED) == 0 ? NIL
						: migr_scratch_unmanaged(schema));
	migr_worker_reply(MIGR_BUILT_STATE, &state);
	if (wanted & MIGR_LOOK_MADE)
		migr_scratch_made_reply();
	migr_object_wire_write(schema, migr_scratch_reply_piece, NULL);
}

/* --- extensions that stay ------------------------------------------------- */

static void
prepare(StringInfo content)
{
	Oid			role = migr_wire_get_oid(content);
	List	   *extensions = migr_scratch_get_extensions(content);
	StringInfoData reply;

	/* It outlives the transaction. */
	initStringInfo(&reply);
	begin_transaction(false);
	migr_scratch_extensions_prepare(extensions, role);
	migr_wire_put_text(&reply, migr_scratch_contents());
	PopActiveSnapshot();
	CommitTransactionCommand();
	migr_worker_reply(MIGR_BUILT_CONTENTS, &reply);
}

/* --- requests ------------------------------------------------------------- */

static void
check_can_undo(void)
{
	if (migr_scratch_is_committing())
		ereport(ERROR,
				(errcode(ERRCODE_MIGR_UNSUPPORTED_IN_SCRATCH),
				 errmsg("scripts that commit can't be tried out and taken back")));
}

static void
serve(char kind, StringInfo content)
{
	switch (kind)
	{
		case MIGR_BUILD_BEGIN:
			begin_build(content);
			break;
		case MIGR_BUILD_LOAD_REVISION:
			load(content, true);
			break;
		case MIGR_BUILD_LOAD_SQL:
			load(content, false);
			break;
		case MIGR_BUILD_FORGET:
			forget(content);
			break;
		case MIGR_BUILD_RUN:
			run(content);
			break;
		case MIGR_BUILD_MEASURE:
			check_can_undo();
			measure(content);
			break;
		case MIGR_BUILD_ASSERT:
			assert_section(content);
			break;
		case MIGR_BUILD_ROWS:
			migr_scratch_rows_serve(content);
			break;
		case MIGR_BUILD_HOLD_LABELS:
			migr_scratch_labels_hold();
			break;
		case MIGR_BUILD_RELEASE_LABELS:
			migr_scratch_labels_commit_all();
			migr_scratch_labels_forget();
			break;
		case MIGR_BUILD_SETTLE:
			migr_exec_settle(migr_wire_get_text(content));
			break;
		case MIGR_BUILD_SUBXACT:
			check_can_undo();
			migr_subxact_begin();
			depth++;
			break;
		case MIGR_BUILD_KEEP:
			ReleaseCurrentSubTransaction();
			depth--;
			break;
		case MIGR_BUILD_UNDO:
			RollbackAndReleaseCurrentSubTransaction();
			depth--;
			break;
		case MIGR_BUILD_LOOK:
			look(content);
			break;
		case MIGR_BUILD_LOOK_TOUCHED:
			migr_scratch_reply_touched(content);
			break;
		case MIGR_BUILD_PREPARE:
			prepare(content);
			break;
		case MIGR_BUILD_END:
			end_build();
			break;
		default:
			elog(ERROR, "unknown request \"%c\" to a scratch build", kind);
	}
}

/*
 * An error ends the innermost subtransaction of the session's, or the build.
 */
static void
recover(void)
{
	if (depth > 0)
	{
		RollbackAndReleaseCurrentSubTransaction();
		depth--;
		return;
	}
	if (depth < 0 && IsTransactionState())
		AbortOutOfAnyTransaction();
	end_build();
}

/*
 * Entry of the worker.
 */
void
migr_scratch_worker_main(Datum main_arg)
{
	migr_secure_without_tables();
	migr_worker_connect(main_arg);
	migr_scratch_rule_install();
	migr_scratch_made_install();
	migr_usage_watch_stop();
	SetConfigOption("migr.in_scratch", "on", PGC_INTERNAL, PGC_S_OVERRIDE);
	migr_worker_serve(serve, recover);
	end_build();
	if (cleans)
		migr_scratch_vacuum();
}
