/*
 * scratch_growth.c
 *		The relations of a scratch build, and what a statement does to them.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/pg_class.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "storage/lock.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"

#include "base/compat.h"
#include "base/db.h"
#include "scratch/scratch_growth.h"

/* Before and after a statement. */
typedef struct Grip
{
	LOCALLOCK  *locks[MaxLockMode + 1];
	int64		held[MaxLockMode + 1];
	Oid			file;
	Oid			file_before;
	Oid			index_file;		/* the newest one of its indexes */
	Oid			index_file_before;
	int64		scans;
	int64		scans_before;
	bool		here;			/* it was met just now */
	bool		was_here;
} Grip;

static MemoryContext context;
static HTAB *relations;			/* MigrGrown by oid */
static int	section;			/* so many have begun */
static bool knows_all;			/* what was there before the first one is noted */
static bool knows_last;			/* what the last statement left has been read */

static MigrQuery relations_query = {
	"SELECT c.oid, n.nspname::text, c.relname::text, c.relkind, c.relfilenode, c.relispartition,"
	"       pg_catalog.pg_stat_get_xact_numscans(c.oid),"
	"       coalesce((SELECT pg_catalog.max(ic.relfilenode) FROM pg_catalog.pg_index i"
	"                   JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid"
	"                  WHERE i.indrelid = c.oid), 0)"
	"  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
	" WHERE c.oid >= 16384 AND c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f', 'c')", 0, {0}
};

void
migr_growth_forget(void)
{
	if (context)
		MemoryContextDelete(context);
	context = NULL;
	relations = NULL;
	section = 0;
	knows_all = false;
	knows_last = false;
}

