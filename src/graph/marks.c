/*
 * marks.c
 *		Where a database is, revision by revision.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "graph/marks.h"

const char *const migr_mark_names[] = {"pending", "applied", "current"};

bool *
migr_marks_tips(const MigrState *state)
{
	return migr_set_topmost(state->graph, state->applied, MIGR_DOWN);
}

MigrMark *
migr_marks(const MigrState *state)
{
	bool	   *tips = migr_marks_tips(state);
	MigrMark   *marks = palloc((state->graph->count + 1) * sizeof(MigrMark));

	for (int i = 0; i < state->graph->count; i++)
		marks[i] = tips[i] ? MIGR_MARK_CURRENT
			: state->applied[i] ? MIGR_MARK_APPLIED : MIGR_MARK_PENDING;
	pfree(tips);
	return marks;
}
