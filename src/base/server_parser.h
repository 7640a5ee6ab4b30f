/*
 * server_parser.h
 *		The server's own parser, for text that is not the client's query.
 *
 * An error's cursor points into the statement at fault, as it does for a
 * query that SPI runs, and never into the client's own query.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_SERVER_PARSER_H
#define MIGR_SERVER_PARSER_H

#include "nodes/parsenodes.h"
#include "nodes/pg_list.h"
#include "nodes/plannodes.h"

#include "base/subxact.h"

/*
 * Raw statements (RawStmt) of sql.  Raises the server's error for bad SQL;
 * unless what is NULL, its context is what and the line, counted from
 * first_line.
 */
extern List *migr_parse(const char *sql, const char *what, int first_line);

/* The same, but NULL in *failure becomes the error.  NIL then. */
extern List *migr_parse_try(const char *sql, ErrorData **failure);

/*
 * Do work that looks at text alone, in no subtransaction: it must touch no
 * catalog and hold nothing but memory.  Returns the error about the text that
 * ended it, with no context but the work's own; NULL if none did.
 */
extern ErrorData *migr_parse_attempt(MigrWork work, void *arg);

/* One utility statement, which needs no planning, as what the server runs. */
extern PlannedStmt *migr_parse_utility(const char *sql);

/* Byte offset in sql of an error position, which counts characters from 1. */
extern int	migr_parse_byte(const char *sql, int position);

/* Is statement a COPY that reads the client's data? */
extern bool migr_parse_is_copy_in(Node *statement);

/*
 * First byte of the statement's first token: stmt_location counts blanks and
 * comments in front of it before PostgreSQL 18.
 */
extern int	migr_parse_start(const char *sql, RawStmt *statement);

/* Byte after the statement's last token, its semicolon not counted. */
extern int	migr_parse_end(const char *sql, RawStmt *statement);

#endif							/* MIGR_SERVER_PARSER_H */
