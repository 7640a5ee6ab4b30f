/*
 * consent_hash.c
 *		What the names of a script mean, as hashes.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "utils/hsearch.h"
#include "utils/snapmgr.h"

#include "base/ident.h"
#include "base/text.h"
#include "run/consent_names.h"
#include "schema/record.h"
#include "snapshot/snap.h"

/* As much as tells an object, and what it is. */
#define PART (2 * MIGR_DIGEST_BYTES)

static int
compare_parts(const void *a, const void *b)
{
	return memcmp(a, b, PART);
}

/* What stands on a root. */
typedef struct RootEntry
{
	MigrAddress root;
	List	   *rows;			/* MigrRecordedObject * */
} RootEntry;

static HTAB *
by_root(const List *rows)
{
	HASHCTL		control = {.keysize = sizeof(MigrAddress), .entrysize = sizeof(RootEntry)};
	HTAB	   *table;
	ListCell   *lc;

	control.hcxt = CurrentMemoryContext;
	table = hash_create("migr roots", 256, &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	foreach(lc, rows)
	{
		MigrRecordedObject *row = lfirst(lc);
		bool		found;
		RootEntry  *entry = hash_search(table, &row->root, HASH_ENTER, &found);

		entry->rows = lappend(found ? entry->rows : NIL, row);
	}
	return table;
}

/* Of all rows that stand on the roots; in any order they are the same. */
static char *
hash_of(const List *roots, HTAB *table)
{
	StringInfoData parts;
	ListCell   *lc;
	ListCell   *row;

	initStringInfo(&parts);
	foreach(lc, roots)
	{
		RootEntry  *entry = hash_search(table, lfirst(lc), HASH_FIND, NULL);

		foreach(row, entry ? entry->rows : NIL)
		{
			const MigrRecordedObject *object = lfirst(row);

			appendBinaryStringInfo(&parts, (const char *) object->id, MIGR_DIGEST_BYTES);
			appendBinaryStringInfo(&parts, (const char *) object->hash, MIGR_DIGEST_BYTES);
		}
	}
	qsort(parts.data, parts.len / PART, PART, compare_parts);
	return migr_text_sha256(parts.data, parts.len);
}

void
migr_consent_hash(const List *named)
{
	MigrScope	scope = {.everything = true};
	List	   *roots = NIL;
	HTAB	   *table;
	ListCell   *lc;

	foreach(lc, named)
		roots = list_concat(roots, ((MigrNamed *) lfirst(lc))->roots);
	if (roots == NIL)
		return;
	scope.only = roots;
	table = by_root(migr_record_rows(migr_snap_model(&scope)));
	foreach(lc, named)
	{
		MigrNamed  *one = lfirst(lc);

		if (one->roots != NIL)
			one->hash = hash_of(one->roots, table);
	}
}

static int
compare_addresses(const ListCell *a, const ListCell *b)
{
	const MigrAddress *one = lfirst(a);
	const MigrAddress *other = lfirst(b);

	if (one->classid != other->classid)
		return one->classid < other->classid ? -1 : 1;
	return one->objid < other->objid ? -1 : one->objid > other->objid;
}

/* In order: catalogs have none. */
char *
migr_consent_addresses(const MigrNamed *named)
{
	List	   *roots = list_copy(named->roots);
	StringInfoData out;
	ListCell   *lc;

	list_sort(roots, compare_addresses);
	initStringInfo(&out);
	foreach(lc, roots)
	{
		const MigrAddress *address = lfirst(lc);

		appendStringInfo(&out, "%u/%u,", address->classid, address->objid);
	}
	return out.data;
}

bool
migr_consent_has_address(const char *addresses, const MigrAddress *address)
{
	const char *written = psprintf("%u/%u,", address->classid, address->objid);
	const char *found = addresses;

	while ((found = strstr(found, written)) != NULL)
	{
		if (found == addresses || found[-1] == ',')
			return true;
		found++;
	}
	return false;
}

/* By whom it was changed last, or made; revision NULL: nobody is known. */
static const MigrBlame *
last_of(const MigrRecordedObject *row)
{
	return row->changed.at != 0 || row->changed.revision ? &row->changed : &row->created;
}

static bool
is_by(const MigrBlame *blame, const List *revisions, TimestampTz since)
{
	return blame->at > since && blame->revision && migr_ident_is_in(revisions, blame->revision);
}

/* Has a row come to be what it is by revisions, or is it as it was then? */
static bool
is_explained(const MigrRecordedObject *row, const char *addresses, const List *revisions, TimestampTz since)
{
	if (last_of(row)->at > since && !is_by(last_of(row), revisions, since))
		return false;
	return migr_consent_has_address(addresses, &row->root) || is_by(&row->created, revisions, since);
}

bool
migr_consent_made_by(const MigrNamed *named, const char *addresses, const List *revisions, TimestampTz since)
{
	List	   *rows = NIL;
	bool		any = false;
	MigrRecorded recorded;
	ListCell   *lc;
	MigrDb		db;

	PushActiveSnapshot(GetLatestSnapshot());
	migr_db_begin(&db, true);
	migr_recorded_read(&db, &recorded);
	if (recorded.exists && recorded.current && recorded.believed && recorded.comparable)
		rows = migr_recorded_of_roots(&db, named->roots);
	migr_db_end(&db);
	PopActiveSnapshot();
	if (rows == NIL || strcmp(hash_of(named->roots, by_root(rows)), named->hash) != 0)
		return false;
	foreach(lc, rows)
	{
		if (!is_explained(lfirst(lc), addresses, revisions, since))
			return false;
		any = any || is_by(last_of(lfirst(lc)), revisions, since);
	}
	return any;
}
