/*
 * view.h
 *		A state as it is shown: what is true of each revision besides.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_VIEW_H
#define MIGR_VIEW_H

#include "store/store.h"

typedef struct MigrView
{
	const MigrState *state;
	const bool *current;		/* the applied heads */
	const bool *tips;			/* applied, and no applied one revises them */
	List	  **labels;			/* in force, by node */
	const MigrVersion **versions;	/* by node, NULL where there is no row */
} MigrView;

/* Of a state and the rows of the version table; refers to both. */
extern MigrView migr_view_create(const MigrState *state, const List *versions);

/* Add rows of the version table. */
extern void migr_view_set_versions(MigrView *view, const List *versions);

/* The columns of migr.revision_info, from 0. */
#define MIGR_INFO_REVISION		0
#define MIGR_INFO_IS_HEAD		7
#define MIGR_INFO_IS_BRANCH		8
#define MIGR_INFO_COLUMNS		15

typedef struct MigrInfo
{
	Datum		values[MIGR_INFO_COLUMNS];
	bool		nulls[MIGR_INFO_COLUMNS];
} MigrInfo;

/* What there is to know of a node. */
extern MigrInfo migr_view_info(const MigrView *view, int node);

/* The members of a set (NULL: all), newest first: how many, in *order. */
extern int	migr_view_order(const MigrView *view, const bool *members, int **order);

#endif							/* MIGR_VIEW_H */
