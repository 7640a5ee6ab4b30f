/*
 * order.c
 *		Objects in an order in which they can be created.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "lib/binaryheap.h"
#include "miscadmin.h"

#include "diff/order.h"
#include "kind/kind.h"

/* In Order.waiting: printed. */
#define DONE (-1)

/* The objects to be ordered, and who waits for whom, by number. */
typedef struct Order
{
	int			count;
	MigrObject **objects;		/* sorted by kind and identity; mark = number */
	int		   *waiting;		/* for how many others */
	List	  **waiters;		/* int lists */
} Order;

/* What tells objects of one name apart. */
static const char *
first_value(const MigrObject *object)
{
	return object->count > 0 && object->values[0] ? object->values[0] : "";
}

/* A domain's constraints are printed as one with their domain. */
static const MigrObject *
group(const MigrObject *object)
{
	return object->parent && object->parent->kind == MIGR_KIND_DOMAIN
		? object->parent : object;
}

static int
compare_objects(const void *a, const void *b)
{
	const MigrObject *left_member = *(MigrObject *const *) a;
	const MigrObject *right_member = *(MigrObject *const *) b;
	const MigrObject *left = group(left_member);
	const MigrObject *right = group(right_member);
	int			order;

	if (left->kind != right->kind)
		return left->kind < right->kind ? -1 : 1;
	order = strcmp(left->schema ? left->schema : "", right->schema ? right->schema : "");
	if (order == 0 && left->kind == MIGR_KIND_FOREIGN_KEY)
		order = migr_order_foreign_keys(left, right);
	if (order == 0)
		order = strcmp(left->identity, right->identity);
	if (order == 0)
		order = strcmp(first_value(left), first_value(right));
	if (order == 0)
		order = (left_member != left) - (right_member != right);
	if (order == 0)
		order = strcmp(left_member->identity, right_member->identity);
	return order;
}

/*
 * A type whose functions need to know it before it can be defined: they depend
 * on its announcement (a second object at its address), not on the type.
 */
static void
announce_type(MigrSchema *schema, MigrObject *shell)
{
	MigrObject *type = migr_schema_find(schema, shell->address);
	ListCell   *lc;

	if (type == shell)
		return;					/* announced and never defined */
	foreach(lc, type->depends)
	{
		MigrObject *function = lfirst(lc);
		ListCell   *cell;

		foreach(cell, function->depends)
		{
			if (lfirst(cell) == type)
				lfirst(cell) = shell;
		}
	}
	type->depends = lappend(type->depends, shell);
}

/* Does an object need another one, directly or not?  Visited: mark = stamp. */
static bool
reaches(MigrObject *object, const MigrObject *goal, int stamp)
{
	ListCell   *lc;

	check_stack_depth();
	if (object == goal)
		return true;
	if (object->mark == stamp)
		return false;
	object->mark = stamp;
	foreach(lc, object->depends)
	{
		if (reaches(lfirst(lc), goal, stamp))
			return true;
	}
	return false;
}

/*
 * A constraint can't be added to a domain once a table has an array or a row
 * of it: what uses a domain waits for its constraints too, but for what these
 * use themselves.
 */
static void
wait_for_constraints(MigrObject *object, int *stamp)
{
	List	   *needed;
	ListCell   *lc;

	if (object->depends == NIL)
		return;
	needed = list_copy(object->depends);
	foreach(lc, needed)
	{
		MigrObject *domain = lfirst(lc);
		ListCell   *cell;

		if (domain->kind != MIGR_KIND_DOMAIN || object->parent == domain)
			continue;
		foreach(cell, domain->children)
		{
			if (!reaches(lfirst(cell), object, ++*stamp))
				object->depends = lappend(object->depends, lfirst(cell));
		}
	}
	list_free(needed);
}

static const char *
definition_of(const MigrObject *constraint)
{
	return migr_object_value(constraint, MIGR_ATTR_DEFINITION);
}

/* Is a constraint of a table one that has an index? */
static bool
has_index(const MigrObject *constraint)
{
	return strncmp(definition_of(constraint), "CHECK", strlen("CHECK")) != 0;
}

