/*
 * statement.c
 *		A section to statements, split by the server's own parser.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/pg_extension.h"
#include "commands/comment.h"
#include "commands/extension.h"
#include "mb/pg_wchar.h"
#include "nodes/nodeFuncs.h"
#include "parser/parser.h"
#include "tcop/utility.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/memutils.h"

#include "base/compat.h"
#include "base/errors.h"
#include "base/raw_tree.h"
#include "base/scan.h"
#include "base/server_parser.h"
#include "exec/owner.h"
#include "exec/statement.h"

char *
migr_stmt_place(const MigrScript *script, MigrSectionKind kind)
{
	if (script->revision == NULL)
		return pstrdup(script->name);
	return psprintf("%s \"%s\", %s section", migr_script_noun(script), script->revision,
					migr_section_names[kind]);
}

/* How many bytes of a statement a message shows. */
#define STATEMENT_SHOWN 300

char *
migr_stmt_show(const MigrSection *section, const MigrStatement *statement)
{
	const char *sql = section->sql + statement->start;
	int			len = statement->end - statement->start;
	int			shown = pg_mbcliplen(sql, len, STATEMENT_SHOWN);
	char	   *text = palloc(shown + sizeof("..."));
	int			used = 0;

	for (int i = 0; i < shown; i++)
	{
		if (!migr_scan_isspace(sql[i]))
			text[used++] = sql[i];
		else if (used > 0 && text[used - 1] != ' ')
			text[used++] = ' ';
	}
	strlcpy(text + used, shown < len ? "..." : "", sizeof("..."));
	return text;
}

/* Raise an error of the script's author at a line of it. */
static void
raise_at(const MigrScript *script, int line, int sqlstate, const char *message,
		 const char *hint)
{
	ereport(ERROR,
			(errcode(sqlstate),
			 script->revision
			 ? errmsg("malformed %s \"%s\" at line %d: %s",
					  script->repeatable ? migr_script_noun(script) : "script of revision",
					  script->revision, line, message)
			 : errmsg("malformed %s at line %d: %s", script->name, line, message),
			 errhint("%s", hint)));
}

static const char *const plan_functions[] = {"plan", "no_plan", NULL};
static const char *const setting_functions[] = {"set_config", NULL};

/* Walk a raw tree: is one of the functions called?  names ends with NULL; no names: any. */
static bool
calls(Node *node, void *names)
{
	if (node == NULL)
		return false;
	if (IsA(node, FuncCall))
	{
		const char *called = strVal(llast(((FuncCall *) node)->funcname));

		/* Whatever else is called may do anything, but not count(*). */
		if (names == NULL && !((FuncCall *) node)->agg_star)
			return true;
		for (const char *const *name = names; name && *name; name++)
		{
			if (strcmp(called, *name) == 0)
				return true;
		}
	}
	return raw_expression_tree_walker(node, calls, names);
}

/* Does it do nothing but change settings: SET, or SELECT set_config(…)? */
static bool
merely_sets(Node *node)
{
	SelectStmt *select = (SelectStmt *) node;
	ListCell   *lc;

	if (IsA(node, VariableSetStmt))
		return true;
	if (!IsA(node, SelectStmt) || select->targetList == NIL || select->fromClause)
		return false;
	foreach(lc, select->targetList)
	{
		FuncCall   *call = (FuncCall *) lfirst_node(ResTarget, lc)->val;

		if (!IsA(call, FuncCall) || strcmp(strVal(llast(call->funcname)), "set_config") != 0)
			return false;
	}
	return true;
}

static bool
select_calls(Node *node, const char *const *names)
{
	return IsA(node, SelectStmt) && calls(node, (void *) names);
}

/* Has a list of DefElem an option that is not switched off? */
static bool
option_on(List *options, const char *name, bool otherwise)
{
	ListCell   *lc;

	foreach(lc, options)
	{
		DefElem    *option = lfirst_node(DefElem, lc);

		if (strcmp(option->defname, name) == 0)
			return option->arg == NULL || defGetBoolean(option);
	}
	return otherwise;
}

