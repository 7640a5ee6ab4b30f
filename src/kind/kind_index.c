/*
 * kind_index.c
 *		Indexes, but those of constraints.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_class.h"
#include "catalog/pg_index.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "base/compat.h"
#include "base/scan.h"
#include "base/text.h"
#include "kind/constraint.h"
#include "kind/kind.h"
#include "kind/kind_common.h"
#include "model/attributes.h"

/* --- catalogs ------------------------------------------------------------- */

static const MigrCatalog indexes = {
	IndexRelationId, Anum_pg_index_indrelid, IndexIndrelidIndexId
};

enum
{
	INDEX_DEFINITION,
	INDEX_IS_VALID,
	INDEX_TABLESPACE,
	INDEX_STATISTICS,
	INDEX_EXTENSIONS
};

static const MigrAttribute index_attributes[] = {
	[INDEX_DEFINITION] = MIGR_ATTR_DEFINITION,
	[INDEX_IS_VALID] = MIGR_ATTR_IS_VALID,
	[INDEX_TABLESPACE] = MIGR_ATTR_TABLESPACE,
	[INDEX_STATISTICS] = MIGR_ATTR_STATISTICS,
	[INDEX_EXTENSIONS] = MIGR_ATTR_EXTENSIONS
};

static const MigrColumns index_columns = {lengthof(index_attributes), index_attributes};

static const char tablespaces_more[] =
	"SELECT i.indexrelid, 0, s.spcname AS tablespace"
	"  FROM unnest($1) r (oid) JOIN pg_index i ON i.indrelid = r.oid"
	"  JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_tablespace s ON s.oid = x.reltablespace";

#define STATISTICS_TARGET MIGR_SINCE_17("coalesce(a.attstattarget, -1)", "a.attstattarget")

/* Only columns that are expressions can have them. */
static const char statistics_more[] =
	"SELECT i.indexrelid, 0,"
	"       string_agg(format('ALTER INDEX %s ALTER COLUMN %s SET STATISTICS %s;',"
	"                         a.attrelid::regclass, a.attnum, " STATISTICS_TARGET "), E'\\n' ORDER BY a.attnum) AS statistics"
	"  FROM unnest($1) r (oid) JOIN pg_index i ON i.indrelid = r.oid AND i.indexprs IS NOT NULL"
	"  JOIN pg_attribute a ON a.attrelid = i.indexrelid"
	" WHERE a.attnum > 0 AND " STATISTICS_TARGET " >= 0"
	" GROUP BY i.indexrelid";

/* What is being read. */
typedef struct Pass
{
	MigrReading *reading;
	bool		has_expressions;	/* are there indexes on some? */
} Pass;

/* A row of pg_index; the indexes of constraints are aliases of these. */
static void
read_index(void *arg, HeapTuple tuple, TupleDesc desc)
{
	Pass	   *pass = arg;
	MigrReading *reading = pass->reading;
	const FormData_pg_index *form = (Form_pg_index) GETSTRUCT(tuple);
	MigrAddress address = {RelationRelationId, form->indexrelid};
	MigrObject *relation = migr_reading_relation(reading, form->indrelid);
	MigrObject *index;
	const char *values[lengthof(index_attributes)] = {0};
	const char *name;

	if (relation == NULL || migr_schema_find(reading->schema, address))
		return;
	values[INDEX_DEFINITION] = migr_reading_deparse(reading, pg_get_indexdef, 1,
													ObjectIdGetDatum(form->indexrelid), (Datum) 0);
	name = get_rel_name(form->indexrelid);
	if (values[INDEX_DEFINITION] == NULL || name == NULL)
		return;
	values[INDEX_IS_VALID] = form->indisvalid ||
		get_rel_relkind(form->indexrelid) == RELKIND_PARTITIONED_INDEX ? "t" : "f";
	index = migr_reading_make(MIGR_KIND_INDEX, address, &index_columns, values);
	index->name = name;
	index->schema = relation->schema;
	index->identity = quote_qualified_identifier(index->schema, name);
	migr_reading_add_part(reading, index, relation);
	if (!heap_attisnull(tuple, Anum_pg_index_indexprs, desc))
		pass->has_expressions = true;
}

