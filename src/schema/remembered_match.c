/*
 * remembered_match.c
 *		Which statements of a text are those of another one that was built.
 *
 * They count as the same only in the same order: what moves is another one.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "utils/hsearch.h"

#include "schema/remembered_change.h"

/* A SHA-256 in hex. */
#define DIGEST_LEN 64

/* So many statements may be others, and a part of all. */
#define FEW 50
#define PART 20

typedef struct Place
{
	char		digest[DIGEST_LEN]; /* the hash key */
	int			first;			/* of the statements that have it */
} Place;

/* The first statement of each digest; *next: the one behind each that has the same. */
static HTAB *
collect_places(const MigrRememberedBuild *build, int *next)
{
	HASHCTL		control = {.keysize = DIGEST_LEN, .entrysize = sizeof(Place)};
	HTAB	   *places;

	control.hcxt = CurrentMemoryContext;
	places = hash_create("migr places", build->count + 16, &control,
						 HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	for (int i = build->count - 1; i >= 0; i--)
	{
		bool		found;
		Place	   *place;

		place = hash_search(places, build->statements[i].digest, HASH_ENTER, &found);
		next[i] = found ? place->first : -1;
		place->first = i;
	}
	return places;
}

/* The next statement with a digest behind a place; -1 if there is none. */
static int
find(HTAB *places, const int *next, const char *digest, int behind)
{
	const Place *place = hash_search(places, digest, HASH_FIND, NULL);
	int			found = place ? place->first : -1;

	while (found >= 0 && found <= behind)
		found = next[found];
	return found;
}

static bool
is_digest(const char *digest)
{
	return digest && strlen(digest) == DIGEST_LEN;
}

bool
migr_change_match(MigrChange *change)
{
	const MigrRememberedBuild *build = change->build;
	int		   *next = palloc_extended((build->count + 1) * sizeof(int), MCXT_ALLOC_HUGE);
	int			last = -1;
	int			same = 0;
	int			others;
	HTAB	   *places;

	for (int i = 0; i < build->count; i++)
	{
		if (!is_digest(build->statements[i].digest))
			return false;
		change->is[i] = -1;
	}
	places = collect_places(build, next);
	for (int i = 0; i < change->text->count; i++)
	{
		int			found = find(places, next, change->text->statements[i].digest, last);

		change->was[i] = found;
		if (found < 0)
			continue;
		change->is[found] = i;
		last = found;
		same++;
	}
	hash_destroy(places);
	pfree(next);
	others = change->text->count + build->count - 2 * same;
	return others <= FEW + change->text->count / PART;
}