static bool
has_option(List *options, const char *name)
{
	ListCell   *lc;

	foreach(lc, options)
	{
		if (strcmp(lfirst_node(DefElem, lc)->defname, name) == 0)
			return true;
	}
	return false;
}

static const char *
outside_alter_table(AlterTableStmt *alter)
{
	ListCell   *lc;

	foreach(lc, alter->cmds)
	{
		if (migr_compat_detach_concurrently(lfirst_node(AlterTableCmd, lc)))
			return "ALTER TABLE ... DETACH PARTITION ... CONCURRENTLY";
	}
	return NULL;
}

static const char *
outside_reindex(ReindexStmt *reindex)
{
	if (migr_compat_reindex_concurrently(reindex))
		return "REINDEX CONCURRENTLY";
	return reindex->kind == REINDEX_OBJECT_INDEX ||
		reindex->kind == REINDEX_OBJECT_TABLE ? NULL
		: "REINDEX of a schema or database";
}

/* The command, if the parse tree alone tells that it refuses a transaction. */
static const char *
outside_transaction(Node *node)
{
	switch (nodeTag(node))
	{
		case T_IndexStmt:
			return ((IndexStmt *) node)->concurrent
				? "CREATE INDEX CONCURRENTLY" : NULL;
		case T_DropStmt:
			return ((DropStmt *) node)->concurrent
				? "DROP INDEX CONCURRENTLY" : NULL;
		case T_ReindexStmt:
			return outside_reindex((ReindexStmt *) node);
		case T_AlterTableStmt:
			return outside_alter_table((AlterTableStmt *) node);
		case T_VacuumStmt:
			return ((VacuumStmt *) node)->is_vacuumcmd ? "VACUUM" : NULL;
		case T_AlterDatabaseStmt:
			return has_option(((AlterDatabaseStmt *) node)->options, "tablespace")
				? "ALTER DATABASE ... SET TABLESPACE" : NULL;
		case T_CreatedbStmt:
			return "CREATE DATABASE";
		case T_DropdbStmt:
			return "DROP DATABASE";
		case T_CreateTableSpaceStmt:
			return "CREATE TABLESPACE";
		case T_DropTableSpaceStmt:
			return "DROP TABLESPACE";
		case T_AlterSystemStmt:
			return "ALTER SYSTEM";
		case T_DiscardStmt:
			return ((DiscardStmt *) node)->target == DISCARD_ALL
				? "DISCARD ALL" : NULL;
		case T_CreateSubscriptionStmt:
			return option_on(((CreateSubscriptionStmt *) node)->options, "connect", true) &&
				option_on(((CreateSubscriptionStmt *) node)->options, "create_slot", true)
				? "CREATE SUBSCRIPTION with a slot" : NULL;
		default:
			return migr_compat_clusters_all(node) ? "CLUSTER of all tables" : NULL;
	}
}

/* Does it take no lock for which readers or writers wait, and wait for these itself? */
static bool
is_patient(Node *node)
{
	switch (nodeTag(node))
	{
		case T_IndexStmt:
		case T_DropStmt:
		case T_AlterTableStmt:
			return outside_transaction(node) != NULL;
		case T_ReindexStmt:
			return migr_compat_reindex_concurrently((ReindexStmt *) node);
		case T_VacuumStmt:
			return !option_on(((VacuumStmt *) node)->options, "full", false);
		default:
			return false;
	}
}

static bool
drops_migr(Node *node)
{
	DropStmt   *drop = (DropStmt *) node;
	ListCell   *lc;

	if (!IsA(node, DropStmt) || drop->removeType != OBJECT_EXTENSION)
		return false;
	foreach(lc, drop->objects)
	{
		if (strcmp(strVal(lfirst(lc)), "migr") == 0)
			return true;
	}
	return false;
}

/* Does it set standard_conforming_strings to what is not in force? */
static bool
changes_lexer(Node *node)
{
	VariableSetStmt *set = (VariableSetStmt *) node;
	bool		value;
	A_Const    *constant;

	if (!IsA(node, VariableSetStmt) || set->kind != VAR_SET_VALUE ||
		strcmp(set->name, "standard_conforming_strings") != 0 ||
		list_length(set->args) != 1 || !IsA(linitial(set->args), A_Const))
		return false;
	constant = linitial_node(A_Const, set->args);
	return !IsA(&constant->val, String) ||
		!parse_bool(strVal(&constant->val), &value) ||
		value != standard_conforming_strings;
}

