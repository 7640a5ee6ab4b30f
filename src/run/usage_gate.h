/*
 * usage_gate.h
 *		Upgrades that drop what is in use are refused, where
 *		migr.refuse_drop_used_within says so.
 *
 * What counts is what is really dropped, whatever dropped it: the server tells of each
 * object, with those that go with it.  When the statements have run, there may be
 * something of the same name in its place, for who uses it: then nothing is refused; of
 * a table, this must have the columns that are used.  What the run itself has made may
 * go again, and temporary tables, and indexes that are not valid.
 *
 * What was dropped although it was in use stands in the log.
 *
 * Private to run.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_USAGE_GATE_H
#define MIGR_USAGE_GATE_H

/* Begin to look, in the transaction of a run. */
extern void migr_usage_gate_begin(void);

/*
 * Behind its statements: raise MG013; else what there is to say for the log, or NULL.
 * Without a begin, NULL.
 */
extern char *migr_usage_gate_end(void);

/*
 * The same for statements that commit by themselves, until it is stopped: what is in use
 * is not dropped at all.
 */
extern void migr_usage_gate_begin_apart(void);
extern char *migr_usage_gate_told(void);
extern void migr_usage_gate_stop(void);

#endif							/* MIGR_USAGE_GATE_H */
