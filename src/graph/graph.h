/*
 * graph.h
 *		Revisions as a directed acyclic graph.
 *
 * Pure: no database, no I/O, no recursion; what is wrong with a graph comes
 * back as values.  Nodes are numbered in the order of their ids (byte by
 * byte), so a smaller number is a smaller id.  Everything is linear in the
 * number of nodes and edges, but for the sorting by id.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_GRAPH_H
#define MIGR_GRAPH_H

#include "nodes/pg_list.h"

/* Ways to walk from a node to others. */
typedef enum MigrEdges
{
	MIGR_DOWN,					/* to what it revises */
	MIGR_DOWN_ALL,				/* to what it revises or depends on */
	MIGR_UP,					/* to what revises it */
	MIGR_UP_ALL					/* to what revises it or depends on it */
} MigrEdges;

#define MIGR_EDGES (MIGR_UP_ALL + 1)

/* What the caller knows of a revision; names are char *. */
typedef struct MigrNode
{
	const char *id;
	List	   *revises;		/* ids */
	List	   *depends;		/* ids or labels */
	List	   *labels;
	List	   *replaces;		/* ids for which it stands; replace.h */
	List	   *known_as;		/* those by which it can be called itself */
	void	   *info;			/* the caller's own */
} MigrNode;

typedef struct MigrNeighbours
{
	int			count;
	const int  *nodes;
} MigrNeighbours;

typedef struct MigrLabel
{
	const char *name;
	int			node;
} MigrLabel;

/* A name for which a node stands. */
typedef struct MigrAlias
{
	const char *name;
	int			node;
} MigrAlias;

typedef enum MigrProblemKind
{
	MIGR_PROBLEM_DUPLICATE_ID,
	MIGR_PROBLEM_DUPLICATE_LABEL,
	MIGR_PROBLEM_MISSING_PARENT,
	MIGR_PROBLEM_MISSING_DEPENDENCY,
	MIGR_PROBLEM_CYCLE,
	MIGR_PROBLEM_SQUASH
} MigrProblemKind;

typedef struct MigrProblem
{
	MigrProblemKind kind;
	const char *revision;
	char	   *message;		/* a primary message */
	char	   *detail;			/* a sentence, or NULL */
	const char *missing;		/* what it names and there is not, or NULL */
} MigrProblem;

typedef struct MigrGraph
{
	int			count;
	MigrNode   *nodes;			/* by id */
	int			nlabels;
	MigrLabel  *labels;			/* by name */
	int			naliases;
	MigrAlias  *aliases;		/* by name */
	List	   *lost;			/* MigrLost *; replace.h */
	bool	   *dangling;		/* by node: stands on one of these; NULL if none is lost */
	int		   *offsets[MIGR_EDGES];	/* count + 1 each, into targets */
	int		   *targets[MIGR_EDGES];
	List	   *problems;		/* MigrProblem *; NIL for a sound graph */
	const struct MigrGraph *whole;	/* of which it is a part: graph_apart.h; NULL: it is all */
} MigrGraph;

/*
 * Build a graph of nodes, which it takes over and sorts.  Allocates in
 * CurrentMemoryContext.  With problems the graph can be looked at, but must
 * not be walked in order.
 */
extern MigrGraph *migr_graph_create(MigrNode *nodes, int count);

/* Raise the first problem, if any, as MG005. */
extern void migr_graph_check(const MigrGraph *graph);

/* Node with exactly this id, or -1. */
extern int	migr_graph_find(const MigrGraph *graph, const char *id);

/* Node that carries exactly this label, or -1. */
extern int	migr_graph_find_label(const MigrGraph *graph, const char *label);

/* Node that stands for what has this id, or -1. */
extern int	migr_graph_find_alias(const MigrGraph *graph, const char *id);

/* Note a problem; message and detail (or NULL) are not copied. */
extern void migr_graph_add_problem(MigrGraph *graph, MigrProblemKind kind,
								   const char *revision, char *message, char *detail);

extern MigrNeighbours migr_graph_neighbours(const MigrGraph *graph, int node,
											MigrEdges edges);

/* Has node a neighbour in members (NULL: all)? */
extern bool migr_graph_has_neighbour(const MigrGraph *graph, int node,
									 MigrEdges edges, const bool *members);

/* Add to the set all that can be reached from it. */
extern void migr_graph_close(const MigrGraph *graph, bool *set, MigrEdges edges);

/*
 * Put the members (NULL: all) into an order in which each node comes behind
 * its neighbours by MIGR_DOWN_ALL (or by MIGR_UP_ALL, for undoing); nodes that
 * are free come in order of their ids.  Returns how many were written.
 */
extern int	migr_graph_order(const MigrGraph *graph, const bool *members,
							 MigrEdges after, int *order);

/* The same for each node behind all that it reaches, if only by way of others. */
extern int	migr_graph_order_steps(const MigrGraph *graph, const bool *members,
								   MigrEdges after, int *order);

/*
 * The branch that a node begins, or is on: it, all that come of it, and what is
 * below it, down to the nearest branch point, which is not of the branch.  Set
 * has room for all nodes.
 */
extern void migr_graph_branch(const MigrGraph *graph, int node, bool *set);

/* The labels in force, a List of char * by node: each holds for its branch. */
extern List **migr_graph_labels(const MigrGraph *graph);

#endif							/* MIGR_GRAPH_H */
