/*
 * directed.h
 *		Run statements as the directives in front of them say.
 *
 * For sections that run where the rows are.  Builds from nothing have none: they
 * run each statement once, and ask and count nothing.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_DIRECTED_H
#define MIGR_DIRECTED_H

#include "exec/statement.h"

/*
 * Ask what a section requires, before its first statement runs, with the settings
 * that the section makes in front of it.  55000 if a query does not return true.  No
 * lock that it takes is kept, and nothing that it does.
 */
extern void migr_directed_require(const MigrScript *script, MigrSectionKind kind,
								  List *statements);

/*
 * Run a statement in the transaction that there is: a batch until it changes no
 * row.  Nothing, if it has been asked beforehand.  21000 if it changes another
 * number of rows than is expected.
 */
extern void migr_directed_run(const char *place, const MigrSection *section,
							  const MigrStatement *statement);

/* Raise if these are not the rows that are expected, if that is said. */
extern void migr_directed_check_rows(const char *place, const MigrStatement *statement,
									 uint64 rows);

#endif							/* MIGR_DIRECTED_H */
