/*
 * salvaged.c
 *		What runs have dropped and migr keeps: rows of migr.kept.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "access/table.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "storage/bufmgr.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "store/salvaged.h"

#define READ \
	"SELECT id, kind, schema_name, table_name, column_name, relation, revision, action, owner," \
	"       key_columns, sequence_columns, sequence_values, coalesce(rows, -1)" \
	"  FROM migr.kept"

/* No number comes twice: who discards one shall not hit another. */
static MigrQuery next_query = {"SELECT pg_catalog.nextval('migr.kept_id_seq'::pg_catalog.regclass)", 0, {0}};

static MigrQuery add_query = {
	"INSERT INTO migr.kept (id, kind, schema_name, table_name, column_name, relation, revision, action, owner,"
	"                       key_columns, sequence_columns, sequence_values, rows, kept_by, kept_at, expires_at)"
	" VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, nullif($13, -1), $14,"
	"         pg_catalog.now(), pg_catalog.now() + $15::pg_catalog.interval)",
	15, {INT8OID, TEXTOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID,
	TEXTARRAYOID, TEXTARRAYOID, TEXTARRAYOID, INT8OID, TEXTOID, TEXTOID}
};

static MigrQuery of_query = {READ " WHERE revision = $1 AND action = $2 ORDER BY id", 2, {TEXTOID, TEXTOID}};
static MigrQuery of_schema_query = {
	READ " WHERE revision = $1 AND action = $2 AND schema_name = $3 ORDER BY id", 3, {TEXTOID, TEXTOID, TEXTOID}
};
static MigrQuery find_query = {READ " WHERE id = $1", 1, {INT8OID}};
static MigrQuery having_query = {READ " WHERE relation = $1", 1, {TEXTOID}};
static MigrQuery expired_query = {READ " WHERE expires_at <= pg_catalog.now() ORDER BY id", 0, {0}};
static MigrQuery move_query = {"UPDATE migr.kept SET relation = $2 WHERE id = $1", 2, {INT8OID, TEXTOID}};
static MigrQuery remove_query = {"DELETE FROM migr.kept WHERE id = $1", 1, {INT8OID}};

Oid
migr_salvaged_schema(void)
{
	return get_namespace_oid("migr_kept", true);
}

int64
migr_salvaged_next(void)
{
	int64		next;
	MigrDb		db;

	migr_db_begin(&db, false);
	migr_db_run(&db, &next_query, NULL, NULL);
	next = migr_db_int64(0, 1);
	migr_db_end(&db);
	return next;
}

void
migr_salvaged_add(const MigrSalvaged *salvaged)
{
	Datum		values[15];
	char		nulls[15];
	int			i = 0;
	MigrDb		db;

	memset(nulls, ' ', sizeof(nulls));
	nulls[4] = salvaged->column ? ' ' : 'n';
	values[i++] = Int64GetDatum(salvaged->id);
	values[i++] = migr_db_text_datum(salvaged->kind);
	values[i++] = migr_db_text_datum(salvaged->schema);
	values[i++] = migr_db_text_datum(salvaged->table);
	values[i++] = migr_db_text_datum(salvaged->column);
	values[i++] = migr_db_text_datum(salvaged->relation);
	values[i++] = migr_db_text_datum(salvaged->revision);
	values[i++] = migr_db_text_datum(salvaged->action);
	values[i++] = migr_db_text_datum(salvaged->owner);
	values[i++] = migr_db_texts_datum(salvaged->key);
	values[i++] = migr_db_texts_datum(salvaged->sequence_columns);
	values[i++] = migr_db_texts_datum(salvaged->sequence_values);
	values[i++] = Int64GetDatum(salvaged->rows);
	values[i++] = migr_db_text_datum(GetUserNameFromId(GetUserId(), false));
	values[i++] = migr_db_text_datum(salvaged->kept_for);
	Assert(i == lengthof(values));
	migr_db_begin(&db, false);
	migr_db_run_one(&db, &add_query, values, nulls);
	migr_db_end(&db);
}

