/*
 * guard_columns.c
 *		Privileges on columns that a database has besides, kept in what is made anew.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "utils/builtins.h"

#include "diff/diff_pair.h"
#include "diff/guard_columns.h"
#include "kind/kind.h"
#include "model/other_grants.h"

static bool
has_columns(const MigrObject *object)
{
	return object->children != NIL &&
		((MigrObject *) linitial(object->children))->kind == MIGR_KIND_COLUMN;
}

bool
migr_guard_columns_other(const MigrObject *live, const MigrObject *from, const MigrObject *to)
{
	ListCell   *lc;

	foreach(lc, live->children)
	{
		const MigrObject *column = lfirst(lc);

		if (column->kind == MIGR_KIND_COLUMN &&
			migr_other_grants(&migr_kind_of(column)->rights, column,
							  migr_diff_find_column(from, column->name),
							  migr_diff_find_column(to, column->name)) > 0)
			return true;
	}
	return false;
}

char *
migr_guard_columns_note(int number, const MigrObject *object)
{
	if (!has_columns(object))
		return "";
	return psprintf("    PERFORM pg_catalog.set_config('migr_kept.columns%d',"
					" (SELECT pg_catalog.jsonb_object_agg(attname, attacl::pg_catalog.text)::pg_catalog.text"
					" FROM pg_catalog.pg_attribute WHERE attrelid OPERATOR(pg_catalog.=) pg_catalog.to_regclass(%s)::pg_catalog.oid"
					" AND attacl IS NOT NULL AND NOT attisdropped), true);\n",
					number, quote_literal_cstr(object->identity));
}

/* Append pairs of a column and a role that has privileges on it. */
static void
append_known(StringInfo out, const MigrObject *relation)
{
	ListCell   *lc;
	ListCell   *name;

	foreach(lc, relation->children)
	{
		const MigrObject *column = lfirst(lc);

		if (column->kind != MIGR_KIND_COLUMN)
			break;
		foreach(name, migr_other_grantees(NIL, &migr_kind_of(column)->rights, column))
			appendStringInfo(out, "%s(%s, %s)", out->len > 0 ? ", " : "",
							 quote_literal_cstr(column->name), quote_literal_cstr(lfirst(name)));
	}
}

void
migr_guard_columns_give(StringInfo out, int number, const MigrObject *from, const MigrObject *to)
{
	const char *identity = quote_literal_cstr(to->identity);
	StringInfoData known;

	if (!has_columns(to))
		return;
	initStringInfo(&known);
	append_known(&known, from);
	append_known(&known, to);
	appendStringInfo(out,
					 "    FOR kept IN\n        SELECT c.attname AS name, a.privilege_type AS right, r.rolname AS role,"
					 " CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END AS option\n"
					 "          FROM pg_catalog.jsonb_each_text((" MIGR_GUARD_KEPT("columns") ")::pg_catalog.jsonb) k\n"
					 "               JOIN pg_catalog.pg_attribute c ON c.attrelid OPERATOR(pg_catalog.=) pg_catalog.to_regclass(%s)::pg_catalog.oid"
					 " AND c.attname OPERATOR(pg_catalog.=) k.key AND NOT c.attisdropped\n"
					 "               CROSS JOIN pg_catalog.aclexplode(k.value::pg_catalog.aclitem[]) a\n"
					 "               LEFT JOIN pg_catalog.pg_roles r ON r.oid OPERATOR(pg_catalog.=) a.grantee\n"
					 "         WHERE (r.oid IS NOT NULL OR a.grantee OPERATOR(pg_catalog.=) 0::pg_catalog.oid)"
					 " AND coalesce(r.rolname, '') OPERATOR(pg_catalog.<>) pg_catalog.current_setting('migr_kept.owner%d')\n",
					 number, number, identity, number);
	if (known.len > 0)
		appendStringInfo(out,
						 "           AND NOT EXISTS (SELECT FROM (VALUES %s) known (name, role)\n"
						 "                            WHERE known.name OPERATOR(pg_catalog.=) c.attname"
						 " AND known.role OPERATOR(pg_catalog.=) coalesce(r.rolname, ''))\n",
						 known.data);
	appendStringInfo(out,
					 "    LOOP\n        EXECUTE pg_catalog.format('GRANT %%s (%%I) ON TABLE %%s TO %%s%%s',"
					 " kept.right, kept.name, %s,"
					 " coalesce(pg_catalog.quote_ident(kept.role), 'PUBLIC'), kept.option);\n    END LOOP;\n",
					 identity);
}
