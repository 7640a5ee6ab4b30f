/*
 * scratch_statement.c
 *		One statement of a script in a scratch build.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "access/xact.h"
#include "commands/tablecmds.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/memutils.h"

#include "base/errors.h"
#include "base/scan.h"
#include "base/server_parser.h"
#include "base/worker.h"
#include "exec/exec.h"
#include "scratch/scratch_build.h"
#include "scratch/scratch_labels.h"
#include "scratch/scratch_public.h"
#include "store/fence.h"

/* Kinds and names (char *) by turns; in TopMemoryContext. */
static List *denied;

List *
migr_scratch_denied(void)
{
	return denied;
}

void
migr_scratch_denied_reset(void)
{
	list_free_deep(denied);
	denied = NIL;
}

/* Blank out the word CONCURRENTLY in a statement. */
static void
make_plain(char *sql, int len)
{
	MigrScan	scan;
	MigrToken	token;

	migr_scan_begin(&scan, sql, len);
	while (migr_scan_next(&scan, &token) != MIGR_TOKEN_END)
	{
		if (token.kind == MIGR_TOKEN_WORD && token.end - token.start == 12 &&
			pg_strncasecmp(sql + token.start, "concurrently", 12) == 0)
			memset(sql + token.start, ' ', 12);
	}
}

/* Is it something that only CONCURRENTLY keeps out of a transaction? */
static bool
has_plain_form(Node *node)
{
	return IsA(node, IndexStmt) || IsA(node, DropStmt) || IsA(node, AlterTableStmt);
}

/* A statement for which the server may want more rights than the role has. */
typedef struct Guarded
{
	const char *kind;			/* as in COMMENT ON */
	const char *name;
} Guarded;

static Guarded
guarded_create(Node *node)
{
	switch (nodeTag(node))
	{
		case T_CreateExtensionStmt:
			return (Guarded) {"EXTENSION", ((CreateExtensionStmt *) node)->extname};
		case T_CreatePublicationStmt:
			return (Guarded) {"PUBLICATION", ((CreatePublicationStmt *) node)->pubname};
		case T_CreateEventTrigStmt:
			return (Guarded) {"EVENT TRIGGER", ((CreateEventTrigStmt *) node)->trigname};
		case T_CreateForeignServerStmt:
			return (Guarded) {"SERVER", ((CreateForeignServerStmt *) node)->servername};
		case T_CreateFdwStmt:
			return (Guarded) {"FOREIGN DATA WRAPPER", ((CreateFdwStmt *) node)->fdwname};
		case T_CreatePLangStmt:
			return (Guarded) {"LANGUAGE", ((CreatePLangStmt *) node)->plname};
		case T_CreateAmStmt:
			return (Guarded) {"ACCESS METHOD", ((CreateAmStmt *) node)->amname};
		default:
			return (Guarded) {NULL, NULL};
	}
}

/* The kind's word, for the kinds of guarded_create(); NULL for others. */
static const char *
guarded_kind(ObjectType type)
{
	switch (type)
	{
		case OBJECT_EXTENSION:
			return "EXTENSION";
		case OBJECT_PUBLICATION:
			return "PUBLICATION";
		case OBJECT_EVENT_TRIGGER:
			return "EVENT TRIGGER";
		case OBJECT_FOREIGN_SERVER:
			return "SERVER";
		case OBJECT_FDW:
			return "FOREIGN DATA WRAPPER";
		case OBJECT_LANGUAGE:
			return "LANGUAGE";
		case OBJECT_ACCESS_METHOD:
			return "ACCESS METHOD";
		default:
			return NULL;
	}
}

static Guarded
guarded_object(ObjectType type, Node *object)
{
	const char *kind = guarded_kind(type);

	if (kind == NULL || object == NULL || !IsA(object, String))
		return (Guarded) {NULL, NULL};
	return (Guarded) {kind, strVal(object)};
}

