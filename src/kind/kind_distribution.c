/*
 * kind_distribution.c
 *		How tables are distributed over the nodes of a Citus cluster.
 *
 * Tables whose rows are together are said to be colocated with one of them, the first
 * by its name, which has the number of shards.  Not told are partitions, which are as
 * their parents, tables of a schema that is distributed as a whole, and those that
 * Citus has taken in by itself, for the sake of foreign keys.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/pg_class.h"
#include "catalog/pg_extension.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "base/citus.h"
#include "kind/distribution.h"
#include "kind/kind.h"
#include "kind/sql_words.h"
#include "model/attributes.h"

#define HASH "hash"
#define SINGLE "single"

/* --- catalogs ------------------------------------------------------------- */

static const MigrAttribute distribution_attributes[] = {
	MIGR_ATTR_METHOD, MIGR_ATTR_COLUMN, MIGR_ATTR_COLOCATE_WITH, MIGR_ATTR_SHARD_COUNT
};

static const MigrColumns distribution_columns = {
	lengthof(distribution_attributes), distribution_attributes
};

/* What those say of a table that are colocated with one: of all, as any can be the first. */
#define TOGETHER \
	"(SELECT p.*, c.relispartition, c.relnamespace," \
	"        first_value(" RELATION_IDENTITY ") OVER together AS leader," \
	"        first_value(c.oid) OVER together AS leader_oid," \
	"        row_number() OVER together = 1 AS leads" \
	"   FROM pg_dist_partition p JOIN pg_class c ON c.oid = p.logicalrelid" \
	"   JOIN pg_namespace n ON n.oid = c.relnamespace" \
	"  WHERE NOT c.relispartition" \
	" WINDOW together AS (PARTITION BY p.partmethod, p.repmodel, p.colocationid," \
	"                                  CASE p.colocationid WHEN 0 THEN c.oid ELSE 0 END" \
	"                         ORDER BY n.nspname, c.relname))"

/* Conditions for what not all versions of Citus have. */
#define NOT_TAKEN_IN " AND NOT p.autoconverted"
#define NOT_BY_SCHEMA \
	" AND NOT EXISTS (SELECT FROM pg_dist_schema s" \
	"                  WHERE s.schemaid = p.relnamespace AND s.colocationid = p.colocationid)"

static char *
make_query(Oid partition)
{
	return psprintf("SELECT p.logicalrelid::oid,"
					"       CASE p.partmethod WHEN 'h' THEN '" HASH "' WHEN 'r' THEN 'range' WHEN 'a' THEN 'append'"
					"       ELSE CASE WHEN p.repmodel = 't' THEN 'reference' WHEN p.colocationid = 0 THEN 'local'"
					"                 ELSE '" SINGLE "' END END AS method,"
					"       column_to_column_name(p.logicalrelid, p.partkey) AS column,"
					"       CASE WHEN p.partmethod = 'h' OR (p.partmethod = 'n' AND p.repmodel <> 't' AND p.colocationid <> 0)"
					"            THEN CASE WHEN p.leads THEN 'none' ELSE p.leader END END AS colocate_with,"
					"       CASE WHEN p.partmethod = 'h' AND p.leads THEN k.shardcount::text END AS shard_count,"
					"       p.leader_oid"
					"  FROM " TOGETHER " p" OF_RELATIONS("p.logicalrelid")
					"  LEFT JOIN pg_dist_colocation k ON k.colocationid = p.colocationid"
					" WHERE true%s%s",
					get_attnum(partition, "autoconverted") > 0 ? NOT_TAKEN_IN : "",
					OidIsValid(migr_citus_table("pg_dist_schema")) ? NOT_BY_SCHEMA : "");
}

/* Let it come behind something that is there. */
static void
put_behind(MigrReading *reading, MigrObject *object, Oid classid, Oid objid)
{
	MigrAddress address = {classid, objid};
	MigrObject *needed = migr_schema_find_own(reading->schema, address);

	if (needed && needed != object->parent)
		object->depends = lappend(object->depends, needed);
}

static void
add_distribution(MigrReading *reading, MigrObject *table, const MigrDbReader *row)
{
	MigrAddress none = {RelationRelationId, InvalidOid};
	const char *values[lengthof(distribution_attributes)];
	MigrObject *object;

	for (int i = 0; i < (int) lengthof(values); i++)
		values[i] = migr_db_reader_text(row, i + 2);
	object = migr_reading_make(MIGR_KIND_DISTRIBUTION, none, &distribution_columns, values);
	object->schema = table->schema;
	object->name = table->name;
	object->identity = table->identity;
	migr_reading_add_part(reading, object, table);
	put_behind(reading, object, ExtensionRelationId, migr_citus());
	put_behind(reading, object, RelationRelationId,
			   DatumGetObjectId(row->values[lengthof(distribution_attributes) + 1]));
}

