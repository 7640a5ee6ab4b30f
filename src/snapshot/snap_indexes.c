/*
 * snap_indexes.c
 *		Catalogs to objects: the constraints and indexes of relations.
 *
 * Next to columns these are most of what there is.  All of them are read
 * without a query, and queries tell of the few that have more to them.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/indexing.h"
#include "catalog/pg_class.h"
#include "catalog/pg_constraint.h"
#include "catalog/pg_index.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "snapshot/snap_parts.h"

static const MigrSnapCatalog constraints = {
	ConstraintRelationId, Anum_pg_constraint_conrelid,
	ConstraintRelidTypidNameIndexId
};

static const MigrSnapCatalog indexes = {
	IndexRelationId, Anum_pg_index_indrelid, IndexIndrelidIndexId
};

enum
{
	KEY_DEFINITION
};

static const char *key_names[] = {
	[KEY_DEFINITION] = "definition"
};

enum
{
	CONSTRAINT_FOR_CHILDREN,
	CONSTRAINT_DEFINITION,
	CONSTRAINT_INDEX_COMMENT
};

static const char *constraint_names[] = {
	[CONSTRAINT_FOR_CHILDREN] = "for_children",
	[CONSTRAINT_DEFINITION] = "definition",
	[CONSTRAINT_INDEX_COMMENT] = "index_comment"
};

enum
{
	INDEX_DEFINITION,
	INDEX_IS_VALID,
	INDEX_TABLESPACE,
	INDEX_STATISTICS,
	INDEX_EXTENSIONS
};

static const char *index_names[] = {
	[INDEX_DEFINITION] = "definition",
	[INDEX_IS_VALID] = "is_valid",
	[INDEX_TABLESPACE] = "tablespace",
	[INDEX_STATISTICS] = "statistics",
	[INDEX_EXTENSIONS] = "extensions"
};

static const MigrColumns key_columns = {lengthof(key_names), key_names};
static const MigrColumns constraint_columns = {lengthof(constraint_names), constraint_names};
static const MigrColumns index_columns = {lengthof(index_names), index_names};

/*
 * Splits the definition of a constraint with an index in front of what follows
 * its index's options, which those of an exclusion have already: no literal or
 * quoted name is looked into.
 */
#define BEHIND_ELEMENTS \
	"'^((?:\"[^\"]*\"|''[^'']*''|[^\"''])*?)( WHERE .*|(?: NOT)? DEFERRABLE.*| INITIALLY DEFERRED|)$'"

/* Constraints whose indexes have options, or a tablespace of their own. */
static const char constraints_more[] =
	"SELECT k.oid, 0,"
	"       regexp_replace(pg_get_constraintdef(k.oid), " BEHIND_ELEMENTS ", '\\1' ||"
	"           CASE WHEN k.contype <> 'x' THEN coalesce(' WITH (' ||"
	"            " MIGR_SNAP_OPTIONS("x.reloptions", "", "=") " || ')', '') ELSE '' END ||"
	"           coalesce((SELECT ' USING INDEX TABLESPACE ' || quote_ident(s.spcname)"
	"                       FROM pg_tablespace s WHERE s.oid = x.reltablespace), '') || '\\2') AS definition"
	"  FROM unnest($1) r (oid) JOIN pg_constraint k ON k.conrelid = r.oid AND k.contype IN ('p', 'u', 'x')"
	"  JOIN pg_class x ON x.oid = k.conindid"
	" WHERE x.reloptions IS NOT NULL OR x.reltablespace <> 0";

static const char tablespaces_more[] =
	"SELECT i.indexrelid, 0, s.spcname AS tablespace"
	"  FROM unnest($1) r (oid) JOIN pg_index i ON i.indrelid = r.oid"
	"  JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_tablespace s ON s.oid = x.reltablespace";

/* Only columns that are expressions can have them. */
static const char statistics_more[] =
	"SELECT i.indexrelid, 0,"
	"       string_agg(format('ALTER INDEX %s ALTER COLUMN %s SET STATISTICS %s;',"
	"                         a.attrelid::regclass, a.attnum, {attstattarget}), E'\\n' ORDER BY a.attnum) AS statistics"
	"  FROM unnest($1) r (oid) JOIN pg_index i ON i.indrelid = r.oid AND i.indexprs IS NOT NULL"
	"  JOIN pg_attribute a ON a.attrelid = i.indexrelid"
	" WHERE a.attnum > 0 AND {attstattarget} >= 0"
	" GROUP BY i.indexrelid";

/* What is being read. */
typedef struct Reading
{
	MigrSnap   *snap;
	bool		has_expressions;	/* are there indexes on some? */
} Reading;

