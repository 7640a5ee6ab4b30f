/*
 * lanes.c
 *		A graph drawn with characters, as "git log --graph" draws one.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "miscadmin.h"

#include "graph/lanes.h"

/* A lane that leads nowhere; it keeps a place free. */
#define NOWHERE (-1)

/* --- the order ----------------------------------------------------------- */

/* A node to be sorted by its rank. */
typedef struct Ranked
{
	int64		rank;
	int			node;
} Ranked;

static int
compare_ranked(const void *a, const void *b)
{
	const Ranked *left = a;
	const Ranked *right = b;

	if (left->rank != right->rank)
		return left->rank < right->rank ? -1 : 1;
	return left->node - right->node;
}

/* The nodes that nothing leads to, the first one to be drawn last. */
static int
stack_tops(const MigrGraph *graph, const int64 *rank, int *stack)
{
	Ranked	   *tops = palloc((graph->count + 1) * sizeof(Ranked));
	int			count = 0;

	for (int i = 0; i < graph->count; i++)
	{
		if (migr_graph_has_neighbour(graph, i, MIGR_UP_ALL, NULL))
			continue;
		tops[count].rank = rank[i];
		tops[count++].node = i;
	}
	qsort(tops, count, sizeof(Ranked), compare_ranked);
	for (int i = 0; i < count; i++)
		stack[i] = tops[i].node;
	pfree(tops);
	return count;
}

/* A stack, so that a line is followed down to where another one joins it. */
void
migr_lanes_order(const MigrGraph *graph, const int64 *rank, int *order)
{
	int		   *waiting = palloc((graph->count + 1) * sizeof(int));
	int		   *stack = palloc((graph->count + 1) * sizeof(int));
	int			depth = stack_tops(graph, rank, stack);

	for (int i = 0; i < graph->count; i++)
		waiting[i] = migr_graph_neighbours(graph, i, MIGR_UP_ALL).count;
	while (depth > 0)
	{
		int			node = stack[--depth];
		MigrNeighbours below = migr_graph_neighbours(graph, node, MIGR_DOWN_ALL);

		CHECK_FOR_INTERRUPTS();
		*order++ = node;
		for (int i = 0; i < below.count; i++)
		{
			if (--waiting[below.nodes[i]] == 0)
				stack[depth++] = below.nodes[i];
		}
	}
	pfree(stack);
	pfree(waiting);
}

/* --- rows ---------------------------------------------------------------- */

/* A drawing being made. */
typedef struct Pen
{
	const MigrGraph *graph;
	MigrDrawing drawing;
	int			room;			/* for rows */
	int			max_width;
	int		   *lanes;			/* the node that each leads to, or NOWHERE */
	int			count;			/* of lanes */
	int			ended;			/* the last lane, if the row above ended it; or -1 */
	char	   *row;			/* being drawn; max_width characters */
	bool		beyond;			/* is there more of it? */
} Pen;

static void
put(Pen *pen, int column, char c)
{
	if (column < pen->max_width)
		pen->row[column] = c;
	else
		pen->beyond = true;
}

/* Put a character for each of some lanes, so many columns to its right. */
static void
put_lanes(Pen *pen, int first, int end, int offset, char c)
{
	for (int i = first; i < end && !(pen->beyond && 2 * i > pen->max_width); i++)
	{
		if (pen->lanes[i] != NOWHERE)
			put(pen, 2 * i + offset, c);
	}
}

/* Put an underscore at every second column. */
static void
put_level(Pen *pen, int first, int end)
{
	for (int i = first; i <= end && i < pen->max_width; i += 2)
		put(pen, i, '_');
}

/* Is there anything to be seen in a row without a node? */
static bool
leads_elsewhere(const Pen *pen)
{
	for (int i = 0; i < pen->max_width; i++)
	{
		if (pen->row[i] != ' ' && pen->row[i] != '|')
			return true;
	}
	return false;
}

static void
end_row(Pen *pen, int node)
{
	MigrDrawing *drawing = &pen->drawing;
	MigrLaneRow row = {.node = node};
	int			width = pen->max_width;

	CHECK_FOR_INTERRUPTS();
	if (node >= 0 || leads_elsewhere(pen))
	{
		if (pen->beyond && pen->row[width - 1] != '*')
			pen->row[width - 1] = '>';
		while (width > 0 && pen->row[width - 1] == ' ')
			width--;
		row.text = pnstrdup(pen->row, width);
		drawing->width = Max(drawing->width, width);
		if (drawing->count == pen->room)
		{
			pen->room *= 2;
			drawing->rows = repalloc_huge(drawing->rows, pen->room * sizeof(MigrLaneRow));
		}
		drawing->rows[drawing->count++] = row;
	}
	memset(pen->row, ' ', pen->max_width);
	pen->beyond = false;
}

