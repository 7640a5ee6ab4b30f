/*
 * kind_table.c
 *		Tables: plain, partitioned, foreign.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/sysattr.h"
#include "access/transam.h"
#include "catalog/pg_am.h"
#include "catalog/pg_class.h"
#include "catalog/pg_partitioned_table.h"
#include "catalog/pg_type.h"
#include "commands/defrem.h"
#include "commands/tablespace.h"
#include "nodes/bitmapset.h"
#include "optimizer/optimizer.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

#include "base/compat.h"
#include "kind/column.h"
#include "kind/constraint.h"
#include "kind/kind.h"
#include "kind/kind_common.h"
#include "kind/sql_words.h"
#include "kind/table.h"
#include "model/attributes.h"

/* --- catalogs ------------------------------------------------------------- */

enum
{
	TABLE_NOUN,
	TABLE_RELKIND,
	TABLE_PERSISTENCE,
	TABLE_PARTITION_KEY,
	TABLE_KEY_COLUMNS,
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

static const MigrAttribute table_attributes[] = {
	[TABLE_NOUN] = MIGR_ATTR_NOUN,
	[TABLE_RELKIND] = MIGR_ATTR_RELKIND,
	[TABLE_PERSISTENCE] = MIGR_ATTR_PERSISTENCE,
	[TABLE_PARTITION_KEY] = MIGR_ATTR_PARTITION_KEY,
	[TABLE_KEY_COLUMNS] = MIGR_ATTR_KEY_COLUMNS,
	[TABLE_OF_TYPE] = MIGR_ATTR_OF_TYPE,
	[TABLE_INHERITS] = MIGR_ATTR_INHERITS,
	[TABLE_INHERIT] = MIGR_ATTR_INHERIT,
	[TABLE_OPTIONS] = MIGR_ATTR_OPTIONS,
	[TABLE_TABLESPACE] = MIGR_ATTR_TABLESPACE,
	[TABLE_ACCESS_METHOD] = MIGR_ATTR_ACCESS_METHOD,
	[TABLE_ROW_SECURITY] = MIGR_ATTR_ROW_SECURITY,
	[TABLE_FORCE_ROW_SECURITY] = MIGR_ATTR_FORCE_ROW_SECURITY,
	[TABLE_SERVER] = MIGR_ATTR_SERVER,
	[TABLE_SERVER_OPTIONS] = MIGR_ATTR_SERVER_OPTIONS
};

static const MigrColumns table_columns = {lengthof(table_attributes), table_attributes};

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
	"       concat_ws(', ', " OPTIONS("c.reloptions", "", "=") ","
	"                 " OPTIONS("t.reloptions", "toast.", "=") ") AS options"
	"  FROM unnest($1) r (oid) JOIN pg_class c ON c.oid = r.oid"
	"  LEFT JOIN pg_class t ON t.oid = c.reltoastrelid"
	" WHERE c.reloptions IS NOT NULL OR t.reloptions IS NOT NULL";

static const char servers_more[] =
	"SELECT f.ftrelid, 0, quote_ident(s.srvname) AS server,"
	"       " OPTIONS("f.ftoptions", "", " ") " AS server_options"
	"  FROM unnest($1) r (oid) JOIN pg_foreign_table f ON f.ftrelid = r.oid"
	"  JOIN pg_foreign_server s ON s.oid = f.ftserver";

/* Note what there is that few databases have. */
static void
note_rarities(MigrReading *reading, const FormData_pg_class *form, bool has_options)
{
	switch (form->relkind)
	{
		case RELKIND_INDEX:
		case RELKIND_PARTITIONED_INDEX:
			reading->has_index_settings |= has_options || OidIsValid(form->reltablespace);
			return;
		case RELKIND_FOREIGN_TABLE:
			reading->has_foreign_tables = true;
			break;
	}
	reading->has_options |= has_options;
	reading->has_parents |= form->relhassubclass;
}

/* The columns that the key of a partitioned table holds or looks at, as a list. */
static const char *
key_columns(Oid relid)
{
	HeapTuple	tuple = SearchSysCache1(PARTRELID, ObjectIdGetDatum(relid));
	Bitmapset  *columns = NULL;
	int			column = -1;
	StringInfoData list;
	Datum		expressions;
	bool		isnull;

	if (!HeapTupleIsValid(tuple))
		return NULL;
	for (int i = 0; i < ((Form_pg_partitioned_table) GETSTRUCT(tuple))->partnatts; i++)
		columns = bms_add_member(columns,
								 ((Form_pg_partitioned_table) GETSTRUCT(tuple))->partattrs.values[i] -
								 FirstLowInvalidHeapAttributeNumber);
	expressions = SysCacheGetAttr(PARTRELID, tuple, Anum_pg_partitioned_table_partexprs, &isnull);
	if (!isnull)
		pull_varattnos(stringToNode(TextDatumGetCString(expressions)), 1, &columns);
	ReleaseSysCache(tuple);
	initStringInfo(&list);
	while ((column = bms_next_member(columns, column)) >= 0)
	{
		const char *name = get_attname(relid, column + FirstLowInvalidHeapAttributeNumber, true);

		/* Where the key holds an expression, there is a column of number 0. */
		if (name)
			appendStringInfo(&list, "%s%s", list.len > 0 ? ", " : "", quote_identifier(name));
	}
	return list.data;
}

/* All attributes but what the queries find. */
static void
read_attributes(MigrReading *reading, const FormData_pg_class *form, const char **values)
{
	bool		is_foreign = form->relkind == RELKIND_FOREIGN_TABLE;
	bool		is_partitioned = form->relkind == RELKIND_PARTITIONED_TABLE;

	values[TABLE_NOUN] = is_foreign ? "FOREIGN TABLE" : "TABLE";
	values[TABLE_RELKIND] = migr_reading_flag(form->relkind);
	values[TABLE_PERSISTENCE] = migr_reading_flag(form->relpersistence);
	if (is_partitioned)
	{
		values[TABLE_PARTITION_KEY] =
			migr_reading_deparse(reading, pg_get_partkeydef, 1, ObjectIdGetDatum(form->oid), (Datum) 0);
		values[TABLE_KEY_COLUMNS] = key_columns(form->oid);
	}
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
	MigrReading *reading = arg;
	const FormData_pg_class *form = (Form_pg_class) GETSTRUCT(tuple);
	const char *values[lengthof(table_attributes)] = {0};
	MigrAddress type = {TypeRelationId, form->reltype};
	MigrObject *table;

	if (form->oid < FirstNormalObjectId)
		return;
	note_rarities(reading, form, !heap_attisnull(tuple, Anum_pg_class_reloptions, desc));
	if (form->relkind != RELKIND_RELATION && form->relkind != RELKIND_PARTITIONED_TABLE &&
		form->relkind != RELKIND_FOREIGN_TABLE)
		return;
	table = make_table(form);
	if (table->schema == NULL || !migr_reading_manages(reading, table, table->schema))
		return;
	read_attributes(reading, form, values);
	migr_object_fill(table, &table_columns, values);
	table->owner = NameStr(*DatumGetName(DirectFunctionCall1(pg_get_userbyid,
															 ObjectIdGetDatum(form->relowner))));
	table->acl = migr_reading_acl(tuple, desc, Anum_pg_class_relacl);
	table->has_subclass = form->relhassubclass;
	migr_schema_add(reading->schema, table);
	migr_schema_alias(reading->schema, type, table);
}

static void
read_tables(MigrReading *reading)
{
	migr_reading_relations(reading, read_relation);
}

/* Of tables and views. */
static void
read_details(MigrReading *reading, const List *relations_read, const List *oids)
{
	if (reading->has_parents)
		migr_reading_more(reading, parents_more, RelationRelationId, oids);
	if (reading->has_options)
		migr_reading_more(reading, options_more, RelationRelationId, oids);
	if (reading->has_foreign_tables)
		migr_reading_more(reading, servers_more, RelationRelationId, oids);
}

/* --- create --------------------------------------------------------------- */

/* Has a column of a typed table anything of its own? */
static bool
column_says_more(const MigrObject *column)
{
	return migr_object_is(column, MIGR_ATTR_NOT_NULL) ||
		migr_object_has(column, MIGR_ATTR_DEFAULT) || migr_object_has(column, MIGR_ATTR_IDENTITY);
}

/* Append what comes in front of one more element of the list of a table's. */
static void
begin_element(StringInfo out, int *count)
{
	appendStringInfoString(out, (*count)++ == 0 ? " (\n    " : ",\n    ");
}

static void
append_elements(StringInfo out, const MigrObject *table)
{
	bool		typed = migr_object_has(table, MIGR_ATTR_OF_TYPE);
	int			count = 0;
	ListCell   *lc;

	foreach(lc, table->children)
	{
		const MigrObject *column = lfirst(lc);

		if (column->kind != MIGR_KIND_COLUMN ||
			(!migr_column_is_plain(column) && migr_object_is(column, MIGR_ATTR_MERELY_INHERITED)) ||
			(typed && !column_says_more(column)))
			continue;
		begin_element(out, &count);
		migr_column_spec(out, column, typed);
	}
	foreach(lc, migr_constraint_inside(table))
	{
		const MigrObject *constraint = lfirst(lc);

		begin_element(out, &count);
		appendStringInfo(out, "CONSTRAINT %s %s", quote_identifier(constraint->name),
						 value(constraint, MIGR_ATTR_DEFINITION));
	}
	if (count > 0)
		appendStringInfoString(out, "\n)");
	else if (!typed)
		appendStringInfoString(out, " ()");
}

/* The comments on the indexes of constraints that have come with the table. */
static void
append_index_comments(StringInfo out, const MigrObject *table)
{
	ListCell   *lc;

	foreach(lc, migr_constraint_inside(table))
	{
		const MigrObject *constraint = lfirst(lc);

		if (migr_object_has(constraint, MIGR_ATTR_INDEX_COMMENT))
			appendStringInfo(out, "%s\n", value(constraint, MIGR_ATTR_INDEX_COMMENT));
	}
}

static void
create_table(StringInfo out, const MigrObject *table)
{
	bool		later = migr_column_inherits_later(table);
	ListCell   *lc;

	appendStringInfo(out, "CREATE %s%s %s", migr_kind_persistence(table),
					 value(table, MIGR_ATTR_NOUN), table->identity);
	migr_kind_append(out, " OF %s", table, MIGR_ATTR_OF_TYPE);
	append_elements(out, table);
	if (migr_object_has(table, MIGR_ATTR_INHERITS) && !later)
		appendStringInfo(out, "\nINHERITS (%s)", value(table, MIGR_ATTR_INHERITS));
	if (strcmp(value(table, MIGR_ATTR_RELKIND), "p") == 0)
		appendStringInfo(out, "\nPARTITION BY %s", value(table, MIGR_ATTR_PARTITION_KEY));
	if (migr_object_has(table, MIGR_ATTR_SERVER))
		appendStringInfo(out, "\nSERVER %s", value(table, MIGR_ATTR_SERVER));
	if (migr_object_has(table, MIGR_ATTR_SERVER_OPTIONS))
		appendStringInfo(out, "\nOPTIONS (%s)", value(table, MIGR_ATTR_SERVER_OPTIONS));
	if (migr_object_has(table, MIGR_ATTR_ACCESS_METHOD))
		appendStringInfo(out, "\nUSING %s", value(table, MIGR_ATTR_ACCESS_METHOD));
	if (migr_object_has(table, MIGR_ATTR_OPTIONS))
		appendStringInfo(out, "\nWITH (%s)", value(table, MIGR_ATTR_OPTIONS));
	if (migr_object_has(table, MIGR_ATTR_TABLESPACE))
		appendStringInfo(out, "\nTABLESPACE %s", quote_identifier(value(table, MIGR_ATTR_TABLESPACE)));
	appendStringInfoString(out, ";\n");
	if (later)
		appendStringInfo(out, "ALTER TABLE %s %s;\n", table->identity,
						 value(table, MIGR_ATTR_INHERIT));

	foreach(lc, table->children)
	{
		const MigrObject *column = lfirst(lc);

		if (column->kind != MIGR_KIND_COLUMN || migr_column_is_plain(column))
			continue;
		/* Not where the parents come in a statement of their own, see diff_emit.c. */
		if (migr_object_has(column, MIGR_ATTR_MERELY_INHERITED) && !later &&
			same(table, column->parent, MIGR_ATTR_INHERITS))
			migr_column_overrides(out, table, column);
		migr_column_settings(out, table, column);
	}
	if (migr_object_is(table, MIGR_ATTR_ROW_SECURITY))
		appendStringInfo(out, "ALTER TABLE %s ENABLE ROW LEVEL SECURITY;\n", table->identity);
	if (migr_object_is(table, MIGR_ATTR_FORCE_ROW_SECURITY))
		appendStringInfo(out, "ALTER TABLE %s FORCE ROW LEVEL SECURITY;\n", table->identity);
	append_index_comments(out, table);
}

/* --- alter ---------------------------------------------------------------- */

void
migr_table_set_toast(StringInfo out, const MigrObject *from, const MigrObject *to)
{
	List	   *old = migr_ddl_list(value(from, MIGR_ATTR_OPTIONS));
	int			count = 0;
	ListCell   *lc;

	foreach(lc, migr_ddl_list(value(to, MIGR_ATTR_OPTIONS)))
	{
		const char *text = ((MigrDdlItem *) lfirst(lc))->text;

		if (strncmp(text, "toast.", strlen("toast.")) != 0 || migr_ddl_list_text(old, text))
			continue;
		migr_ddl_list_next(out, &count, psprintf("ALTER TABLE %s SET (", to->identity), ", ");
		appendStringInfoString(out, text);
	}
	appendStringInfoString(out, count > 0 ? ");\n" : "");
}

static bool
alter_table(StringInfo out, const MigrObject *from, const MigrObject *to)
{
	/* Of a partitioned table, the server changes nothing, or raises an error (18). */
	if (!same(from, to, MIGR_ATTR_RELKIND) || !same(from, to, MIGR_ATTR_PARTITION_KEY) ||
		(!same(from, to, MIGR_ATTR_PERSISTENCE) && *value(to, MIGR_ATTR_RELKIND) == 'p') ||
		!same(from, to, MIGR_ATTR_SERVER) ||
		(!same(from, to, MIGR_ATTR_ACCESS_METHOD) && MIGR_SERVER_MAJOR < 15))
		return false;
	if (!same(from, to, MIGR_ATTR_PERSISTENCE))
		migr_kind_alter_relation(out, to, strcmp(value(to, MIGR_ATTR_PERSISTENCE), "u") == 0
								 ? "SET UNLOGGED" : "SET LOGGED");
	migr_kind_alter_storage(out, from, to);
	migr_kind_alter_options(out, psprintf("ALTER %s %s ", value(to, MIGR_ATTR_NOUN), to->identity),
							value(from, MIGR_ATTR_OPTIONS), value(to, MIGR_ATTR_OPTIONS));
	migr_kind_alter_foreign_options(out, psprintf("ALTER FOREIGN TABLE %s", to->identity),
									value(from, MIGR_ATTR_SERVER_OPTIONS),
									value(to, MIGR_ATTR_SERVER_OPTIONS));
	if (!same(from, to, MIGR_ATTR_ROW_SECURITY))
		migr_kind_alter_relation(out, to, migr_object_is(to, MIGR_ATTR_ROW_SECURITY)
								 ? "ENABLE ROW LEVEL SECURITY" : "DISABLE ROW LEVEL SECURITY");
	if (!same(from, to, MIGR_ATTR_FORCE_ROW_SECURITY))
		migr_kind_alter_relation(out, to, migr_object_is(to, MIGR_ATTR_FORCE_ROW_SECURITY)
								 ? "FORCE ROW LEVEL SECURITY" : "NO FORCE ROW LEVEL SECURITY");
	return true;
}

/* Its parents and its type are told by statements of their own. */
static bool
is_apart(const MigrObject *object, MigrAttribute attribute)
{
	return attribute == MIGR_ATTR_INHERITS || attribute == MIGR_ATTR_OF_TYPE;
}

/* What others set of tables, so that policies hold and rows are cared for. */
static const MigrAttribute beside[] = {
	MIGR_ATTR_OPTIONS, MIGR_ATTR_ROW_SECURITY, MIGR_ATTR_FORCE_ROW_SECURITY, MIGR_ATTR_COUNT
};

const MigrKindRecord migr_kind_table = {
	.flags = MIGR_KIND_HOLDS_DATA | MIGR_KIND_IS_LASTING | MIGR_KIND_CREATES_IF_MISSING,
	.name_space = MIGR_NAMES_RELATIONS,
	.rights = {"TABLE", MIGR_RIGHTS_TABLE, ""},
	.default_privileges = 'r',
	.sort = "table",
	.catalog = RelationRelationId,
	.read = read_tables,
	.read_parts = read_details,
	.create = create_table,
	.alter = alter_table,
	.is_apart = is_apart,
	.beside = beside
};
