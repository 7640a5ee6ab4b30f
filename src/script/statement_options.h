/*
 * statement_options.h
 *		What the directives in front of a statement say of it.
 *
 * Pure.  The statement itself, and so whether they can stand there, is known when
 * the section is read to its end.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_STATEMENT_OPTIONS_H
#define MIGR_STATEMENT_OPTIONS_H

#include "nodes/pg_list.h"

typedef struct MigrStatementOptions
{
	int			start;			/* of the statement, in the section's sql */
	int			line;			/* of the first of the directives, in the script */
	bool		required;		/* a query that has to be true before anything runs */
	bool		expected;		/* a number of rows: */
	int64		expected_min;
	int64		expected_max;
	bool		batched;		/* repeated until it changes no row */
	int			batch_size;		/* rows at a time; 0: it does not say */
	int			batch_pause;	/* milliseconds between, where each time commits */
	bool		batch_limited;	/* the statement itself says how many rows */
	List	   *allowed;		/* char *: rules whose hazards are meant */
} MigrStatementOptions;

/*
 * The rules that "-- migr:allow" can name, ending with NULL; static storage.  Called
 * when the library is loaded.
 */
extern void migr_statement_options_rules(const char *const *rules);

/* What the author has said of expected rows: "1..100". */
extern char *migr_statement_options_range(const MigrStatementOptions *options);

#endif							/* MIGR_STATEMENT_OPTIONS_H */
