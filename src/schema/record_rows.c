/*
 * record_rows.c
 *		Objects as rows of the recorded schema.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "base/text.h"
#include "kind/canonical.h"
#include "kind/ddl.h"
#include "kind/kind.h"
#include "schema/record_parts.h"

static void
set_id(MigrRecordedObject *row, const MigrObject *object)
{
	StringInfoData name;

	initStringInfo(&name);
	appendStringInfo(&name, "%s %s", row->kind, migr_canonical_key(object));
	if (object->parent)
		appendStringInfo(&name, " ON %s", object->parent->identity);
	migr_text_digest(name.data, name.len, row->id);
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

	row->kind = migr_canonical_kind(object);
	row->object = migr_ddl_title(object);
	row->identity = migr_object_identity(object);
	row->address = object->address;
	row->place = object->subid;
	row->root = root_of(object)->address;
	row->definition = migr_canonical_essence(object);
	migr_text_digest(row->definition, strlen(row->definition), row->hash);
	set_id(row, object);
	return row;
}

List *
migr_record_rows(MigrSchema *schema)
{
	List	   *rows = NIL;
	ListCell   *lc;

	foreach(lc, schema->objects)
	{
		const MigrObject *object = lfirst(lc);

		CHECK_FOR_INTERRUPTS();
		if (migr_kind_is_there(object))
			rows = lappend(rows, make_row(object));
	}
	return rows;
}
