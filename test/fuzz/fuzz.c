/*
 * fuzz.c
 *		Readers of text, run by libFuzzer within the server.
 *
 * They are what they are: with the server's memory, errors and parser.  A finding is
 * a fault of memory or of arithmetic that a sanitizer sees, an assertion, an error
 * that no user should see, what does not end, and a text that, read again, is another.
 *
 * Built into a library of its own (test/fuzz/run); nothing of it is installed.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "fmgr.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "nodes/memnodes.h"
#include "tcop/tcopprot.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "base/errors.h"
#include "base/ident.h"
#include "base/pattern.h"
#include "base/scan.h"
#include "base/server_parser.h"
#include "base/text.h"
#include "check/blame_pattern.h"
#include "exec/statement.h"
#include "graph/plan.h"
#include "graph/range.h"
#include "graph/replace.h"
#include "graph/suggest.h"
#include "model/attribute_list.h"
#include "model/ddl_text.h"
#include "model/deparse.h"
#include "model/model_wire.h"
#include "schema/desired_files.h"
#include "schema/remembered_text.h"
#include "schema/renamed_from.h"
#include "script/script.h"

typedef void (*Target) (char *input, int size);

extern int	LLVMFuzzerRunDriver(int *argc, char ***argv, int (*one) (const uint8 *, size_t));

static Target target;
static bool is_binary;
static MemoryContext input_context;

static void
finding(const char *what)
{
	fprintf(stderr, "finding: %s\n", what);
	abort();
}

/* --- scripts ---------------------------------------------------------------------- */

static int
length_without_blanks(const char *text)
{
	int			len = strlen(text);

	while (len > 0 && migr_scan_isspace(text[len - 1]))
		len--;
	return len;
}

/* But for comments and blanks at the end of its last section, which a script ends without. */
static bool
is_same_sql(const char *is, const char *was)
{
	return strncmp(is, was, length_without_blanks(is)) == 0;
}

/* What the store keeps is read again whenever it is needed. */
static void
read_again(const MigrScript *script)
{
	char	   *stored = pnstrdup(script->text, script->text_len);
	MigrScript *again = migr_script_parse_stored(stored);

	if (strcmp(again->checksum, script->checksum) != 0)
		finding("a stored script has another checksum");
	if (script->revision && strcmp(again->revision, script->revision) != 0)
		finding("a stored script has another name");
	for (int kind = 0; kind < MIGR_SECTION_KINDS; kind++)
	{
		const MigrSection *is = &again->sections[kind];
		const MigrSection *was = &script->sections[kind];

		if (is->present != was->present ||
			(is->present && (!is_same_sql(is->sql, was->sql) || is->line != was->line)))
			finding(psprintf("a stored script has another section: line %d, was %d; \"%s\", was \"%s\"",
							 is->line, was->line, is->sql, was->sql));
	}
}

static void
split_sections(const MigrScript *script)
{
	for (int kind = 0; kind < MIGR_SECTION_KINDS; kind++)
	{
		List	   *statements;
		ListCell   *lc;

		if (!script->sections[kind].present)
			continue;
		statements = migr_stmt_split(script, kind);
		foreach(lc, statements)
		{
			const MigrStatement *statement = lfirst(lc);

			if (statement->start < 0 || statement->end < statement->start ||
				statement->end > (int) strlen(script->sections[kind].sql))
				finding("a statement is not within its section");
			(void) migr_stmt_show(&script->sections[kind], statement);
		}
	}
}

static void
read_scripts(char *input, int size)
{
	List	   *scripts = migr_script_parse(input, "fuzz.sql");
	ListCell   *lc;

	foreach(lc, scripts)
		read_again(lfirst(lc));
	foreach(lc, scripts)
		split_sections(lfirst(lc));
}

/* --- desired DDL ------------------------------------------------------------------ */

static void
read_desired(char *input, int size)
{
	List	   *files = migr_desired_files_sort(migr_desired_files_split(input, NULL, "fuzz"));
	List	   *parts = NIL;
	MigrText   *text;
	ListCell   *lc;

	foreach(lc, files)
	{
		MigrDesiredFile *file = lfirst(lc);

		(void) migr_renamed_from_read(file->sql, file->name);
		parts = lappend(parts, pstrdup(file->sql));
		split_sections(migr_script_of_sql(file->sql, file->name));
	}
	text = migr_text_read(parts);
	if (!text->is_plain)
		return;
	migr_text_read_words(text);
	(void) migr_text_words_of(text, NIL, input);
}