static bool
is_valid(const MigrObject *constraint)
{
	const char *definition = definition_of(constraint);
	int			head = strlen(definition) - strlen("NOT VALID");

	return head < 0 || strcmp(definition + head, "NOT VALID") != 0;
}

/* Settings of a table name its indexes and triggers. */
static void
wait_for_siblings(MigrObject *setting)
{
	ListCell   *lc;

	foreach(lc, setting->parent->children)
	{
		MigrObject *sibling = lfirst(lc);

		if (sibling->kind == MIGR_KIND_CONSTRAINT ||
			sibling->kind == MIGR_KIND_INDEX || sibling->kind == MIGR_KIND_TRIGGER)
			setting->depends = lappend(setting->depends, sibling);
	}
}

/*
 * A materialized view is filled after those that it reads, itself or by way of
 * other views and of functions.
 */
static void
wait_for_views(MigrObject *populate, MigrObject *object, int stamp)
{
	ListCell   *lc;

	check_stack_depth();
	foreach(lc, object->depends)
	{
		MigrObject *needed = lfirst(lc);
		ListCell   *cell;

		if (needed->kind == MIGR_KIND_TABLE || needed->kind == MIGR_KIND_COLUMN ||
			needed->mark == stamp)
			continue;
		needed->mark = stamp;
		foreach(cell, needed->kind == MIGR_KIND_VIEW ? needed->children : NIL)
		{
			if (((MigrObject *) lfirst(cell))->kind == MIGR_KIND_POPULATE)
				populate->depends = lappend(populate->depends, lfirst(cell));
		}
		wait_for_views(populate, needed, stamp);
	}
}

/*
 * A constraint that is not valid goes to the children, where it can't become
 * valid: one there that is comes first, and is kept.
 */
static void
wait_for_valid(MigrObject *constraint, const MigrObject *table)
{
	ListCell   *lc;

	check_stack_depth();
	foreach(lc, table->depends)
	{
		MigrObject *parent = lfirst(lc);
		ListCell   *cell;

		if (parent->kind != MIGR_KIND_TABLE)
			continue;
		foreach(cell, parent->children)
		{
			MigrObject *other = lfirst(cell);

			if (other->kind == MIGR_KIND_CONSTRAINT &&
				strcmp(other->name, constraint->name) == 0 && !is_valid(other))
				other->depends = lappend(other->depends, constraint);
		}
		wait_for_valid(constraint, parent);
	}
}

/*
 * The index of a partitioned table's constraint takes those of the partitions
 * that belong to it, and no others: it is made when the partitions are there,
 * and each is attached by name.
 */
static void
wait_for_partition(MigrObject *partition)
{
	ListCell   *lc;

	foreach(lc, partition->parent->depends)
	{
		MigrObject *table = lfirst(lc);
		ListCell   *cell;

		if (table->kind != MIGR_KIND_TABLE ||
			strcmp(migr_object_value(table, MIGR_ATTR_RELKIND), "p") != 0)
			continue;
		foreach(cell, table->children)
		{
			MigrObject *constraint = lfirst(cell);

			if (constraint->kind == MIGR_KIND_CONSTRAINT && has_index(constraint))
				constraint->depends = lappend(constraint->depends, partition);
		}
	}
}

/*
 * A foreign key of a partitioned table takes one of a partition that says the
 * same for its own: what a partition has besides comes later.
 */
static void
wait_for_foreign_keys(MigrObject *foreign_key, const MigrObject *table)
{
	ListCell   *lc;

	check_stack_depth();
	foreach(lc, table->depends)
	{
		MigrObject *parent = lfirst(lc);
		ListCell   *cell;

		if (parent->kind != MIGR_KIND_TABLE || parent == table ||
			strcmp(migr_object_value(parent, MIGR_ATTR_RELKIND), "p") != 0)
			continue;
		foreach(cell, parent->children)
		{
			if (((MigrObject *) lfirst(cell))->kind == MIGR_KIND_FOREIGN_KEY)
				foreign_key->depends = lappend(foreign_key->depends, lfirst(cell));
		}
		wait_for_foreign_keys(foreign_key, parent);
	}
}