static void
make_table(void)
{
	HASHCTL		control = {0};

	context = AllocSetContextCreate(TopMemoryContext, "migr growth", ALLOCSET_DEFAULT_SIZES);
	control.keysize = sizeof(Oid);
	control.entrysize = sizeof(MigrGrown);
	control.hcxt = context;
	relations = hash_create("migr relations", 256, &control,
							HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
}

/*
 * Hold one lock of each mode, the strongest first: then the others are in the
 * lock table, too, in the entry that this one has.
 */
static void
take_grip(Grip *grip, Oid relation)
{
	LOCKTAG		tag;

	SET_LOCKTAG_RELATION(tag, MyDatabaseId, relation);
	for (LOCKMODE mode = MaxLockMode; mode > NoLock; mode--)
	{
		if (!migr_compat_lock_at_once(&tag, mode, &grip->locks[mode]))
			grip->locks[mode] = NULL;
	}
}

static MigrGrown *
enter(Oid relation, const char *schema, const char *name)
{
	bool		found;
	MigrGrown  *grown = hash_search(relations, &relation, HASH_ENTER, &found);

	if (found)
		return grown;
	memset(&grown->seen, 0, sizeof(grown->seen));
	grown->grip = MemoryContextAllocZero(context, sizeof(Grip));
	grown->seen.schema = MemoryContextStrdup(context, schema);
	grown->seen.name = MemoryContextStrdup(context, name);
	grown->seen.made_in = knows_all ? section : 0;
	take_grip(grown->grip, relation);
	return grown;
}

/* A relation that a section has made is called as it is now. */
static void
note_name(MigrGrown *grown, const char *schema, const char *name)
{
	if (grown->seen.made_in == 0)
		return;
	if (strcmp(grown->seen.schema, schema) != 0)
		grown->seen.schema = MemoryContextStrdup(context, schema);
	if (strcmp(grown->seen.name, name) != 0)
		grown->seen.name = MemoryContextStrdup(context, name);
}

static void
read_relations(void)
{
	HASH_SEQ_STATUS scan;
	MigrGrown  *grown;
	uint64		rows;
	MigrDb		db;

	hash_seq_init(&scan, relations);
	while ((grown = hash_seq_search(&scan)) != NULL)
		grown->grip->here = false;
	migr_db_begin(&db, false);
	rows = migr_db_run(&db, &relations_query, NULL, NULL);
	for (uint64 row = 0; row < rows; row++)
	{
		char	   *schema = migr_db_text(row, 2);
		char	   *name = migr_db_text(row, 3);

		grown = enter(DatumGetObjectId(migr_db_datum(row, 1)), schema, name);
		note_name(grown, schema, name);
		grown->seen.kind = DatumGetChar(migr_db_datum(row, 4));
		grown->grip->file = DatumGetObjectId(migr_db_datum(row, 5));
		grown->seen.is_partition = DatumGetBool(migr_db_datum(row, 6));
		grown->grip->scans = migr_db_int64(row, 7);
		grown->grip->index_file = DatumGetObjectId(migr_db_datum(row, 8));
		grown->grip->here = true;
		pfree(schema);
		pfree(name);
	}
	migr_db_end(&db);
}

void
migr_growth_begin(void)
{
	HASH_SEQ_STATUS scan;
	MigrGrown  *grown;

	if (relations == NULL)
		make_table();
	else
	{
		/* The transaction that held them may have ended. */
		hash_seq_init(&scan, relations);
		while ((grown = hash_seq_search(&scan)) != NULL)
			take_grip(grown->grip, grown->oid);
	}
	read_relations();
	knows_all = true;
	knows_last = true;
	section++;
}

void
migr_growth_start(void)
{
	HASH_SEQ_STATUS scan;
	MigrGrown  *grown;

	if (!knows_last)
		read_relations();
	knows_last = false;
	hash_seq_init(&scan, relations);
	while ((grown = hash_seq_search(&scan)) != NULL)
	{
		Grip	   *grip = grown->grip;

		for (LOCKMODE mode = 1; mode <= MaxLockMode; mode++)
			grip->held[mode] = grip->locks[mode] ? grip->locks[mode]->nLocks : 0;
		grip->file_before = grip->file;
		grip->index_file_before = grip->index_file;
		grip->scans_before = grip->scans;
		grip->was_here = grip->here;
		grown->seen.is_subject = false;
		grown->seen.lock = NoLock;
		grown->seen.checked = false;
	}
}

/* The strongest lock that was taken more often than before. */
static LOCKMODE
grown_lock(const Grip *grip)
{
	for (LOCKMODE mode = MaxLockMode; mode > NoLock; mode--)
	{
		if (grip->locks[mode] && grip->locks[mode]->nLocks > grip->held[mode])
			return mode;
	}
	return NoLock;
}

void
migr_growth_stop(void)
{
	HASH_SEQ_STATUS scan;
	MigrGrown  *grown;

	hash_seq_init(&scan, relations);
	while ((grown = hash_seq_search(&scan)) != NULL)
		grown->seen.lock = grown_lock(grown->grip);
	read_relations();
	knows_last = true;
	hash_seq_init(&scan, relations);
	while ((grown = hash_seq_search(&scan)) != NULL)
	{
		const Grip *grip = grown->grip;

		if (grip->here && !grip->was_here)
			grown->seen.lock = AccessExclusiveLock;
		grown->seen.dropped = grip->was_here && !grip->here;
		grown->seen.rewritten = grip->was_here && grip->here &&
			OidIsValid(grip->file_before) && grip->file != grip->file_before;
		/* Another index may have the file of one before it; files count up. */
		grown->seen.indexed = grip->was_here && grip->index_file > grip->index_file_before;
		grown->seen.scanned = grown->seen.rewritten ||
			(grip->here && grip->was_here && grip->scans > grip->scans_before);
	}
}

MigrGrown *
migr_growth_find(Oid relation)
{
	return hash_search(relations, &relation, HASH_FIND, NULL);
}

/* Was anything done to it? */
static bool
is_touched(const MigrGrown *grown)
{
	return grown->seen.lock != NoLock || grown->seen.rewritten || grown->seen.scanned;
}

void
migr_growth_note_check(void)
{
	HASH_SEQ_STATUS scan;
	MigrGrown  *grown;

	hash_seq_init(&scan, relations);
	while ((grown = hash_seq_search(&scan)) != NULL)
	{
		if (grown->seen.lock < RowShareLock ||
			(grown->seen.kind != RELKIND_RELATION && grown->seen.kind != RELKIND_PARTITIONED_TABLE))
			continue;
		grown->seen.checked = true;
		grown->seen.scanned = true;
	}
}

static int
compare_names(const ListCell *a, const ListCell *b)
{
	const MigrMeasuredRelation *left = lfirst(a);
	const MigrMeasuredRelation *right = lfirst(b);
	int			order = strcmp(left->schema, right->schema);

	/* What the statement names comes first. */
	if (left->is_subject != right->is_subject)
		return left->is_subject ? -1 : 1;
	return order ? order : strcmp(left->name, right->name);
}

List *
migr_growth_list(void)
{
	List	   *touched = NIL;
	HASH_SEQ_STATUS scan;
	MigrGrown  *grown;

	hash_seq_init(&scan, relations);
	while ((grown = hash_seq_search(&scan)) != NULL)
	{
		if (is_touched(grown))
			touched = lappend(touched, &grown->seen);
	}
	list_sort(touched, compare_names);
	return touched;
}
