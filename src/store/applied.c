/*
 * applied.c
 *		What is applied, by revision, and whether a script is still what ran.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "base/errors.h"
#include "store/applied.h"
#include "store/rebase.h"

struct MigrApplied
{
	int			count;
	const MigrVersion *by_id[FLEXIBLE_ARRAY_MEMBER];
};

static int
compare_versions(const void *a, const void *b)
{
	return strcmp((*(const MigrVersion *const *) a)->revision,
				  (*(const MigrVersion *const *) b)->revision);
}

const MigrApplied *
migr_applied_index(const List *versions)
{
	MigrApplied *applied = palloc(offsetof(MigrApplied, by_id) +
								  list_length(versions) * sizeof(MigrVersion *));
	ListCell   *lc;

	applied->count = 0;
	foreach(lc, versions)
		applied->by_id[applied->count++] = lfirst(lc);
	qsort(applied->by_id, applied->count, sizeof(MigrVersion *), compare_versions);
	return applied;
}

/* The row of a revision, or NULL. */
static const MigrVersion *
find(const MigrApplied *applied, const char *revision)
{
	MigrVersion wanted = {.revision = revision};
	const MigrVersion *key = &wanted;
	const MigrVersion *const *found = bsearch(&key, applied->by_id, applied->count,
											  sizeof(MigrVersion *), compare_versions);

	return found ? *found : NULL;
}

void
migr_applied_check(const MigrApplied *applied, const MigrScript *script,
				   const MigrNode *stored, const char *file)
{
	const MigrVersion *version = find(applied, script->revision);

	if (version == NULL)
		return;

	/* What once ran may always come back; of a stamp nothing is known. */
	if (version->checksum ? strcmp(version->checksum, script->checksum) == 0 : stored == NULL)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_MIGR_SCRIPT_MODIFIED),
			 errmsg("revision \"%s\" was edited after it was applied",
					script->revision),
			 file ? errdetail("The script in file \"%s\" is not the one that was applied.", file)
			 : errdetail("The script is not the one that was applied."),
			 stored && migr_rebase_moves(stored, script)
			 ? errhint("If a branch was rebased, leave it on what it revised, and join the two heads with migr_merge(). With replace => true it moves if all that it then stands on is applied.")
			 : errhint("Undo the edit and write a new revision. In development, downgrade below it, load it and upgrade again: migr_redo('%s'%s) does so. If the edit changes nothing that was run, load it with replace => true.",
					   script->revision, file ? "" : ", scripts")));
}
