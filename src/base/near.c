/*
 * near.c
 *		The names that are nearest to one that there is not.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "utils/formatting.h"
#include "utils/varlena.h"

#include "base/near.h"

/* As the server has it for columns: no more than this, nor half of the name. */
#define DISTANCE_MAX 3

void
migr_near_begin(MigrNear *near, const char *wanted)
{
	near->len = strlen(wanted);
	near->wanted = asc_tolower(wanted, near->len);
	near->distance = Min(DISTANCE_MAX, near->len / 2);
	near->count = 0;
}

void
migr_near_add(MigrNear *near, const char *name)
{
	int			len = strlen(name);
	char	   *lower;
	int			distance;

	if (abs(len - near->len) > near->distance)
		return;
	lower = asc_tolower(name, len);
	distance = varstr_levenshtein_less_equal(near->wanted, near->len, lower, len,
											 1, 1, 1, near->distance, true);
	pfree(lower);
	if (distance > near->distance)
		return;
	if (distance < near->distance)
		near->count = 0;
	near->distance = distance;
	if (near->count < (int) lengthof(near->names))
		near->names[near->count] = name;
	near->count++;
}

char *
migr_near_question(const MigrNear *near)
{
	if (near->count == 1)
		return psprintf("Did you mean \"%s\"? ", near->names[0]);
	if (near->count == 2)
		return psprintf("Did you mean \"%s\" or \"%s\"? ", near->names[0], near->names[1]);
	return pstrdup("");
}
