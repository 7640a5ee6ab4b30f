/*
 * scratch_hide.c
 *		A database within the database: what no ALTER can set aside.
 *
 * Access methods can't be renamed; casts, transforms and default privileges
 * have no name.  All that is done here is taken back by the rollback of the
 * scratch database, and nothing depends on it until then: what uses a cast is
 * aside itself.  So their rows in the catalogs are changed directly, which
 * needs no lock on anything that uses them.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/transam.h"
#include "access/xact.h"
#include "catalog/dependency.h"
#include "catalog/indexing.h"
#include "catalog/pg_am.h"
#include "catalog/pg_cast.h"
#include "catalog/pg_default_acl.h"
#include "catalog/pg_transform.h"
#include "utils/builtins.h"
#include "utils/rel.h"

#include "compat.h"
#include "scratch.h"

/* Is it neither the server's own nor a member of an extension? */
static bool
is_of_user(Oid catalog, Oid object)
{
	return object >= FirstNormalObjectId &&
		!OidIsValid(getExtensionOfObject(catalog, object));
}

/* Rename an access method, whose row this is. */
static void
rename_method(Relation catalog, HeapTuple tuple, const char *prefix)
{
	HeapTuple	copy = heap_copytuple(tuple);
	Form_pg_am	method = (Form_pg_am) GETSTRUCT(copy);

	namestrcpy(&method->amname, psprintf("%sam_%u", prefix, method->oid));
	CatalogTupleUpdate(catalog, &copy->t_self, copy);
}

/* The oid is the first column of each of these catalogs. */
static void
hide_rows(Oid catalog_id, const char *prefix)
{
	Relation	catalog = table_open(catalog_id, RowExclusiveLock);
	SysScanDesc scan = systable_beginscan(catalog, InvalidOid, false, NULL, 0, NULL);
	HeapTuple	tuple;

	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		bool		is_null;
		Oid			object = DatumGetObjectId(heap_getattr(tuple, 1,
														   RelationGetDescr(catalog),
														   &is_null));

		if (!is_of_user(catalog_id, object))
			continue;
		if (catalog_id == AccessMethodRelationId)
			rename_method(catalog, tuple, prefix);
		else
			CatalogTupleDelete(catalog, &tuple->t_self);
	}
	systable_endscan(scan);
	table_close(catalog, RowExclusiveLock);
}

void
migr_scratch_hide(const char *prefix)
{
	hide_rows(AccessMethodRelationId, prefix);
	hide_rows(CastRelationId, prefix);
	hide_rows(TransformRelationId, prefix);
	hide_rows(DefaultAclRelationId, prefix);
	CommandCounterIncrement();
}
