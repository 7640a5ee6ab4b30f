/*
 * exec.h
 *		Run one statement of a script as the caller.
 *
 * With the caller's identity and search_path, inside the caller's
 * transaction.  An error keeps its SQLSTATE; its cursor points into the
 * statement, its context names the place.  Knows nothing of revisions.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_EXEC_H
#define MIGR_EXEC_H

#include "executor/spi.h"

#include "exec/statement.h"

/* What is done with the rows of a statement. */
typedef void (*MigrResultCheck) (SPITupleTable *rows, void *arg);

/*
 * Write a statement to the server's log before it runs, if log_statement asks
 * for those of its sort: the server itself logs only what a client sends.
 */
extern void migr_exec_log(const char *place, const MigrSection *section,
						  const MigrStatement *statement);

/*
 * Run a statement of a section once, whatever stands before it; place is how
 * messages name the section.  check, if any, sees what a query returns.  Returns
 * the number of rows that it has changed, or returned.
 */
extern uint64 migr_exec_statement(const char *place, const MigrSection *section,
								  const MigrStatement *statement,
								  MigrResultCheck check, void *arg);

/* What is run in the stead of a statement, with SPI; sql is the statement's text. */
typedef void (*MigrExecWork) (const char *sql, void *arg);

/* Do that where the statement stands: an error is one of the statement's. */
extern void migr_exec_instead(const char *place, const MigrSection *section,
							  const MigrStatement *statement, MigrExecWork work, void *arg);

/*
 * The same for a utility statement that may end the transaction and begin
 * another, as DO and CALL can; not in a subtransaction, and with one snapshot
 * pushed, in the place of which there is another one then.
 */
extern void migr_exec_alone(const char *place, const MigrSection *section,
							const MigrStatement *statement);

/*
 * The same between two transactions of a procedure (xact.h): with no snapshot
 * before it, and none behind.
 */
extern void migr_exec_top(const char *place, const MigrSection *section,
						  const MigrStatement *statement);

/* The same for a command of our own. */
extern void migr_exec_command(const char *sql);

/*
 * Fire the deferred triggers that are waiting, as the end of a transaction
 * would, and leave every constraint as deferred as it was created.
 */
extern void migr_exec_settle(const char *place);

#endif							/* MIGR_EXEC_H */
