/*
 * script.c
 *		Text to revision scripts: directives, sections, checksum.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"

#include "base/ident.h"
#include "base/near.h"
#include "base/scan.h"
#include "base/text.h"
#include "script/lookalike.h"
#include "script/options_reader.h"
#include "script/script.h"
#include "script/script_parser.h"
#include "script/script_part.h"

typedef struct Directive
{
	const char *name;
	void		(*read) (MigrParser *parser, const MigrToken *token, char *value);
	bool		needs_value;
	bool		is_section;		/* read is NULL then */
	MigrSectionKind section;
	bool		in_repeatable;	/* stands in a repeatable script as well */
	bool		begins;			/* a script, and ends the one before */
	bool		of_statement;	/* stands within a section, before a statement */
	bool		repeats;		/* may stand more than once */
} Directive;

/* How much of a line is shown in a message. */
#define VALUE_SHOWN 60

#define LINE_END_RULE \
	"Lines end with LF or CRLF; a carriage return alone ends none. Save the file with such line ends."

static void
begin_script(MigrParser *parser, const MigrToken *token, char *value, bool repeatable)
{
	MigrScript *script = palloc0(sizeof(MigrScript));

	if (!migr_ident_valid(value))
		malformed_hint(parser, token->line, MIGR_IDENT_RULE,
					   repeatable ? "\"%s\" is no name of a repeatable script"
					   : "\"%s\" is no revision id", value);

	script->revision = value;
	script->repeatable = repeatable;
	script->message = "";
	script->transaction = true;
	script->input_line = token->line;
	parser->script = script;
	parser->header = token->start;
}

static void
read_revision(MigrParser *parser, const MigrToken *token, char *value)
{
	begin_script(parser, token, value, false);
}

static void
read_repeatable(MigrParser *parser, const MigrToken *token, char *value)
{
	begin_script(parser, token, value, true);
}

/* Split a list of ids or labels, or of ids and ranges, and check each. */
static List *
read_names(MigrParser *parser, const MigrToken *token, const char *value, bool ranges)
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
read_revises(MigrParser *parser, const MigrToken *token, char *value)
{
	if (strcmp(value, "none") != 0)
		parser->script->revises = read_names(parser, token, value, false);
}

static void
read_depends(MigrParser *parser, const MigrToken *token, char *value)
{
	parser->script->depends = read_names(parser, token, value, false);
}

static void
read_labels(MigrParser *parser, const MigrToken *token, char *value)
{
	parser->script->labels = read_names(parser, token, value, false);
}

static void
read_replaces(MigrParser *parser, const MigrToken *token, char *value)
{
	parser->script->replaces = read_names(parser, token, value, true);
}

static void
read_message(MigrParser *parser, const MigrToken *token, char *value)
{
	parser->script->message = value;
}

static void
read_created(MigrParser *parser, const MigrToken *token, char *value)
{
	if (!migr_text_timestamp(value, &parser->script->created))
		malformed_hint(parser, token->line,
					   "Write it as 2026-11-20 13:36:00+00.",
					   "\"%s\" is no point in time", value);
	parser->script->has_created = true;
}

static void
read_transaction(MigrParser *parser, const MigrToken *token, char *value)
{
	if (strcmp(value, "on") != 0 && strcmp(value, "off") != 0)
		malformed(parser, token->line, "transaction is \"on\" or \"off\", not \"%s\"",
				  value);
	parser->script->transaction = strcmp(value, "on") == 0;
}

static void
read_phase(MigrParser *parser, const MigrToken *token, char *value)
{
	if (strcmp(value, "before") != 0 && strcmp(value, "after") != 0)
		malformed(parser, token->line, "phase is \"before\" or \"after\", not \"%s\"", value);
	parser->script->phase_after = strcmp(value, "after") == 0;
	parser->script->phase_before = !parser->script->phase_after;
}

static void
begin_section(MigrParser *parser, const MigrToken *token, const char *value,
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
	parser->left_out = 0;
	parser->transaction_word = false;
	parser->passed_over = NIL;
}

