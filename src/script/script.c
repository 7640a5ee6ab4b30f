/*
 * script.c
 *		Text to revision scripts: directives, sections, checksum.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "miscadmin.h"

#include "base/errors.h"
#include "base/ident.h"
#include "base/scan.h"
#include "base/server_parser.h"
#include "base/text.h"
#include "script/script.h"

const char *const migr_section_names[MIGR_SECTION_KINDS] = {
	"upgrade", "downgrade", "verify"
};

/* What has been read so far of one input. */
typedef struct Parser
{
	const char *text;			/* the normalised input */
	const char *file;			/* or NULL */
	const char *name;			/* of plain SQL; NULL: revision scripts */
	MigrScan	scan;
	List	   *scripts;		/* finished ones */

	/* The script being read; positions are into text. */
	MigrScript *script;			/* NULL before the first */
	int			start;			/* of the script's text */
	int			start_line;
	int			header;			/* of its revision directive */
	int			end;			/* behind its last directive or SQL token */
	uint32		seen;			/* directives, by their index in the table */

	/* The section being read. */
	MigrSection *section;		/* NULL outside sections */
	int			section_start;
	bool		transaction_word;	/* may hold transaction control */

	/* The statement being read, by its first token. */
	bool		in_statement;
	MigrToken	first;
} Parser;

typedef struct Directive
{
	const char *name;
	void		(*read) (Parser *parser, const MigrToken *token, char *value);
	bool		needs_value;
} Directive;

/* "malformed script in file … at line …", the start of every message here. */
static const char *
place(const Parser *parser, int line)
{
	if (parser->name)
		return psprintf("malformed %s at line %d", parser->name, line);
	return parser->file
		? psprintf("malformed script in file \"%s\" at line %d", parser->file, line)
		: psprintf("malformed script at line %d", line);
}

#define malformed(parser, line, ...) \
	ereport(ERROR, \
			(errcode(ERRCODE_MIGR_MALFORMED_SCRIPT), \
			 errmsg("%s: %s", place(parser, line), psprintf(__VA_ARGS__))))

#define malformed_hint(parser, line, hint, ...) \
	ereport(ERROR, \
			(errcode(ERRCODE_MIGR_MALFORMED_SCRIPT), \
			 errmsg("%s: %s", place(parser, line), psprintf(__VA_ARGS__)), \
			 errhint("%s", hint)))

/*
 * Raise if the finished section controls the transaction.  Only sections with
 * a word that may do so are parsed here; bad syntax is for the run to report.
 */
static void
check_transaction_control(Parser *parser, int first_line)
{
	ErrorData  *failure;
	const char *sql = parser->section->sql;
	ListCell   *lc;

	foreach(lc, migr_parse_try(sql, &failure))
	{
		RawStmt    *statement = lfirst_node(RawStmt, lc);

		if (IsA(statement->stmt, TransactionStmt))
			malformed_hint(parser,
						   first_line - 1 +
						   migr_scan_line_at(sql, migr_parse_start(sql, statement)),
						   "Remove it: a script always runs as a whole, in a transaction that migr controls.",
						   "a script can't control the transaction");
	}
}

/* The section's text ends at byte end of the input. */
static void
finish_section(Parser *parser, int end)
{
	MigrSection *section = parser->section;
	const char *from = parser->text + parser->section_start;
	ListCell   *lc;

	section->raw = pnstrdup(from, end - parser->section_start);
	section->sql = section->copies ? pstrdup(section->raw) : section->raw;
	foreach(lc, section->copies)
	{
		MigrCopyData *copy = lfirst(lc);

		for (int i = copy->start; i < copy->end + (int) strlen("\\."); i++)
		{
			if (section->sql[i] != '\n')
				section->sql[i] = ' ';
		}
	}
	if (parser->transaction_word)
		check_transaction_control(parser,
								  section->line + parser->start_line - 1);
	parser->section = NULL;
}

