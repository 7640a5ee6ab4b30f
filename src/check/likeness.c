/*
 * likeness.c
 *		As scripts run in a scratch build: is what is there now a given schema?
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "check/likeness.h"
#include "check/wholes.h"

/* The mark that is set behind each step. */
#define MARK 0

typedef struct Surplus
{
	unsigned char digest[MIGR_DIGEST_BYTES];	/* the hash key */
	int			count;
} Surplus;

static void
count_whole(MigrLikeness *likeness, const MigrWhole *whole, int by)
{
	bool		found;
	Surplus    *surplus;

	if (!whole->is_there)
		return;
	surplus = hash_search(likeness->surpluses, whole->digest, HASH_ENTER, &found);
	if (!found)
		surplus->count = 0;
	likeness->unlike -= surplus->count != 0;
	surplus->count += by;
	likeness->unlike += surplus->count != 0;
}

static void
count_all(MigrLikeness *likeness, HTAB *wholes, int by)
{
	HASH_SEQ_STATUS status;
	MigrWhole  *whole;

	hash_seq_init(&status, wholes);
	while ((whole = hash_seq_search(&status)) != NULL)
		count_whole(likeness, whole, by);
}

static void
make_surpluses(MigrLikeness *likeness)
{
	HASHCTL		control = {0};

	control.keysize = MIGR_DIGEST_BYTES;
	control.entrysize = sizeof(Surplus);
	control.hcxt = likeness->context;
	likeness->surpluses = hash_create("migr likeness", 256, &control,
									  HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	likeness->unlike = 0;
}

/* What is wanted, and is not there yet. */
static void
count_wanted(MigrLikeness *likeness)
{
	MemoryContext caller = CurrentMemoryContext;
	MemoryContext context = AllocSetContextCreate(caller, "migr likeness", ALLOCSET_DEFAULT_SIZES);
	HTAB	   *wanted = migr_wholes_create(context);

	MemoryContextSwitchTo(context);
	migr_wholes_of_schema(wanted, likeness->wanted, MIGR_WHOLE_COMPARED);
	count_all(likeness, wanted, -1);
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(context);
}

void
migr_likeness_begin(MigrLikeness *likeness, const MigrSchema *wanted)
{
	if (likeness->context)
		MemoryContextDelete(likeness->context);
	likeness->context = AllocSetContextCreate(CurrentMemoryContext, "migr likeness",
											  ALLOCSET_DEFAULT_SIZES);
	likeness->wanted = wanted;
	make_surpluses(likeness);
	count_wanted(likeness);
	likeness->wholes = migr_wholes_create(likeness->context);
	(void) migr_wholes_read(likeness->wholes, -1, MARK, 0, MIGR_WHOLE_COMPARED,
							&likeness->is_partial);
	count_all(likeness, likeness->wholes, 1);
}

/* Put what is at an address now into the place of what was. */
static void
replace(MigrLikeness *likeness, const MigrWhole *now)
{
	MigrWhole  *was = migr_wholes_at(likeness->wholes, now->address);

	count_whole(likeness, was, -1);
	*was = *now;
	count_whole(likeness, was, 1);
}

void
migr_likeness_step(MigrLikeness *likeness)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "migr likeness",
												  ALLOCSET_DEFAULT_SIZES);
	HTAB	   *step = migr_wholes_create(context);
	HASH_SEQ_STATUS status;
	MigrWhole  *whole;

	if (migr_wholes_read(step, MARK, MARK, hash_get_num_entries(likeness->wholes),
						 MIGR_WHOLE_COMPARED, &likeness->is_partial))
	{
		count_all(likeness, likeness->wholes, -1);
		hash_destroy(likeness->wholes);
		likeness->wholes = migr_wholes_create(likeness->context);
	}
	hash_seq_init(&status, step);
	while ((whole = hash_seq_search(&status)) != NULL)
		replace(likeness, whole);
	MemoryContextDelete(context);
}

bool
migr_likeness_may_be(const MigrLikeness *likeness)
{
	return likeness->unlike == 0 || likeness->is_partial;
}
