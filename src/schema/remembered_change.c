/*
 * remembered_change.c
 *		Desired DDL of which another form was built: only what has changed is.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "schema/remembered_change.h"

static void
begin(MigrChange *change, const MigrRememberedBuild *build, MigrText *text)
{
	int			count = text->count + 1;

	memset(change, 0, sizeof(*change));
	change->build = build;
	change->text = text;
	change->spreads = build->spreads || text->spreads;
	change->was = palloc_extended(count * sizeof(int), MCXT_ALLOC_HUGE);
	change->is = palloc_extended((build->count + 1) * sizeof(int), MCXT_ALLOC_HUGE);
	change->grades = palloc_extended(count * sizeof(MigrChangeGrade), MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	change->is_built = palloc_extended(count * sizeof(bool), MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	change->names = palloc_extended(count * sizeof(List *), MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
}

/* What becomes of an object that a statement of the text has made; -1: of no statement's. */
static MigrPatchPart
part_of(const MigrChange *change, int maker)
{
	if (maker < 0)
		return MIGR_PATCH_GIVEN;
	return change->grades[maker] != MIGR_CHANGE_NONE ? MIGR_PATCH_CHANGED :
		change->is_built[maker] ? MIGR_PATCH_ALIKE : MIGR_PATCH_KEPT;
}

static MigrPatchPart *
parts_of_was(const MigrChange *change)
{
	MigrPatchPart *parts = palloc_extended((change->build->object_count + 1) * sizeof(MigrPatchPart),
										   MCXT_ALLOC_HUGE);

	for (int i = 0; i < change->build->object_count; i++)
	{
		int			maker = change->build->makers[i];

		parts[i] = maker >= 0 && change->is[maker] < 0 ? MIGR_PATCH_CHANGED
			: part_of(change, maker >= 0 ? change->is[maker] : -1);
	}
	return parts;
}

static MigrPatchPart *
parts_of_built(const MigrChange *change, const int *makers, int count)
{
	MigrPatchPart *parts = palloc_extended((count + 1) * sizeof(MigrPatchPart), MCXT_ALLOC_HUGE);

	for (int i = 0; i < count; i++)
		parts[i] = part_of(change, makers[i]);
	return parts;
}

/* Put together what was, and what has been built; NULL if that does not fit. */
static MigrSchema *
patch(MigrChange *change, MigrSchema *built, const int *makers)
{
	MigrPatchPart *was_parts = parts_of_was(change);
	MigrPatchPart *built_parts = parts_of_built(change, makers, list_length(built->objects));

	if (migr_change_names_clash(change, was_parts, built, built_parts, makers))
		return NULL;
	return migr_patched(change->schema, was_parts, built, built_parts);
}

static int
count_built(const MigrChange *change)
{
	int			count = 0;

	for (int i = 0; i < change->text->count; i++)
		count += change->is_built[i];
	return count;
}

bool
migr_remembered_change(const MigrScratchJob *job, const MigrRememberedRow *row,
					   const MigrRememberedBuild *build, MigrText *text, MigrScratchSeen *seen)
{
	MigrChange	change;
	int		   *makers;

	begin(&change, build, text);
	if (!migr_change_match(&change))
		return false;
	change.schema = migr_remembered_read_schema(row);
	if (change.schema == NULL || list_length(change.schema->objects) != build->object_count)
		return false;
	change.schema->said = build->said;
	if (!migr_change_reach(&change) || !migr_change_build(&change, job, seen, &makers))
		return false;
	seen->schema = patch(&change, seen->schema, makers);
	seen->untouched = build->untouched;
	if (seen->schema)
		elog(DEBUG1, "migr remembers the desired schema but for %d of %d statements",
			 count_built(&change), text->count);
	return seen->schema != NULL;
}
