/*
 * head_marks.h
 *		What is stored of which revisions are heads.
 *
 * Private to store.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_HEAD_MARKS_H
#define MIGR_HEAD_MARKS_H

#include "store/store.h"

/*
 * Make the stored marks agree with a graph, of which heads are those by node;
 * what it lacks is left alone.
 */
extern void migr_heads_correct(MigrDb *db, const MigrGraph *stored, const MigrGraph *now,
							   const bool *heads);

#endif							/* MIGR_HEAD_MARKS_H */
