/*
 * record_gate.h
 *		Runs that touch what is not as the last one left it are refused, where
 *		migr.refuse_on_drift is on.
 *
 * What is not as it was recorded is looked for before the run, among rows of the
 * catalogs that are newer than the record.  What the run has touched is known when its
 * statements have run, whatever they did it by: then it is refused, and nothing of it
 * stays.  A table counts with all that stands on it.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_RECORD_GATE_H
#define MIGR_RECORD_GATE_H

#include "nodes/pg_list.h"

#include "snapshot/touched.h"

typedef struct MigrGate
{
	bool		on;
	List	   *changed;		/* what is not as it was recorded; NIL: nothing is refused */
	MigrTouchMark mark;			/* where the run begins */
} MigrGate;

/*
 * Before a run.  Raises 55000 if there is a record that can't be gone by, and what
 * hinders a look at what has changed.
 */
extern void migr_gate_begin(MigrGate *gate);

/* Behind its statements, in the same transaction: raise MG014. */
extern void migr_gate_end(const MigrGate *gate);

/*
 * Behind the record: raise MG014 if somebody has changed meanwhile what stands beside what
 * the run has touched; by_hand as in MigrRecording.
 */
extern void migr_gate_end_hand(const MigrGate *gate, const List *by_hand);

/*
 * Instead of both, before what runs in transactions of its own: raise MG014 if anything
 * has changed, as what it will touch is not known.
 */
extern void migr_gate_apart(void);

#endif							/* MIGR_RECORD_GATE_H */
