/*
 * script_parser.c
 *		Sections, statements and the ends of scripts.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "miscadmin.h"

#include "base/scan.h"
#include "base/server_parser.h"
#include "base/text.h"
#include "script/script_parser.h"
#include "script/script_part.h"

const char *const migr_section_names[MIGR_SECTION_KINDS] = {
	"upgrade", "downgrade", "verify", "example", "assert", "assert_back"
};

/* Line of the script being read, from 1; of the input where there is none. */
static int
line_within(const MigrParser *parser, int line)
{
	return parser->script ? line - parser->start_line + 1 : line;
}

const char *
migr_parser_place(const MigrParser *parser, int line)
{
	const char *revision = parser->script ? parser->script->revision : NULL;

	if (parser->name)
		return psprintf("malformed %s at line %d", parser->name, line);
	return psprintf("malformed %sscript%s%s at line %d",
					revision && parser->script->repeatable ? "repeatable " : "",
					revision == NULL ? ""
					: parser->script->repeatable ? psprintf(" \"%s\"", revision)
					: psprintf(" of revision \"%s\"", revision),
					parser->file ? psprintf(" in file \"%s\"", parser->file) : "",
					line_within(parser, line));
}

int
migr_parser_place_detail(const MigrParser *parser, int line)
{
	if (line_within(parser, line) == line)
		return 0;
	return parser->file ? errdetail("It is line %d of the file.", line)
		: errdetail("It is line %d of the text.", line);
}

/*
 * Raise if the finished section controls the transaction.  Only sections with
 * a word that may do so are parsed here.
 */
static void
check_transaction_control(MigrParser *parser, int first_line)
{
	int			line = migr_part_control_line(parser->section->sql);

	if (line > 0)
		malformed_hint(parser, first_line - 1 + line,
					   "Remove it: a script always runs as a whole, in a transaction that migr controls.",
					   "a script can't control the transaction");
}

/* Where a byte of the input stands in the sql of the section being read. */
static int
place_in_sql(const MigrParser *parser, int pos)
{
	return pos - parser->section_start - parser->left_out;
}

/* The section as the server's parser reads it, each line at its number. */
static char *
make_sql(const MigrParser *parser)
{
	const MigrSection *section = parser->section;
	const char *from = section->raw;
	const char *end = from + section->raw_len;
	char	   *sql = palloc(section->raw_len - parser->left_out + 1);
	char	   *to = sql;
	ListCell   *lc;

	foreach(lc, section->copies)
	{
		const MigrCopyData *copy = lfirst(lc);

		memcpy(to, from, copy->data - from);
		to += copy->data - from;
		memset(to, '\n', copy->lines);
		to += copy->lines;
		from = copy->data + copy->len + strlen("\\.");
	}
	memcpy(to, from, end - from);
	to += end - from;
	*to = '\0';
	foreach(lc, parser->passed_over)
	{
		const MigrPassedOver *passed = lfirst(lc);

		memset(sql + passed->place, ' ', passed->line.end - passed->line.start);
	}
	return sql;
}

/* Do two of these lines have the same key? */
static bool
same_key(const MigrParser *parser, const MigrToken *a, const MigrToken *b)
{
	int			length = a->end - a->start - (int) strlen("\\restrict");

	return length == b->end - b->start - (int) strlen("\\unrestrict") &&
		strncmp(parser->text + a->end - length, parser->text + b->end - length, length) == 0;
}

/* Raise if a dump's \restrict lacks its \unrestrict: what is between is not whole. */
static void
check_restricted(MigrParser *parser)
{
	const MigrToken *open = NULL;
	ListCell   *lc;

	foreach(lc, parser->passed_over)
	{
		const MigrToken *line = &((MigrPassedOver *) lfirst(lc))->line;
		bool		opens = parser->text[line->start + 1] == 'r';

		if (open == NULL)
			open = opens ? line : NULL;
		else if (!opens && same_key(parser, open, line))
			open = NULL;
	}
	if (open)
		malformed_hint(parser, open->line,
					   "pg_dump writes both, with the same key: the text was cut off, or put together from pieces.",
					   "\"\\restrict\" without its \"\\unrestrict\"");
}

void
migr_parser_end_section(MigrParser *parser, int end)
{
	MigrSection *section = parser->section;

	check_restricted(parser);
	if (parser->options)
		malformed_hint(parser, parser->options_line,
					   "It stands in front of the statement that it is about.",
					   "directive without a statement behind it");
	section->raw = parser->text + parser->section_start;
	section->raw_len = end - parser->section_start;
	section->sql = make_sql(parser);
	if (parser->transaction_word)
		check_transaction_control(parser,
								  section->line + parser->start_line - 1);
	parser->section = NULL;
}

