/*
 * kind_view.c
 *		Views and materialized views.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/pg_class.h"
#include "utils/builtins.h"

#include "base/compat.h"
#include "kind/column.h"
#include "kind/kind.h"
#include "kind/kind_common.h"
#include "kind/sql_words.h"
#include "model/attributes.h"

static const char query[] =
	"SELECT c.oid, 0::oid, n.nspname, c.relname, " RELATION_IDENTITY ","
	"       pg_get_userbyid(c.relowner), c.relacl::text,"
	"       CASE c.relkind WHEN 'm' THEN 'MATERIALIZED VIEW' ELSE 'VIEW' END AS noun,"
	"       rtrim(pg_get_viewdef(c.oid), ';') AS definition,"
	"       CASE c.relkind WHEN 'v' THEN"
	"           'CREATE VIEW ' || " RELATION_IDENTITY " || E' AS\n SELECT ' ||"
	"           (SELECT string_agg('NULL::' || format_type(a.atttypid, a.atttypmod) ||"
	"                              CASE WHEN a.attcollation <> t.typcollation"
	"                              THEN ' COLLATE ' || a.attcollation::regcollation::text ELSE '' END ||"
	"                              ' AS ' || quote_ident(a.attname), E',\n    ' ORDER BY a.attnum)"
	"              FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid"
	"             WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) END AS forward,"
	/* its columns, that is: all views depend on themselves as a whole */
	"       c.oid IN (SELECT d.refobjid FROM pg_depend d JOIN pg_rewrite r ON r.oid = d.objid AND r.ev_class = d.refobjid"
	"                  WHERE r.rulename = '_RETURN' AND d.classid = 'pg_rewrite'::regclass"
	"                    AND d.refclassid = 'pg_class'::regclass AND d.refobjsubid > 0 AND d.deptype = 'n') AS recursive,"
	"       NULL::text AS extensions,"
	/* see kind_table.c */
	"       '' AS options,"
	"       CASE WHEN c.reltablespace <> 0 THEN"
	"        (SELECT s.spcname FROM pg_tablespace s WHERE s.oid = c.reltablespace) END AS tablespace,"
	"       CASE WHEN c.relam NOT IN (0, 2) THEN"
	"        (SELECT m.amname FROM pg_am m WHERE m.oid = c.relam) END AS access_method"
	"  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
	" WHERE c.oid >= 16384 AND c.relkind IN ('v', 'm')";

static bool
is_view(const MigrReading *reading, const void *row)
{
	const FormData_pg_class *relation = row;

	return relation->relkind == RELKIND_VIEW || relation->relkind == RELKIND_MATVIEW;
}

static void
append_extensions(StringInfo out, const MigrObject *from, const MigrObject *to)
{
	migr_kind_extensions(out, value(to, MIGR_ATTR_NOUN), to->identity, from, to);
}

static void
create_view(StringInfo out, const MigrObject *view)
{
	bool		materialized = strcmp(value(view, MIGR_ATTR_NOUN), "VIEW") != 0;
	bool		recursive = migr_object_is(view, MIGR_ATTR_RECURSIVE);
	ListCell   *lc;

	/* A view that reads itself was another one when it was created. */
	if (recursive && !view->has_forward)
		appendStringInfo(out, "%s;\n", value(view, MIGR_ATTR_FORWARD));
	appendStringInfo(out, "CREATE %s%s %s", view->has_forward || recursive ? "OR REPLACE " : "",
					 value(view, MIGR_ATTR_NOUN), view->identity);
	migr_kind_append(out, " USING %s", view, MIGR_ATTR_ACCESS_METHOD);
	if (migr_object_has(view, MIGR_ATTR_OPTIONS))
		appendStringInfo(out, " WITH (%s)", value(view, MIGR_ATTR_OPTIONS));
	if (migr_object_has(view, MIGR_ATTR_TABLESPACE))
		appendStringInfo(out, " TABLESPACE %s", quote_identifier(value(view, MIGR_ATTR_TABLESPACE)));
	appendStringInfo(out, " AS\n%s%s;\n", value(view, MIGR_ATTR_DEFINITION),
					 materialized ? "\nWITH NO DATA" : "");
	append_extensions(out, NULL, view);

	foreach(lc, view->children)
	{
		const MigrObject *column = lfirst(lc);

		if (column->kind != MIGR_KIND_COLUMN)
			continue;
		/* One that is marked is set when the function is there. */
		if (migr_object_has(column, MIGR_ATTR_DEFAULT) && !column->mark)
			appendStringInfo(out, "ALTER VIEW %s ALTER COLUMN %s SET DEFAULT %s;\n",
							 view->identity, quote_identifier(column->name),
							 value(column, MIGR_ATTR_DEFAULT));
		if (materialized && !migr_column_is_plain(column))
			migr_column_settings(out, view, column);
	}
}

