/*
 * snap_needs.c
 *		Queries of dependencies, and of needs: columns at both ends.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "compat.h"
#include "snap.h"

/* Addresses by which pg_depend means an object that has another one. */
MigrQuery	migr_snap_aliases = {
	"SELECT 'pg_rewrite'::regclass::oid, r.oid, 'pg_class'::regclass::oid, r.ev_class"
	"  FROM pg_rewrite r WHERE r.rulename = '_RETURN' AND r.oid >= 16384"
	" UNION ALL"
	" SELECT 'pg_attrdef'::regclass::oid, d.oid, 'pg_class'::regclass::oid, d.adrelid"
	"  FROM pg_attrdef d"
	" UNION ALL"
	" SELECT 'pg_type'::regclass::oid, c.reltype, 'pg_class'::regclass::oid, c.oid"
	"  FROM pg_class c WHERE c.reltype <> 0 AND c.relkind <> 'c' AND c.oid >= 16384"
	" UNION ALL"
	" SELECT 'pg_class'::regclass::oid, t.typrelid, 'pg_type'::regclass::oid, t.oid"
	"  FROM pg_type t JOIN pg_class c ON c.oid = t.typrelid"
	" WHERE c.relkind = 'c' AND t.oid >= 16384"
	" UNION ALL"
	" SELECT 'pg_class'::regclass::oid, c.conindid, 'pg_constraint'::regclass::oid, c.oid"
	"  FROM pg_constraint c WHERE c.contype IN ('p', 'u', 'x')"
	/* a range type's multirange, then the functions that make both */
	" UNION ALL"
	" SELECT d.classid, d.objid, d.refclassid, d.refobjid FROM pg_depend d"
	" WHERE d.classid = 'pg_type'::regclass"
	"   AND d.refclassid = 'pg_type'::regclass AND d.deptype = 'i'"
	" UNION ALL"
	" SELECT d.classid, d.objid, d.refclassid, d.refobjid FROM pg_depend d"
	" WHERE d.classid = 'pg_proc'::regclass"
	"   AND d.refclassid = 'pg_type'::regclass AND d.deptype = 'i'"
	/* the members of operator classes and families */
	" UNION ALL"
	" SELECT d.classid, d.objid, d.refclassid, d.refobjid"
	"  FROM pg_depend d JOIN pg_amop o ON o.oid = d.objid"
	" WHERE d.classid = 'pg_amop'::regclass"
	"   AND (d.refclassid = 'pg_opclass'::regclass"
	"        OR d.refclassid = 'pg_opfamily'::regclass AND d.refobjid = o.amopfamily)"
	" UNION ALL"
	" SELECT d.classid, d.objid, d.refclassid, d.refobjid FROM pg_depend d"
	" WHERE d.classid = 'pg_amproc'::regclass"
	"   AND d.refclassid IN ('pg_opclass'::regclass, 'pg_opfamily'::regclass)"
	/* the tables and schemas of publications */
	" UNION ALL"
	" SELECT d.classid, d.objid, d.refclassid, d.refobjid FROM pg_depend d"
	" WHERE d.refclassid = 'pg_publication'::regclass AND d.deptype = 'a'",
	0, {0}
};

/* Array types stand for what they are arrays of; after the other aliases. */
MigrQuery	migr_snap_arrays = {
	"SELECT 'pg_type'::regclass::oid, t.typarray, 'pg_type'::regclass::oid, t.oid"
	"  FROM pg_type t WHERE t.typarray <> 0 AND t.oid >= 16384",
	0, {0}
};

/*
 * What depends internally is a part of something else, and has its address as
 * an alias or is no object.  What indexes and constraints need of their tables'
 * columns is said by their parent; OWNED BY is an object of its own.
 */
MigrQuery	migr_snap_depends = {
	"SELECT classid, objid, refclassid, refobjid"
	"  FROM pg_depend"
	" WHERE deptype IN ('n', 'a', 'P', 'S') AND refobjid >= 16384"
	"   AND NOT (deptype = 'a' AND refobjsubid > 0 AND refclassid = 'pg_class'::regclass"
	"            AND classid IN ('pg_class'::regclass, 'pg_constraint'::regclass, 'pg_attrdef'::regclass))",
	0, {0}
};

/*
 * What depends internally is a part of something else.  The expression of a
 * column has an address of its own.
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
	"            AND d.refobjid = a.adrelid AND d.refobjsubid = a.adnum)",
	0, {0}
};