/* Is a row of pg_constraint an object's that belongs to a relation? */
static bool
is_object(const FormData_pg_constraint *form)
{
	switch (form->contype)
	{
		case CONSTRAINT_PRIMARY:
		case CONSTRAINT_UNIQUE:
		case CONSTRAINT_EXCLUSION:
			return true;
		case CONSTRAINT_CHECK:
			/* A partition's is given to it by name, too. */
			return form->conislocal || get_rel_relispartition(form->conrelid);
		case CONSTRAINT_FOREIGN:
			return !OidIsValid(form->conparentid);
		default:
			return false;
	}
}

static MigrObject *
make_constraint(const FormData_pg_constraint *form, const char *definition)
{
	MigrAddress address = {ConstraintRelationId, form->oid};
	const char *values[lengthof(constraint_names)] = {0};

	if (form->contype == CONSTRAINT_FOREIGN)
	{
		values[KEY_DEFINITION] = definition;
		return migr_snap_make(MIGR_KIND_FOREIGN_KEY, address, &key_columns, values);
	}
	values[CONSTRAINT_FOR_CHILDREN] =
		form->contype == CONSTRAINT_CHECK && !form->connoinherit ? "t" : "f";
	values[CONSTRAINT_DEFINITION] = definition;
	return migr_snap_make(MIGR_KIND_CONSTRAINT, address, &constraint_columns, values);
}

/* A row of pg_constraint. */
static void
read_constraint(void *arg, HeapTuple tuple, TupleDesc desc)
{
	Reading    *reading = arg;
	MigrSnap   *snap = reading->snap;
	const FormData_pg_constraint *form = (Form_pg_constraint) GETSTRUCT(tuple);
	MigrAddress index = {RelationRelationId, form->conindid};
	MigrObject *relation = migr_snap_relation(snap, form->conrelid);
	MigrObject *constraint;
	const char *definition;

	if (relation == NULL || !is_object(form))
		return;
	definition = migr_snap_deparse(snap, pg_get_constraintdef, 1,
								   ObjectIdGetDatum(form->oid), (Datum) 0);
	if (definition == NULL)
		return;
	constraint = make_constraint(form, definition);
	constraint->name = pstrdup(NameStr(form->conname));
	constraint->schema = relation->schema;
	constraint->identity = psprintf("%s ON %s", quote_identifier(constraint->name),
									relation->identity);
	migr_snap_add_part(snap, constraint, relation);
	if (constraint->kind == MIGR_KIND_CONSTRAINT && OidIsValid(form->conindid))
		migr_schema_alias(snap->schema, index, constraint);
}

/* A row of pg_index; the indexes of constraints are aliases of these. */
static void
read_index(void *arg, HeapTuple tuple, TupleDesc desc)
{
	Reading    *reading = arg;
	MigrSnap   *snap = reading->snap;
	const FormData_pg_index *form = (Form_pg_index) GETSTRUCT(tuple);
	MigrAddress address = {RelationRelationId, form->indexrelid};
	MigrObject *relation = migr_snap_relation(snap, form->indrelid);
	MigrObject *index;
	const char *values[lengthof(index_names)] = {0};
	const char *name;

	if (relation == NULL || migr_schema_find(snap->schema, address))
		return;
	values[INDEX_DEFINITION] = migr_snap_deparse(snap, pg_get_indexdef, 1,
												 ObjectIdGetDatum(form->indexrelid), (Datum) 0);
	name = get_rel_name(form->indexrelid);
	if (values[INDEX_DEFINITION] == NULL || name == NULL)
		return;
	values[INDEX_IS_VALID] = form->indisvalid ||
		get_rel_relkind(form->indexrelid) == RELKIND_PARTITIONED_INDEX ? "t" : "f";
	index = migr_snap_make(MIGR_KIND_INDEX, address, &index_columns, values);
	index->name = name;
	index->schema = relation->schema;
	index->identity = quote_qualified_identifier(index->schema, name);
	migr_snap_add_part(snap, index, relation);
	if (!heap_attisnull(tuple, Anum_pg_index_indexprs, desc))
		reading->has_expressions = true;
}

void
migr_snap_indexes(MigrSnap *snap, const List *relations, const List *oids)
{
	Reading		reading = {.snap = snap};

	migr_snap_rows(&constraints, relations, read_constraint, &reading);
	migr_snap_rows(&indexes, relations, read_index, &reading);
	if (snap->has_index_settings)
	{
		migr_snap_more(snap, constraints_more, ConstraintRelationId, oids);
		migr_snap_more(snap, tablespaces_more, RelationRelationId, oids);
	}
	if (reading.has_expressions)
		migr_snap_more(snap, statistics_more, RelationRelationId, oids);
}