static const MigrObject *
next_column(const MigrObject *view, int *i)
{
	while (*i < list_length(view->children))
	{
		const MigrObject *child = list_nth(view->children, (*i)++);

		if (child->kind == MIGR_KIND_COLUMN)
			return child;
	}
	return NULL;
}

/* Are the columns of one view the first ones of the other? */
static bool
columns_continue(const MigrObject *from, const MigrObject *to)
{
	int			i = 0;
	int			j = 0;
	const MigrObject *old;

	while ((old = next_column(from, &i)))
	{
		const MigrObject *new = next_column(to, &j);

		if (new == NULL || strcmp(old->name, new->name) != 0 ||
			!same(old, new, MIGR_ATTR_TYPE) || !same(old, new, MIGR_ATTR_COLLATION))
			return false;
	}
	return true;
}

/* CREATE OR REPLACE forgets on which extensions it depends. */
static bool
alter_view(StringInfo out, const MigrObject *from, const MigrObject *to)
{
	bool		redefined = !same(from, to, MIGR_ATTR_DEFINITION);

	if (!same(from, to, MIGR_ATTR_NOUN) || !columns_continue(from, to) ||
		(redefined && strcmp(value(to, MIGR_ATTR_NOUN), "VIEW") != 0) ||
		(!same(from, to, MIGR_ATTR_ACCESS_METHOD) && MIGR_SERVER_MAJOR < 15))
		return false;
	if (redefined)
	{
		appendStringInfo(out, "CREATE OR REPLACE VIEW %s", to->identity);
		migr_kind_append(out, " WITH (%s)", to, MIGR_ATTR_OPTIONS);
		appendStringInfo(out, " AS\n%s;\n", value(to, MIGR_ATTR_DEFINITION));
	}
	else
	{
		migr_kind_alter_storage(out, from, to);
		migr_kind_alter_options(out, psprintf("ALTER %s %s ", value(to, MIGR_ATTR_NOUN), to->identity),
								value(from, MIGR_ATTR_OPTIONS), value(to, MIGR_ATTR_OPTIONS));
	}
	append_extensions(out, from, to);
	return true;
}

/* Its row type, and the rule that has its query. */
const MigrKindRecord migr_kind_view = {
	.flags = MIGR_KIND_IS_FORWARDABLE | MIGR_KIND_BLOCKS_RETYPING,
	.name_space = MIGR_NAMES_RELATIONS,
	.rights = {"TABLE", MIGR_RIGHTS_TABLE, ""},
	.default_privileges = 'r',
	.sort = "view",
	.catalog = RelationRelationId,
	.query = query,
	.places = {{RelationRelationId, InvalidOid, is_view}},
	.aliases = {
		"SELECT 'pg_type'::regclass::oid, c.reltype, 'pg_class'::regclass::oid, c.oid"
		"  FROM pg_class c WHERE c.relkind IN ('v', 'm') AND c.oid >= 16384",
		"SELECT 'pg_rewrite'::regclass::oid, r.oid, 'pg_class'::regclass::oid, r.ev_class"
		"  FROM pg_rewrite r WHERE r.rulename = '_RETURN' AND r.oid >= 16384"
	},
	.create = create_view,
	.alter = alter_view
};
