/*
 * summary.h
 *		What a run tells when it is done.
 *
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_SUMMARY_H
#define MIGR_SUMMARY_H

#include "graph/plan.h"

/* What came of a run. */
typedef struct MigrSummary
{
	MigrDirection direction;
	int			count;			/* revisions that ran */
	int64		microseconds;	/* that all of it took */
	List	   *heads;			/* where the database is: ids (char *) */
	bool		dry;			/* all of it is taken back */
} MigrSummary;

/* Define migr.show_summary. */
extern void migr_summary_init(void);

/* Is it on? */
extern bool migr_summary_is_shown(void);

/* Tell it in a NOTICE, unless migr.show_summary is off. */
extern void migr_summary_tell(const MigrSummary *summary);

#endif							/* MIGR_SUMMARY_H */
