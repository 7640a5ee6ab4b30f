/*
 * sql_touched.c
 *		SQL-callable: what the transaction has touched.  Reads only.
 *
 * The script of the extension declares none of these: tests do.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/builtins.h"

#include "base/srf.h"
#include "kind/kind.h"
#include "model/attribute_names.h"
#include "snapshot/snap.h"
#include "snapshot/touched.h"

PG_FUNCTION_INFO_V1(migr_test_touch_mark);
PG_FUNCTION_INFO_V1(migr_test_touched);
PG_FUNCTION_INFO_V1(migr_test_model);

static MigrTouchMark test_mark;

/* migr_test_touch_mark() → void */
Datum
migr_test_touch_mark(PG_FUNCTION_ARGS)
{
	migr_touch_mark(&test_mark);
	PG_RETURN_VOID();
}

/* Commands count from the mark; -1 is none. */
static Datum
command_datum(CommandId command)
{
	return Int32GetDatum(command == InvalidCommandId ? -1 : (int) (command - test_mark.command));
}

static void
put_touches(MigrSrf *srf, const List *touches)
{
	ListCell   *lc;

	foreach(lc, touches)
	{
		const MigrTouch *touch = lfirst(lc);
		Datum		values[10];
		bool		nulls[10] = {false};

		values[0] = ObjectIdGetDatum(touch->address.classid);
		values[1] = ObjectIdGetDatum(touch->address.objid);
		values[2] = Int32GetDatum(touch->subid);
		values[3] = BoolGetDatum(touch->created);
		values[4] = BoolGetDatum(touch->dropped);
		values[5] = BoolGetDatum(touch->dependent);
		values[6] = command_datum(touch->own.first);
		values[7] = command_datum(touch->own.last);
		values[8] = command_datum(touch->around.first);
		values[9] = command_datum(touch->around.last);
		migr_srf_put(srf, values, nulls);
	}
}

/*
 * migr_test_touched("limit" integer) → SETOF record
 *
 * With a limit, closed; everything is a row of NULL.
 */
Datum
migr_test_touched(PG_FUNCTION_ARGS)
{
	MigrSrf		srf = migr_srf_begin(fcinfo);
	MigrTouched *touched = migr_touched_since(&test_mark);

	if (!PG_ARGISNULL(0))
		migr_touched_close(touched, PG_GETARG_INT32(0));
	if (touched->everything)
	{
		Datum		values[10] = {0};
		bool		nulls[10];

		memset(nulls, true, sizeof(nulls));
		migr_srf_put(&srf, values, nulls);
		ereport(NOTICE, (errmsg("everything: %s", touched->why)));
	}
	put_touches(&srf, touched->objects);
	put_touches(&srf, touched->columns);
	return (Datum) 0;
}

static void
append_part(StringInfo out, const char *name, const char *value)
{
	if (value)
		appendStringInfo(out, "%s: %s\n", name, value);
}

/* All that a snapshot says of an object, but for what its SQL never shows. */
static char *
describe(const MigrObject *object)
{
	StringInfoData out;

	initStringInfo(&out);
	append_part(&out, "owner", object->owner);
	append_part(&out, "acl", object->acl);
	append_part(&out, "comment", object->comment);
	for (int i = 0; i < object->count; i++)
	{
		if (object->columns->attributes[i] != MIGR_ATTR_STORED)
			append_part(&out, migr_attribute_name(object->columns->attributes[i]), object->values[i]);
	}
	return out.data;
}

/*
 * migr_test_model() → SETOF record
 *
 * The objects of the live schema: address, that of the parent, kind, identity, text.
 */
Datum
migr_test_model(PG_FUNCTION_ARGS)
{
	MigrSrf		srf = migr_srf_begin(fcinfo);
	MigrSchema *schema = migr_snap_model(NULL);
	ListCell   *lc;

	foreach(lc, schema->objects)
	{
		const MigrObject *object = lfirst(lc);
		const MigrObject *parent = object->parent;
		Datum		values[8];
		bool		nulls[8] = {false};

		values[0] = ObjectIdGetDatum(object->address.classid);
		values[1] = ObjectIdGetDatum(object->address.objid);
		values[2] = Int32GetDatum(object->subid);
		values[3] = ObjectIdGetDatum(parent ? parent->address.classid : InvalidOid);
		values[4] = ObjectIdGetDatum(parent ? parent->address.objid : InvalidOid);
		values[5] = Int32GetDatum(object->kind);
		values[6] = CStringGetTextDatum(migr_object_identity(object));
		values[7] = CStringGetTextDatum(describe(object));
		migr_srf_put(&srf, values, nulls);
	}
	return (Datum) 0;
}