/*
 * The setting of a dump that this server does not know, or NULL.  A dump of a newer
 * server turns off what might get in its way, before anything else; where there
 * is no such thing, nothing is to be turned off.
 */
static const char *
unknown_setting(Node *node)
{
	const VariableSetStmt *set = (VariableSetStmt *) node;

	/* A name with a dot is anybody's. */
	if (!IsA(node, VariableSetStmt) ||
		(set->kind != VAR_SET_VALUE && set->kind != VAR_SET_DEFAULT) ||
		strchr(set->name, '.') || GetConfigOption(set->name, true, false))
		return NULL;
	return set->name;
}

/* Does it set the isolation level of the transaction? */
static bool
sets_isolation(Node *node)
{
	const VariableSetStmt *set = (VariableSetStmt *) node;
	ListCell   *lc;

	if (!IsA(node, VariableSetStmt))
		return false;
	if (set->kind != VAR_SET_MULTI || strcmp(set->name, "TRANSACTION") != 0)
		return set->kind == VAR_SET_VALUE && strcmp(set->name, "transaction_isolation") == 0;
	foreach(lc, set->args)
	{
		if (strcmp(lfirst_node(DefElem, lc)->defname, "transaction_isolation") == 0)
			return true;
	}
	return false;
}

/* Does it say of extension migr what is said of it already, as a dump does? */
static bool
comments_migr(Node *node)
{
	const CommentStmt *comment = (CommentStmt *) node;
	Oid			migr;
	char	   *is;

	if (!IsA(node, CommentStmt) || comment->objtype != OBJECT_EXTENSION ||
		comment->comment == NULL || strcmp(strVal(comment->object), "migr") != 0)
		return false;
	migr = get_extension_oid("migr", true);
	is = OidIsValid(migr) ? GetComment(migr, ExtensionRelationId, 0) : NULL;
	return is && strcmp(is, comment->comment) == 0;
}

/* Raise if this can be in no revision. */
static void
check_statement(const MigrScript *script, Node *node, int line)
{
	if (IsA(node, TransactionStmt))
		raise_at(script, line, ERRCODE_MIGR_MALFORMED_SCRIPT,
				 "a script can't control the transaction",
				 "Remove it: a script always runs as a whole, in a transaction that migr controls.");
	if (IsA(node, CopyStmt) && !((CopyStmt *) node)->is_from &&
		((CopyStmt *) node)->filename == NULL)
		raise_at(script, line, ERRCODE_MIGR_MALFORMED_SCRIPT,
				 "COPY TO stdout has nobody to read it",
				 "Remove it.");
	if (migr_parse_is_copy_in(node) && ((CopyStmt *) node)->whereClause &&
		!MIGR_COPY_WHERE)
		raise_at(script, line, ERRCODE_FEATURE_NOT_SUPPORTED,
				 "COPY FROM stdin WHERE needs PostgreSQL 14 or later",
				 "Copy into a temporary table, and insert from that.");
	if (changes_lexer(node))
		raise_at(script, line, ERRCODE_MIGR_MALFORMED_SCRIPT,
				 "a script can't change standard_conforming_strings",
				 "It decides how the script itself is read: set it before you call migr, or write E'' strings.");
	if (drops_migr(node))
		raise_at(script, line, ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE,
				 "a script can't drop the extension that runs it",
				 "Run DROP EXTENSION by hand.");
}

/* The data that stands behind the statement which ends at byte end. */
static const MigrCopyData *
find_copy_data(const MigrSection *section, int end)
{
	ListCell   *lc;

	foreach(lc, section->copies)
	{
		MigrCopyData *copy = lfirst(lc);

		if (copy->semicolon >= end)
			return copy;
	}
	return NULL;
}

/* Is what follows a token still the same constant: its next part, or U&'…'? */
static bool
goes_on(const MigrScan *scan, const MigrToken *token)
{
	return token->kind == MIGR_TOKEN_QUOTED ||
		(token->kind == MIGR_TOKEN_OTHER && scan->text[token->start] == '&') ||
		migr_scan_is_name(scan, token, "uescape");
}

