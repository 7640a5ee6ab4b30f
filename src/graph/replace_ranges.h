/*
 * replace_ranges.h
 *		What nodes replace, before there is a graph of what is in force.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_REPLACE_RANGES_H
#define MIGR_REPLACE_RANGES_H

#include "graph/graph.h"

/* Is there a squash among the nodes? */
extern bool migr_replace_ranges_any(const MigrNode *nodes, int count);

/* The graph of all nodes, side by side; they stay as they are. */
extern MigrGraph *migr_replace_ranges_graph(const MigrNode *nodes, int count);

/* Write out the ranges that the nodes of these ids (char *) replace. */
extern void migr_replace_ranges_expand(MigrNode *nodes, int count, const List *ids);

#endif							/* MIGR_REPLACE_RANGES_H */