/* --- names ------------------------------------------------------------------------ */

#define MAX_NODES 12

static const char *const ids[MAX_NODES] = {"1a2b", "1a2c", "head1", "base_", "aa", "ab", "a", "zz.1",
"900", "deadbeef", "_", "Ab"};

/* A list of the nodes below one, by the bits of a byte. */
static List *
below(int node, unsigned char bits)
{
	List	   *list = NIL;

	for (int i = 0; i < 8 && i < node; i++)
		if (bits & (1 << i))
			list = lappend(list, (char *) ids[node - 1 - i]);
	return list;
}

/* A graph by the first bytes of the input; returns what is behind them. */
static char *
read_graph(char *input, int size, MigrState **state)
{
	int			count = Min(size / 4, 1 + (size > 0 ? (unsigned char) input[0] % MAX_NODES : 0));
	MigrNode   *nodes = palloc0(sizeof(MigrNode) * (count + 1));
	unsigned char *at = (unsigned char *) input;
	List	   *applied = NIL;
	MigrGraph  *graph;
	int			n = 0;
	ListCell   *lc;

	for (int i = 0; i < count; i++, at += 4)
	{
		nodes[i].id = ids[i];
		nodes[i].revises = below(i, at[1] & at[3]);
		nodes[i].depends = below(i, at[2] & 0x15);
		if (at[3] & 0x40)
			nodes[i].labels = list_make1(psprintf("l%d", i));
		if (at[3] & 0x20 && i > 1)
			nodes[i].replaces = below(i, at[2]);
		if (at[3] & 0x80)
			applied = lappend(applied, (char *) ids[i]);
	}
	graph = migr_replace_create(nodes, count);
	migr_graph_check(graph);
	*state = migr_state_create(migr_replace_view(graph, applied));
	foreach(lc, applied)
		migr_state_add(*state, lfirst(lc), ++n);
	return (char *) at;
}

/* Do one thing with a name; what is wrong with it must not keep the next from being done. */
static void
use_name(const MigrState *state, char *name, int what)
{
	char	   *lower;
	char	   *upper;

	switch (what)
	{
		case 0:
			(void) migr_resolve(state, name, false);
			break;
		case 1:
			(void) migr_resolve(state, name, true);
			break;
		case 2:
			(void) migr_range_resolve(state, name);
			break;
		case 3:
			(void) migr_plan_upgrade(state, name);
			break;
		case 4:
			(void) migr_plan_downgrade(state, name);
			break;
		case 5:
			(void) migr_plan_stamp(state, name, false);
			break;
		case 6:
			(void) migr_plan_stamp(state, name, true);
			break;
		case 7:
			(void) migr_resolve_applied(state, name);
			break;
		case 8:
			(void) migr_suggest_name(state->graph, name, true);
			(void) migr_suggest_id(state->graph, name);
			(void) migr_ident_split(name);
			(void) migr_ident_is_range(name);
			migr_range_split(name, &lower, &upper);
			break;
	}
}

static void check_error(void);

static void
read_names(char *input, int size)
{
	MemoryContext context = CurrentMemoryContext;
	MigrState  *state;
	char	   *name = read_graph(input, size, &state);

	if (!pg_verifymbstr(name, strlen(name), true))
		return;
	for (int what = 0; what <= 8; what++)
	{
		PG_TRY();
		{
			use_name(state, name, what);
		}
		PG_CATCH();
		{
			MemoryContextSwitchTo(context);
			check_error();
		}
		PG_END_TRY();
	}
}

/* --- patterns --------------------------------------------------------------------- */

static void
read_patterns(char *input, int size)
{
	char	   *name = strchr(input, '\n');
	MigrRecordedObject object = {0};
	MigrRecordedObject root = {0};
	MigrBlamePattern pattern;
	char	   *dot;

	if (name)
		*name++ = '\0';
	else
		name = "public.orders";
	object.identity = name;
	object.object = psprintf("function %s", name);
	object.name = name;
	dot = strchr(name, '.');
	object.schema = dot ? pnstrdup(name, dot - name) : NULL;
	root.identity = root.object = root.name = "orders";
	root.schema = "public";
	pattern = migr_blame_pattern(input);
	(void) migr_blame_names(&pattern, &object, &object);
	(void) migr_blame_names(&pattern, &object, &root);
	(void) migr_pattern_matches(list_make1(input), object.schema, name);
}

