/*
 * scan.h
 *		SQL text as a run of tokens, with no grammar.
 *
 * Says where quotes, dollar quotes and comments end, so that the script
 * parser can tell a directive line from text that only looks like one.  It
 * follows the rules of the server's own lexer; it never splits statements.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_SCAN_H
#define MIGR_SCAN_H

typedef enum MigrTokenKind
{
	MIGR_TOKEN_END,				/* end of the text */
	MIGR_TOKEN_DIRECTIVE,		/* a whole "-- migr:" line */
	MIGR_TOKEN_COMMENT,			/* from "--" on, if these are asked for */
	MIGR_TOKEN_WORD,			/* keyword, name or number */
	MIGR_TOKEN_QUOTED,			/* string, dollar quote or quoted name */
	MIGR_TOKEN_SEMICOLON,
	MIGR_TOKEN_BACKSLASH,		/* no SQL: a psql command */
	MIGR_TOKEN_OTHER,			/* any other single byte */
	MIGR_TOKEN_UNTERMINATED		/* a quote or comment that never ends */
} MigrTokenKind;

typedef struct MigrToken
{
	MigrTokenKind kind;
	int			start;			/* first byte */
	int			end;			/* byte after the last */
	int			line;			/* of the first byte, from 1 */
} MigrToken;

typedef struct MigrScan
{
	const char *text;
	int			len;
	int			pos;
	int			line;
	bool		escapes;		/* backslash escapes in plain '…' strings */
	bool		comments;		/* those behind "--" are tokens; off at first */
} MigrScan;

/* Is what stands behind "-- migr:" a remark in a script that migr wrote, no directive? */
extern bool migr_scan_is_remark(const char *behind);

/* White space, whatever the locale and the server major say of it. */
extern bool migr_scan_isspace(char c);

/* Start at the beginning of text, which need not end with a NUL. */
extern void migr_scan_begin(MigrScan *scan, const char *text, int len);

/* Skip blanks and comments, read one token, return its kind. */
extern MigrTokenKind migr_scan_next(MigrScan *scan, MigrToken *token);

/* Does a token stand for a name, as a word or quoted?  Not U&"…". */
extern bool migr_scan_is_name(const MigrScan *scan, const MigrToken *token,
							  const char *name);

/*
 * Is a token a string constant?  Sets *string to what it says, or to NULL if
 * that takes more than reading it: it goes on in a later line, or it has escapes
 * by number, or Unicode ones.
 */
extern bool migr_scan_string(const MigrScan *scan, const MigrToken *token,
							 char **string);

/* Read what is left of the line, whatever it holds; false at the end. */
extern bool migr_scan_line(MigrScan *scan, MigrToken *line);

/* Is there nothing but blanks and a comment up to the end of the line? */
extern bool migr_scan_rest_of_line_blank(const MigrScan *scan);

/* Line (from 1) on which byte pos of text stands. */
extern int	migr_scan_line_at(const char *text, int pos);

#endif							/* MIGR_SCAN_H */
