/*
 * version.c
 *		Do the library and the objects of this database go together?
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/indexing.h"
#include "catalog/pg_extension.h"
#include "commands/extension.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/rel.h"

#include "base/version.h"

/* The oldest version whose objects have all that the library asks for. */
#define OLDEST "1.0.0"

/* extversion of the extension, or NULL if it is not there. */
static char *
version_of_objects(void)
{
	Relation	rel = table_open(ExtensionRelationId, AccessShareLock);
	char	   *version = NULL;
	SysScanDesc scan;
	ScanKeyData key;
	HeapTuple	tuple;

	ScanKeyInit(&key, Anum_pg_extension_extname, BTEqualStrategyNumber, F_NAMEEQ,
				CStringGetDatum("migr"));
	scan = systable_beginscan(rel, ExtensionNameIndexId, true, NULL, 1, &key);
	tuple = systable_getnext(scan);
	if (HeapTupleIsValid(tuple))
	{
		bool		is_null;
		Datum		value = heap_getattr(tuple, Anum_pg_extension_extversion,
										 RelationGetDescr(rel), &is_null);

		version = TextDatumGetCString(value);
	}
	systable_endscan(scan);
	table_close(rel, AccessShareLock);
	return version;
}

/* Is one version, of numbers and dots, before another? */
static bool
is_before(const char *one, const char *other)
{
	while (*one && *other)
	{
		char	   *rest;
		char	   *other_rest;
		long		number = strtol(one, &rest, 10);
		long		other_number = strtol(other, &other_rest, 10);

		if (number != other_number)
			return number < other_number;
		one = *rest ? rest + 1 : rest;
		other = *other_rest ? other_rest + 1 : other_rest;
	}
	return *other != '\0';
}

void
migr_version_check(void)
{
	char	   *version = creating_extension ? NULL : version_of_objects();

	if (version == NULL || strcmp(version, MIGR_VERSION) == 0)
		return;
	if (is_before(version, OLDEST))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("extension \"migr\" is version %s in this database, and its library is version %s",
						version, MIGR_VERSION),
				 errdetail("The library works with the objects of version %s and later.", OLDEST),
				 errhint("Run ALTER EXTENSION migr UPDATE.")));
	if (is_before(MIGR_VERSION, version))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("extension \"migr\" is version %s in this database, and its library is version %s",
						version, MIGR_VERSION),
				 errhint("A session that began before the update has the old library: connect again. If a new session says so too, install version %s on this server.",
						 version)));
	pfree(version);
}