/* If the statement that ends here is COPY … FROM stdin, read its data. */
static void
read_copy_data(Parser *parser, const MigrToken *end)
{
	const char *missing = "The data stands in the lines behind the statement and ends with a line \"\\.\".";
	char	   *statement = pnstrdup(parser->text + parser->first.start,
									 end->start - parser->first.start);
	ErrorData  *failure;
	List	   *parsed = migr_parse_try(statement, &failure);
	MigrCopyData *copy;
	MigrToken	line;
	int			semicolon = end->start - parser->section_start;

	if (list_length(parsed) != 1 ||
		!migr_parse_is_copy_in(linitial_node(RawStmt, parsed)->stmt))
		return;

	if (end->kind != MIGR_TOKEN_SEMICOLON)
		malformed_hint(parser, parser->first.line, missing,
					   "COPY FROM stdin without data");
	if (!migr_scan_rest_of_line_blank(&parser->scan))
		malformed_hint(parser, end->line, missing,
					   "text behind COPY FROM stdin in the same line");
	migr_scan_line(&parser->scan, &line);

	copy = palloc(sizeof(MigrCopyData));
	copy->semicolon = semicolon;
	copy->start = parser->scan.pos - parser->section_start;
	for (;;)
	{
		const char *at = parser->text + parser->scan.pos;

		CHECK_FOR_INTERRUPTS();
		if (!migr_scan_line(&parser->scan, &line))
			malformed_hint(parser, parser->first.line, missing,
						   "COPY FROM stdin without the end of its data");
		if (line.end - line.start == 2 && strncmp(at, "\\.", 2) == 0)
			break;
		if (strncmp(at, "-- migr:", 8) == 0)
			malformed_hint(parser, line.line, missing,
						   "directive in the data of COPY FROM stdin");
	}
	copy->end = line.start - parser->section_start;
	parser->section->copies = lappend(parser->section->copies, copy);
	parser->end = line.end;
}

/* Could a statement that begins with this word control the transaction? */
static bool
is_transaction_word(const char *word, int len)
{
	static const char *const words[] = {
		"abort", "begin", "commit", "end", "prepare", "release", "rollback",
		"savepoint", "start"
	};

	for (int i = 0; i < (int) lengthof(words); i++)
	{
		if ((int) strlen(words[i]) == len &&
			pg_strncasecmp(words[i], word, len) == 0)
			return true;
	}
	return false;
}

/* A statement ends at token: a semicolon, a directive or the end. */
static void
finish_statement(Parser *parser, const MigrToken *token)
{
	const char *word = parser->text + parser->first.start;
	int			len = parser->first.end - parser->first.start;

	if (!parser->in_statement)
		return;
	parser->in_statement = false;
	if (parser->first.kind != MIGR_TOKEN_WORD)
		return;
	if (len == 4 && pg_strncasecmp(word, "copy", 4) == 0)
		read_copy_data(parser, token);
	else if (is_transaction_word(word, len))
		parser->transaction_word = true;
}

/*
 * Byte at which the text of the next script starts: behind the last script,
 * less the blank lines between.  Comments in between belong to what follows.
 */
static int
next_script_start(const Parser *parser)
{
	int			pos = parser->end;
	int			start = pos;

	while (migr_scan_isspace(parser->text[pos]))
	{
		if (parser->text[pos++] == '\n')
			start = pos;
	}
	return start;
}

/* The script being read ends; its text goes to byte end of the input. */
static void
finish_script(Parser *parser, int end)
{
	MigrScript *script = parser->script;

	if (script == NULL)
		return;
	while (end > parser->end && migr_scan_isspace(parser->text[end - 1]))
		end--;
	script->text = psprintf("%.*s\n", end - parser->start,
							parser->text + parser->start);
	script->checksum = migr_text_checksum(parser->text + parser->header,
								parser->end - parser->header);
	parser->scripts = lappend(parser->scripts, script);
	parser->script = NULL;
}

static void
read_revision(Parser *parser, const MigrToken *token, char *value)
{
	MigrScript *script = palloc0(sizeof(MigrScript));

	if (!migr_ident_valid(value))
		malformed_hint(parser, token->line, MIGR_IDENT_RULE,
					   "\"%s\" is no revision id", value);

	script->revision = value;
	script->message = "";
	script->transaction = true;
	script->input_line = token->line;
	parser->script = script;
	parser->header = token->start;
}

/* Split a list of ids or labels, or of ids and ranges, and check each. */
static List *
read_names(Parser *parser, const MigrToken *token, const char *value, bool ranges)
{
	List	   *names = migr_ident_split(value);
	ListCell   *lc;

	foreach(lc, names)
	{
		if (!migr_ident_valid(lfirst(lc)) && !(ranges && migr_ident_is_range(lfirst(lc))))
			malformed_hint(parser, token->line, MIGR_IDENT_RULE,
						   "\"%s\" is no revision id or label",
						   (char *) lfirst(lc));
	}
	return names;
}

