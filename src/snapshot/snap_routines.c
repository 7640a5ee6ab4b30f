/*
 * snap_routines.c
 *		Queries for routines, aggregates, operators, their families and classes.
 *
 * Options that CREATE takes as a list are put together here, in the order in
 * which they are printed; NULL where there is none.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/pg_opclass.h"
#include "catalog/pg_operator.h"
#include "catalog/pg_opfamily.h"
#include "catalog/pg_proc.h"

#include "snapshot/snap_parts.h"

/* What the lists that people read are joined by. */
#define SEPARATOR "E',\\n    '"

#define ROUTINE_NAME \
	"quote_ident(n.nspname) || '.' || quote_ident(p.proname)"

/* By types alone: what makes a routine another one. */
#define ROUTINE_SIGNATURE \
	ROUTINE_NAME " || '(' || oidvectortypes(p.proargtypes) || ')'"

/* A number that pg_get_functiondef(), which prints six digits, would change. */
#define INEXACT(column) \
	"p." column " <> p." column "::numeric::float4"

/*
 * A body that is parsed when the routine is made may call the routine itself,
 * or lead back to it: "forward" makes it known before, with the defaults of its
 * arguments if they call nothing themselves.
 */
static const char routine_sql[] =
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
	" CASE WHEN {prosqlbody} THEN"
	"  CASE p.prokind WHEN 'p' THEN 'CREATE PROCEDURE '"
	"  ELSE 'CREATE FUNCTION ' END || " ROUTINE_NAME
	"  || '(' || CASE WHEN pg_get_expr(p.proargdefaults, 0) LIKE '%(%'"
	"  THEN pg_get_function_identity_arguments(p.oid)"
	"  ELSE pg_get_function_arguments(p.oid) END || ')'"
	"  || coalesce(E'\\n RETURNS ' || pg_get_function_result(p.oid), '')"
	"  || E'\\n LANGUAGE sql\\nAS ''''' END AS forward,"
	" {prosqlbody} AND EXISTS (SELECT FROM pg_depend d"
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

/* Another operator, by its oid. */
#define OPERATOR_OPTION(keyword, oid) \
	"(SELECT '" keyword " = OPERATOR(' || quote_ident(m.nspname)" \
	" || '.' || x.oprname || ')'" \
	" FROM pg_operator x JOIN pg_namespace m ON m.oid = x.oprnamespace" \
	" WHERE x.oid = " oid ")"

static const char aggregate_sql[] =
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

/*
 * An operator without function is one that another names and nobody has
 * defined: it comes back with the one that names it.
 */
static const char operator_sql[] =
	"SELECT o.oid, 0::oid, n.nspname, o.oprname,"
	" quote_ident(n.nspname) || '.' || o.oprname || ' ('"
	" || CASE o.oprleft WHEN 0 THEN 'NONE'"
	" ELSE format_type(o.oprleft, NULL) END || ', '"
	" || CASE o.oprright WHEN 0 THEN 'NONE'"
	" ELSE format_type(o.oprright, NULL) END || ')',"
	" pg_get_userbyid(o.oprowner), NULL::text,"
	" quote_ident(n.nspname) || '.' || o.oprname AS operator,"
	" concat_ws(" SEPARATOR ","
	"  'FUNCTION = ' || o.oprcode::text,"
	"  CASE WHEN o.oprleft <> 0"
	"   THEN 'LEFTARG = ' || format_type(o.oprleft, NULL) END,"
	"  CASE WHEN o.oprright <> 0"
	"   THEN 'RIGHTARG = ' || format_type(o.oprright, NULL) END,"
	"  " OPERATOR_OPTION("COMMUTATOR", "o.oprcom") ","
	"  " OPERATOR_OPTION("NEGATOR", "o.oprnegate") ","
	"  CASE WHEN o.oprcanmerge THEN 'MERGES' END,"
	"  CASE WHEN o.oprcanhash THEN 'HASHES' END,"
	"  'RESTRICT = ' || nullif(o.oprrest::text, '-'),"
	"  'JOIN = ' || nullif(o.oprjoin::text, '-')) AS options"
	" FROM pg_operator o JOIN pg_namespace n ON n.oid = o.oprnamespace"
	" WHERE o.oprcode::oid <> 0 AND o.oid >= 16384";

/* An operator family, by its oid. */
#define FAMILY_NAME(oid) \
	"(SELECT quote_ident(fn.nspname) || '.' || quote_ident(f.opfname)" \
	" FROM pg_opfamily f JOIN pg_namespace fn ON fn.oid = f.opfnamespace" \
	" WHERE f.oid = " oid ")"

/*
 * The operators and functions that pg_depend says belong to a class or, loose,
 * to a family.
 */
