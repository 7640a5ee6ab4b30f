/*
 * kind_aggregate.c
 *		Aggregates.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/pg_proc.h"

#include "kind/kind.h"
#include "kind/kind_common.h"
#include "kind/sql_words.h"
#include "model/attributes.h"

/*
 * Options that CREATE takes as a list are put together here, in the order in
 * which they are printed; NULL where there is none.
 */
#define FUNCTION_OPTION(keyword, column) \
	"'" keyword " = ' || nullif(a." column "::text, '-')"

#define MODIFY_OPTION(keyword, column) \
	"CASE WHEN a." column " <> CASE a.aggkind WHEN 'n' THEN 'r' ELSE 'w' END" \
	" THEN '" keyword " = ' || CASE a." column " WHEN 'r' THEN 'READ_ONLY'" \
	" WHEN 's' THEN 'SHAREABLE' ELSE 'READ_WRITE' END END"

#define AGGREGATE_OPTIONS \
	"'SFUNC = ' || a.aggtransfn::text," \
	"'STYPE = ' || format_type(a.aggtranstype, NULL)," \
	"'SSPACE = ' || nullif(a.aggtransspace, 0)," \
	"'INITCOND = ' || quote_literal(a.agginitval)," \
	FUNCTION_OPTION("FINALFUNC", "aggfinalfn") "," \
	"CASE WHEN a.aggfinalextra THEN 'FINALFUNC_EXTRA' END," \
	MODIFY_OPTION("FINALFUNC_MODIFY", "aggfinalmodify") "," \
	FUNCTION_OPTION("COMBINEFUNC", "aggcombinefn") "," \
	FUNCTION_OPTION("SERIALFUNC", "aggserialfn") "," \
	FUNCTION_OPTION("DESERIALFUNC", "aggdeserialfn")

#define MOVING_OPTIONS \
	FUNCTION_OPTION("MSFUNC", "aggmtransfn") "," \
	FUNCTION_OPTION("MINVFUNC", "aggminvtransfn") "," \
	"CASE WHEN a.aggmtranstype <> 0" \
	" THEN 'MSTYPE = ' || format_type(a.aggmtranstype, NULL) END," \
	"'MSSPACE = ' || nullif(a.aggmtransspace, 0)," \
	"'MINITCOND = ' || quote_literal(a.aggminitval)," \
	FUNCTION_OPTION("MFINALFUNC", "aggmfinalfn") "," \
	"CASE WHEN a.aggmfinalextra THEN 'MFINALFUNC_EXTRA' END," \
	"CASE WHEN a.aggmtransfn::oid <> 0 THEN " \
	MODIFY_OPTION("MFINALFUNC_MODIFY", "aggmfinalmodify") " END"

static const char query[] =
	"SELECT p.oid, 0::oid, n.nspname, p.proname,"
	" " ROUTINE_NAME " || '(' || CASE p.pronargs WHEN 0 THEN '*'"
	" ELSE pg_get_function_identity_arguments(p.oid) END || ')',"
	" pg_get_userbyid(p.proowner), p.proacl::text,"
	" concat_ws(" SEPARATOR "," AGGREGATE_OPTIONS "," MOVING_OPTIONS ","
	"  " OPERATOR_OPTION("SORTOP", "a.aggsortop") ","
	"  CASE WHEN a.aggkind = 'h' THEN 'HYPOTHETICAL' END,"
	"  CASE p.proparallel WHEN 's' THEN 'PARALLEL = safe'"
	"   WHEN 'r' THEN 'PARALLEL = restricted' END) AS options,"
	/* GRANT knows no aggregates */
	" " ROUTINE_SIGNATURE " AS signature,"
	/* what another definition can't replace */
	" format_type(p.prorettype, NULL) AS result,"
	" a.aggkind::text AS aggkind, a.aggnumdirectargs AS direct_arguments,"
	" NULL::text AS extensions"
	" FROM pg_aggregate a JOIN pg_proc p ON p.oid = a.aggfnoid"
	" JOIN pg_namespace n ON n.oid = p.pronamespace"
	" WHERE p.oid >= 16384";

static bool
is_aggregate(const MigrReading *reading, const void *row)
{
	return ((const FormData_pg_proc *) row)->prokind == PROKIND_AGGREGATE;
}

/* ALTER AGGREGATE can't. */
static void
append_extensions(StringInfo out, const MigrObject *from, const MigrObject *to)
{
	migr_kind_extensions(out, "ROUTINE", value(to, MIGR_ATTR_SIGNATURE), from, to);
}

static void
create_aggregate(StringInfo out, const MigrObject *object)
{
	appendStringInfo(out, "CREATE AGGREGATE %s (\n    %s\n);\n",
					 object->identity, value(object, MIGR_ATTR_OPTIONS));
	append_extensions(out, NULL, object);
}

static bool
alter_aggregate(StringInfo out, const MigrObject *from, const MigrObject *to)
{
	if (!same(from, to, MIGR_ATTR_RESULT) || !same(from, to, MIGR_ATTR_AGGKIND) ||
		!same(from, to, MIGR_ATTR_DIRECT_ARGUMENTS))
		return false;
	if (!same(from, to, MIGR_ATTR_OPTIONS))
		appendStringInfo(out, "CREATE OR REPLACE AGGREGATE %s (\n    %s\n);\n",
						 to->identity, value(to, MIGR_ATTR_OPTIONS));
	append_extensions(out, from, to);
	return true;
}

/* GRANT and default privileges know no aggregates. */
const MigrKindRecord migr_kind_aggregate = {
	.noun = "AGGREGATE",
	.flags = MIGR_KIND_IS_IN_BODIES | MIGR_KIND_IS_FOUND_BY_TYPES,
	.name_space = MIGR_NAMES_ROUTINES,
	.rights = {"FUNCTION", "X", "X"},
	.default_privileges = 'f',
	.sort = "aggregate",
	.catalog = ProcedureRelationId,
	.query = query,
	.places = {{ProcedureRelationId, ProcedureOidIndexId, is_aggregate}},
	.create = create_aggregate,
	.alter = alter_aggregate
};
