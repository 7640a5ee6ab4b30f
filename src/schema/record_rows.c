/*
 * record_rows.c
 *		Objects as rows of the recorded schema.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "base/settings.h"
#include "base/text.h"
#include "kind/canonical.h"
#include "kind/ddl.h"
#include "kind/kind.h"
#include "kind/sort.h"
#include "schema/record_parts.h"
#include "snapshot/snap.h"

HTAB *
migr_record_table(const char *name, Size key, Size entry)
{
	HASHCTL		control = {0};

	control.keysize = key;
	control.entrysize = entry;
	control.hcxt = CurrentMemoryContext;
	return hash_create(name, 256, &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
}

static void
set_id(MigrRecordedObject *row, const MigrObject *object)
{
	const char *utf8;
	StringInfoData name;

	initStringInfo(&name);
	appendStringInfo(&name, "%s %s", row->kind, migr_canonical_key(object));
	if (object->parent)
		appendStringInfo(&name, " ON %s", object->parent->identity);
	utf8 = pg_server_to_any(name.data, name.len, PG_UTF8);
	migr_text_digest(utf8, strlen(utf8), row->id);
	pfree(name.data);
}

static const MigrObject *
root_of(const MigrObject *object)
{
	while (object->parent)
		object = object->parent;
	return object;
}

static MigrRecordedObject *
make_row(const MigrObject *object)
{
	MigrRecordedObject *row = palloc0(sizeof(MigrRecordedObject));
	MigrCanonical parts = migr_canonical_parts(object);

	row->kind = migr_canonical_kind(object);
	row->object = migr_ddl_title(object);
	row->identity = migr_object_identity(object);
	row->address = object->address;
	row->place = object->subid;
	row->root = root_of(object)->address;
	row->schema = root_of(object)->schema;
	row->name = object->name;
	row->sort = migr_sort_of(object);
	row->definition = parts.definition;
	row->privileges = parts.privileges;
	row->owner = parts.owner;
	row->source = object;
	migr_recorded_hash(row, row->hash);
	set_id(row, object);
	return row;
}

/* The rows of a schema. */
typedef struct Making
{
	const MigrSchema *schema;
	List	   *rows;
} Making;

static void
make_rows(void *arg)
{
	Making	   *making = arg;
	ListCell   *lc;

	foreach(lc, making->schema->objects)
	{
		const MigrObject *object = lfirst(lc);

		CHECK_FOR_INTERRUPTS();
		if (migr_kind_is_there(object))
			making->rows = lappend(making->rows, make_row(object));
	}
}

char *
migr_record_fingerprint(const MigrSchema *schema)
{
	MigrRecorded recorded = {0};

	migr_recorded_count(&recorded, migr_record_rows(schema), true);
	return migr_lthash_digest(&recorded.sum);
}

/* The text is the same whatever is compared: rights are those beside an owner's. */
static void
make_rows_pinned(void *making)
{
	static const MigrSetting settings[] = {
		{"migr.compare_owners", "off"},
		{"migr.compare_privileges", "on"}
	};

	migr_settings_run(settings, lengthof(settings), make_rows, making);
}

List *
migr_record_rows(const MigrSchema *schema)
{
	Making		making = {.schema = schema};

	migr_snap_pinned_some(make_rows_pinned, &making);
	return making.rows;
}
