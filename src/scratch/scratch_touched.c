/*
 * scratch_touched.c
 *		In the worker: what a build has touched since a point in it.
 *
 * A step of a build costs what it changes, however much there is besides.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "base/wire.h"
#include "base/worker.h"
#include "scratch/scratch_build.h"
#include "snapshot/touched.h"

/* One that was never set in a build is no use in it, and so everything is read. */
static MigrTouchMark marks[MIGR_SCRATCH_MARKS];

/* The addresses (MigrAddress *) of what has been touched; sets whether it is everything. */
static List *
find_touched(int since, int limit, bool *everything)
{
	MigrTouched *touched;
	List	   *addresses = NIL;
	ListCell   *lc;

	*everything = since < 0;
	if (*everything)
		return NIL;
	touched = migr_touched_since(&marks[since]);
	migr_touched_close(touched, limit);
	*everything = touched->everything;
	if (*everything)
		return NIL;
	foreach(lc, touched->objects)
	{
		MigrTouch  *touch = lfirst(lc);

		addresses = lappend(addresses, &touch->address);
	}
	return addresses;
}

static void
put_addresses(StringInfo out, const List *addresses)
{
	ListCell   *lc;

	migr_wire_put_int(out, list_length(addresses));
	foreach(lc, addresses)
	{
		const MigrAddress *address = lfirst(lc);

		migr_wire_put_oid(out, address->classid);
		migr_wire_put_oid(out, address->objid);
	}
}

static MigrSchema *
read_schema(const List *addresses, bool everything)
{
	MigrScope	scope = {.only = addresses, .is_alone = true};

	if (!everything && addresses == NIL)
		return migr_schema_create();
	migr_scratch_extensions_scope(&scope);
	return migr_snap_model(&scope);
}

void
migr_scratch_reply_touched(StringInfo content)
{
	int			since = migr_wire_get_int(content);
	int			mark = migr_wire_get_int(content);
	int			limit = migr_wire_get_int(content);
	bool		everything;
	List	   *addresses = find_touched(since, limit, &everything);
	StringInfoData reply;

	initStringInfo(&reply);
	migr_wire_put_int(&reply, everything);
	migr_wire_put_int(&reply, migr_scratch_denied() != NIL || migr_scratch_absent_told() != NIL);
	put_addresses(&reply, addresses);
	migr_worker_reply(MIGR_BUILT_TOUCHED, &reply);
	migr_object_wire_write(read_schema(addresses, everything), migr_scratch_reply_piece, NULL);
	if (mark >= 0)
		migr_touch_mark(&marks[mark]);
}
