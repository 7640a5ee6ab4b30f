/*
 * script_parser.h
 *		What the readers of directives and of SQL share: the parser's state.
 *
 * The parser goes once through its input; whatever is wrong is raised with the
 * revision, the line within its script, and the line of the input.
 * Private to script.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_SCRIPT_PARSER_H
#define MIGR_SCRIPT_PARSER_H

#include "base/errors.h"
#include "base/scan.h"
#include "script/script.h"
#include "script/statement_options.h"

/* A line within a section that is no SQL. */
typedef struct MigrPassedOver
{
	MigrToken	line;
	int			place;			/* of its first byte in the section's sql */
} MigrPassedOver;

/* What has been read so far of one input. */
typedef struct MigrParser
{
	const char *text;			/* the normalised input */
	const char *file;			/* or NULL */
	const char *name;			/* of plain SQL; NULL: revision scripts */
	MigrScan	scan;
	int			lines_before;	/* of the input, if this is a part of it */
	List	   *scripts;		/* finished ones */
	List	   *quoted;			/* of what is quoted in several lines: first
								 * bytes and those behind the last, by turns */

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
	int			left_out;		/* bytes of COPY data that its sql lacks */
	bool		transaction_word;	/* may hold transaction control */
	List	   *passed_over;	/* MigrPassedOver * */

	/* The statement being read, by its first token. */
	bool		in_statement;
	MigrToken	first;

	/* The directives in front of the next statement, or NULL. */
	MigrStatementOptions *options;
	int			options_line;	/* of the first, in the input */
	uint32		options_seen;	/* by their index in the table */
} MigrParser;

/* "malformed script of revision … at line …"; line is of the input. */
extern const char *migr_parser_place(const MigrParser *parser, int line);

/* For ereport: which line of the input that is, if it is another one. */
extern int	migr_parser_place_detail(const MigrParser *parser, int line);

#define malformed(parser, line, ...) \
	ereport(ERROR, \
			(errcode(ERRCODE_MIGR_MALFORMED_SCRIPT), \
			 errmsg("%s: %s", migr_parser_place(parser, line), psprintf(__VA_ARGS__)), \
			 migr_parser_place_detail(parser, line)))

#define malformed_hint(parser, line, hint, ...) \
	ereport(ERROR, \
			(errcode(ERRCODE_MIGR_MALFORMED_SCRIPT), \
			 errmsg("%s: %s", migr_parser_place(parser, line), psprintf(__VA_ARGS__)), \
			 migr_parser_place_detail(parser, line), errhint("%s", hint)))

/* A statement ends at token: a semicolon, a directive or the end. */
extern void migr_parser_end_statement(MigrParser *parser, const MigrToken *token);

/* The section's text ends at byte end of the input. */
extern void migr_parser_end_section(MigrParser *parser, int end);

/*
 * Byte at which the text of the next script starts: behind the last script,
 * less the blank lines between.  Comments in between belong to what follows.
 */
extern int	migr_parser_next_start(const MigrParser *parser);

/* The script being read ends; its text goes to byte end of the input. */
extern void migr_parser_end_script(MigrParser *parser, int end);

/* A piece of SQL. */
extern void migr_parser_read_sql(MigrParser *parser, const MigrToken *token);

#endif							/* MIGR_SCRIPT_PARSER_H */
