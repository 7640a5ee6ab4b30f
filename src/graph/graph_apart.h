/*
 * graph_apart.h
 *		A part of a graph that is for somebody else, and the graph without it.
 *
 * Pure, as graph.h is.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_GRAPH_APART_H
#define MIGR_GRAPH_APART_H

#include "graph/graph.h"

/*
 * The branch that a label names, as migr_graph_branch() has it; NULL if no revision bears
 * the label.
 */
extern bool *migr_apart_branch(const MigrGraph *graph, const char *label);

/* A node outside of the set that stands on one of it, or -1; that one is in *below. */
extern int	migr_apart_find_standing(const MigrGraph *graph, const bool *set, int *below);

/*
 * The graph without a set, on which nothing else stands (else MG005; label is for the
 * message).  Nodes are shared with the graph.
 */
extern MigrGraph *migr_apart_without(MigrGraph *graph, const bool *set, const char *label);

/* The revision of what was left out of a graph that has this id or label; NULL: none. */
extern const char *migr_apart_find(const MigrGraph *graph, const char *name);

#endif							/* MIGR_GRAPH_APART_H */
