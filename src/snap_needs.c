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
 * What depends internally is a part of something else.  Expressions of columns
 * and the members of publications have addresses of their own in pg_depend.
 */
MigrQuery	migr_snap_needs = {
	"SELECT d.classid, d.objid, d.objsubid, d.refclassid, d.refobjid, d.refobjsubid, false"
	"  FROM pg_depend d"
	" WHERE d.deptype IN ('n', 'a', 'P', 'S') AND d.refobjid >= 16384"
	"   AND d.refclassid <> 'pg_namespace'::regclass"
	"   AND d.classid NOT IN ('pg_attrdef'::regclass, 'pg_publication_rel'::regclass)"
	" UNION ALL"
	" SELECT 'pg_class'::regclass::oid, a.adrelid, a.adnum::int4, d.refclassid, d.refobjid, d.refobjsubid,"
	"        t.attgenerated = ''"
	"  FROM pg_depend d JOIN pg_attrdef a ON a.oid = d.objid"
	"  JOIN pg_attribute t ON t.attrelid = a.adrelid AND t.attnum = a.adnum"
	" WHERE d.classid = 'pg_attrdef'::regclass AND d.refobjid >= 16384"
	"   AND NOT (d.refclassid = 'pg_class'::regclass"
	"            AND d.refobjid = a.adrelid AND d.refobjsubid = a.adnum)"
	" UNION ALL"
	" SELECT 'pg_publication'::regclass::oid, p.prpubid, 0, d.refclassid, d.refobjid, d.refobjsubid, false"
	"  FROM pg_depend d JOIN pg_publication_rel p ON p.oid = d.objid"
	" WHERE d.classid = 'pg_publication_rel'::regclass AND d.refobjid >= 16384"
	"   AND d.refclassid <> 'pg_publication'::regclass",
	0, {0}
};
