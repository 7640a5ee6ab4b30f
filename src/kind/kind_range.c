/*
 * kind_range.c
 *		Range types.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/pg_type.h"

#include "base/compat.h"
#include "kind/kind.h"
#include "kind/kind_common.h"
#include "kind/sql_words.h"
#include "model/attributes.h"

#define MULTIRANGE_NAME MIGR_SINCE_14("r.rngmultitypid::regtype::text", "NULL")

static const char query[] =
	TYPE_COLUMNS ","
	" concat_ws(" SEPARATOR ","
	"  'SUBTYPE = ' || format_type(r.rngsubtype, NULL),"
	"  'SUBTYPE_OPCLASS = ' || (SELECT quote_ident(m.nspname)"
	"     || '.' || quote_ident(o.opcname)"
	"     FROM pg_opclass o JOIN pg_namespace m ON m.oid = o.opcnamespace"
	"     WHERE o.oid = r.rngsubopc AND NOT o.opcdefault),"
	"  CASE WHEN r.rngcollation <> s.typcollation"
	"  THEN 'COLLATION = ' || r.rngcollation::regcollation::text END,"
	"  'CANONICAL = ' || nullif(r.rngcanonical::text, '-'),"
	"  'SUBTYPE_DIFF = ' || nullif(r.rngsubdiff::text, '-'),"
	"  'MULTIRANGE_TYPE_NAME = ' || " MULTIRANGE_NAME ") AS options,"
	" r.rngcanonical <> 0::oid AS needs_shell"
	TYPE_FROM
	" JOIN pg_range r ON r.rngtypid = t.oid"
	" JOIN pg_type s ON s.oid = r.rngsubtype"
	" WHERE t.typtype = 'r' AND t.oid >= 16384";

static bool
is_range(const MigrReading *reading, const void *row)
{
	return ((const FormData_pg_type *) row)->typtype == TYPTYPE_RANGE;
}

static void
create_range(StringInfo out, const MigrObject *object)
{
	migr_kind_create_type(out, object, "AS RANGE ", value(object, MIGR_ATTR_OPTIONS));
}

static void
drop_range(StringInfo out, const MigrObject *object)
{
	appendStringInfo(out, "DROP TYPE %s%s;\n", object->identity,
					 migr_object_is(object, MIGR_ATTR_NEEDS_SHELL) ? " CASCADE" : "");
}

static bool
alter_range(StringInfo out, const MigrObject *from, const MigrObject *to)
{
	return same(from, to, MIGR_ATTR_OPTIONS);
}

/* A range type comes with a multirange type, and both with functions. */
static void
visit_names(const MigrObject *range, MigrNameVisitor visit, void *arg)
{
	const MigrDdlItem *multirange = migr_ddl_list_key(migr_ddl_list(value(range, MIGR_ATTR_OPTIONS)),
													  "MULTIRANGE_TYPE_NAME");

	visit(arg, MIGR_NAMES_ROUTINES, range->identity);
	if (multirange)
	{
		visit(arg, MIGR_NAMES_RELATIONS, multirange->rest);
		visit(arg, MIGR_NAMES_ROUTINES, multirange->rest);
	}
}

const MigrKindRecord migr_kind_range = {
	.noun = "TYPE",
	.flags = MIGR_KIND_IS_TYPE | MIGR_KIND_IS_OF_COLUMNS | MIGR_KIND_IS_IN_SIGNATURES |
	MIGR_KIND_IS_ANNOUNCED,
	.name_space = MIGR_NAMES_RELATIONS,
	.rights = {"TYPE", "U", "U"},
	.default_privileges = 'T',
	.sort = "type",
	.catalog = TypeRelationId,
	.query = query,
	.places = {{TypeRelationId, InvalidOid, is_range}},
	/* its multirange, then the functions that make both */
	.aliases = {
		"SELECT d.classid, d.objid, d.refclassid, d.refobjid FROM pg_depend d"
		" WHERE d.classid = 'pg_type'::regclass"
		"   AND d.refclassid = 'pg_type'::regclass AND d.deptype = 'i'",
		"SELECT d.classid, d.objid, d.refclassid, d.refobjid FROM pg_depend d"
		" WHERE d.classid = 'pg_proc'::regclass"
		"   AND d.refclassid = 'pg_type'::regclass AND d.deptype = 'i'"
	},
	.create = create_range,
	.drop = drop_range,
	.alter = alter_range,
	.visit_names = visit_names
};
