/*
 * lanes.h
 *		A graph drawn with characters, as "git log --graph" draws one.
 *
 * Each revision is a * above all that it revises or depends on, and lines lead
 * there.  A line is a lane, at every second column; there is one for each
 * revision to come that something above leads to, so lines that end at one
 * revision are joined as soon as they can be.
 *
 * Pure.  What is drawn is linear in nodes, edges and the width; the time takes
 * as many steps for each edge as there are lanes besides.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_LANES_H
#define MIGR_LANES_H

#include "graph/graph.h"

/* A row of the drawing, without blanks at its end. */
typedef struct MigrLaneRow
{
	int			node;			/* -1: nothing but lines */
	const char *text;
} MigrLaneRow;

typedef struct MigrDrawing
{
	int			count;
	int			width;			/* of the widest row */
	MigrLaneRow *rows;
} MigrDrawing;

/*
 * All nodes in an order that is good to draw: each above its neighbours by
 * MIGR_DOWN_ALL, and what leads to one of them in one piece.  Of nodes that
 * are free, those of higher rank come first; then those with greater ids.
 */
extern void migr_lanes_order(const MigrGraph *graph, const int64 *rank, int *order);

/*
 * Draw the first count nodes of such an order.  Of what is wider than max_width,
 * which is 2 at least, a > tells; the node of a row is shown always.
 */
extern MigrDrawing migr_lanes_draw(const MigrGraph *graph, const int *order, int count,
								   int max_width);

#endif							/* MIGR_LANES_H */
