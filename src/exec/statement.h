/*
 * statement.h
 *		A section to statements, split by the server's own parser.
 *
 * Also says of each what the runner has to know, and raises what no revision
 * may contain: MG006 for transaction control and COPY without data, 55000 for
 * dropping the extension, the server's error for bad syntax.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_STATEMENT_H
#define MIGR_STATEMENT_H

#include "script/script.h"
#include "script/statement_options.h"

typedef struct MigrStatement
{
	int			start;			/* first token, in the section's sql */
	int			end;			/* byte after the last, semicolon excluded */
	int			line;			/* of the first token in the script */
	bool		writes_rows;	/* may leave deferred triggers behind */
	int			log_level;		/* from which log_statement on it is logged */
	bool		moves_rows;		/* and is no DDL: changes rows, or may do so */
	bool		plans_tests;	/* calls pgTAP's plan() or no_plan() */
	bool		changes_settings;	/* may leave SETs behind */
	bool		sets;			/* does nothing else */
	bool		needs_owner;	/* of what it names */
	const char *unknown_setting;	/* which it sets, and which is to be passed
									 * over; or NULL */
	const char *sets_alone;		/* the parameter that SET gives a value, or NULL */
	bool		at_head;		/* of its section, among settings alone */
	bool		is_query;		/* whose rows come back */
	const char *ends_early;		/* temporary table that it makes ON COMMIT DROP, or NULL */
	bool		comments_migr;	/* with the comment that it has, as a dump does:
								 * it is passed over */
	const char *adds_label;		/* to an enum, or NULL */
	const char *tag;			/* what the server calls its sort */
	const char *outside;		/* command that no transaction block may hold,
								 * or NULL */
	bool		commits;		/* may end the transaction by itself: DO, CALL */
	bool		isolates;		/* sets the isolation level, for which others were too early */
	bool		patient;		/* waits for others for long, and nobody for it */
	const MigrCopyData *copy;	/* data of COPY … FROM stdin, or NULL */
	int			encoding_start; /* what its option ENCODING says, in the section's */
	int			encoding_end;	/* sql; 0 if it has none */
	MigrStatementOptions options;	/* what stands before it; all false: nothing */
} MigrStatement;

/* "revision "…", upgrade section": how messages name a section. */
extern char *migr_stmt_place(const MigrScript *script, MigrSectionKind kind);

/* A statement's text in one line, and not too long for a message. */
extern char *migr_stmt_show(const MigrSection *section, const MigrStatement *statement);

/* The statements of a section (MigrStatement *); NIL if there is none. */
extern List *migr_stmt_split(const MigrScript *script, MigrSectionKind kind);

/* Raise 25001 if one of them is known to refuse a transaction. */
extern void migr_stmt_check_inside(const MigrScript *script, const List *statements);

#endif							/* MIGR_STATEMENT_H */