static const Directive directives[] = {
	{"revision", read_revision, .needs_value = true, .begins = true},
	{"repeatable", read_repeatable, .needs_value = true, .in_repeatable = true, .begins = true},
	{"revises", read_revises},
	{"message", read_message, .in_repeatable = true},
	{"created", read_created, .needs_value = true, .in_repeatable = true},
	{"labels", read_labels},
	{"depends", read_depends, .in_repeatable = true},
	{"replaces", read_replaces, .needs_value = true},
	{"transaction", read_transaction, .needs_value = true},
	{"phase", read_phase, .needs_value = true},
	{"upgrade", .is_section = true, .section = MIGR_SECTION_UPGRADE, .in_repeatable = true},
	{"downgrade", .is_section = true, .section = MIGR_SECTION_DOWNGRADE},
	{"verify", .is_section = true, .section = MIGR_SECTION_VERIFY, .in_repeatable = true},
	{"example", .is_section = true, .section = MIGR_SECTION_EXAMPLE},
	{"assert", .is_section = true, .section = MIGR_SECTION_ASSERT},
	{"assert_back", .is_section = true, .section = MIGR_SECTION_ASSERT_BACK},
	{"require", migr_options_read_require, .in_repeatable = true, .of_statement = true},
	{"expect", migr_options_read_expect, .needs_value = true, .in_repeatable = true, .of_statement = true},
	{"batch", migr_options_read_batch, .in_repeatable = true, .of_statement = true},
	{"allow", migr_options_read_allow, .needs_value = true, .in_repeatable = true, .of_statement = true,
	.repeats = true},
};

static int
find_directive(const char *name)
{
	for (int i = 0; i < (int) lengthof(directives); i++)
		if (strcmp(directives[i].name, name) == 0)
			return i;
	return -1;
}

static const char *
allowed_directives(const char *instead)
{
	StringInfoData text;
	MigrNear	near;

	initStringInfo(&text);
	migr_near_begin(&near, instead);
	for (int i = 0; i < (int) lengthof(directives); i++)
	{
		migr_near_add(&near, directives[i].name);
		appendStringInfo(&text, "%s%s",
						 i == 0 ? "" : i == (int) lengthof(directives) - 1 ? " and " : ", ",
						 directives[i].name);
	}
	return psprintf("%sDirectives are %s.", migr_near_question(&near), text.data);
}

/* Raise if a directive can't stand in the script that is being read. */
static void
check_allowed(MigrParser *parser, const MigrToken *token, const Directive *directive)
{
	if (parser->script == NULL)
		malformed_hint(parser, token->line,
					   "Each script starts with its \"-- migr:revision\" line.",
					   "directive \"%s\" before any revision", directive->name);
	if (parser->script->repeatable && !directive->in_repeatable)
		malformed_hint(parser, token->line,
					   "What stands in a repeatable script is message, created, depends, upgrade and verify.",
					   "a repeatable script has no \"%s\"", directive->name);
}

/* The beginning of a text for a message. */
static const char *
clip(const char *text, int bytes)
{
	int			len = strlen(text);

	return len <= bytes ? text
		: psprintf("%.*s...", pg_mbcliplen(text, len, bytes), text);
}

/* Plain SQL has been freed of the lines that mean something in it. */
static void
raise_plain(MigrParser *parser, const MigrToken *token)
{
	malformed_hint(parser, token->line,
				   "What the DDL of a schema can say in a line of its own: \"-- migr:renamed_from OLD_NAME\","
				   " \"-- migr:file NAME\", \"-- migr:after NAME\".",
				   "directive of a revision script in plain SQL");
}

/* Take a directive apart: returns its name, and sets *value to what is behind it. */
static char *
read_line(MigrParser *parser, const MigrToken *token, char **value)
{
	char	   *name = pnstrdup(parser->text + token->start + strlen("-- migr:"),
								token->end - token->start - strlen("-- migr:"));

	for (int n = strlen(name); n > 0 && migr_scan_isspace(name[n - 1]);)
		name[--n] = '\0';
	if (strchr(name, '\r'))
		malformed_hint(parser, token->line, LINE_END_RULE,
					   "carriage return within a directive");
	name += strspn(name, " \t");
	*value = name + strcspn(name, " \t");
	if (**value != '\0')
		*(*value)++ = '\0';
	*value += strspn(*value, " \t");

	for (const char *c = *value; *c != '\0'; c++)
		if ((unsigned char) *c < ' ' && *c != '\t')
			malformed(parser, token->line, "directive \"%s\" holds a control character", name);
	return name;
}

