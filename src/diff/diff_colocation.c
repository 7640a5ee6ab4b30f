/*
 * diff_colocation.c
 *		Which of the tables that Citus keeps together speaks for them, in a difference.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "diff/diff_colocation.h"
#include "kind/distribution.h"
#include "model/attributes.h"

/* A distributed table of a side. */
typedef struct Member
{
	MigrObject *object;
	const char *leader;			/* of its group: the table that speaks for it */
	struct Member *other;		/* the same table on the other side, or NULL */
} Member;

typedef struct Members
{
	Member	   *items;
	int			count;
} Members;

/* A group of a side: members that stand beside each other, by their names. */
typedef struct Group
{
	Member	   *first;
	int			count;
	const char *was;			/* the leader of most of them, on the old side */
	int			common;			/* of how many */
} Group;

static int
compare_by_table(const void *a, const void *b)
{
	return strcmp(((const Member *) a)->object->identity, ((const Member *) b)->object->identity);
}

static int
compare_by_group(const void *a, const void *b)
{
	int			order = strcmp(((const Member *) a)->leader, ((const Member *) b)->leader);

	return order ? order : compare_by_table(a, b);
}

static int
compare_by_size(const void *a, const void *b)
{
	const Group *left = a;
	const Group *right = b;

	if (left->common != right->common)
		return left->common > right->common ? -1 : 1;
	return strcmp(left->first->leader, right->first->leader);
}

static Members
collect(const MigrSchema *schema)
{
	Members		members = {NULL, 0};
	ListCell   *lc;

	foreach(lc, schema->objects)
		members.count += ((MigrObject *) lfirst(lc))->kind == MIGR_KIND_DISTRIBUTION;
	members.items = palloc0((members.count + 1) * sizeof(Member));
	members.count = 0;
	foreach(lc, schema->objects)
	{
		MigrObject *object = lfirst(lc);

		if (object->kind != MIGR_KIND_DISTRIBUTION || migr_distribution_leader(object) == NULL)
			continue;
		members.items[members.count].object = object;
		members.items[members.count++].leader = migr_distribution_leader(object);
	}
	return members;
}

/* The name of the leader that most members of a group had, and of how many. */
static void
look_back(Group *group)
{
	for (int i = 0; i < group->count; i++)
	{
		const char *was = group->first[i].other ? group->first[i].other->leader : NULL;
		int			count = 0;

		/* It is that of the first one, nearly always. */
		if (was == NULL || (group->was && strcmp(was, group->was) == 0))
			continue;
		for (int j = i; j < group->count; j++)
			count += group->first[j].other && strcmp(group->first[j].other->leader, was) == 0;
		if (count > group->common)
		{
			group->was = was;
			group->common = count;
		}
	}
}

static void
set_leader(Member *member, const char *leader, const char *shard_count)
{
	MigrObject *object = member->object;
	bool		leads = strcmp(object->identity, leader) == 0;
	int			with = migr_object_attribute(object, MIGR_ATTR_COLOCATE_WITH);
	int			count = migr_object_attribute(object, MIGR_ATTR_SHARD_COUNT);

	migr_object_set(object, with, leads ? "none" : leader);
	if (leads)
		migr_object_set(object, count, shard_count);
	else if (count < object->count)
		object->values[count] = NULL;
	member->leader = leader;
}

/* Let a group be called by another one of its members. */
static void
rename_group(Members *members, const char *is, const char *leader)
{
	const char *shard_count = NULL;

	for (int i = 0; i < members->count; i++)
	{
		if (strcmp(members->items[i].leader, is) == 0 &&
			migr_object_has(members->items[i].object, MIGR_ATTR_SHARD_COUNT))
			shard_count = value(members->items[i].object, MIGR_ATTR_SHARD_COUNT);
	}
	for (int i = 0; i < members->count; i++)
	{
		if (strcmp(members->items[i].leader, is) == 0)
			set_leader(&members->items[i], leader, shard_count);
	}
}

/* The first member that was where most of them were. */
static const char *
common_leader(const Group *group)
{
	for (int i = 0; i < group->count; i++)
	{
		if (group->first[i].other && strcmp(group->first[i].other->leader, group->was) == 0)
			return group->first[i].object->identity;
	}
	return NULL;
}

/* The largest first: what is left of a group that parts is called anew. */
static void
settle_groups(Members *from, Members *to, Group *groups, int count)
{
	List	   *taken = NIL;
	ListCell   *lc;

	qsort(groups, count, sizeof(Group), compare_by_size);
	for (int i = 0; i < count && groups[i].common > 0; i++)
	{
		const char *leader = common_leader(&groups[i]);
		const char *is = groups[i].first->leader;
		bool		is_taken = false;

		foreach(lc, taken)
			is_taken = is_taken || strcmp(lfirst(lc), groups[i].was) == 0;
		if (is_taken || leader == NULL)
			continue;
		taken = lappend(taken, unconstify(char *, groups[i].was));
		if (strcmp(leader, is) == 0 && strcmp(leader, groups[i].was) == 0)
			continue;
		taken = lappend(taken, unconstify(char *, leader));
		rename_group(from, groups[i].was, leader);
		rename_group(to, is, leader);
	}
}

void
migr_diff_settle_distributions(MigrSchema *from, MigrSchema *to)
{
	Members		old = collect(from);
	Members		new = collect(to);
	Group	   *groups = palloc0((new.count + 1) * sizeof(Group));
	int			count = 0;

	if (old.count == 0 || new.count == 0)
		return;
	qsort(old.items, old.count, sizeof(Member), compare_by_table);
	qsort(new.items, new.count, sizeof(Member), compare_by_group);
	for (int i = 0; i < new.count; i++)
	{
		Member	   *member = &new.items[i];

		member->other = bsearch(member, old.items, old.count, sizeof(Member), compare_by_table);
		if (count == 0 || strcmp(groups[count - 1].first->leader, member->leader) != 0)
			groups[count++].first = member;
		groups[count - 1].count++;
	}
	for (int i = 0; i < count; i++)
		look_back(&groups[i]);
	settle_groups(&old, &new, groups, count);
}
