/*
 * snap_schema.c
 *		What stands in one schema, without looking at any other.
 *
 * No catalog has an index that begins with the schema; pg_depend has one, and all that
 * is in a schema depends on it.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/dependency.h"
#include "catalog/indexing.h"
#include "catalog/pg_depend.h"
#include "catalog/pg_extension.h"
#include "catalog/pg_namespace.h"
#include "utils/fmgroids.h"

#include "model/model.h"
#include "snapshot/snap_schema.h"

static List *
add_address(List *addresses, Oid classid, Oid objid)
{
	MigrAddress *address = palloc(sizeof(MigrAddress));

	address->classid = classid;
	address->objid = objid;
	return lappend(addresses, address);
}

/* Is what depends on a schema in it?  That a publication has it is no object of the model. */
static bool
is_inside(const FormData_pg_depend *form)
{
	return (form->deptype == DEPENDENCY_NORMAL || form->deptype == DEPENDENCY_AUTO) &&
		form->classid != ExtensionRelationId;
}

List *
migr_snap_schema_addresses(Oid schema)
{
	Relation	catalog = table_open(DependRelationId, AccessShareLock);
	List	   *addresses = add_address(NIL, NamespaceRelationId, schema);
	ScanKeyData keys[2];
	SysScanDesc scan;
	HeapTuple	tuple;

	ScanKeyInit(&keys[0], Anum_pg_depend_refclassid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(NamespaceRelationId));
	ScanKeyInit(&keys[1], Anum_pg_depend_refobjid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(schema));
	scan = systable_beginscan(catalog, DependReferenceIndexId, true, NULL, 2, keys);
	while ((tuple = systable_getnext(scan)) != NULL)
	{
		const FormData_pg_depend *form = (Form_pg_depend) GETSTRUCT(tuple);

		if (is_inside(form))
			addresses = add_address(addresses, form->classid, form->objid);
	}
	systable_endscan(scan);
	table_close(catalog, AccessShareLock);
	return addresses;
}