/* --- text of the catalogs --------------------------------------------------------- */

static void
read_lists(char *input, int size)
{
	StringInfoData out;
	char	   *other = strchr(input, '\n');

	initStringInfo(&out);
	if (other)
		*other++ = '\0';
	(void) migr_ddl_list(input);
	(void) migr_ddl_list_by(input, ' ');
	(void) migr_ddl_list_parenthesis(input);
	(void) migr_ddl_list_options(&out, input, other);
	(void) migr_ddl_text_names(input, other ? other : "a");
	(void) migr_ddl_text_last_name(input);
	(void) migr_ddl_text_clause(input, "WHERE");
	(void) migr_deparse_settle(input);
	if (other)
		(void) migr_deparse_settle(other);
}

/* --- messages of a worker --------------------------------------------------------- */

static void
read_wire(char *input, int size)
{
	StringInfoData piece;
	MigrSchemaReader reader = {0};

	piece.data = input;
	piece.len = piece.maxlen = size;
	piece.cursor = 0;
	migr_object_wire_begin(&reader);
	migr_object_wire_read(&reader, &piece);
}

/* --- the driver ------------------------------------------------------------------- */

static const struct
{
	const char *name;
	Target		run;
	bool		is_binary;		/* not a text in the encoding of the database */
}			targets[] = {
	{"scripts", read_scripts, false},
	{"desired", read_desired, false},
	{"names", read_names, true},
	{"patterns", read_patterns, false},
	{"lists", read_lists, false},
	{"wire", read_wire, true},
};

/* An error is what a user may be told of his text, or a finding. */
static void
check_error(void)
{
	ErrorData  *error = CopyErrorData();

	FlushErrorState();
	if (error->sqlerrcode == ERRCODE_INTERNAL_ERROR || error->sqlerrcode == ERRCODE_DATA_CORRUPTED)
	{
		fprintf(stderr, "finding: internal error: %s\n", error->message);
		abort();
	}
	FreeErrorData(error);
}

static int
run_one(const uint8 *data, size_t size)
{
	MemoryContext old = MemoryContextSwitchTo(input_context);
	char	   *input;

	if (!is_binary && (memchr(data, '\0', size) || !pg_verifymbstr((const char *) data, size, true)))
	{
		MemoryContextSwitchTo(old);
		return -1;
	}
	input = palloc(size + 1);
	memcpy(input, data, size);
	input[size] = '\0';
	PG_TRY();
	{
		target(input, size);
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(input_context);
		check_error();
	}
	PG_END_TRY();
	MemoryContextSwitchTo(old);
	MemoryContextReset(input_context);
	return 0;
}

PG_FUNCTION_INFO_V1(migr_fuzz);

/* migr_fuzz(target text, arguments text): arguments are those of libFuzzer, by blanks. */
Datum
migr_fuzz(PG_FUNCTION_ARGS)
{
	char	   *name = text_to_cstring(PG_GETARG_TEXT_PP(0));
	char	   *arguments = text_to_cstring(PG_GETARG_TEXT_PP(1));
	char	  **argv = palloc0(sizeof(char *) * (strlen(arguments) + 3));
	int			argc = 0;

	target = NULL;
	for (int i = 0; i < (int) lengthof(targets); i++)
	{
		if (strcmp(targets[i].name, name) == 0)
		{
			target = targets[i].run;
			is_binary = targets[i].is_binary;
		}
	}
	if (target == NULL)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("no such target: \"%s\"", name)));
	argv[argc++] = "migr_fuzz";
	for (char *word = strtok(arguments, " "); word; word = strtok(NULL, " "))
		argv[argc++] = word;
	input_context = AllocSetContextCreate(TopMemoryContext, "fuzz", ALLOCSET_DEFAULT_SIZES);
	LLVMFuzzerRunDriver(&argc, &argv, run_one);
	PG_RETURN_VOID();
}
