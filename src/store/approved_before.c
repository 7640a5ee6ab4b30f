/*
 * approved_before.c
 *		Revisions that were to run before an approved one: are they what they were?
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "utils/hsearch.h"

#include "store/approved_before.h"

static MigrQuery read_query = {
	"SELECT w.revision, r.checksum, v.checksum, v.stamped"
	"  FROM pg_catalog.unnest($1) w (revision)"
	"  LEFT JOIN migr.revision r ON r.revision = w.revision"
	"  LEFT JOIN migr.version v ON v.revision = w.revision", 1, {TEXTARRAYOID}
};

struct MigrBefore
{
	MemoryContext memory;
	HTAB	   *known;			/* Known, by revision */
};

typedef struct Known
{
	const char *revision;		/* the hash key */
	const char *loaded;			/* checksum of its script; NULL: it is not loaded */
	const char *ran;			/* of that which ran; NULL: it is not applied */
	bool		stamped;
	bool		applied;
} Known;

static uint32
hash_name(const void *key, Size size)
{
	const char *name = *(const char *const *) key;

	return hash_bytes((const unsigned char *) name, strlen(name));
}

static int
compare_names(const void *left, const void *right, Size size)
{
	return strcmp(*(const char *const *) left, *(const char *const *) right);
}

MigrBefore *
migr_before_create(void)
{
	MigrBefore *before = palloc(sizeof(MigrBefore));
	HASHCTL		control = {0};

	before->memory = CurrentMemoryContext;
	control.keysize = sizeof(char *);
	control.entrysize = sizeof(Known);
	control.hash = hash_name;
	control.match = compare_names;
	control.hcxt = CurrentMemoryContext;
	before->known = hash_create("migr revisions before", 256, &control,
								HASH_ELEM | HASH_FUNCTION | HASH_COMPARE | HASH_CONTEXT);
	return before;
}

static Known *
find(const MigrBefore *before, const char *revision)
{
	return hash_search(before->known, &revision, HASH_FIND, NULL);
}

/* A name that nothing is known of by now; false: there is something. */
static bool
enter(MigrBefore *before, const char *revision)
{
	bool		found;
	Known	   *known = hash_search(before->known, &revision, HASH_ENTER, &found);

	if (found)
		return false;
	memset(known, 0, sizeof(Known));
	known->revision = MemoryContextStrdup(before->memory, revision);
	return true;
}

static const char *
text_of(const MigrBefore *before, uint64 row, int column)
{
	return migr_db_is_null(row, column) ? NULL
		: MemoryContextStrdup(before->memory, migr_db_text(row, column));
}

void
migr_before_ask(MigrBefore *before, MigrDb *db, const List *approvals)
{
	List	   *unknown = NIL;
	Datum		value;
	uint64		count;
	ListCell   *lc;
	ListCell   *name;

	foreach(lc, approvals)
	{
		const MigrApproval *approval = lfirst(lc);

		foreach(name, approval ? approval->before : NIL)
		{
			if (enter(before, lfirst(name)))
				unknown = lappend(unknown, lfirst(name));
		}
	}
	if (unknown == NIL)
		return;
	value = migr_db_texts_datum(unknown);
	count = migr_db_run(db, &read_query, &value, NULL);
	for (uint64 i = 0; i < count; i++)
	{
		Known	   *known = find(before, migr_db_text(i, 1));

		known->loaded = text_of(before, i, 2);
		known->ran = text_of(before, i, 3);
		known->applied = !migr_db_is_null(i, 4);
		known->stamped = known->applied && DatumGetBool(migr_db_datum(i, 4));
	}
}

/* Is it what it was? */
static bool
is_same(const Known *known, const char *checksum, bool up)
{
	const char *now = known->applied && up ? known->ran : known->loaded;

	return !(known->stamped && up) && now && strcmp(now, checksum) == 0;
}

const char *
migr_before_other(MigrBefore *before, MigrDb *db, const MigrApproval *approval)
{
	bool		up = strcmp(approval->direction, "upgrade") == 0;
	ListCell   *name;
	ListCell   *checksum;

	migr_before_ask(before, db, list_make1(unconstify(MigrApproval *, approval)));
	forboth(name, approval->before, checksum, approval->before_checksums)
	{
		if (!is_same(find(before, lfirst(name)), lfirst(checksum), up))
			return lfirst(name);
	}
	return NULL;
}