static void
read_indexes(MigrReading *reading, const List *relations, const List *oids)
{
	Pass		pass = {.reading = reading};

	migr_reading_rows(&indexes, relations, read_index, &pass);
	if (reading->has_index_settings)
		migr_reading_more(reading, tablespaces_more, RelationRelationId, oids);
	if (pass.has_expressions)
		migr_reading_more(reading, statistics_more, RelationRelationId, oids);
}

/* --- SQL ------------------------------------------------------------------ */

/* The length of an index's definition up to its WHERE. */
static int
head_of_index(const char *definition)
{
	MigrScan	scan;
	MigrToken	token;

	migr_scan_begin(&scan, definition, strlen(definition));
	while (migr_scan_next(&scan, &token) != MIGR_TOKEN_END)
	{
		if (token.kind == MIGR_TOKEN_WORD && token.end - token.start == (int) strlen("WHERE") &&
			strncmp(definition + token.start, "WHERE", strlen("WHERE")) == 0)
			return token.start - 1;
	}
	return strlen(definition);
}

static void
append_extensions(StringInfo out, const MigrObject *from, const MigrObject *to)
{
	migr_kind_extensions(out, "INDEX", to->identity, from, to);
}

static void
create_index(StringInfo out, const MigrObject *index)
{
	const char *definition = value(index, MIGR_ATTR_DEFINITION);

	if (!migr_object_is(index, MIGR_ATTR_IS_VALID))
		migr_text_comment(out, "", psprintf("The index %s is invalid.", index->identity));
	if (migr_object_has(index, MIGR_ATTR_TABLESPACE))
	{
		int			head = head_of_index(definition);

		appendStringInfo(out, "%.*s TABLESPACE %s%s;\n", head, definition,
						 quote_identifier(value(index, MIGR_ATTR_TABLESPACE)),
						 definition + head);
	}
	else
		appendStringInfo(out, "%s;\n", definition);
	if (migr_object_has(index, MIGR_ATTR_STATISTICS))
		appendStringInfo(out, "%s\n", value(index, MIGR_ATTR_STATISTICS));
	append_extensions(out, NULL, index);
}

/* What the index is, without the statistics of its columns. */
static bool
alter_index(StringInfo out, const MigrObject *from, const MigrObject *to)
{
	if (!same(from, to, MIGR_ATTR_DEFINITION) || migr_object_has(from, MIGR_ATTR_STATISTICS))
		return false;
	if (!same(from, to, MIGR_ATTR_TABLESPACE))
		appendStringInfo(out, "ALTER INDEX %s SET TABLESPACE %s;\n", to->identity,
						 migr_object_has(to, MIGR_ATTR_TABLESPACE)
						 ? quote_identifier(value(to, MIGR_ATTR_TABLESPACE)) : "pg_default");
	if (migr_object_has(to, MIGR_ATTR_STATISTICS))
		appendStringInfo(out, "%s\n", value(to, MIGR_ATTR_STATISTICS));
	if (migr_object_is(to, MIGR_ATTR_IS_VALID) && !migr_object_is(from, MIGR_ATTR_IS_VALID))
		appendStringInfo(out, "REINDEX INDEX %s;\n", to->identity);
	append_extensions(out, from, to);
	return true;
}

/* With a column, or with the index that it is a part of. */
static bool
goes_along(const MigrObject *object, const MigrObject *needed)
{
	return migr_kind_is_index(needed->kind) ||
		(needed->kind == MIGR_KIND_COLUMN && needed->parent == object->parent);
}

/* How values are counted is for who looks after the server. */
static const MigrAttribute beside[] = {MIGR_ATTR_STATISTICS, MIGR_ATTR_COUNT};

const MigrKindRecord migr_kind_index = {
	.noun = "INDEX",
	.flags = MIGR_KIND_CREATES_IF_MISSING,
	.name_space = MIGR_NAMES_RELATIONS,
	.sort = "index",
	.catalog = RelationRelationId,
	.parent_catalog = RelationRelationId,
	.read_parts = read_indexes,
	.create = create_index,
	.alter = alter_index,
	.goes_along = goes_along,
	.beside = beside
};
