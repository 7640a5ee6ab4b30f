/*
 * blame.c
 *		Who made an object, and who changed it last.
 *
 * A pattern that names objects by their whole name costs what these cost, by index;
 * any other, and one that names nothing, costs a look at all objects.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/hsearch.h"

#include "base/ident.h"
#include "base/near.h"
#include "check/blame.h"
#include "check/blame_pattern.h"
#include "schema/record.h"
#include "store/mutex.h"
#include "store/store.h"

/* Where more rows are of a name, all are read. */
#define ROWS_BY_NAME 2000

typedef struct Search
{
	MigrBlamePattern pattern;
	bool		everything;		/* look at all objects */
	bool		applied;		/* is any revision? */
	MigrRecordLook look;
	List	   *pairs;			/* MigrBlamed * */
	List	   *found;			/* those of them that the pattern names */
} Search;

/* --- looking ---------------------------------------------------------------------- */

/*
 * What is called by one of some names, or has an index or constraint that is; all others
 * are found by a look at everything.
 */
static MigrQuery roots_query = {
	"WITH named AS (SELECT $1::pg_catalog.name[] AS names),"
	" relation AS (SELECT c.oid, c.relkind, c.reltype FROM pg_catalog.pg_class c"
	"    WHERE c.relname = ANY ((SELECT names FROM named)::pg_catalog.name[]))"
	" SELECT 'pg_catalog.pg_class'::pg_catalog.regclass::pg_catalog.oid, r.oid FROM relation r"
	"  WHERE r.relkind NOT IN ('i', 'I', 'c')"
	" UNION SELECT 'pg_catalog.pg_class'::pg_catalog.regclass::pg_catalog.oid, i.indrelid"
	"  FROM relation r JOIN pg_catalog.pg_index i ON i.indexrelid = r.oid WHERE r.relkind IN ('i', 'I')"
	" UNION SELECT 'pg_catalog.pg_type'::pg_catalog.regclass::pg_catalog.oid, t.oid FROM pg_catalog.pg_type t"
	"  WHERE t.typname = ANY ((SELECT names FROM named)::pg_catalog.name[])"
	" UNION SELECT 'pg_catalog.pg_proc'::pg_catalog.regclass::pg_catalog.oid, p.oid FROM pg_catalog.pg_proc p"
	"  WHERE p.proname = ANY ((SELECT names FROM named)::pg_catalog.name[])"
	" UNION SELECT 'pg_catalog.pg_namespace'::pg_catalog.regclass::pg_catalog.oid, n.oid"
	"  FROM pg_catalog.pg_namespace n WHERE n.nspname = ANY ((SELECT names FROM named)::pg_catalog.name[])"
	" UNION SELECT 'pg_catalog.pg_class'::pg_catalog.regclass::pg_catalog.oid, c.conrelid"
	"  FROM pg_catalog.pg_constraint c"
	"  WHERE c.conname = ANY ((SELECT names FROM named)::pg_catalog.name[]) AND c.conrelid <> 0",
	1, {TEXTARRAYOID}
};

static List *
add_address(List *addresses, MigrAddress address)
{
	MigrAddress *copy;
	ListCell   *lc;

	foreach(lc, addresses)
	{
		if (memcmp(lfirst(lc), &address, sizeof(MigrAddress)) == 0)
			return addresses;
	}
	copy = palloc(sizeof(MigrAddress));
	*copy = address;
	return lappend(addresses, copy);
}

/* The roots that are there by a name that somebody asks for: MigrAddress *. */
static List *
find_roots(MigrDb *db, const List *names)
{
	Datum		value = migr_db_texts_datum(names);
	uint64		count = migr_db_run(db, &roots_query, &value, NULL);
	List	   *addresses = NIL;

	for (uint64 i = 0; i < count; i++)
	{
		MigrAddress *address = palloc(sizeof(MigrAddress));

		address->classid = DatumGetObjectId(migr_db_datum(i, 1));
		address->objid = DatumGetObjectId(migr_db_datum(i, 2));
		addresses = lappend(addresses, address);
	}
	return addresses;
}