/* What a statement is about that is not the one that creates. */
static Guarded
guarded_alter(Node *node)
{
	switch (nodeTag(node))
	{
		case T_AlterPublicationStmt:
			return (Guarded) {"PUBLICATION", ((AlterPublicationStmt *) node)->pubname};
		case T_AlterEventTrigStmt:
			return (Guarded) {"EVENT TRIGGER", ((AlterEventTrigStmt *) node)->trigname};
		case T_AlterForeignServerStmt:
			return (Guarded) {"SERVER", ((AlterForeignServerStmt *) node)->servername};
		case T_AlterFdwStmt:
			return (Guarded) {"FOREIGN DATA WRAPPER", ((AlterFdwStmt *) node)->fdwname};
		case T_AlterExtensionStmt:
			return (Guarded) {"EXTENSION", ((AlterExtensionStmt *) node)->extname};
		case T_AlterOwnerStmt:
			return guarded_object(((AlterOwnerStmt *) node)->objectType,
								  ((AlterOwnerStmt *) node)->object);
		case T_CommentStmt:
			return guarded_object(((CommentStmt *) node)->objtype, ((CommentStmt *) node)->object);
		case T_AlterObjectSchemaStmt:
			return guarded_object(((AlterObjectSchemaStmt *) node)->objectType,
								  ((AlterObjectSchemaStmt *) node)->object);
		case T_GrantStmt:
			return ((GrantStmt *) node)->targtype == ACL_TARGET_OBJECT &&
				list_length(((GrantStmt *) node)->objects) == 1
				? guarded_object(((GrantStmt *) node)->objtype,
								 linitial(((GrantStmt *) node)->objects))
				: (Guarded) {NULL, NULL};
		default:
			return (Guarded) {NULL, NULL};
	}
}

static bool
was_denied(Guarded guarded)
{
	for (int i = 0; guarded.kind && i < list_length(denied); i += 2)
	{
		if (strcmp(list_nth(denied, i), guarded.kind) == 0 &&
			strcmp(list_nth(denied, i + 1), guarded.name) == 0)
			return true;
	}
	return false;
}

static void
deny(Guarded guarded)
{
	MemoryContext caller = MemoryContextSwitchTo(TopMemoryContext);

	denied = lappend(lappend(denied, pstrdup(guarded.kind)), pstrdup(guarded.name));
	MemoryContextSwitchTo(caller);
	if (strcmp(guarded.kind, "EXTENSION") == 0)
		migr_scratch_extensions_lack(guarded.name);
}

/* A statement being run. */
typedef struct Running
{
	MigrScratchStatement what;
	bool		commits;		/* it may */
	MigrResultCheck check;		/* sees what a query returns; or NULL */
	void	   *arg;
} Running;

static void
add_place(void *arg)
{
	const Running *running = arg;

	errcontext("%s, line %d", running->what.place, running->what.statement->line);
}

/* Something is not there: is it because an extension could not be created? */
static void
add_hint(void *arg)
{
	char	   *missing = migr_scratch_extensions_missing();
	char	   *absent = migr_scratch_absent_extensions();
	int			code = geterrcode();

	if (code != ERRCODE_UNDEFINED_FUNCTION && code != ERRCODE_UNDEFINED_OBJECT &&
		code != ERRCODE_UNDEFINED_TABLE && code != ERRCODE_UNDEFINED_SCHEMA)
		return;
	if (absent)
		errhint("Extensions that are not available on this server were not created: %s. Install their files here, or build where they are.",
				absent);
	else if (missing)
		errhint("Extensions that this role may not create are not in its scratch database: %s. An administrator puts them there with migr_scratch_create().",
				missing);
}

static void
run(void *arg)
{
	const Running *running = arg;

	/* Nobody else is there to be isolated from. */
	if (running->what.statement->isolates)
		return;
	if (running->commits)
		migr_exec_alone(running->what.place, running->what.section, running->what.statement);
	else
		migr_exec_statement(running->what.place, running->what.section, running->what.statement,
							running->check, running->arg);
}