/* Needs that pg_depend does not tell. */
static void
add_needs(MigrSchema *schema)
{
	int			stamp = 0;
	ListCell   *lc;

	foreach(lc, schema->objects)
	{
		MigrObject *object = lfirst(lc);

		object->mark = 0;
		if (object->kind == MIGR_KIND_SHELL_TYPE)
			announce_type(schema, object);
	}
	foreach(lc, schema->objects)
	{
		MigrObject *object = lfirst(lc);

		wait_for_constraints(object, &stamp);
		if (object->kind == MIGR_KIND_TABLE_SETTING)
			wait_for_siblings(object);
		else if (object->kind == MIGR_KIND_POPULATE)
			wait_for_views(object, object->parent, ++stamp);
		else if (object->kind == MIGR_KIND_PARTITION)
			wait_for_partition(object);
		else if (object->kind == MIGR_KIND_FOREIGN_KEY)
			wait_for_foreign_keys(object, object->parent);
		else if (object->kind == MIGR_KIND_CONSTRAINT &&
				 object->parent->kind == MIGR_KIND_TABLE &&
				 migr_object_has(object->parent, MIGR_ATTR_INHERITS) && is_valid(object))
			wait_for_valid(object, object->parent);
	}
}

/* Can an edge be left out, because what it says is said by another object? */
static bool
is_said_elsewhere(const MigrObject *object, const MigrObject *needed)
{
	/* OWNED BY is a statement of its own. */
	return object->kind == MIGR_KIND_SEQUENCE && needed->kind == MIGR_KIND_TABLE;
}

static void
add_edge(Order *order, const MigrObject *object, const MigrObject *needed)
{
	if (object == needed || object->kind == MIGR_KIND_COLUMN ||
		needed->kind == MIGR_KIND_COLUMN || is_said_elsewhere(object, needed))
		return;
	order->waiting[object->mark]++;
	order->waiters[needed->mark] = lappend_int(order->waiters[needed->mark],
											   object->mark);
}

static void
collect(Order *order, MigrSchema *schema)
{
	ListCell   *lc;

	order->objects = palloc((list_length(schema->objects) + 1) * sizeof(MigrObject *));
	foreach(lc, schema->objects)
	{
		MigrObject *object = lfirst(lc);

		if (object->kind != MIGR_KIND_COLUMN)
			order->objects[order->count++] = object;
	}
	qsort(order->objects, order->count, sizeof(MigrObject *), compare_objects);
	order->waiting = palloc0((order->count + 1) * sizeof(int));
	order->waiters = palloc0((order->count + 1) * sizeof(List *));
	for (int i = 0; i < order->count; i++)
		order->objects[i]->mark = i;
	for (int i = 0; i < order->count; i++)
	{
		MigrObject *object = order->objects[i];

		if (object->parent)
			add_edge(order, object, object->parent);
		foreach(lc, object->depends)
			add_edge(order, object, lfirst(lc));
	}
}

static int
smaller_first(Datum a, Datum b, void *arg)
{
	return DatumGetInt32(b) - DatumGetInt32(a);
}

static bool leads_to(const Order *order, const MigrObject *object,
					 const MigrObject *goal, bool *seen);

/* Is what is needed the goal, or does it still wait for that? */
static bool
waits_for(const Order *order, const MigrObject *needed, const MigrObject *goal,
		  bool *seen)
{
	if (needed == goal)
		return true;
	if (seen[needed->mark] || order->waiting[needed->mark] == DONE)
		return false;
	seen[needed->mark] = true;
	return leads_to(order, needed, goal, seen);
}

/* Is the goal needed, directly or not, by what an object still waits for? */
static bool
leads_to(const Order *order, const MigrObject *object, const MigrObject *goal,
		 bool *seen)
{
	ListCell   *lc;

	check_stack_depth();
	/* An object needs what it belongs to. */
	if (object->parent && waits_for(order, object->parent, goal, seen))
		return true;
	foreach(lc, object->depends)
	{
		if (waits_for(order, lfirst(lc), goal, seen))
			return true;
	}
	return false;
}

/* Are a table's defaults all that waits? */
static bool
waits_for_defaults(const Order *order, const MigrObject *table)
{
	ListCell   *lc;

	if (table->has_forward || table->for_defaults == NIL)
		return false;
	foreach(lc, table->depends)
	{
		const MigrObject *needed = lfirst(lc);

		if (order->waiting[needed->mark] != DONE &&
			!list_member_ptr(table->for_defaults, needed))
			return false;
	}
	return leads_to(order, table, table, palloc0(order->count * sizeof(bool)));
}