#define OPERATOR_MEMBERS(catalog, oid, also) \
	"(SELECT string_agg('OPERATOR ' || o.amopstrategy" \
	" || ' ' || o.amopopr::regoperator::text" \
	" || coalesce(' FOR ORDER BY ' || " FAMILY_NAME("o.amopsortfamily") \
	", ''), " SEPARATOR " ORDER BY o.amopstrategy," \
	" o.amopopr::regoperator::text COLLATE \"C\")" \
	" FROM pg_depend d JOIN pg_amop o ON o.oid = d.objid" \
	" WHERE d.classid = 'pg_amop'::regclass" \
	" AND d.refclassid = '" catalog "'::regclass AND d.refobjid = " oid also ")"

/* Members of extensions have many of these, and nobody reads them. */
#define NO_MEMBER(catalog, oid) \
	" AND NOT EXISTS (SELECT FROM pg_depend e" \
	"  WHERE e.classid = '" catalog "'::regclass AND e.objid = " oid \
	"  AND e.deptype = 'e')"

#define FUNCTION_TYPES \
	"format_type(r.amproclefttype, NULL)" \
	" || ', ' || format_type(r.amprocrighttype, NULL)"

#define FUNCTION_MEMBERS(catalog, oid, also) \
	"(SELECT string_agg('FUNCTION ' || r.amprocnum || ' (' || " FUNCTION_TYPES \
	" || ') ' || r.amproc::regprocedure::text," \
	" " SEPARATOR " ORDER BY r.amprocnum, (" FUNCTION_TYPES ") COLLATE \"C\")" \
	" FROM pg_depend d JOIN pg_amproc r ON r.oid = d.objid" \
	" WHERE d.classid = 'pg_amproc'::regclass" \
	" AND d.refclassid = '" catalog "'::regclass AND d.refobjid = " oid also ")"

static const char opfamily_sql[] =
	"SELECT c.oid, 0::oid, n.nspname, c.opfname,"
	" quote_ident(n.nspname) || '.' || quote_ident(c.opfname)"
	" || ' USING ' || quote_ident(m.amname),"
	" pg_get_userbyid(c.opfowner), NULL::text,"
	" concat_ws(" SEPARATOR ","
	/* the family by which a member sorts is no owner */
	" " OPERATOR_MEMBERS("pg_opfamily", "c.oid",
						 " AND o.amopfamily = c.oid") ","
	" " FUNCTION_MEMBERS("pg_opfamily", "c.oid", "") ") AS members"
	" FROM pg_opfamily c JOIN pg_namespace n ON n.oid = c.opfnamespace"
	" JOIN pg_am m ON m.oid = c.opfmethod"
	" WHERE c.oid >= 16384" NO_MEMBER("pg_opfamily", "c.oid");

static const char opclass_sql[] =
	"SELECT c.oid, 0::oid, n.nspname, c.opcname,"
	" quote_ident(n.nspname) || '.' || quote_ident(c.opcname)"
	" || ' USING ' || quote_ident(m.amname),"
	" pg_get_userbyid(c.opcowner), NULL::text,"
	" quote_ident(n.nspname) || '.' || quote_ident(c.opcname) AS class,"
	" c.opcdefault AS default,"
	" format_type(c.opcintype, NULL) AS type,"
	" quote_ident(m.amname) AS method,"
	" " FAMILY_NAME("c.opcfamily") " AS family,"
	" concat_ws(" SEPARATOR ","
	"  CASE WHEN c.opckeytype <> 0"
	"  THEN 'STORAGE ' || format_type(c.opckeytype, NULL) END,"
	" " OPERATOR_MEMBERS("pg_opclass", "c.oid", "") ","
	" " FUNCTION_MEMBERS("pg_opclass", "c.oid", "") ") AS members"
	" FROM pg_opclass c JOIN pg_namespace n ON n.oid = c.opcnamespace"
	" JOIN pg_am m ON m.oid = c.opcmethod"
	" WHERE c.oid >= 16384" NO_MEMBER("pg_opclass", "c.oid");

const MigrSnapQuery migr_snap_routines[] = {
	{MIGR_KIND_ROUTINE, ProcedureRelationId, InvalidOid, routine_sql},
	{MIGR_KIND_AGGREGATE, ProcedureRelationId, InvalidOid, aggregate_sql},
	{MIGR_KIND_OPERATOR, OperatorRelationId, InvalidOid, operator_sql},
	{MIGR_KIND_OPFAMILY, OperatorFamilyRelationId, InvalidOid, opfamily_sql},
	{MIGR_KIND_OPCLASS, OperatorClassRelationId, InvalidOid, opclass_sql},
	{0}
};
