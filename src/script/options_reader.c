/*
 * options_reader.c
 *		Directives that stand in front of a statement, read and checked.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "nodes/parsenodes.h"
#include "utils/guc.h"
#include "utils/memutils.h"

#include "base/compat.h"
#include "base/ident.h"
#include "base/near.h"
#include "base/raw_tree.h"
#include "base/server_parser.h"
#include "script/options_reader.h"
#include "script/statement_options.h"

/* Digits of a number that surely fits. */
#define NUMBER_DIGITS 18

static const char *const *known_rules;

void
migr_statement_options_rules(const char *const *rules)
{
	known_rules = rules;
}

char *
migr_statement_options_range(const MigrStatementOptions *options)
{
	if (options->expected_min == options->expected_max)
		return psprintf(INT64_FORMAT, options->expected_min);
	return psprintf(INT64_FORMAT ".." INT64_FORMAT, options->expected_min,
					options->expected_max);
}

/* --- values ---------------------------------------------------------------- */

void
migr_options_read_require(MigrParser *parser, const MigrToken *token, char *value)
{
	if (*value != '\0')
		malformed_hint(parser, token->line,
					   "The query stands in the lines behind it, and ends with a semicolon.",
					   "directive \"require\" takes no value");
	parser->options->required = true;
}

/* Read a number at the beginning of a text; returns what is behind it, or NULL. */
static const char *
read_number(const char *text, int64 *number)
{
	int			digits = strspn(text, "0123456789");

	if (digits == 0 || digits > NUMBER_DIGITS)
		return NULL;
	*number = strtoll(text, NULL, 10);
	return text + digits;
}

void
migr_options_read_expect(MigrParser *parser, const MigrToken *token, char *value)
{
	MigrStatementOptions *options = parser->options;
	const char *rest = read_number(value, &options->expected_min);

	options->expected = true;
	options->expected_max = options->expected_min;
	if (rest && strncmp(rest, "..", 2) == 0)
		rest = read_number(rest + 2, &options->expected_max);
	if (rest == NULL || *rest != '\0' || options->expected_min > options->expected_max)
		malformed_hint(parser, token->line,
					   "Write how many rows the statement is to change: \"-- migr:expect 1\" or \"-- migr:expect 1..100\".",
					   "\"%s\" is no number of rows", value);
}

/* A time with its unit: a number alone is a number of rows. */
static bool
read_pause(const char *text, int *pause)
{
	const char *unit = text + strspn(text, "0123456789.");

	return unit > text && *unit != '\0' &&
		parse_int(text, pause, GUC_UNIT_MS, NULL) && *pause >= 0;
}

static bool
read_size(const char *text, int *size)
{
	int64		number;
	const char *rest = read_number(text, &number);

	if (rest == NULL || *rest != '\0' || number < 1 || number > PG_INT32_MAX)
		return false;
	*size = number;
	return true;
}

void
migr_options_read_batch(MigrParser *parser, const MigrToken *token, char *value)
{
	MigrStatementOptions *options = parser->options;
	List	   *words = strchr(value, ',') ? list_make1(value) : migr_ident_split(value);
	int			at = 0;

	options->batched = true;
	if (at < list_length(words) && read_size(list_nth(words, at), &options->batch_size))
		at++;
	if (at < list_length(words) && read_pause(list_nth(words, at), &options->batch_pause))
		at++;
	if (at < list_length(words))
		malformed_hint(parser, token->line,
					   "Write how many rows at a time, and how long to pause between, or leave out either: \"-- migr:batch 1000 100ms\".",
					   "\"%s\" is no size and no pause of a batch", (char *) list_nth(words, at));
}

/* Raise that there is no such rule.  There are too many to name them all. */
static void
raise_unknown_rule(MigrParser *parser, const MigrToken *token, const char *name)
{
	MigrNear	near;

	migr_near_begin(&near, name);
	for (const char *const *rule = known_rules; *rule; rule++)
		migr_near_add(&near, *rule);
	malformed_hint(parser, token->line,
				   psprintf("%sRules are called as the hazards that migr_plan() tells.", migr_near_question(&near)),
				   "there is no rule \"%s\" to allow", name);
}

void
migr_options_read_allow(MigrParser *parser, const MigrToken *token, char *value)
{
	ListCell   *lc;

	foreach(lc, migr_ident_split(value))
	{
		const char *name = lfirst(lc);
		bool		known = false;

		for (const char *const *rule = known_rules; *rule; rule++)
			known = known || strcmp(*rule, name) == 0;
		if (!known)
			raise_unknown_rule(parser, token, name);
		parser->options->allowed = lappend(parser->options->allowed, unconstify(char *, name));
	}
}

/* --- statements ------------------------------------------------------------ */

/* What is wrong, and what is right; NULL: nothing is. */
typedef struct Fault
{
	const char *what;
	const char *hint;
} Fault;

static bool
changes_by_itself(Node *node)
{
	return IsA(node, UpdateStmt) || IsA(node, DeleteStmt) || IsA(node, InsertStmt);
}