/* Read the value of a directive; seen has those that were there before. */
static void
read_value(MigrParser *parser, const MigrToken *token, const Directive *directive,
		   char *value, uint32 *seen)
{
	uint32		bit = 1U << (directive - directives);

	if (*value == '\0' && directive->needs_value)
		malformed(parser, token->line, "directive \"%s\" needs a value", directive->name);
	if ((*seen & bit) && !directive->repeats)
		malformed(parser, token->line, "directive \"%s\" is repeated", directive->name);
	*seen |= bit;
	if (directive->is_section)
		begin_section(parser, token, value, directive->section);
	else
		directive->read(parser, token, value);
	parser->end = token->end;
}

/* One that stands before a statement. */
static void
read_option(MigrParser *parser, const MigrToken *token, const Directive *directive, char *value)
{
	MigrSection *section = parser->section;
	int			kind = section ? section - parser->script->sections : -1;

	check_allowed(parser, token, directive);
	if (kind != MIGR_SECTION_UPGRADE && kind != MIGR_SECTION_DOWNGRADE)
		malformed_hint(parser, token->line,
					   "It stands before the statement that it is about, in an upgrade or downgrade section.",
					   section ? "%s %s section has no \"%s\"" : "%s%sdirective \"%s\" outside a section",
					   section == NULL ? "" : kind == MIGR_SECTION_VERIFY ? "a" : "an",
					   section ? migr_section_names[kind] : "", directive->name);
	if (parser->in_statement)
		malformed_hint(parser, token->line,
					   "It stands in front of a statement; is there no semicolon behind the one before?",
					   "directive \"%s\" within a statement", directive->name);
	if (parser->options == NULL)
	{
		parser->options = palloc0(sizeof(MigrStatementOptions));
		parser->options->line = token->line - parser->start_line + 1;
		parser->options_line = token->line;
		parser->options_seen = 0;
		section->options = lappend(section->options, parser->options);
	}
	read_value(parser, token, directive, value, &parser->options_seen);
}

static void
end_section(MigrParser *parser, int end)
{
	const MigrSection *section = parser->section;

	migr_parser_end_section(parser, end);
	if (section->options)
		migr_options_check(parser, section);
}

/* One of the script ends the section before it; one that begins a script, the script too. */
static void
read_directive(MigrParser *parser, const MigrToken *token)
{
	char	   *value;
	char	   *name = read_line(parser, token, &value);
	int			index;

	if (parser->name)
		raise_plain(parser, token);
	index = find_directive(name);
	if (index < 0)
		malformed_hint(parser, token->line, allowed_directives(name),
					   "unknown directive \"%s\"", name);
	if (directives[index].of_statement)
	{
		read_option(parser, token, &directives[index], value);
		return;
	}

	migr_parser_end_statement(parser, token);
	if (parser->section)
		end_section(parser, token->start);
	if (directives[index].begins)
	{
		int			start = parser->script ? migr_parser_next_start(parser) : 0;

		migr_parser_end_script(parser, start);
		parser->start = start;
		parser->start_line = token->line + 1 -
			migr_scan_line_at(parser->text + start, token->start - start);
		parser->seen = 0;
	}
	else
		check_allowed(parser, token, &directives[index]);
	read_value(parser, token, &directives[index], value, &parser->seen);
}

/*
 * Was this meant as a directive?  If not by the way it is written, then by how it
 * goes on: it may as well be a sentence.
 */
static bool
is_meant(const MigrParser *parser, const MigrLookalike *like, int index)
{
	if (like->form != MIGR_LOOKS_MAYBE)
		return like->form == MIGR_LOOKS_SURE;
	if (index < 0)
		return false;
	if (directives[index].is_section)
		return *like->value == '\0';
	return migr_lookalike_is_value(like->value) ||
		(parser->section == NULL && strcmp(like->name, "message") == 0);
}