static void
read_distributions(MigrReading *reading, const List *relations, const List *oids)
{
	static const Oid types[] = {REGCLASSOID, TEXTOID};
	Oid			partition = migr_citus_table("pg_dist_partition");
	MigrQuery	query = {.nargs = 1, .types = {OIDARRAYOID}};
	MigrDbReader reader;
	Datum		value;
	uint64		rows;

	if (!OidIsValid(partition) || !OidIsValid(migr_citus_table("pg_dist_colocation")) ||
		!OidIsValid(migr_citus_function("column_to_column_name", 2, types)))
		return;
	query.sql = make_query(partition);
	value = migr_db_oids_datum(oids);
	rows = migr_db_run_once(&reading->db, &query, &value);
	migr_db_reader_begin(&reader);
	for (uint64 i = 0; i < rows; i++)
	{
		MigrAddress address = {.classid = RelationRelationId};
		MigrObject *table;

		migr_db_reader_read(&reader, i);
		address.objid = DatumGetObjectId(reader.values[0]);
		table = migr_schema_find_own(reading->schema, address);
		if (table)
			add_distribution(reading, table, &reader);
	}
}

/* --- SQL ------------------------------------------------------------------ */

const char *
migr_distribution_leader(const MigrObject *object)
{
	const char *with = value(object, MIGR_ATTR_COLOCATE_WITH);

	return with && strcmp(with, "none") == 0 ? object->identity : with;
}

static bool
is_method(const MigrObject *object, const char *method)
{
	return strcmp(value(object, MIGR_ATTR_METHOD), method) == 0;
}

static void
append_argument(StringInfo out, const char *name, const MigrObject *object, MigrAttribute attribute)
{
	if (migr_object_has(object, attribute))
		appendStringInfo(out, ", %s => %s", name, attribute == MIGR_ATTR_SHARD_COUNT
						 ? value(object, attribute) : quote_literal_cstr(value(object, attribute)));
}

static void
distribute(StringInfo out, const MigrObject *object)
{
	const char *table = quote_literal_cstr(object->identity);
	const char *column = value(object, MIGR_ATTR_COLUMN);

	if (is_method(object, "reference"))
		appendStringInfo(out, "SELECT create_reference_table(%s);\n", table);
	else if (is_method(object, "local"))
		appendStringInfo(out, "SELECT citus_add_local_table_to_metadata(%s);\n", table);
	else
	{
		appendStringInfo(out, "SELECT create_distributed_table(%s, %s", table,
						 column ? quote_literal_cstr(column) : "NULL");
		if (!is_method(object, HASH) && !is_method(object, SINGLE))
			appendStringInfo(out, ", %s", quote_literal_cstr(value(object, MIGR_ATTR_METHOD)));
		append_argument(out, "colocate_with", object, MIGR_ATTR_COLOCATE_WITH);
		append_argument(out, "shard_count", object, MIGR_ATTR_SHARD_COUNT);
		appendStringInfoString(out, ");\n");
	}
}

static void
undistribute(StringInfo out, const MigrObject *object)
{
	appendStringInfo(out, "SELECT undistribute_table(%s);\n", quote_literal_cstr(object->identity));
}

/*
 * Of tables that are distributed by a hash, on both sides; all others go back to one
 * node first.  A number of shards is that of all that are colocated.
 */
static bool
alter_distribution(StringInfo out, const MigrObject *from, const MigrObject *to)
{
	const char *table = quote_literal_cstr(to->identity);
	bool		moves = !same(from, to, MIGR_ATTR_COLOCATE_WITH);

	if (!is_method(from, HASH) || !is_method(to, HASH))
		return false;
	if (!same(from, to, MIGR_ATTR_COLUMN))
		appendStringInfo(out, "SELECT alter_distributed_table(%s, distribution_column => %s);\n",
						 table, quote_literal_cstr(value(to, MIGR_ATTR_COLUMN)));
	if (moves)
	{
		appendStringInfo(out, "SELECT alter_distributed_table(%s", table);
		append_argument(out, "shard_count", to, MIGR_ATTR_SHARD_COUNT);
		append_argument(out, "colocate_with", to, MIGR_ATTR_COLOCATE_WITH);
		appendStringInfo(out, "%s);\n", migr_object_has(to, MIGR_ATTR_SHARD_COUNT)
						 ? ", cascade_to_colocated => false" : "");
	}
	else if (!same(from, to, MIGR_ATTR_SHARD_COUNT))
		appendStringInfo(out, "SELECT alter_distributed_table(%s, shard_count => %s, cascade_to_colocated => true);\n",
						 table, value(to, MIGR_ATTR_SHARD_COUNT));
	return true;
}

/* A table has one. */
static const char *
key_of(const MigrObject *object)
{
	return "";
}

const MigrKindRecord migr_kind_distribution = {
	.noun = "TABLE",
	.flags = MIGR_KIND_IS_ASPECT | MIGR_KIND_IS_NAMELESS,
	.catalog = RelationRelationId,
	.parent_catalog = RelationRelationId,
	.read_parts = read_distributions,
	.create = distribute,
	.drop = undistribute,
	.alter = alter_distribution,
	.key = key_of,
	.title = "distribution"
};