/* The error that was caught is that of a statement that ends the transaction. */
static void
raise_endless(MemoryContext context)
{
	ErrorData  *error;

	MemoryContextSwitchTo(context);
	error = CopyErrorData();
	FlushErrorState();
	migr_worker_reply(MIGR_BUILT_ENDLESS, NULL);
	error->sqlerrcode = ERRCODE_MIGR_UNSUPPORTED_IN_SCRATCH;
	error->message = pstrdup("what commits or rolls back cannot run in a scratch build");
	error->detail = pstrdup("A scratch build is one transaction, and this would end it.");
	error->hint = pstrdup("With migr.scratch_throwaway it is built in a database that is made for it and dropped.");
	ReThrowError(error);
}

/*
 * A statement that ends the transaction fails here, unless the build is one that
 * is committed.
 */
static void
run_contained(Running *running)
{
	MemoryContext context = CurrentMemoryContext;
	ErrorContextCallback callback;

	callback.callback = add_hint;
	callback.arg = NULL;
	callback.previous = error_context_stack;
	error_context_stack = &callback;
	PG_TRY();
	{
		run(running);
	}
	PG_CATCH();
	{
		if (geterrcode() == ERRCODE_INVALID_TRANSACTION_TERMINATION)
			raise_endless(context);
		PG_RE_THROW();
	}
	PG_END_TRY();
	error_context_stack = callback.previous;
}

/* The same words where the statement stands and where something calls it. */
static void
check_contained(const Running *running, Node *node)
{
	ErrorContextCallback context;

	context.callback = add_place;
	context.arg = unconstify(Running *, running);
	context.previous = error_context_stack;
	error_context_stack = &context;
	migr_scratch_rule_check(node);
	error_context_stack = context.previous;
}

/*
 * Create what may need more rights than the role has.  If it lacks them, the
 * session decides: what others have put into the live database is taken from
 * there.
 */
static void
run_guarded(Running *running, Guarded guarded)
{
	ErrorData  *error = migr_subxact_run(run, running, true);

	if (error == NULL)
		return;
	if (error->sqlerrcode == ERRCODE_INSUFFICIENT_PRIVILEGE ||
		(error->sqlerrcode == ERRCODE_UNDEFINED_OBJECT && denied != NIL))
		deny(guarded);
	else
		ReThrowError(error);
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
void
migr_scratch_adopt_strings(const char *sql)
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

/* Run one, unless builds pass it over. */
static bool
run_statement(Running *running, const MigrScript *script, bool commits)
{
	const MigrStatement *statement = running->what.statement;
	char	   *sql = running->what.section->sql + statement->start;
	int			len = statement->end - statement->start;
	Node	   *node = linitial_node(RawStmt,
									 migr_parse(pnstrdup(sql, len), running->what.place,
												statement->line))->stmt;
	Guarded		creates = guarded_create(node);

	/* There are no rows here that it could ask for. */
	if (statement->options.required)
		return false;
	running->commits = commits && (IsA(node, DoStmt) || IsA(node, CallStmt));
	if (script->revision == NULL && migr_fence_is_own(node))
		return false;			/* as in a dump */
	if (script->revision == NULL && migr_scratch_absent_handle(node, &running->what))
		return false;
	if (migr_scratch_rule_skips(node) || migr_scratch_public_skips(node) ||
		migr_scratch_extensions_handle(node) || was_denied(guarded_alter(node)))
		return false;
	check_contained(running, node);
	if (statement->outside && has_plain_form(node))
		make_plain(sql, len);
	if (creates.kind)
	{
		run_guarded(running, creates);
		migr_scratch_extensions_created(node);
	}
	else
		run_contained(running);
	migr_scratch_labels_commit();
	return true;
}

bool
migr_scratch_statement(const MigrScript *script, MigrSectionKind kind,
					   const MigrStatement *statement, bool commits)
{
	Running		running = {{migr_stmt_place(script, kind), &script->sections[kind], statement}};

	return run_statement(&running, script, commits);
}

void
migr_scratch_statement_asked(const MigrScript *script, MigrSectionKind kind,
							 const MigrStatement *statement, MigrResultCheck check, void *arg)
{
	Running		running = {{migr_stmt_place(script, kind), &script->sections[kind], statement},
						   .check = check, .arg = arg};

	(void) run_statement(&running, script, false);
}