/* Raise if a comment looks like a directive: what it says would be passed over. */
static void
check_comment(MigrParser *parser, const MigrToken *token)
{
	MigrLookalike like = migr_lookalike_read(parser->text, token);
	const char *text = parser->text + token->start;
	const char *hint;
	int			index;

	if (like.form == MIGR_LOOKS_OTHERWISE)
		return;
	index = find_directive(like.name);
	if (!is_meant(parser, &like, index) &&
		!(parser->name && strcmp(like.name, "renamed_from") == 0 && migr_lookalike_is_value(like.value)))
		return;
	if (parser->name)
		raise_plain(parser, token);

	if (like.behind_return)
		hint = LINE_END_RULE;
	else if (!like.own_line)
		hint = "A directive stands in a line of its own; is there no newline at the end of a file?";
	else if (index < 0)
		hint = psprintf("A directive begins with \"-- migr:\", in the first column. %s",
						allowed_directives(like.name));
	else
		hint = psprintf("Write \"-- migr:%s%s%s\", from the first column on.",
						like.name, *like.value ? " " : "", clip(like.value, VALUE_SHOWN));
	malformed_hint(parser, token->line, hint,
				   "\"%s\" looks like a directive, and is none",
				   clip(pnstrdup(text, token->end - token->start), VALUE_SHOWN));
}

/* Read the input to its end. */
static void
read_input(MigrParser *parser, int len)
{
	MigrToken	token;

	migr_scan_begin(&parser->scan, parser->text, len);
	parser->scan.comments = true;
	parser->scan.line += parser->lines_before;
	do
	{
		switch (migr_scan_next(&parser->scan, &token))
		{
			case MIGR_TOKEN_UNTERMINATED:
				malformed(parser, token.line,
						  "a quote or comment that starts here never ends");
				break;
			case MIGR_TOKEN_END:
				migr_parser_end_statement(parser, &token);
				if (parser->section)
					end_section(parser, token.start);
				break;
			case MIGR_TOKEN_DIRECTIVE:
				read_directive(parser, &token);
				break;
			case MIGR_TOKEN_COMMENT:
				check_comment(parser, &token);
				break;
			case MIGR_TOKEN_QUOTED:
				if (memchr(parser->text + token.start, '\n', token.end - token.start))
					parser->quoted = lappend_int(lappend_int(parser->quoted, token.start),
												 token.end);
				migr_parser_read_sql(parser, &token);
				break;
			default:
				migr_parser_read_sql(parser, &token);
		}
	} while (token.kind != MIGR_TOKEN_END);
}

/* Read revision scripts, or the plain SQL of one. */
static void
read_text(MigrParser *parser, const char *text, int len, MigrScript *plain)
{
	parser->text = text;
	parser->quoted = NIL;
	if (plain)
	{
		memset(plain->sections, 0, sizeof(plain->sections));
		parser->script = plain;
		parser->start_line = 1;
		parser->section = &plain->sections[MIGR_SECTION_UPGRADE];
		parser->section->present = true;
		parser->section->line = 1;
	}
	read_input(parser, len);
	if (plain == NULL)
		migr_parser_end_script(parser, len);
}

/*
 * Line ends are how a file is kept, but for those within quotes, which are part
 * of what it says.  Where that is only reading it tells, so a text that has some
 * is read twice.
 */
static void
read_lines(MigrParser *parser, const char *input, MigrScript *plain)
{
	MigrParser	again = *parser;
	int			len;
	const char *text = migr_text_normalise(input, &len);
	const char *kept = NULL;

	read_text(parser, text, len, plain);
	if (parser->quoted != NIL && text != input)
		kept = migr_text_restore_returns(input, text, parser->quoted, &len);
	if (kept)
	{
		*parser = again;
		read_text(parser, kept, len, plain);
	}
}

List *
migr_script_parse(const char *input, const char *file)
{
	MigrParser	parser = {.file = file};

	read_lines(&parser, input, NULL);
	return parser.scripts;
}

List *
migr_script_parse_headed(const char *input, const char *file, bool headed)
{
	List	   *scripts = migr_script_parse(input, file);
	MigrScript *first = scripts == NIL ? NULL : linitial(scripts);

	if (first)
		first->headed = headed && first->text == input;
	return scripts;
}

List *
migr_script_parse_part(const char *part, int first_line)
{
	MigrParser	parser = {.lines_before = first_line - 1};

	read_text(&parser, part, strlen(part), NULL);
	return parser.scripts;
}

MigrScript *
migr_script_of_sql(const char *sql, const char *name)
{
	MigrScript *script = palloc0(sizeof(MigrScript));
	MigrParser	parser = {.name = name};

	script->name = name;
	script->message = "";
	script->transaction = true;
	read_lines(&parser, sql, script);
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

const char *
migr_script_noun(const MigrScript *script)
{
	return script->repeatable ? "repeatable script" : "revision";
}
