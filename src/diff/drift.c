/*
 * drift.c
 *		Two models of a schema: which objects differ, and how.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "diff/diff_pair.h"
#include "diff/drift.h"
#include "kind/canonical.h"
#include "kind/ddl.h"
#include "kind/kind.h"
#include "kind/sort.h"
#include "snapshot/snap.h"

/* An object of one side, or the same one of both. */
typedef struct Pair
{
	const MigrObject *is;
	const MigrObject *wanted;
	const MigrObject *any;		/* one of them */
	const char *key;			/* among those of its kind */
	bool		differs;
	const char *is_sql;			/* where they differ: what is compared */
	const char *wanted_sql;
} Pair;

/* All pairs, sorted by kind and key. */
typedef struct Pairs
{
	MigrDiff   *diff;
	Pair	   *pairs;
	int			count;
	bool	   *differs;		/* by unit */
} Pairs;

/* Is an object compared, and one that the database has?  Not what stands for its absence. */
static const MigrObject *
if_it_counts(const MigrObject *object)
{
	return object && migr_kind_is_there(object) && migr_sort_compared(object) ? object : NULL;
}

static int
compare_pairs(const void *a, const void *b)
{
	const Pair *left = a;
	const Pair *right = b;
	int			order;

	if (left->any->kind != right->any->kind)
		return left->any->kind < right->any->kind ? -1 : 1;
	order = strcmp(left->key, right->key);
	return order ? order : left->any->unit - right->any->unit;
}

static void
add_pair(Pairs *pairs, const MigrObject *is, const MigrObject *wanted)
{
	Pair	   *pair = &pairs->pairs[pairs->count];

	if (is == NULL && wanted == NULL)
		return;
	memset(pair, 0, sizeof(Pair));
	pair->is = is;
	pair->wanted = wanted;
	pair->any = wanted ? wanted : is;
	pair->key = migr_canonical_key(pair->any);
	pairs->count++;
}

/*
 * The objects of both sides, in pairs as the difference has them.  What merely
 * has another name, or is of another kind, is another object to people.
 */
static void
make_pairs(Pairs *pairs, MigrDiff *diff)
{
	migr_diff_pair(diff);
	migr_diff_mark_parents(diff);
	pairs->diff = diff;
	pairs->pairs = MemoryContextAllocHuge(CurrentMemoryContext,
										  (2 * diff->count + 1) * sizeof(Pair));
	pairs->differs = palloc0((diff->count + 1) * sizeof(bool));
	for (int i = 0; i < diff->count; i++)
	{
		const MigrUnit *unit = &diff->units[i];
		const MigrObject *is = if_it_counts(unit->from);
		const MigrObject *wanted = if_it_counts(unit->to);

		CHECK_FOR_INTERRUPTS();
		if (unit->facet != MIGR_FACET_OBJECT)
			continue;
		if (is && wanted && (is->kind != wanted->kind || migr_diff_is_renamed(is, wanted)))
		{
			add_pair(pairs, is, NULL);
			is = NULL;
		}
		add_pair(pairs, is, wanted);
	}
	qsort(pairs->pairs, pairs->count, sizeof(Pair), compare_pairs);
}

static void
compare(Pair *pair)
{
	const char *is = pair->is ? migr_canonical_essence(pair->is) : NULL;
	const char *wanted = pair->wanted ? migr_canonical_essence(pair->wanted) : NULL;

	pair->differs = is == NULL || wanted == NULL || strcmp(is, wanted) != 0;
	if (pair->differs)
	{
		pair->is_sql = is;
		pair->wanted_sql = wanted;
		return;
	}
	pfree(unconstify(char *, is));
	pfree(unconstify(char *, wanted));
}

/* Is what the object stands on missing, or too much, as a whole? */
static bool
goes_with_parent(const Pairs *pairs, const MigrObject *object)
{
	const MigrUnit *parent = object->parent ? &pairs->diff->units[object->parent->unit] : NULL;

	return parent && (parent->from == NULL || parent->to == NULL ||
					  parent->from->kind != parent->to->kind);
}

/* Does the same column differ in the partitioned table above, or come from it? */
static bool
goes_with_partitioned(const Pairs *pairs, const Pair *pair)
{
	const MigrObject *column = pair->any;
	const MigrSide *side = pair->is ? &pairs->diff->from : &pairs->diff->to;
	const MigrObject *partition;
	const MigrObject *table;
	const MigrObject *above;

	if (column->kind != MIGR_KIND_COLUMN)
		return false;
	if ((pair->is == NULL || pair->wanted == NULL) &&
		migr_object_is(column, MIGR_ATTR_MERELY_INHERITED))
		return true;
	partition = migr_diff_child(column->parent, MIGR_KIND_PARTITION);
	if (partition == NULL)
		return false;
	table = migr_diff_find(side, MIGR_KIND_TABLE, migr_object_value(partition, MIGR_ATTR_OF));
	above = table ? migr_diff_find_column(table, column->name) : NULL;
	return above && pairs->differs[above->unit];
}