/* --- lanes --------------------------------------------------------------- */

static int
find_lane(const Pen *pen, int node)
{
	for (int i = 0; i < pen->count; i++)
	{
		if (pen->lanes[i] == node)
			return i;
	}
	return -1;
}

static void
insert_lane(Pen *pen, int lane, int node)
{
	memmove(&pen->lanes[lane + 1], &pen->lanes[lane], (pen->count - lane) * sizeof(int));
	pen->lanes[lane] = node;
	pen->count++;
}

static void
delete_lane(Pen *pen, int lane)
{
	pen->count--;
	memmove(&pen->lanes[lane], &pen->lanes[lane + 1], (pen->count - lane) * sizeof(int));
}

/* The lane of a node that is about to be drawn. */
static int
open_lane(Pen *pen, int node)
{
	int			lane = find_lane(pen, node);

	if (lane >= 0)
		return lane;
	/* Not right below one that it does not lead on from. */
	if (pen->ended == pen->count)
		insert_lane(pen, pen->count, NOWHERE);
	insert_lane(pen, pen->count, node);
	return pen->count - 1;
}

/* End a lane that leads to nothing; those to its right close up. */
static void
close_lane(Pen *pen, int lane)
{
	put_lanes(pen, 0, lane, 0, '|');
	put_lanes(pen, lane + 1, pen->count, -1, '/');
	end_row(pen, -1);
	delete_lane(pen, lane);
}

/* End a lane that leads where one to its left does. */
static void
join_lane(Pen *pen, int lane, int left)
{
	put_lanes(pen, 0, lane, 0, '|');
	put_level(pen, 2 * left + 3, 2 * lane - 3);
	put_lanes(pen, lane, pen->count, -1, '/');
	end_row(pen, -1);
	delete_lane(pen, lane);
	if (lane - left > 1)
	{
		put_lanes(pen, 0, pen->count, 0, '|');
		put(pen, 2 * left + 1, '/');
		end_row(pen, -1);
	}
}

/* A line from a lane, which goes on, to another one. */
static void
link_lanes(Pen *pen, int from, int to)
{
	bool		left = to < from;
	char		slant = left ? '/' : '\\';

	put_lanes(pen, 0, pen->count, 0, '|');
	put_level(pen, 2 * Min(from, to) + 3, 2 * Max(from, to) - 3);
	put(pen, 2 * from + (left ? -1 : 1), slant);
	end_row(pen, -1);
	if (abs(to - from) > 1)
	{
		put_lanes(pen, 0, pen->count, 0, '|');
		put(pen, 2 * to + (left ? 1 : -1), slant);
		end_row(pen, -1);
	}
}

/* --- a node -------------------------------------------------------------- */

/* What is below a node: nodes that have a lane already, and others. */
typedef struct Below
{
	int		   *known;
	int			nknown;
	int		   *fresh;
	int			nfresh;
} Below;

static Below
sort_below(const Pen *pen, int node)
{
	MigrNeighbours near = migr_graph_neighbours(pen->graph, node, MIGR_DOWN_ALL);
	Below		below = {0};

	below.known = palloc((near.count + 1) * sizeof(int));
	below.fresh = palloc((near.count + 1) * sizeof(int));
	for (int i = 0; i < near.count; i++)
	{
		if (find_lane(pen, near.nodes[i]) >= 0)
			below.known[below.nknown++] = near.nodes[i];
		else
			below.fresh[below.nfresh++] = near.nodes[i];
	}
	return below;
}

/* How many lanes a node needs beyond the two for which a slant is enough. */
static int
extra_lanes(const Below *below)
{
	return Max(below->nfresh - 2, 0);
}

/* Make room to the right of a node's lane, for what the row of the node takes. */
static void
make_room(Pen *pen, int lane, int extra)
{
	if (lane == pen->count - 1)
		return;
	for (int i = 0; i < extra && 2 * i < pen->max_width; i++)
	{
		put_lanes(pen, 0, lane + 1, 0, '|');
		put_lanes(pen, lane + 1, pen->count, 2 * i + 1, '\\');
		end_row(pen, -1);
	}
}