static void
read_revises(Parser *parser, const MigrToken *token, char *value)
{
	if (strcmp(value, "none") != 0)
		parser->script->revises = read_names(parser, token, value, false);
}

static void
read_depends(Parser *parser, const MigrToken *token, char *value)
{
	parser->script->depends = read_names(parser, token, value, false);
}

static void
read_labels(Parser *parser, const MigrToken *token, char *value)
{
	parser->script->labels = read_names(parser, token, value, false);
}

static void
read_replaces(Parser *parser, const MigrToken *token, char *value)
{
	parser->script->replaces = read_names(parser, token, value, true);
}

static void
read_message(Parser *parser, const MigrToken *token, char *value)
{
	parser->script->message = value;
}

static void
read_created(Parser *parser, const MigrToken *token, char *value)
{
	if (!migr_text_timestamp(value, &parser->script->created))
		malformed_hint(parser, token->line,
					   "Write it as 2026-11-20 13:36:00+00.",
					   "\"%s\" is no point in time", value);
	parser->script->has_created = true;
}

static void
read_transaction(Parser *parser, const MigrToken *token, char *value)
{
	if (strcmp(value, "on") != 0 && strcmp(value, "off") != 0)
		malformed(parser, token->line, "transaction is \"on\" or \"off\", not \"%s\"",
				  value);
	parser->script->transaction = strcmp(value, "on") == 0;
}

static void
begin_section(Parser *parser, const MigrToken *token, const char *value,
			  MigrSectionKind kind)
{
	MigrSection *section = &parser->script->sections[kind];

	if (*value != '\0')
		malformed(parser, token->line, "directive \"%s\" takes no value",
				  migr_section_names[kind]);
	section->present = true;
	section->line = token->line - parser->start_line + 2;
	parser->section = section;
	parser->section_start = Min(token->end + 1, parser->scan.len);
	parser->transaction_word = false;
}

static void
read_upgrade(Parser *parser, const MigrToken *token, char *value)
{
	begin_section(parser, token, value, MIGR_SECTION_UPGRADE);
}

static void
read_downgrade(Parser *parser, const MigrToken *token, char *value)
{
	begin_section(parser, token, value, MIGR_SECTION_DOWNGRADE);
}

static void
read_verify(Parser *parser, const MigrToken *token, char *value)
{
	begin_section(parser, token, value, MIGR_SECTION_VERIFY);
}

/* The first one starts a script; it is looked up by its place. */
static const Directive directives[] = {
	{"revision", read_revision, true},
	{"revises", read_revises},
	{"message", read_message},
	{"created", read_created, true},
	{"labels", read_labels},
	{"depends", read_depends},
	{"replaces", read_replaces, true},
	{"transaction", read_transaction, true},
	{"upgrade", read_upgrade},
	{"downgrade", read_downgrade},
	{"verify", read_verify},
};

static int
find_directive(const char *name)
{
	for (int i = 0; i < (int) lengthof(directives); i++)
	{
		if (strcmp(directives[i].name, name) == 0)
			return i;
	}
	return -1;
}

static const char *
allowed_directives(void)
{
	StringInfoData text;

	initStringInfo(&text);
	for (int i = 0; i < (int) lengthof(directives); i++)
		appendStringInfo(&text, "%s%s",
						 i == 0 ? "" : i == (int) lengthof(directives) - 1 ? " and " : ", ",
						 directives[i].name);
	return psprintf("Directives are %s.", text.data);
}

