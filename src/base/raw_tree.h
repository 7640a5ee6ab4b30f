/*
 * raw_tree.h
 *		What the server's parse tree tells of a statement, before any name in it is
 *		looked up.
 *
 * Pure.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_RAW_TREE_H
#define MIGR_RAW_TREE_H

#include "nodes/nodes.h"

/* Does it change rows, as WITH … AS (DELETE …) in a SELECT does? */
extern bool migr_raw_changes_rows(Node *node);

/* Is it a query that reads, and neither makes a table nor locks rows? */
extern bool migr_raw_only_reads(Node *node);

/* Has a query, or one within, a WHERE or an EXCEPT? */
extern bool migr_raw_has_condition(Node *node);

/*
 * Does UPDATE, DELETE or INSERT … SELECT say by a LIMIT how many rows it takes?
 * In what it writes into the rows, a LIMIT says something else.
 */
extern bool migr_raw_limits_rows(Node *node);

/* Is it a query whose rows come back? */
extern bool migr_raw_is_query(Node *node);

/* The parameter that SET gives a value, or its default, for the session; or NULL. */
extern const char *migr_raw_sets_alone(Node *node);

/* The temporary table that it makes ON COMMIT DROP, or NULL. */
extern const char *migr_raw_ends_early(Node *node);

#endif							/* MIGR_RAW_TREE_H */
