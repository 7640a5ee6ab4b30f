/*
 * toposort.c
 *		Things in an order in which each comes behind what it waits for.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "lib/binaryheap.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#include "base/toposort.h"

/* In MigrToposort.waiting: taken, or out. */
#define DONE (-1)

typedef struct Arc
{
	int			before;
	int			after;
} Arc;

struct MigrToposort
{
	int			count;
	const int64 *ranks;			/* or NULL */
	int			arc_count;
	int			arc_room;
	Arc		   *arcs;
	int		   *waiting;		/* by thing: for how many arcs */
	int		   *first;			/* by thing: where its followers begin */
	int		   *followers;		/* of all */
	binaryheap *ready;			/* NULL: arcs are still being told */
};

MigrToposort *
migr_toposort_create(int count, const int64 *ranks)
{
	MigrToposort *sort = palloc0(sizeof(MigrToposort));

	sort->count = count;
	sort->ranks = ranks;
	sort->waiting = MemoryContextAllocHuge(CurrentMemoryContext, (count + 1) * sizeof(int));
	memset(sort->waiting, 0, (count + 1) * sizeof(int));
	return sort;
}

void
migr_toposort_arc(MigrToposort *sort, int before, int after)
{
	if (sort->arc_count == sort->arc_room)
	{
		Size		size;

		sort->arc_room = Max(sort->arc_room * 2, 256);
		size = sort->arc_room * sizeof(Arc);
		sort->arcs = sort->arcs ? repalloc_huge(sort->arcs, size)
			: MemoryContextAllocHuge(CurrentMemoryContext, size);
	}
	sort->arcs[sort->arc_count].before = before;
	sort->arcs[sort->arc_count++].after = after;
}

void
migr_toposort_leave_out(MigrToposort *sort, int thing)
{
	sort->waiting[thing] = DONE;
}

/* The heap's first is the greatest; we want the lowest rank. */
static int
lower_first(Datum a, Datum b, void *arg)
{
	const MigrToposort *sort = arg;
	int			left = DatumGetInt32(a);
	int			right = DatumGetInt32(b);

	if (sort->ranks && sort->ranks[left] != sort->ranks[right])
		return sort->ranks[left] < sort->ranks[right] ? 1 : -1;
	return right - left;
}

/* Does an arc count?  Not one of a thing that takes no part. */
static bool
counts(const MigrToposort *sort, const Arc *arc)
{
	return sort->waiting[arc->before] != DONE && sort->waiting[arc->after] != DONE;
}

/* All arcs are told: put them where they are found, and see what is ready. */
static void
begin(MigrToposort *sort)
{
	int			count = sort->count;
	int		   *next = MemoryContextAllocHuge(CurrentMemoryContext, (count + 1) * sizeof(int));

	sort->first = MemoryContextAllocHuge(CurrentMemoryContext, (count + 2) * sizeof(int));
	memset(sort->first, 0, (count + 2) * sizeof(int));
	sort->followers = MemoryContextAllocHuge(CurrentMemoryContext,
											 (sort->arc_count + 1) * sizeof(int));
	for (int i = 0; i < sort->arc_count; i++)
	{
		if (!counts(sort, &sort->arcs[i]))
			continue;
		sort->first[sort->arcs[i].before + 1]++;
		sort->waiting[sort->arcs[i].after]++;
	}
	for (int i = 0; i < count; i++)
		sort->first[i + 1] += sort->first[i];
	memcpy(next, sort->first, (count + 1) * sizeof(int));
	for (int i = 0; i < sort->arc_count; i++)
	{
		if (counts(sort, &sort->arcs[i]))
			sort->followers[next[sort->arcs[i].before]++] = sort->arcs[i].after;
	}
	pfree(next);
	sort->ready = binaryheap_allocate(count + 1, lower_first, sort);
	for (int i = 0; i < count; i++)
	{
		if (sort->waiting[i] == 0)
			binaryheap_add_unordered(sort->ready, Int32GetDatum(i));
	}
	binaryheap_build(sort->ready);
}

int
migr_toposort_next(MigrToposort *sort)
{
	int			thing;

	CHECK_FOR_INTERRUPTS();
	if (sort->ready == NULL)
		begin(sort);
	if (binaryheap_empty(sort->ready))
		return -1;
	thing = DatumGetInt32(binaryheap_remove_first(sort->ready));
	sort->waiting[thing] = DONE;
	for (int i = sort->first[thing]; i < sort->first[thing + 1]; i++)
	{
		int			after = sort->followers[i];

		if (sort->waiting[after] > 0 && --sort->waiting[after] == 0)
			binaryheap_add(sort->ready, Int32GetDatum(after));
	}
	return thing;
}

bool
migr_toposort_waits(const MigrToposort *sort, int thing)
{
	return sort->waiting[thing] > 0;
}

void
migr_toposort_release(MigrToposort *sort, int thing)
{
	if (sort->waiting[thing] <= 0)
		return;
	sort->waiting[thing] = 0;
	binaryheap_add(sort->ready, Int32GetDatum(thing));
}

void
migr_toposort_free(MigrToposort *sort)
{
	if (sort->ready)
	{
		binaryheap_free(sort->ready);
		pfree(sort->first);
		pfree(sort->followers);
	}
	if (sort->arcs)
		pfree(sort->arcs);
	pfree(sort->waiting);
	pfree(sort);
}