/* If the statement that ends here is COPY … FROM stdin, read its data. */
static void
read_copy_data(MigrParser *parser, const MigrToken *end)
{
	const char *missing = "The data stands in the lines behind the statement and ends with a line \"\\.\".";
	char	   *statement = pnstrdup(parser->text + parser->first.start,
									 end->start - parser->first.start);
	ErrorData  *failure;
	List	   *parsed = migr_parse_try(statement, &failure);
	MigrCopyData *copy;
	MigrToken	line;

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
	copy->semicolon = place_in_sql(parser, end->start);
	copy->data = parser->text + parser->scan.pos;
	copy->lines = -parser->scan.line;
	for (;;)
	{
		const char *at = parser->text + parser->scan.pos;

		CHECK_FOR_INTERRUPTS();
		if (!migr_scan_line(&parser->scan, &line))
			malformed_hint(parser, parser->first.line, missing,
						   "COPY FROM stdin without the end of its data");
		if (*at == '\\' && line.end - line.start == 2 && at[1] == '.')
			break;
		if (*at == '-' && line.end - line.start >= 8 && memcmp(at, "-- migr:", 8) == 0)
			malformed_hint(parser, line.line, missing,
						   "directive in the data of COPY FROM stdin");
	}
	copy->lines += line.line;
	copy->len = line.start - (copy->data - parser->text);
	parser->left_out += copy->len + strlen("\\.") - copy->lines;
	parser->section->copies = lappend(parser->section->copies, copy);
	parser->end = line.end;
}

void
migr_parser_end_statement(MigrParser *parser, const MigrToken *token)
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
	else if (migr_part_may_control(word, len))
		parser->transaction_word = true;
}

int
migr_parser_next_start(const MigrParser *parser)
{
	int			pos = parser->end;
	int			start = pos;

	while (pos < parser->scan.len && migr_scan_isspace(parser->text[pos]))
	{
		if (parser->text[pos++] == '\n')
			start = pos;
	}
	return start;
}

/* Raise if a section that belongs to an example stands there without what it is about. */
static void
check_example(const MigrParser *parser)
{
	const MigrSection *sections = parser->script->sections;

	for (int kind = MIGR_SECTION_ASSERT; kind <= MIGR_SECTION_ASSERT_BACK; kind++)
	{
		int			line = sections[kind].line + parser->start_line - 2;

		if (sections[kind].present && !sections[MIGR_SECTION_EXAMPLE].present)
			malformed_hint(parser, line,
						   "The rows that it asks for stand behind a line \"-- migr:example\".",
						   "directive \"%s\" in a script that has no example", migr_section_names[kind]);
	}
	if (sections[MIGR_SECTION_ASSERT_BACK].present && !sections[MIGR_SECTION_DOWNGRADE].present)
		malformed_hint(parser, sections[MIGR_SECTION_ASSERT_BACK].line + parser->start_line - 2,
					   "What it asks for is to hold behind the downgrade.",
					   "directive \"assert_back\" in a script that has no downgrade section");
}

void
migr_parser_end_script(MigrParser *parser, int end)
{
	MigrScript *script = parser->script;

	if (script == NULL)
		return;
	while (end > parser->end && migr_scan_isspace(parser->text[end - 1]))
		end--;
	if (script->repeatable && !script->sections[MIGR_SECTION_UPGRADE].present)
		malformed_hint(parser, script->input_line,
					   "What is to be run stands behind a line \"-- migr:upgrade\".",
					   "a repeatable script needs an upgrade section");
	check_example(parser);
	script->text = parser->text + parser->start;
	script->text_len = end - parser->start + 1;
	/* Blanks may stand there, or nothing at the end of the input. */
	if (parser->text[end] != '\n')
		script->text = psprintf("%.*s\n", end - parser->start, script->text);
	script->checksum = migr_text_checksum(parser->text + parser->header,
								parser->end - parser->header);
	parser->scripts = lappend(parser->scripts, script);
	parser->script = NULL;
}

/*
 * The commands with which pg_dump guards its output against psql mean nothing
 * to the server: pass over them.  False if it is another command.
 */
static bool
skip_restrict(MigrParser *parser, const MigrToken *token)
{
	const char *at = parser->text + token->start;
	MigrPassedOver *passed;

	if (parser->in_statement ||
		(strncmp(at, "\\restrict ", strlen("\\restrict ")) != 0 &&
		 strncmp(at, "\\unrestrict ", strlen("\\unrestrict ")) != 0))
		return false;
	passed = palloc(sizeof(MigrPassedOver));
	passed->place = parser->section ? place_in_sql(parser, token->start) : 0;
	parser->scan.pos = token->start;
	(void) migr_scan_line(&parser->scan, &passed->line);
	if (parser->section)
		parser->passed_over = lappend(parser->passed_over, passed);
	if (parser->script)
		parser->end = passed->line.end;
	return true;
}

void
migr_parser_read_sql(MigrParser *parser, const MigrToken *token)
{
	bool		command = token->kind == MIGR_TOKEN_BACKSLASH;

	if (command && skip_restrict(parser, token))
		return;
	if (parser->section == NULL)
		malformed_hint(parser, token->line,
					   parser->script
					   ? "SQL stands behind a directive that begins a section, such as upgrade."
					   : "A script starts with \"-- migr:revision ID\"; SQL stands behind a directive that begins a section, such as upgrade.",
					   "SQL outside a section");
	if (command)
		malformed_hint(parser, token->line,
					   "A script is SQL for the server, which knows no psql commands.",
					   "psql command in a script");

	parser->end = token->end;
	if (token->kind == MIGR_TOKEN_SEMICOLON)
		migr_parser_end_statement(parser, token);
	else if (!parser->in_statement)
	{
		parser->in_statement = true;
		parser->first = *token;
		if (parser->options)
			parser->options->start = place_in_sql(parser, token->start);
		parser->options = NULL;
	}
}