/* The roots of rows, and what is at other addresses by the name of one. */
static List *
roots_of(MigrDb *db, const List *rows, const List *names)
{
	List	   *addresses = NIL;
	List	   *all = list_copy(names);
	ListCell   *lc;

	foreach(lc, rows)
	{
		const MigrRecordedObject *row = lfirst(lc);

		addresses = add_address(addresses, row->root);
		if (migr_recorded_is_root(row) && !migr_ident_is_in(all, row->name))
			all = lappend(all, unconstify(char *, row->name));
	}
	foreach(lc, find_roots(db, all))
		addresses = add_address(addresses, *(MigrAddress *) lfirst(lc));
	return addresses;
}

static List *
choose(MigrDb *db, MigrRecordLook *look, void *arg)
{
	Search	   *search = arg;
	List	   *addresses;

	search->applied = migr_store_count_versions(db) > 0;
	look->everything = search->everything || search->pattern.names == NIL ||
		!look->recorded.believed;
	if (!look->everything)
	{
		look->rows = migr_recorded_named(db, search->pattern.names, search->pattern.around);
		look->everything = list_length(look->rows) > ROWS_BY_NAME;
	}
	if (look->everything)
	{
		look->rows = migr_recorded_all(db);
		return NIL;
	}
	addresses = roots_of(db, look->rows, list_concat(list_copy(search->pattern.names),
													 search->pattern.around));
	look->rows = migr_recorded_of_roots(db, addresses);
	return addresses;
}

/* --- what was recorded and what is there, brought together -------------------------- */

typedef struct Key
{
	unsigned char id[MIGR_DIGEST_BYTES];
} Key;

/* Where a part or root is, for who looks for it under another name. */
typedef struct PlaceKey
{
	MigrAddress address;
	MigrAddress root;
	int			place;
} PlaceKey;

typedef struct Entry
{
	union
	{
		Key			id;
		PlaceKey	place;
	}			key;			/* the hash key */
	MigrBlamed *blamed;
} Entry;