/* Find the value of COPY's option ENCODING. */
static void
find_copy_encoding(const MigrSection *section, const CopyStmt *copy,
				   MigrStatement *statement)
{
	ListCell   *lc;

	foreach(lc, copy->options)
	{
		const DefElem *option = lfirst_node(DefElem, lc);
		MigrToken	token;
		MigrScan	scan;

		if (strcmp(option->defname, "encoding") != 0 || option->location < 0)
			continue;
		migr_scan_begin(&scan, section->sql + option->location,
						statement->end - option->location);
		(void) migr_scan_next(&scan, &token);
		(void) migr_scan_next(&scan, &token);
		statement->encoding_start = option->location + token.start;
		do
		{
			statement->encoding_end = option->location + token.end;
			(void) migr_scan_next(&scan, &token);
		} while (goes_on(&scan, &token));
	}
}

/* May running it queue triggers for the end of the transaction? */
static bool
writes_rows(Node *node)
{
	return IsA(node, CopyStmt) || IsA(node, CreateTableAsStmt) ||
		IsA(node, SelectStmt) || IsA(node, DoStmt) || IsA(node, CallStmt) ||
		IsA(node, ExecuteStmt) || GetCommandLogLevel(node) != LOGSTMT_DDL;
}

/* The label that the statement adds to an enum, or NULL. */
static const char *
added_label(Node *node)
{
	AlterEnumStmt *alter = (AlterEnumStmt *) node;

	return IsA(node, AlterEnumStmt) && alter->oldVal == NULL ? pstrdup(alter->newVal)
		: NULL;
}

/* Is it there for what it does to rows? */
static bool
moves_rows(Node *node)
{
	if (IsA(node, DoStmt) || IsA(node, CallStmt) || IsA(node, ExecuteStmt))
		return true;
	if (IsA(node, SelectStmt))
		return !merely_sets(node) &&
			(((SelectStmt *) node)->intoClause || select_calls(node, NULL) ||
			 migr_raw_changes_rows(node));
	return migr_compat_fills_table(node) || GetCommandLogLevel(node) == LOGSTMT_MOD;
}

static MigrStatement *
describe(const MigrScript *script, MigrSectionKind kind, RawStmt *raw, int line)
{
	const MigrSection *section = &script->sections[kind];
	MigrStatement *statement = palloc0(sizeof(MigrStatement));

	statement->start = migr_parse_start(section->sql, raw);
	statement->end = migr_parse_end(section->sql, raw);
	if (statement->end <= statement->start)
		elog(ERROR, "the parser found a statement where there is none");
	statement->line = line;
	check_statement(script, raw->stmt, line);
	statement->tag = GetCommandTagName(CreateCommandTag(raw->stmt));
	statement->outside = outside_transaction(raw->stmt);
	statement->isolates = sets_isolation(raw->stmt);
	statement->commits = IsA(raw->stmt, DoStmt) || IsA(raw->stmt, CallStmt);
	statement->patient = is_patient(raw->stmt);
	statement->writes_rows = writes_rows(raw->stmt);
	statement->log_level = GetCommandLogLevel(raw->stmt);
	statement->moves_rows = moves_rows(raw->stmt);
	statement->plans_tests = select_calls(raw->stmt, plan_functions);
	statement->changes_settings = IsA(raw->stmt, VariableSetStmt) ||
		IsA(raw->stmt, DoStmt) || IsA(raw->stmt, CallStmt) ||
		select_calls(raw->stmt, setting_functions);
	statement->sets = merely_sets(raw->stmt);
	statement->sets_alone = migr_raw_sets_alone(raw->stmt);
	statement->is_query = migr_raw_is_query(raw->stmt);
	statement->ends_early = migr_raw_ends_early(raw->stmt);
	statement->comments_migr = comments_migr(raw->stmt);
	statement->needs_owner = migr_owner_matters(raw->stmt);
	statement->adds_label = added_label(raw->stmt);
	if (migr_parse_is_copy_in(raw->stmt))
	{
		find_copy_encoding(section, (CopyStmt *) raw->stmt, statement);
		statement->copy = find_copy_data(section, statement->end);
		if (statement->copy == NULL)
			raise_at(script, line, ERRCODE_MIGR_MALFORMED_SCRIPT,
					 "COPY FROM stdin without data",
					 "The data stands in the lines behind the statement and ends with a line \"\\.\".");
	}
	return statement;
}

