/*
 * snap_needs.c
 *		The query of needs, with columns at both ends.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "compat.h"
#include "snap.h"

/*
 * What depends internally is a part of something else.  The expression of a
 * column and the member of a publication have addresses of their own.
 */
MigrQuery	migr_snap_needs = {
	"SELECT d.classid, d.objid, d.objsubid, d.refclassid, d.refobjid, d.refobjsubid, false"
	"  FROM pg_depend d"
	" WHERE d.deptype IN ('n', 'a', 'P', 'S') AND d.refobjid >= 16384"
	"   AND d.refclassid <> 'pg_namespace'::regclass"
	"   AND d.classid <> 'pg_attrdef'::regclass"
	" UNION ALL"
	" SELECT 'pg_class'::regclass::oid, a.adrelid, a.adnum::int4, d.refclassid, d.refobjid, d.refobjsubid,"
	"        t.attgenerated = ''"
	"  FROM pg_depend d JOIN pg_attrdef a ON a.oid = d.objid"
	"  JOIN pg_attribute t ON t.attrelid = a.adrelid AND t.attnum = a.adnum"
	" WHERE d.classid = 'pg_attrdef'::regclass AND d.refobjid >= 16384"
	"   AND NOT (d.refclassid = 'pg_class'::regclass"
	"            AND d.refobjid = a.adrelid AND d.refobjsubid = a.adnum)"
	" UNION ALL"
	" SELECT p.refclassid, p.refobjid, 0, d.refclassid, d.refobjid, d.refobjsubid, false"
	"  FROM pg_depend d JOIN pg_depend p ON p.classid = d.classid AND p.objid = d.objid"
	" WHERE p.refclassid = 'pg_publication'::regclass AND p.deptype = 'a'"
	"   AND d.refclassid <> 'pg_publication'::regclass AND d.refobjid >= 16384",
	0, {0}
};