/* A directive ends the section before it; "revision" the script before it. */
static void
read_directive(Parser *parser, const MigrToken *token)
{
	char	   *name = pnstrdup(parser->text + token->start + strlen("-- migr:"),
								token->end - token->start - strlen("-- migr:"));
	char	   *value;
	int			index;

	name += strspn(name, " \t");
	value = name + strcspn(name, " \t");
	if (*value != '\0')
		*value++ = '\0';
	value += strspn(value, " \t");
	for (int n = strlen(value); n > 0 && migr_scan_isspace(value[n - 1]);)
		value[--n] = '\0';

	for (const char *c = value; *c != '\0'; c++)
	{
		if ((unsigned char) *c < ' ' && *c != '\t')
			malformed(parser, token->line, "directive \"%s\" holds a control character", name);
	}

	if (parser->name)
		malformed(parser, token->line, "directive of a revision script in plain SQL");
	index = find_directive(name);
	if (index < 0)
		malformed_hint(parser, token->line, allowed_directives(),
					   "unknown directive \"%s\"", name);

	if (parser->section)
		finish_section(parser, token->start);
	if (index == 0)
	{
		int			start = parser->script ? next_script_start(parser) : 0;

		finish_script(parser, start);
		parser->start = start;
		parser->start_line = token->line + 1 -
			migr_scan_line_at(parser->text + start, token->start - start);
		parser->seen = 0;
	}
	else if (parser->script == NULL)
		malformed_hint(parser, token->line,
					   "Each script starts with its \"-- migr:revision\" line.",
					   "directive \"%s\" before any revision", name);

	if (*value == '\0' && directives[index].needs_value)
		malformed(parser, token->line, "directive \"%s\" needs a value", name);
	if (parser->seen & (1 << index))
		malformed(parser, token->line, "directive \"%s\" is repeated", name);
	parser->seen |= 1 << index;
	directives[index].read(parser, token, value);
	parser->end = token->end;
}

/*
 * The commands with which pg_dump guards its output against psql mean nothing
 * to the server: blank them out.  False if it is another command.
 */
static bool
skip_restrict(Parser *parser, const MigrToken *token)
{
	char	   *line = unconstify(char *, parser->text) + token->start;
	int			len = strcspn(line, "\n");

	if (parser->name == NULL || parser->in_statement ||
		(strncmp(line, "\\restrict ", strlen("\\restrict ")) != 0 &&
		 strncmp(line, "\\unrestrict ", strlen("\\unrestrict ")) != 0))
		return false;
	memset(line, ' ', len);
	return true;
}

/* A piece of SQL. */
static void
read_sql(Parser *parser, const MigrToken *token)
{
	if (parser->section == NULL)
		malformed_hint(parser, token->line,
					   parser->script
					   ? "SQL stands behind an upgrade, downgrade or verify directive."
					   : "A script starts with \"-- migr:revision ID\"; SQL stands behind an upgrade, downgrade or verify directive.",
					   "SQL outside a section");
	if (token->kind == MIGR_TOKEN_BACKSLASH)
	{
		if (skip_restrict(parser, token))
			return;
		malformed_hint(parser, token->line,
					   "A script is SQL for the server, which knows no psql commands.",
					   "psql command in a script");
	}

	parser->end = token->end;
	if (token->kind == MIGR_TOKEN_SEMICOLON)
		finish_statement(parser, token);
	else if (!parser->in_statement)
	{
		parser->in_statement = true;
		parser->first = *token;
	}
}

/* Read the input to its end. */
static void
read_input(Parser *parser, int len)
{
	MigrToken	token;

	migr_scan_begin(&parser->scan, parser->text, len);
	do
	{
		switch (migr_scan_next(&parser->scan, &token))
		{
			case MIGR_TOKEN_UNTERMINATED:
				malformed(parser, token.line,
						  "a quote or comment that starts here never ends");
				break;
			case MIGR_TOKEN_END:
				finish_statement(parser, &token);
				if (parser->section)
					finish_section(parser, token.start);
				break;
			case MIGR_TOKEN_DIRECTIVE:
				finish_statement(parser, &token);
				read_directive(parser, &token);
				break;
			default:
				read_sql(parser, &token);
		}
	} while (token.kind != MIGR_TOKEN_END);
}

List *
migr_script_parse(const char *input, const char *file)
{
	Parser		parser = {.file = file};
	int			len;

	parser.text = migr_text_normalise(input, &len);
	read_input(&parser, len);
	finish_script(&parser, len);
	pfree(unconstify(char *, parser.text));
	return parser.scripts;
}

MigrScript *
migr_script_of_sql(const char *sql, const char *name)
{
	MigrScript *script = palloc0(sizeof(MigrScript));
	Parser		parser = {.name = name, .script = script, .start_line = 1};
	int			len;

	script->name = name;
	script->message = "";
	script->transaction = true;
	parser.text = migr_text_normalise(sql, &len);
	parser.section = &script->sections[MIGR_SECTION_UPGRADE];
	parser.section->present = true;
	parser.section->line = 1;
	read_input(&parser, len);
	return script;
}

MigrScript *
migr_script_parse_stored(const char *text)
{
	List	   *scripts = migr_script_parse(text, NULL);

	if (list_length(scripts) != 1)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("a stored script holds %d revisions instead of one",
						list_length(scripts))));
	return linitial(scripts);
}
