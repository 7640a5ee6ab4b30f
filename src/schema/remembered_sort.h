/*
 * remembered_sort.h
 *		What the parse tree tells of a statement of desired DDL: may what it makes be
 *		remembered, and by which names does it act on what?
 *
 * Whatever is not known here counts as what can't be remembered.
 *
 * Pure.
 *
 * Private to schema.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_REMEMBERED_SORT_H
#define MIGR_REMEMBERED_SORT_H

#include "nodes/nodes.h"
#include "nodes/pg_list.h"

typedef enum MigrStatementSort
{
	MIGR_STATEMENT_VOLATILE,	/* it may make something else the next time */
	MIGR_STATEMENT_WHOLE,		/* what it acts on is not told by names */
	MIGR_STATEMENT_STANDING,	/* it may act on all that come later: never left out */
	MIGR_STATEMENT_FIXED,		/* acts on what it names; says who owns what, or more */
	MIGR_STATEMENT_FREE			/* acts on what it names */
} MigrStatementSort;

typedef struct MigrStatementSaid
{
	MigrStatementSort sort;
	List	   *targets;		/* char *: last parts of the names of what it makes or changes */
	bool		creates;		/* it makes them */
	bool		sets;			/* it sets something for those that come later */
	bool		is_weak;		/* for what others make of its targets it does not matter */
	bool		has_partitions; /* it partitions, or makes a partition */
	bool		copies;			/* it copies a table's parts (LIKE) */
	bool		is_comment;
	bool		is_enum;
	bool		is_routine;
} MigrStatementSaid;

extern MigrStatementSaid migr_statement_said(Node *node);

#endif							/* MIGR_REMEMBERED_SORT_H */
