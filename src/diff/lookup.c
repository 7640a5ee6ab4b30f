/*
 * lookup.c
 *		Which object of one schema is the one of another.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "diff/diff_pair.h"
#include "diff/lookup.h"

struct MigrLookup
{
	int			count;
	MigrKey    *keys;			/* sorted */
};

static int
compare_keys(const void *a, const void *b)
{
	return strcmp(((const MigrKey *) a)->key, ((const MigrKey *) b)->key);
}

MigrLookup *
migr_lookup_create(const MigrSchema *schema)
{
	MigrLookup *lookup = palloc0(sizeof(MigrLookup));
	ListCell   *lc;

	if (schema == NULL)
		return lookup;
	lookup->keys = MemoryContextAllocHuge(CurrentMemoryContext,
										  (list_length(schema->objects) + 1) * sizeof(MigrKey));
	foreach(lc, schema->objects)
	{
		MigrKey    *key = &lookup->keys[lookup->count++];

		key->object = lfirst(lc);
		key->key = migr_diff_key(key->object);
	}
	qsort(lookup->keys, lookup->count, sizeof(MigrKey), compare_keys);
	return lookup;
}

MigrObject *
migr_lookup_find(const MigrLookup *lookup, const MigrObject *object)
{
	MigrKey		wanted = {.key = migr_diff_key(object)};
	const MigrKey *found = lookup->count == 0 ? NULL
		: bsearch(&wanted, lookup->keys, lookup->count, sizeof(MigrKey), compare_keys);

	pfree(unconstify(char *, wanted.key));
	return found ? found->object : NULL;
}
