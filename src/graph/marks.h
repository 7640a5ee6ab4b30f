/*
 * marks.h
 *		Where a database is, revision by revision.  Pure.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_MARKS_H
#define MIGR_MARKS_H

#include "graph/resolve.h"

typedef enum MigrMark
{
	MIGR_MARK_PENDING,
	MIGR_MARK_APPLIED,
	MIGR_MARK_CURRENT
} MigrMark;

/* What users call them. */
extern const char *const migr_mark_names[];

/* The applied revisions that no applied one revises: what is current. */
extern bool *migr_marks_tips(const MigrState *state);

/* The mark of each node. */
extern MigrMark *migr_marks(const MigrState *state);

#endif							/* MIGR_MARKS_H */
