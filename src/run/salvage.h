/*
 * salvage.h
 *		What a run drops with rows is kept, and put back by the way back.
 *
 * While migr.keep_dropped says for how long, and scripts of a run go on in this session:
 * whatever statement drops tables with rows, or columns with values, runs in a
 * subtransaction first, so that all errors are the server's own, and all that it would take
 * is known.  If that has rows, it is taken back; a table is moved into schema migr_kept,
 * which costs no more than its catalog rows; the values of a column are copied there,
 * with the table's key; and the statement runs again, on what is left.  What can't be kept
 * is not dropped: 55000, with the way out.
 *
 * What an upgrade section dropped, the downgrade section of the same revision gets back,
 * and the other way round: values of a column behind the ALTER TABLE that adds it, rows
 * of a table when the section has run.
 *
 * Nobody gains a right: a table that is kept belongs to whom it did, without anybody
 * else's privileges; its rows go back with the rights of who runs, if he has its owner's.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_SALVAGE_H
#define MIGR_SALVAGE_H

#include "exec/statement.h"
#include "graph/plan.h"

/* Define migr.keep_dropped, and see to statements. */
extern void migr_salvage_init(void);

/*
 * Statements of a section of a revision, or repeatable script, come next in this session.
 * It ends with the leave, or the statement of the client's.  Tenant: whose run it is, if it is
 * one's, which gets back what was in its own schema and nothing else.
 */
extern void migr_salvage_enter(const char *revision, MigrDirection direction, const char *tenant);
extern void migr_salvage_leave(void);

/*
 * Before the transaction of a step of a deploy's: copy, some pages in a transaction each, the
 * values of columns that its statements say they drop, so that the table is not locked for
 * so long; and behind it, whatever came of it.  Between transactions, both.
 */
extern void migr_salvage_ahead(const MigrScript *script, MigrDirection direction, List *statements);
extern void migr_salvage_ahead_end(void);

/* The section has run: put back the rows that it has made room for. */
extern void migr_salvage_section_end(void);

#endif							/* MIGR_SALVAGE_H */