static void
add(List **drifts, MigrDriftKind kind, const MigrObject *object,
	const char *is, const char *wanted)
{
	MigrDrift  *drift = palloc0(sizeof(MigrDrift));

	drift->kind = kind;
	drift->object = migr_ddl_title(object);
	drift->identity = migr_object_identity(object);
	drift->is = is;
	drift->wanted = wanted;
	*drifts = lappend(*drifts, drift);
}

/* The names of a table's columns, in their order. */
static List *
column_names(const MigrObject *table)
{
	List	   *names = NIL;
	ListCell   *lc;

	foreach(lc, table->children)
	{
		const MigrObject *column = lfirst(lc);

		if (column->kind == MIGR_KIND_COLUMN)
			names = lappend(names, makeString(unconstify(char *, column->name)));
	}
	return names;
}

static const char *
join(const List *names)
{
	StringInfoData out;
	ListCell   *lc;

	initStringInfo(&out);
	foreach(lc, names)
		appendStringInfo(&out, "%s%s", out.len > 0 ? ", " : "",
						 quote_identifier(strVal(lfirst(lc))));
	return out.data;
}

bool
migr_drift_reordered(const List *is, const List *wanted, const char **is_order,
					 const char **wanted_order)
{
	List	   *is_both;
	List	   *wanted_both;

	if (equal(is, wanted))
		return false;
	wanted_both = list_intersection(wanted, is);
	is_both = list_intersection(is, wanted);
	if (equal(is_both, wanted_both))
		return false;
	*is_order = join(is_both);
	*wanted_order = join(wanted_both);
	return true;
}

/* Report columns that both have, in another order. */
static void
compare_order(List **drifts, const Pair *table)
{
	const char *is;
	const char *wanted;

	if (migr_drift_reordered(column_names(table->is), column_names(table->wanted), &is, &wanted))
		add(drifts, MIGR_DRIFT_COLUMN_ORDER, table->any, is, wanted);
}

static void
report(List **drifts, const Pairs *pairs, const Pair *pair)
{
	MigrDrift  *drift;

	if (pair->is && pair->wanted && pair->any->kind == MIGR_KIND_TABLE)
		compare_order(drifts, pair);
	if (!pair->differs || goes_with_parent(pairs, pair->any) ||
		goes_with_partitioned(pairs, pair))
		return;
	if (pair->wanted == NULL)
		add(drifts, MIGR_DRIFT_UNEXPECTED, pair->any, migr_canonical_text(pair->is), NULL);
	else if (pair->is == NULL)
		add(drifts, MIGR_DRIFT_MISSING, pair->any, NULL,
			migr_canonical_text(pair->wanted));
	else
		add(drifts, MIGR_DRIFT_DIFFERENT, pair->any, pair->is_sql, pair->wanted_sql);
	drift = llast(*drifts);
	drift->is_object = pair->is;
	drift->wanted_object = pair->wanted;
}

/* Two models to be compared. */
typedef struct Comparison
{
	MigrDiff	diff;
	List	   *drifts;
} Comparison;

static void
find_drifts(void *arg)
{
	Comparison *comparison = arg;
	Pairs		pairs = {0};

	make_pairs(&pairs, &comparison->diff);
	for (int i = 0; i < pairs.count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		compare(&pairs.pairs[i]);
		pairs.differs[pairs.pairs[i].any->unit] |= pairs.pairs[i].differs;
	}
	for (int i = 0; i < pairs.count; i++)
		report(&comparison->drifts, &pairs, &pairs.pairs[i]);
}

List *
migr_drift_find(MigrSchema *is, MigrSchema *wanted)
{
	Comparison	comparison = {.diff.from.schema = is, .diff.to.schema = wanted};

	migr_snap_pinned(find_drifts, &comparison);
	return comparison.drifts;
}

char *
migr_drift_names(MigrSchema *is, MigrSchema *wanted)
{
	StringInfoData names;
	ListCell   *lc;

	initStringInfo(&names);
	foreach(lc, migr_drift_find(is, wanted))
	{
		const MigrDrift *drift = lfirst(lc);

		if (drift->kind != MIGR_DRIFT_COLUMN_ORDER)
			appendStringInfo(&names, "%s%s", names.len ? ", " : "", drift->object);
	}
	return names.len > 0 ? names.data : NULL;
}
