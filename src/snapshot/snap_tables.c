/*
 * snap_tables.c
 *		Catalogs to objects: tables.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/transam.h"
#include "catalog/pg_am.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "commands/defrem.h"
#include "commands/tablespace.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "snapshot/snap_parts.h"

enum
{
	TABLE_NOUN,
	TABLE_RELKIND,
	TABLE_PERSISTENCE,
	TABLE_PARTITION_KEY,
	TABLE_OF_TYPE,
	TABLE_INHERITS,
	TABLE_INHERIT,
	TABLE_OPTIONS,
	TABLE_TABLESPACE,
	TABLE_ACCESS_METHOD,
	TABLE_ROW_SECURITY,
	TABLE_FORCE_ROW_SECURITY,
	TABLE_SERVER,
	TABLE_SERVER_OPTIONS
};

static const char *table_names[] = {
	[TABLE_NOUN] = "noun",
	[TABLE_RELKIND] = "relkind",
	[TABLE_PERSISTENCE] = "persistence",
	[TABLE_PARTITION_KEY] = "partition_key",
	[TABLE_OF_TYPE] = "of_type",
	[TABLE_INHERITS] = "inherits",
	[TABLE_INHERIT] = "inherit",
	[TABLE_OPTIONS] = "options",
	[TABLE_TABLESPACE] = "tablespace",
	[TABLE_ACCESS_METHOD] = "access_method",
	[TABLE_ROW_SECURITY] = "row_security",
	[TABLE_FORCE_ROW_SECURITY] = "force_row_security",
	[TABLE_SERVER] = "server",
	[TABLE_SERVER_OPTIONS] = "server_options"
};

static const MigrColumns table_columns = {lengthof(table_names), table_names};

static const MigrSnapCatalog relations = {RelationRelationId, InvalidAttrNumber, InvalidOid};

static const char parents_more[] =
	"SELECT c.oid, 0,"
	"       string_agg(i.inhparent::regclass::text, ', ' ORDER BY i.inhseqno) AS inherits,"
	"       string_agg('INHERIT ' || i.inhparent::regclass::text, ', ' ORDER BY i.inhseqno) AS inherit"
	"  FROM unnest($1) r (oid) JOIN pg_class c ON c.oid = r.oid JOIN pg_inherits i ON i.inhrelid = c.oid"
	" WHERE c.relkind IN ('r', 'f') AND NOT c.relispartition"
	" GROUP BY c.oid";

/* Of tables, their toast tables, and views. */
static const char options_more[] =
	"SELECT c.oid, 0,"
	"       concat_ws(', ', " MIGR_SNAP_OPTIONS("c.reloptions", "", "=") ","
	"                 " MIGR_SNAP_OPTIONS("t.reloptions", "toast.", "=") ") AS options"
	"  FROM unnest($1) r (oid) JOIN pg_class c ON c.oid = r.oid"
	"  LEFT JOIN pg_class t ON t.oid = c.reltoastrelid"
	" WHERE c.reloptions IS NOT NULL OR t.reloptions IS NOT NULL";

static const char servers_more[] =
	"SELECT f.ftrelid, 0, quote_ident(s.srvname) AS server,"
	"       " MIGR_SNAP_OPTIONS("f.ftoptions", "", " ") " AS server_options"
	"  FROM unnest($1) r (oid) JOIN pg_foreign_table f ON f.ftrelid = r.oid"
	"  JOIN pg_foreign_server s ON s.oid = f.ftserver";

/* Note what there is that few databases have. */
static void
note_rarities(MigrSnap *snap, const FormData_pg_class *form, bool has_options)
{
	switch (form->relkind)
	{
		case RELKIND_INDEX:
		case RELKIND_PARTITIONED_INDEX:
			snap->has_index_settings |= has_options || OidIsValid(form->reltablespace);
			return;
		case RELKIND_FOREIGN_TABLE:
			snap->has_foreign_tables = true;
			break;
	}
	snap->has_options |= has_options;
	snap->has_parents |= form->relhassubclass;
}