/* The row of a node; a . where the last of its extra lanes begins. */
static void
draw_node(Pen *pen, int node, int lane, int extra)
{
	int			column = Min(2 * lane, pen->max_width - 1);

	put_lanes(pen, 0, lane, 0, '|');
	for (int i = 1; i <= 2 * extra && 2 * lane + i <= pen->max_width; i++)
		put(pen, 2 * lane + i, i < 2 * extra ? '-' : '.');
	put_lanes(pen, lane + 1, pen->count, 2 * extra, '|');
	if (column < 2 * lane)
		put(pen, column - 1, '>');
	put(pen, column, '*');
	end_row(pen, node);
}

/* Lanes to what has none yet: the node's own, and more beside it. */
static void
fan_out(Pen *pen, int lane, const Below *below)
{
	int			more = below->nfresh - 1;

	if (more > 0)
	{
		put_lanes(pen, 0, lane + 1, 0, '|');
		for (int i = 0; i < more && 2 * (lane + i) < pen->max_width; i++)
			put(pen, 2 * (lane + i) + 1, '\\');
		put_lanes(pen, lane + 1, pen->count, 2 * more - 1, '\\');
		end_row(pen, -1);
	}
	pen->lanes[lane] = below->fresh[0];
	for (int i = 1; i <= more; i++)
		insert_lane(pen, lane + i, below->fresh[i]);
}

/* Of the nodes below that have a lane, the one whose lane is furthest left. */
static int
leftmost(const Pen *pen, const Below *below)
{
	int			found = below->known[0];

	for (int i = 1; i < below->nknown; i++)
	{
		if (find_lane(pen, below->known[i]) < find_lane(pen, found))
			found = below->known[i];
	}
	return found;
}

/* The lane of a node all of whose neighbours below have one joins one of these. */
static void
join_known(Pen *pen, int lane, int target)
{
	int			other = find_lane(pen, target);

	if (other < lane)
		join_lane(pen, lane, other);
	else
	{
		pen->lanes[lane] = target;
		join_lane(pen, other, lane);
	}
}

/* End the lane of a node that nothing is below. */
static void
end_lane(Pen *pen, int lane)
{
	if (lane < pen->count - 1)
		close_lane(pen, lane);
	else
	{
		delete_lane(pen, lane);
		pen->ended = lane;
	}
}

/* From the row of a node to the lanes of the next one. */
static void
lead_on(Pen *pen, int lane, const Below *below)
{
	int			target = below->nfresh == 0 && below->nknown > 0 ? leftmost(pen, below) : -1;

	if (below->nfresh > 0)
		fan_out(pen, lane, below);
	for (int i = 0; i < below->nknown; i++)
	{
		if (below->known[i] != target)
			link_lanes(pen, lane, find_lane(pen, below->known[i]));
	}
	if (target >= 0)
		join_known(pen, lane, target);
	else if (below->nfresh == 0)
		end_lane(pen, lane);
}

/* Give up the place that was kept free. */
static void
close_gap(Pen *pen)
{
	int			gap = find_lane(pen, NOWHERE);

	if (gap < 0)
		return;
	if (gap == pen->count - 1)
		delete_lane(pen, gap);
	else
		close_lane(pen, gap);
}

static void
draw(Pen *pen, int node)
{
	int			lane = open_lane(pen, node);
	Below		below = sort_below(pen, node);
	int			extra = extra_lanes(&below);

	pen->ended = -1;
	make_room(pen, lane, extra);
	draw_node(pen, node, lane, extra);
	lead_on(pen, lane, &below);
	close_gap(pen);
	pfree(below.known);
	pfree(below.fresh);
}

MigrDrawing
migr_lanes_draw(const MigrGraph *graph, const int *order, int count, int max_width)
{
	Pen			pen = {.graph = graph, .max_width = max_width, .ended = -1};

	pen.room = count + 16;
	pen.drawing.rows = palloc_extended(pen.room * sizeof(MigrLaneRow), MCXT_ALLOC_HUGE);
	pen.lanes = palloc((graph->count + 2) * sizeof(int));
	pen.row = palloc(max_width);
	memset(pen.row, ' ', max_width);
	for (int i = 0; i < count; i++)
		draw(&pen, order[i]);
	return pen.drawing;
}