static HTAB *
make_table(Size key)
{
	HASHCTL		control = {0};

	control.keysize = key;
	control.entrysize = sizeof(Entry);
	control.hcxt = CurrentMemoryContext;
	return hash_create("migr blame", 256, &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
}

static PlaceKey
place_of(const MigrRecordedObject *object)
{
	PlaceKey	key;

	memset(&key, 0, sizeof(key));
	key.address = object->address;
	key.root = object->root;
	key.place = object->place;
	return key;
}

static MigrBlamed *
find(HTAB *table, const void *key)
{
	Entry	   *entry = hash_search(table, key, HASH_FIND, NULL);

	return entry ? entry->blamed : NULL;
}

static List *
pair(const List *rows, const List *live, bool believed)
{
	HTAB	   *by_id = make_table(sizeof(Key));
	HTAB	   *by_place = make_table(sizeof(PlaceKey));
	List	   *pairs = NIL;
	List	   *left = NIL;
	ListCell   *lc;

	foreach(lc, rows)
	{
		MigrBlamed *blamed = palloc0(sizeof(MigrBlamed));
		PlaceKey	place = place_of(lfirst(lc));

		blamed->row = lfirst(lc);
		pairs = lappend(pairs, blamed);
		((Entry *) hash_search(by_id, blamed->row->id, HASH_ENTER, NULL))->blamed = blamed;
		if (believed && OidIsValid(blamed->row->address.objid))
			((Entry *) hash_search(by_place, &place, HASH_ENTER, NULL))->blamed = blamed;
	}
	foreach(lc, live)
	{
		MigrBlamed *blamed = find(by_id, ((MigrRecordedObject *) lfirst(lc))->id);

		if (blamed)
			blamed->live = lfirst(lc);
		else
			left = lappend(left, lfirst(lc));
	}
	foreach(lc, left)
	{
		const MigrRecordedObject *object = lfirst(lc);
		PlaceKey	place = place_of(object);
		MigrBlamed *blamed = find(by_place, &place);

		if (blamed == NULL || blamed->live || strcmp(blamed->row->kind, object->kind) != 0)
		{
			blamed = palloc0(sizeof(MigrBlamed));
			pairs = lappend(pairs, blamed);
		}
		blamed->live = object;
	}
	hash_destroy(by_id);
	hash_destroy(by_place);
	return pairs;
}

const MigrRecordedObject *
migr_blamed_object(const MigrBlamed *blamed)
{
	return blamed->live ? blamed->live : blamed->row;
}

static bool
is_at_same_place(const MigrRecordedObject *row, const MigrRecordedObject *live)
{
	return memcmp(&row->address, &live->address, sizeof(MigrAddress)) == 0 && row->place == live->place;
}

/*
 * What has been done to an object by no run.  A part that stands on what has another
 * name now reads otherwise, and has not been changed.
 */
static const char *
tell_by_hand(const MigrBlamed *blamed, bool believed)
{
	const MigrRecordedObject *row = blamed->row;
	const MigrRecordedObject *live = blamed->live;

	if (row == NULL)
		return "made";
	if (live == NULL)
		return "dropped";
	if (memcmp(row->id, live->id, MIGR_DIGEST_BYTES) != 0)
		return migr_recorded_is_root(row) || strcmp(row->name, live->name) != 0 ? "renamed" : NULL;
	if (believed && OidIsValid(row->address.objid) && !is_at_same_place(row, live))
		return "made anew";
	return memcmp(row->hash, live->hash, MIGR_DIGEST_BYTES) != 0 ? "changed" : NULL;
}

/* --- finding ------------------------------------------------------------------------ */

/* The roots of what is to be searched, by where they are. */
static HTAB *
index_roots(const List *objects)
{
	HTAB	   *roots = make_table(sizeof(PlaceKey));
	ListCell   *lc;

	foreach(lc, objects)
	{
		MigrBlamed *blamed = lfirst(lc);
		PlaceKey	key;

		if (!migr_recorded_is_root(migr_blamed_object(blamed)))
			continue;
		if (blamed->row)
		{
			key = place_of(blamed->row);
			((Entry *) hash_search(roots, &key, HASH_ENTER, NULL))->blamed = blamed;
		}
		if (blamed->live)
		{
			key = place_of(blamed->live);
			((Entry *) hash_search(roots, &key, HASH_ENTER, NULL))->blamed = blamed;
		}
	}
	return roots;
}

static const MigrBlamed *
root_of(HTAB *roots, const MigrBlamed *blamed)
{
	MigrAddress root = migr_blamed_object(blamed)->root;
	PlaceKey	key;
	const MigrBlamed *found;

	memset(&key, 0, sizeof(key));
	key.address = key.root = root;
	found = find(roots, &key);
	return found ? found : blamed;
}

/* Does the pattern name it as it was, or as it is? */
static bool
is_named(const MigrBlamePattern *pattern, const MigrBlamed *blamed, const MigrBlamed *root)
{
	if (blamed->row && migr_blame_names(pattern, blamed->row, root->row ? root->row : blamed->row))
		return true;
	return blamed->live &&
		migr_blame_names(pattern, blamed->live, root->live ? root->live : blamed->live);
}

static void
select_named(Search *search)
{
	HTAB	   *roots = index_roots(search->pairs);
	ListCell   *lc;

	search->found = NIL;
	foreach(lc, search->pairs)
	{
		MigrBlamed *blamed = lfirst(lc);

		CHECK_FOR_INTERRUPTS();
		blamed->root = root_of(roots, blamed);
		if (is_named(&search->pattern, blamed, blamed->root) ||
			(blamed->root != blamed && is_named(&search->pattern, blamed->root, blamed->root)))
			search->found = lappend(search->found, blamed);
	}
	hash_destroy(roots);
}

static int
compare_texts(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "");
}

/* By schema and by what they stand on; that first, and then its columns. */
static int
compare_found(const ListCell *a, const ListCell *b)
{
	const MigrRecordedObject *left = migr_blamed_object(lfirst(a));
	const MigrRecordedObject *right = migr_blamed_object(lfirst(b));
	const MigrBlamed *root_a = ((MigrBlamed *) lfirst(a))->root;
	const MigrBlamed *root_b = ((MigrBlamed *) lfirst(b))->root;
	int			order = compare_texts(left->schema, right->schema);

	if (order == 0)
		order = strcmp(migr_blamed_object(root_a)->name, migr_blamed_object(root_b)->name);
	if (order == 0)
		order = memcmp(&left->root, &right->root, sizeof(MigrAddress));
	if (order == 0)
		order = migr_recorded_is_root(right) - migr_recorded_is_root(left);
	if (order == 0)
		order = (left->place == 0) - (right->place == 0);
	if (order == 0)
		order = left->place - right->place;
	if (order == 0)
		order = strcmp(left->kind, right->kind);
	return order ? order : strcmp(left->object, right->object);
}

/* --- telling ------------------------------------------------------------------------ */

