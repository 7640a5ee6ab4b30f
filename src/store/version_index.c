/*
 * version_index.c
 *		The rows of the version table, to be looked up by revision.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "store/version_index.h"

static int
compare_versions(const void *a, const void *b)
{
	return strcmp((*(const MigrVersion *const *) a)->revision,
				  (*(const MigrVersion *const *) b)->revision);
}

MigrVersionIndex
migr_version_index_read(MigrDb *db)
{
	MigrVersionIndex index;
	int			count = 0;
	ListCell   *lc;

	index.versions = migr_store_read_versions(db);
	index.by_id = palloc((list_length(index.versions) + 1) * sizeof(MigrVersion *));
	foreach(lc, index.versions)
		index.by_id[count++] = lfirst(lc);
	qsort(index.by_id, count, sizeof(MigrVersion *), compare_versions);
	return index;
}

const MigrVersion *
migr_version_index_find(const MigrVersionIndex *index, const char *revision)
{
	MigrVersion wanted = {.revision = revision};
	const MigrVersion *key = &wanted;
	const MigrVersion **found = index->versions == NIL ? NULL :
		bsearch(&key, index->by_id, list_length(index->versions),
				sizeof(MigrVersion *), compare_versions);

	return found ? *found : NULL;
}
