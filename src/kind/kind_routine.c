/*
 * kind_routine.c
 *		Functions, procedures and window functions.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/pg_proc.h"

#include "base/compat.h"
#include "kind/kind.h"
#include "kind/kind_common.h"
#include "kind/sql_words.h"
#include "model/attributes.h"

#define HAS_SQL_BODY MIGR_SINCE_14("p.prosqlbody IS NOT NULL", "false")

/* A number that pg_get_functiondef(), which prints six digits, would change. */
#define INEXACT(column) \
	"p." column " <> p." column "::numeric::float4"

/*
 * A body that is parsed when the routine is made may call the routine itself,
 * or lead back to it: "forward" makes it known before, with the defaults of its
 * arguments if they call nothing themselves.
 */
static const char query[] =
	"SELECT p.oid, 0::oid, n.nspname, p.proname,"
	" " ROUTINE_NAME
	" || '(' || pg_get_function_identity_arguments(p.oid) || ')',"
	" pg_get_userbyid(p.proowner), p.proacl::text,"
	" CASE p.prokind WHEN 'p' THEN 'PROCEDURE' ELSE 'FUNCTION' END AS noun,"
	" pg_get_functiondef(p.oid) AS definition,"
	" concat_ws(' ',"
	"  CASE WHEN " INEXACT("procost") " THEN 'COST ' || p.procost END,"
	"  CASE WHEN " INEXACT("prorows") " THEN 'ROWS ' || p.prorows END)"
	" AS exact,"
	" " ROUTINE_SIGNATURE " AS signature,"
	" CASE WHEN " HAS_SQL_BODY " THEN"
	"  CASE p.prokind WHEN 'p' THEN 'CREATE PROCEDURE '"
	"  ELSE 'CREATE FUNCTION ' END || " ROUTINE_NAME
	"  || '(' || CASE WHEN pg_get_expr(p.proargdefaults, 0) LIKE '%(%'"
	"  THEN pg_get_function_identity_arguments(p.oid)"
	"  ELSE pg_get_function_arguments(p.oid) END || ')'"
	"  || coalesce(E'\\n RETURNS ' || pg_get_function_result(p.oid), '')"
	"  || E'\\n LANGUAGE sql\\nAS ''''' END AS forward,"
	" " HAS_SQL_BODY " AND EXISTS (SELECT FROM pg_depend d"
	"  WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid"
	"  AND d.refclassid = 'pg_proc'::regclass AND d.refobjid = p.oid)"
	" AS recursive,"
	/* what another definition can't replace */
	" p.prokind::text AS prokind,"
	" concat_ws(' ', CASE WHEN p.proretset THEN 'SETOF' END,"
	"  format_type(p.prorettype, NULL)) AS result,"
	" CASE WHEN p.prorettype = 'record'::regtype THEN ("
	"  SELECT string_agg(concat_ws(' ', quote_ident(p.proargnames[i]),"
	"   format_type(p.proallargtypes[i], NULL)), ', ' ORDER BY i)"
	"   FROM generate_subscripts(p.proallargtypes, 1) i"
	"   WHERE p.proargmodes[i] IN ('o', 'b', 't')) END AS result_columns,"
	" p.pronargdefaults AS defaults, NULL::text AS extensions"
	" FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace"
	" WHERE p.prokind IN ('f', 'p', 'w') AND p.oid >= 16384"
	/* not the constructors that come with a range type, and no members */
	" AND NOT EXISTS (SELECT FROM pg_depend d"
	"  WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid"
	"  AND d.deptype IN ('i', 'e'))";

static bool
is_routine(const MigrReading *reading, const void *row)
{
	return ((const FormData_pg_proc *) row)->prokind != PROKIND_AGGREGATE;
}

#define OR_REPLACE "CREATE OR REPLACE "

/* Append what the server's wording of a definition says, without its last line end. */
static void
append_definition(StringInfo out, const char *definition)
{
	int			len = strlen(definition);

	while (len > 0 && definition[len - 1] == '\n')
		len--;
	appendBinaryStringInfo(out, definition, len);
	appendStringInfoString(out, ";\n");
}

/* Append what the server's wording does not say. */
static void
append_exact(StringInfo out, const MigrObject *object)
{
	if (migr_object_has(object, MIGR_ATTR_EXACT))
		appendStringInfo(out, "ALTER %s %s %s;\n", value(object, MIGR_ATTR_NOUN), object->identity,
						 value(object, MIGR_ATTR_EXACT));
}

/*
 * The server says CREATE OR REPLACE, and ends the line.  A routine that calls
 * itself is made known first.
 */
static void
create_routine(StringInfo out, const MigrObject *object)
{
	const char *definition = value(object, MIGR_ATTR_DEFINITION);

	if (object->has_forward)
		;						/* it is there, without its body */
	else if (migr_object_is(object, MIGR_ATTR_RECURSIVE))
		appendStringInfo(out, "%s;\n", value(object, MIGR_ATTR_FORWARD));
	else if (strncmp(definition, OR_REPLACE, strlen(OR_REPLACE)) == 0)
	{
		appendStringInfoString(out, "CREATE ");
		definition += strlen(OR_REPLACE);
	}
	append_definition(out, definition);
	append_exact(out, object);
	migr_kind_extensions(out, value(object, MIGR_ATTR_NOUN), object->identity, NULL, object);
}

/* How many arguments have defaults: they can become more, but not fewer. */
static int
defaults(const MigrObject *routine)
{
	return atoi(value(routine, MIGR_ATTR_DEFAULTS));
}

/*
 * CREATE OR REPLACE, as the server words it, sets all properties anew; owner,
 * privileges and comment stay, and extensions are forgotten.
 */
static bool
alter_routine(StringInfo out, const MigrObject *from, const MigrObject *to)
{
	if (!same(from, to, MIGR_ATTR_PROKIND) || !same(from, to, MIGR_ATTR_RESULT) ||
		!same(from, to, MIGR_ATTR_RESULT_COLUMNS) || defaults(from) > defaults(to))
		return false;
	if (!same(from, to, MIGR_ATTR_DEFINITION) || !same(from, to, MIGR_ATTR_EXACT))
	{
		append_definition(out, value(to, MIGR_ATTR_DEFINITION));
		append_exact(out, to);
	}
	migr_kind_extensions(out, value(to, MIGR_ATTR_NOUN), to->identity, from, to);
	return true;
}

const MigrKindRecord migr_kind_routine = {
	.flags = MIGR_KIND_IS_FORWARDABLE | MIGR_KIND_BLOCKS_RETYPING | MIGR_KIND_IS_IN_BODIES |
	MIGR_KIND_IS_FOUND_BY_TYPES,
	.name_space = MIGR_NAMES_ROUTINES,
	.rights = {NULL, "X", "X"},
	.default_privileges = 'f',
	.sort = "function",
	.catalog = ProcedureRelationId,
	.query = query,
	.places = {{ProcedureRelationId, ProcedureOidIndexId, is_routine}},
	.create = create_routine,
	.alter = alter_routine
};