/* Only what is a table in that schema is what migr has put there. */
static Oid
find_relation(const char *name)
{
	Oid			schema = migr_salvaged_schema();
	Oid			relation = OidIsValid(schema) ? get_relname_relid(name, schema) : InvalidOid;
	char		relkind = OidIsValid(relation) ? get_rel_relkind(relation) : '\0';

	return relkind == RELKIND_RELATION || relkind == RELKIND_PARTITIONED_TABLE ? relation : InvalidOid;
}

static List *
read_rows(MigrQuery *query, Datum *values)
{
	List	   *found = NIL;
	uint64		count;
	MigrDb		db;

	migr_db_begin(&db, false);
	count = migr_db_run(&db, query, values, NULL);
	for (uint64 i = 0; i < count; i++)
	{
		MigrSalvaged *salvaged = palloc0(sizeof(MigrSalvaged));

		salvaged->id = migr_db_int64(i, 1);
		salvaged->kind = migr_db_text(i, 2);
		salvaged->schema = migr_db_text(i, 3);
		salvaged->table = migr_db_text(i, 4);
		salvaged->column = migr_db_text(i, 5);
		salvaged->relation = migr_db_text(i, 6);
		salvaged->revision = migr_db_text(i, 7);
		salvaged->action = migr_db_text(i, 8);
		salvaged->owner = migr_db_text(i, 9);
		salvaged->key = migr_db_texts(i, 10);
		salvaged->sequence_columns = migr_db_texts(i, 11);
		salvaged->sequence_values = migr_db_texts(i, 12);
		salvaged->rows = migr_db_int64(i, 13);
		salvaged->oid = find_relation(salvaged->relation);
		found = lappend(found, salvaged);
	}
	migr_db_end(&db);
	return found;
}

/* In most databases nothing ever is, and each section of a run asks. */
static bool
is_anything_kept(void)
{
	Relation	kept = table_open(migr_secure_table("kept"), AccessShareLock);
	bool		any = RelationGetNumberOfBlocks(kept) > 0;

	table_close(kept, AccessShareLock);
	return any;
}

List *
migr_salvaged_of(const char *revision, const char *action, const char *schema)
{
	Datum		values[] = {migr_db_text_datum(revision), migr_db_text_datum(action),
	migr_db_text_datum(schema)};

	if (!is_anything_kept())
		return NIL;
	return read_rows(schema ? &of_schema_query : &of_query, values);
}

MigrSalvaged *
migr_salvaged_find(int64 id)
{
	Datum		value = Int64GetDatum(id);
	List	   *found = read_rows(&find_query, &value);

	return found == NIL ? NULL : linitial(found);
}

MigrSalvaged *
migr_salvaged_having(const char *relation)
{
	Datum		value = migr_db_text_datum(relation);
	List	   *found = read_rows(&having_query, &value);

	return found == NIL ? NULL : linitial(found);
}

List *
migr_salvaged_expired(void)
{
	return read_rows(&expired_query, NULL);
}

void
migr_salvaged_move(int64 id, const char *relation)
{
	Datum		values[] = {Int64GetDatum(id), migr_db_text_datum(relation)};
	MigrDb		db;

	migr_db_begin(&db, false);
	migr_db_run_one(&db, &move_query, values, NULL);
	migr_db_end(&db);
}

void
migr_salvaged_remove(int64 id)
{
	Datum		value = Int64GetDatum(id);
	MigrDb		db;

	migr_db_begin(&db, false);
	migr_db_run_one(&db, &remove_query, &value, NULL);
	migr_db_end(&db);
}

char *
migr_salvaged_describe(const MigrSalvaged *salvaged)
{
	const char *table = quote_qualified_identifier(salvaged->schema, salvaged->table);

	return salvaged->column
		? psprintf("column %s.%s", table, quote_identifier(salvaged->column))
		: psprintf("table %s", table);
}

void
migr_salvaged_ready(void)
{
	static MigrQuery *const queries[] = {&next_query, &add_query, &of_query, &of_schema_query,
	&having_query, &remove_query};

	migr_db_plan(queries, lengthof(queries));
}