/* All attributes but what the queries find. */
static void
read_attributes(MigrSnap *snap, const FormData_pg_class *form, const char **values)
{
	bool		is_foreign = form->relkind == RELKIND_FOREIGN_TABLE;
	bool		is_partitioned = form->relkind == RELKIND_PARTITIONED_TABLE;

	values[TABLE_NOUN] = is_foreign ? "FOREIGN TABLE" : "TABLE";
	values[TABLE_RELKIND] = migr_snap_flag(form->relkind);
	values[TABLE_PERSISTENCE] = migr_snap_flag(form->relpersistence);
	if (is_partitioned)
		values[TABLE_PARTITION_KEY] =
			migr_snap_deparse(snap, pg_get_partkeydef, 1, ObjectIdGetDatum(form->oid), (Datum) 0);
	if (OidIsValid(form->reloftype))
		values[TABLE_OF_TYPE] =
			DatumGetCString(DirectFunctionCall1(regtypeout, ObjectIdGetDatum(form->reloftype)));
	values[TABLE_OPTIONS] = "";
	if (OidIsValid(form->reltablespace))
		values[TABLE_TABLESPACE] = get_tablespace_name(form->reltablespace);
	if (OidIsValid(form->relam) && form->relam != HEAP_TABLE_AM_OID)
		values[TABLE_ACCESS_METHOD] = get_am_name(form->relam);
	values[TABLE_ROW_SECURITY] = form->relrowsecurity ? "t" : "f";
	values[TABLE_FORCE_ROW_SECURITY] = form->relforcerowsecurity ? "t" : "f";
}

/* The object, as far as it tells whether it is part of the schema. */
static MigrObject *
make_table(const FormData_pg_class *form)
{
	MigrObject *table = palloc0(sizeof(MigrObject));

	table->kind = MIGR_KIND_TABLE;
	table->address.classid = RelationRelationId;
	table->address.objid = form->oid;
	table->name = pstrdup(NameStr(form->relname));
	table->schema = get_namespace_name(form->relnamespace);
	if (table->schema)
		table->identity = quote_qualified_identifier(table->schema, table->name);
	return table;
}

/* A row of pg_class. */
static void
read_relation(void *arg, HeapTuple tuple, TupleDesc desc)
{
	MigrSnap   *snap = arg;
	const FormData_pg_class *form = (Form_pg_class) GETSTRUCT(tuple);
	const char *values[lengthof(table_names)] = {0};
	MigrAddress type = {TypeRelationId, form->reltype};
	MigrObject *table;

	if (form->oid < FirstNormalObjectId)
		return;
	note_rarities(snap, form, !heap_attisnull(tuple, Anum_pg_class_reloptions, desc));
	if (form->relkind != RELKIND_RELATION && form->relkind != RELKIND_PARTITIONED_TABLE &&
		form->relkind != RELKIND_FOREIGN_TABLE)
		return;
	table = make_table(form);
	if (table->schema == NULL || !migr_snap_manages(snap, table, table->schema))
		return;
	read_attributes(snap, form, values);
	migr_object_fill(table, &table_columns, values);
	table->owner = NameStr(*DatumGetName(DirectFunctionCall1(pg_get_userbyid,
															 ObjectIdGetDatum(form->relowner))));
	table->acl = migr_snap_acl(tuple, desc, Anum_pg_class_relacl);
	migr_schema_add(snap->schema, table);
	migr_schema_alias(snap->schema, type, table);
}

void
migr_snap_tables(MigrSnap *snap)
{
	migr_snap_rows(&relations, NIL, read_relation, snap);
}

void
migr_snap_relation_details(MigrSnap *snap, const List *oids)
{
	if (snap->has_parents)
		migr_snap_more(snap, parents_more, RelationRelationId, oids);
	if (snap->has_options)
		migr_snap_more(snap, options_more, RelationRelationId, oids);
	if (snap->has_foreign_tables)
		migr_snap_more(snap, servers_more, RelationRelationId, oids);
}