static MigrQuery messages_query = {
	"SELECT v.revision, v.message FROM migr.revision v WHERE v.revision = ANY ($1)"
	" UNION ALL SELECT r.name, r.message FROM migr.repeatable r WHERE r.name = ANY ($1)",
	1, {TEXTARRAYOID}
};

/* The script whose message says most of an object: that which changed it last. */
static const char *
last_script(const MigrBlamed *blamed)
{
	if (blamed->row == NULL)
		return NULL;
	return blamed->row->changed.revision ? blamed->row->changed.revision : blamed->row->created.revision;
}

static void
find_messages(const List *found)
{
	List	   *scripts = NIL;
	uint64		count;
	Datum		value;
	ListCell   *lc;
	MigrDb		db;

	foreach(lc, found)
	{
		const char *script = last_script(lfirst(lc));

		if (script && !migr_ident_is_in(scripts, script))
			scripts = lappend(scripts, unconstify(char *, script));
	}
	if (scripts == NIL)
		return;
	value = migr_db_texts_datum(scripts);
	migr_db_begin(&db, true);
	count = migr_db_run(&db, &messages_query, &value, NULL);
	for (uint64 i = 0; i < count; i++)
	{
		const char *script = migr_db_text(i, 1);
		const char *message = migr_db_text(i, 2);

		foreach(lc, found)
		{
			MigrBlamed *blamed = lfirst(lc);

			if (last_script(blamed) && strcmp(last_script(blamed), script) == 0)
				blamed->message = message;
		}
	}
	migr_db_end(&db);
}

/* "Did you mean …? ", of all that objects are called. */
static char *
suggest(const Search *search)
{
	List	   *names = NIL;
	const char *last = NULL;
	MigrNear	near;
	ListCell   *lc;

	if (search->pattern.names == NIL)
		return pstrdup("");
	foreach(lc, search->pairs)
		names = lappend(names, unconstify(char *, migr_blamed_object(lfirst(lc))->name));
	list_sort(names, migr_ident_compare);
	migr_near_begin(&near, linitial(search->pattern.names));
	foreach(lc, names)
	{
		if (last == NULL || strcmp(last, lfirst(lc)) != 0)
			migr_near_add(&near, lfirst(lc));
		last = lfirst(lc);
	}
	return migr_near_question(&near);
}

static void
tell_of_nothing(const Search *search)
{
	ereport(NOTICE,
			(errmsg("nothing that is recorded, or there, is called \"%s\"", search->pattern.whole),
			 errdetail("Members of extensions, and what is in system or temporary schemas, are not recorded."),
			 errhint("%s* and ? stand for what is not known of a name.", suggest(search))));
}

/* Is there a record, and is it what the last run left?  If not, say so. */
static bool
tell_of_record(const Search *search)
{
	const char *obstacle = migr_record_obstacle(&search->look.recorded, true);

	if (!search->look.recorded.exists && !search->applied)
		ereport(NOTICE,
				(errmsg("nothing is recorded: no revision is applied")));
	else if (obstacle)
		ereport(WARNING,
				(errmsg("what is recorded may not be what is there"),
				 errdetail("%c%s.", pg_toupper((unsigned char) obstacle[0]), obstacle + 1),
				 migr_mutex_in_run() ? 0 : errhint("migr_stamp('current') records all of it now.")));
	else if (!search->look.is_sound)
		ereport(WARNING,
				(errmsg("migr.object is not as migr has written it"),
				 errhint("migr_stamp('current') records the schema anew, as it is.")));
	return obstacle == NULL;
}

static void
find_some(Search *search, bool everything)
{
	ListCell   *lc;
	bool		looked;

	search->everything = everything;
	migr_record_look_some(&search->look, choose, search);
	looked = migr_record_obstacle(&search->look.recorded, true) == NULL;
	search->pairs = pair(search->look.rows, search->look.live, search->look.recorded.believed);
	foreach(lc, search->pairs)
	{
		MigrBlamed *blamed = lfirst(lc);

		if (looked)
			blamed->by_hand = tell_by_hand(blamed, search->look.recorded.believed);
	}
	select_named(search);
}

List *
migr_blame_find(const char *text)
{
	Search		search = {.pattern = migr_blame_pattern(text)};

	find_some(&search, false);
	if (search.found == NIL && !search.look.everything)
		find_some(&search, true);
	if (tell_of_record(&search) && search.found == NIL)
		tell_of_nothing(&search);
	list_sort(search.found, compare_found);
	find_messages(search.found);
	return search.found;
}