/* The options of the statement, if they are the next ones; *next goes on then. */
static void
find_options(const MigrSection *section, MigrStatement *statement, int *next)
{
	const MigrStatementOptions *options;

	if (*next >= list_length(section->options))
		return;
	options = list_nth(section->options, *next);
	if (options->start != statement->start)
		return;
	statement->options = *options;
	(*next)++;
	/* Of a query that is asked beforehand, nothing stays. */
	statement->moves_rows = statement->moves_rows && !options->required;
}

/* Where statements are being told apart. */
typedef struct Splitting
{
	const MigrScript *script;
	MigrSectionKind kind;
	int			line;
} Splitting;

/* What is wrong with a script says so itself; a tree can be too deep to walk. */
static void
add_place(void *arg)
{
	const Splitting *splitting = arg;

	if (geterrcode() == ERRCODE_STATEMENT_TOO_COMPLEX)
		errcontext("%s, line %d", migr_stmt_place(splitting->script, splitting->kind),
				   splitting->line);
}

List *
migr_stmt_split(const MigrScript *script, MigrSectionKind kind)
{
	Splitting	splitting = {.script = script, .kind = kind};
	ErrorContextCallback context;
	const MigrSection *section = &script->sections[kind];
	MemoryContext caller = CurrentMemoryContext;
	MemoryContext trees;
	List	   *statements = NIL;
	List	   *parsed;
	ListCell   *lc;
	int			line = section->line;
	int			counted = 0;	/* bytes in which newlines are counted */
	int			options = 0;	/* that have found their statement */
	bool		at_head = true; /* only settings so far */

	if (!section->present)
		return NIL;

	/* The trees of ten thousand revisions would fill the memory. */
	trees = AllocSetContextCreate(caller, "migr parse trees",
								  ALLOCSET_DEFAULT_SIZES);
	MemoryContextSwitchTo(trees);
	parsed = migr_parse(section->sql, migr_stmt_place(script, kind),
						section->line);
	MemoryContextSwitchTo(caller);

	context.callback = add_place;
	context.arg = &splitting;
	context.previous = error_context_stack;
	error_context_stack = &context;
	foreach(lc, parsed)
	{
		RawStmt    *raw = lfirst_node(RawStmt, lc);
		int			start = migr_parse_start(section->sql, raw);
		MigrStatement *statement;
		const char *setting;

		for (; counted < start; counted++)
		{
			if (section->sql[counted] == '\n')
				line++;
		}
		splitting.line = line;
		statement = describe(script, kind, raw, line);
		find_options(section, statement, &options);
		at_head = at_head && statement->sets;
		statement->at_head = at_head;
		/* What describes a schema may have been put together from dumps. */
		setting = at_head || script->revision == NULL ? unknown_setting(raw->stmt) : NULL;
		statement->unknown_setting = setting ? pstrdup(setting) : NULL;
		statements = lappend(statements, statement);
	}
	error_context_stack = context.previous;
	MemoryContextDelete(trees);
	if (options < list_length(section->options))
		raise_at(script, ((MigrStatementOptions *) list_nth(section->options, options))->line,
				 ERRCODE_MIGR_MALFORMED_SCRIPT, "directive within a statement",
				 "It stands in front of a statement.");
	return statements;
}

void
migr_stmt_check_inside(const MigrScript *script, const List *statements)
{
	ListCell   *lc;

	foreach(lc, statements)
	{
		const MigrStatement *statement = lfirst(lc);

		if (statement->outside)
			ereport(ERROR,
					(errcode(ERRCODE_ACTIVE_SQL_TRANSACTION),
					 errmsg("revision \"%s\" cannot run inside a transaction block",
							script->revision),
					 errdetail("%s in line %d can't.", statement->outside,
							   statement->line),
					 errhint("Move it into a revision of its own that says \"-- migr:transaction off\".")));
	}
}