static Fault
insert_fault(const InsertStmt *insert)
{
	SelectStmt *query = (SelectStmt *) insert->selectStmt;

	if (query == NULL || query->valuesLists)
		return (Fault) {"directive \"batch\" before an INSERT of rows that it names",
						"It stands before UPDATE, DELETE, or INSERT ... SELECT."};
	if (insert->onConflictClause && insert->onConflictClause->action == ONCONFLICT_UPDATE)
		return (Fault) {"a batch of INSERT ... ON CONFLICT DO UPDATE would never end",
						"It is repeated until it changes no row: insert what is not there, and update the others by a statement of its own."};
	/* What WITH takes away is not there the next time. */
	if (!migr_raw_has_condition((Node *) query) &&
		!migr_raw_has_condition((Node *) insert->withClause) &&
		!migr_raw_changes_rows((Node *) insert->withClause))
		return (Fault) {"a batch of INSERT ... SELECT without WHERE would never end",
						"It is repeated until it inserts no row: say which rows are not there yet, by WHERE NOT EXISTS."};
	return (Fault) {NULL, NULL};
}

static WithClause *
with_of(Node *node)
{
	return IsA(node, UpdateStmt) ? ((UpdateStmt *) node)->withClause
		: IsA(node, DeleteStmt) ? ((DeleteStmt *) node)->withClause
		: ((InsertStmt *) node)->withClause;
}

static Fault
batch_fault(Node *node, MigrStatementOptions *options)
{
	Node	   *where = IsA(node, UpdateStmt) ? ((UpdateStmt *) node)->whereClause
		: IsA(node, DeleteStmt) ? ((DeleteStmt *) node)->whereClause : NULL;
	Fault		fault = {NULL, NULL};

	if (!changes_by_itself(node))
		return (Fault) {"directive \"batch\" before another statement",
						"It stands before UPDATE, DELETE, or INSERT ... SELECT."};
	if (options->expected)
		return (Fault) {"directives \"batch\" and \"expect\" before the same statement",
						"What a batch has committed can't be taken back when the number of rows is known. Leave out either."};
	if (where && IsA(where, CurrentOfExpr))
		return (Fault) {"directive \"batch\" before a statement for the row of a cursor",
						"Say by a condition which rows it is about."};
	if (IsA(node, UpdateStmt) && where == NULL)
		return (Fault) {"a batch of UPDATE without WHERE would never end",
						"It is repeated until it changes no row: say by WHERE which rows are not as they are to be."};
	if (IsA(node, InsertStmt))
		fault = insert_fault((InsertStmt *) node);
	options->batch_limited = migr_raw_limits_rows(node);
	if (fault.what == NULL && !options->batch_limited &&
		migr_raw_changes_rows((Node *) with_of(node)))
		return (Fault) {"a batch of a statement whose WITH changes rows needs a LIMIT",
						"Write into the WITH query how many rows it takes at a time."};
	return fault;
}

static Fault
find_fault(Node *node, MigrStatementOptions *options)
{
	if (options->required && !migr_raw_only_reads(node))
		return (Fault) {"directive \"require\" before what is no query",
						"It stands before a SELECT that returns true, and changes and locks nothing."};
	if (options->expected && !changes_by_itself(node) && !migr_compat_is_merge(node))
		return (Fault) {"directive \"expect\" before another statement",
						"It stands before UPDATE, DELETE or INSERT."};
	return options->batched ? batch_fault(node, options) : (Fault) {NULL, NULL};
}

/* Check those of the statements that options stand before; returns how many do. */
static int
check_statements(MigrParser *parser, const MigrSection *section)
{
	int			found = 0;
	ErrorData  *failure;
	ListCell   *lc;

	foreach(lc, migr_parse_try(section->sql, &failure))
	{
		RawStmt    *raw = lfirst_node(RawStmt, lc);
		MigrStatementOptions *options;
		Fault		fault;

		if (found == list_length(section->options))
			return found;
		options = list_nth(section->options, found);
		if (migr_parse_start(section->sql, raw) != options->start)
			continue;
		fault = find_fault(raw->stmt, options);
		if (fault.what)
			malformed_hint(parser, options->line + parser->start_line - 1, fault.hint, "%s",
						   fault.what);
		found++;
	}
	return failure ? -1 : found;
}

void
migr_options_check(MigrParser *parser, const MigrSection *section)
{
	MemoryContext caller = CurrentMemoryContext;
	MemoryContext trees = AllocSetContextCreate(caller, "migr statements with options",
												ALLOCSET_DEFAULT_SIZES);
	int			found;

	MemoryContextSwitchTo(trees);
	found = check_statements(parser, section);
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(trees);
	if (found >= 0 && found < list_length(section->options))
	{
		MigrStatementOptions *options = list_nth(section->options, found);

		malformed_hint(parser, options->line + parser->start_line - 1,
					   "It stands in front of a statement.",
					   "directive within a statement");
	}
}