/*
 * Can a loop be broken by making an object known?  That holds for a routine
 * whose body, not its signature, is what waits, for a table whose defaults are,
 * for a domain whose default waits, and for a view, whose columns have types
 * all the same.
 */
static bool
can_forward(const Order *order, MigrObject *object)
{
	ListCell   *lc;

	if (object->kind == MIGR_KIND_TABLE)
		return waits_for_defaults(order, object);
	if (!migr_kind_has(object->kind, MIGR_KIND_IS_FORWARDABLE) || object->has_forward || !migr_object_has(object, MIGR_ATTR_FORWARD))
		return false;
	foreach(lc, object->kind == MIGR_KIND_VIEW ? NIL : object->depends)
	{
		MigrObject *needed = lfirst(lc);

		if (order->waiting[needed->mark] != DONE &&
			!migr_kind_has(needed->kind, MIGR_KIND_IS_IN_BODIES))
			return false;
	}
	return leads_to(order, object, object, palloc0(order->count * sizeof(bool)));
}

/* Nobody waits for this one any more. */
static void
release(Order *order, const MigrObject *object, binaryheap *ready)
{
	ListCell   *lc;

	foreach(lc, order->waiters[object->mark])
	{
		int			waiter = lfirst_int(lc);

		if (order->waiting[waiter] > 0 && --order->waiting[waiter] == 0)
			binaryheap_add(ready, Int32GetDatum(waiter));
	}
	order->waiters[object->mark] = NIL;
}

static void
put_off_defaults(MigrObject *table)
{
	ListCell   *lc;

	foreach(lc, table->children)
	{
		MigrObject *column = lfirst(lc);

		if (column->kind == MIGR_KIND_COLUMN && migr_object_has(column, MIGR_ATTR_DEFAULT) &&
			!migr_object_has(column, MIGR_ATTR_GENERATED))
			column->mark = 1;
	}
}

/*
 * Only loops are left, and what waits for them: make the first routine known
 * that can be; or begin a loop with its first object, for want of better.
 */
static List *
break_loop(Order *order, List *result, binaryheap *ready, int *next)
{
	for (int i = 0; i < order->count; i++)
	{
		MigrObject *object = order->objects[i];

		if (order->waiting[i] > 0 && can_forward(order, object))
		{
			MigrObject *forward = palloc(sizeof(MigrObject));

			memcpy(forward, object, sizeof(MigrObject));
			forward->is_forward = true;
			object->has_forward = true;
			if (object->kind == MIGR_KIND_TABLE)
				put_off_defaults(object);
			release(order, object, ready);
			return lappend(result, forward);
		}
	}
	for (; *next < order->count; ++*next)
	{
		if (order->waiting[*next] > 0)
		{
			order->waiting[*next] = 0;
			binaryheap_add(ready, Int32GetDatum(*next));
			break;
		}
	}
	return result;
}

List *
migr_order(MigrSchema *schema)
{
	Order		order = {0};
	List	   *result = NIL;
	List	   *last = NIL;
	binaryheap *ready;
	int			next = 0;

	add_needs(schema);
	collect(&order, schema);
	ready = binaryheap_allocate(order.count + 1, smaller_first, NULL);
	for (int i = 0; i < order.count; i++)
	{
		if (order.waiting[i] == 0)
			binaryheap_add(ready, Int32GetDatum(i));
	}
	for (;;)
	{
		MigrObject *object;

		CHECK_FOR_INTERRUPTS();

		while (binaryheap_empty(ready) && next < order.count)
			result = break_loop(&order, result, ready, &next);
		if (binaryheap_empty(ready))
			break;

		object = order.objects[DatumGetInt32(binaryheap_remove_first(ready))];
		order.waiting[object->mark] = DONE;
		if (object->kind == MIGR_KIND_POPULATE)
			last = lappend(last, object);
		else
			result = lappend(result, object);
		release(&order, object, ready);
	}
	binaryheap_free(ready);
	return list_concat(result, last);
}
