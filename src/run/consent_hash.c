/*
 * consent_hash.c
 *		What the names of a script mean, as hashes.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

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

static bool
stands_on(const MigrRecordedObject *row, const MigrAddress *root)
{
	return row->root.classid == root->classid && row->root.objid == root->objid;
}

static bool
is_root(const MigrRecordedObject *row, const List *roots)
{
	ListCell   *lc;

	foreach(lc, roots)
	{
		if (stands_on(row, lfirst(lc)))
			return true;
	}
	return false;
}

/* Of all rows that stand on the roots; in any order they are the same. */
static char *
hash_of(const List *roots, const List *rows)
{
	char	   *parts = palloc(list_length(rows) * PART + 1);
	int			count = 0;
	ListCell   *lc;

	foreach(lc, rows)
	{
		const MigrRecordedObject *row = lfirst(lc);

		if (!is_root(row, roots))
			continue;
		memcpy(parts + count * PART, row->id, MIGR_DIGEST_BYTES);
		memcpy(parts + count * PART + MIGR_DIGEST_BYTES, row->hash, MIGR_DIGEST_BYTES);
		count++;
	}
	qsort(parts, count, PART, compare_parts);
	return migr_text_sha256(parts, count * PART);
}

void
migr_consent_hash(const List *named)
{
	MigrScope	scope = {.everything = true};
	List	   *rows;
	ListCell   *lc;

	foreach(lc, named)
		scope.only = list_concat(unconstify(List *, scope.only), list_copy(((MigrNamed *) lfirst(lc))->roots));
	if (scope.only == NIL)
		return;
	rows = migr_record_rows(migr_snap_model(&scope));
	foreach(lc, named)
	{
		MigrNamed  *one = lfirst(lc);

		if (one->roots != NIL)
			one->hash = hash_of(one->roots, rows);
	}
}

/* By whom it was changed last, or made; revision NULL: nobody is known. */
static const MigrBlame *
last_of(const MigrRecordedObject *row)
{
	return row->changed.at != 0 || row->changed.revision ? &row->changed : &row->created;
}

bool
migr_consent_made_by(const MigrNamed *named, const List *revisions, TimestampTz since)
{
	List	   *rows = NIL;
	MigrRecorded recorded;
	bool		same;
	ListCell   *lc;
	MigrDb		db;

	PushActiveSnapshot(GetLatestSnapshot());
	migr_db_begin(&db, true);
	migr_recorded_read(&db, &recorded);
	if (recorded.exists && recorded.current && recorded.believed && recorded.comparable)
		rows = migr_recorded_of_roots(&db, named->roots);
	migr_db_end(&db);
	PopActiveSnapshot();
	same = rows != NIL && strcmp(hash_of(named->roots, rows), named->hash) == 0;
	foreach(lc, same ? rows : NIL)
	{
		const MigrBlame *blame = last_of(lfirst(lc));

		if (blame->at > since &&
			(blame->revision == NULL || !migr_ident_is_in(revisions, blame->revision)))
			return false;
	}
	return same;
}
