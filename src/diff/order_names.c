/*
 * order_names.c
 *		Foreign keys in an order in which their parts find names.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "diff/order.h"

/*
 * Names that differ in a number at their end are in its order, in which the
 * server makes them up: it does so, too, for parts of a foreign key.
 */
static int
compare_numbered(const char *a, const char *b)
{
	int			same = 0;
	int			a_digits;
	int			b_digits;

	while (a[same] != '\0' && a[same] == b[same])
		same++;
	a_digits = strspn(a + same, "0123456789");
	b_digits = strspn(b + same, "0123456789");
	if (a_digits != b_digits && a[same + a_digits] == '\0' && b[same + b_digits] == '\0')
		return a_digits < b_digits ? -1 : 1;
	return strcmp(a, b);
}

/* Has a foreign key a name as the server makes them up? */
static bool
has_usual_name(const MigrObject *key)
{
	int			length = strlen(key->name);

	while (length > 0 && key->name[length - 1] >= '0' && key->name[length - 1] <= '9')
		length--;
	return length > 5 && strncmp(key->name + length - 5, "_fkey", 5) == 0;
}

static bool
is_partitioned(const MigrObject *object)
{
	return object->kind == MIGR_KIND_TABLE &&
		strcmp(migr_object_value(object, MIGR_ATTR_RELKIND), "p") == 0;
}

/*
 * One that refers to a partitioned table has a part for each partition, which
 * takes such a name: it leaves them to those that are called so.
 */
static bool
takes_usual_names(const MigrObject *key)
{
	ListCell   *lc;

	if (has_usual_name(key))
		return false;
	foreach(lc, key->depends)
	{
		if (is_partitioned(lfirst(lc)))
			return true;
	}
	return is_partitioned(key->parent);
}

int
migr_order_foreign_keys(const MigrObject *left, const MigrObject *right)
{
	int			order = takes_usual_names(left) - takes_usual_names(right);

	return order ? order : compare_numbered(left->name, right->name);
}
