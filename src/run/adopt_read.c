/*
 * adopt_read.c
 *		Finding and reading the version table of another tool.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/relation.h"
#include "access/tableam.h"
#include "access/transam.h"
#include "catalog/pg_class.h"
#include "catalog/pg_database.h"
#include "catalog/pg_type.h"
#include "executor/tuptable.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"

#include "base/db.h"
#include "base/ident.h"
#include "base/settings.h"
#include "run/adopt_read.h"

/* Tables of these names, wherever they are, but for what sessions keep for themselves. */
static MigrQuery read_named =
{
	"SELECT c.oid, n.nspname, c.relname, c.relowner"
	"  FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace"
	" WHERE c.relname = ANY ($1) AND c.relkind = 'r' AND c.relpersistence <> 't'"
	"   AND n.nspname NOT IN ('migr', 'pg_catalog', 'information_schema')"
	" ORDER BY n.nspname, c.relname", 1, {TEXTARRAYOID}
};

static char *
name_of(Oid relation)
{
	const char *name = get_rel_name(relation);

	return name ? quote_qualified_identifier(get_namespace_name(get_rel_namespace(relation)), name)
		: psprintf("%u", relation);
}

/* Has the relation all columns that tables of the tool have? */
static bool
has_columns(Oid relation, const MigrAdoptTool *tool)
{
	for (int i = 0; i < MIGR_ADOPT_COLUMNS && tool->columns[i]; i++)
	{
		if (get_attnum(relation, tool->columns[i]) <= 0)
			return false;
	}
	return true;
}

/* The first tool, or this one, whose table it can be; by_name: and that calls it so. */
static const MigrAdoptTool *
recognise(Oid relation, const MigrAdoptTool *wanted, bool by_name)
{
	const char *schema = get_namespace_name(get_rel_namespace(relation));
	const char *name = get_rel_name(relation);
	const MigrAdoptTool *tool;

	if (schema == NULL || name == NULL)
		return NULL;
	for (int i = 0; (tool = migr_adopt_tool(i)) != NULL; i++)
	{
		if (wanted && tool != wanted)
			continue;
		if (by_name && (strcmp(tool->table, name) != 0 ||
						(tool->schema && strcmp(tool->schema, schema) != 0)))
			continue;
		if (has_columns(relation, tool))
			return tool;
	}
	return NULL;
}

/* Whose tables does the caller take for what they seem without having been told? */
static bool
is_trusted(Oid owner)
{
	HeapTuple	tuple = SearchSysCache1(DATABASEOID, ObjectIdGetDatum(MyDatabaseId));
	Oid			database_owner = InvalidOid;

	if (HeapTupleIsValid(tuple))
	{
		database_owner = ((Form_pg_database) GETSTRUCT(tuple))->datdba;
		ReleaseSysCache(tuple);
	}
	return owner == database_owner || owner == migr_secure_store_owner() || superuser_arg(owner) ||
		is_member_of_role_nosuper(GetUserId(), owner);
}

/* A name of the list, and what it is of. */
static char *
described(const MigrAdoptTable *table)
{
	return psprintf("%s (%s)", table->name, table->tool->title);
}

/* Raise that there is no table; untrusted: the tables (char *) that were passed over. */
static void
raise_none(const MigrAdoptTool *wanted, const List *untrusted)
{
	List	   *names = NIL;
	const MigrAdoptTool *tool;

	for (int i = 0; (tool = migr_adopt_tool(i)) != NULL; i++)
	{
		if (wanted == NULL || tool == wanted)
			names = lappend(names, psprintf("%s%s%s (%s)", tool->schema ? tool->schema : "",
											tool->schema ? "." : "", tool->table, tool->title));
	}
	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_TABLE),
			 errmsg("there is no version table of another tool"),
			 untrusted != NIL
			 ? errdetail("Not taken for one, because of whose they are: %s.", migr_ident_join(untrusted))
			 : errdetail("There is no table %s.", migr_ident_join(names)),
			 errhint("If it is there, name it, as in migr_adopt('schema.table').")));
}

static void
raise_several(const List *tables)
{
	List	   *names = NIL;
	ListCell   *lc;

	foreach(lc, tables)
		names = lappend(names, described(lfirst(lc)));
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("there are several version tables of other tools"),
			 errdetail("There are %s.", migr_ident_join(names)),
			 errhint("Name the one to adopt, as in migr_adopt('%s').",
					 ((MigrAdoptTable *) linitial(tables))->name)));
}

static List *
known_names(void)
{
	List	   *names = NIL;
	const MigrAdoptTool *tool;

	for (int i = 0; (tool = migr_adopt_tool(i)) != NULL; i++)
		names = lappend(names, unconstify(char *, tool->table));
	return names;
}

/* The table that is there. */
static MigrAdoptTable
find_any(const MigrAdoptTool *wanted)
{
	Datum		values[] = {migr_db_texts_datum(known_names())};
	List	   *tables = NIL;
	List	   *untrusted = NIL;
	uint64		count;
	Oid		   *relations;
	Oid		   *owners;
	MigrDb		db;

	migr_db_begin_as_caller(&db);
	count = migr_db_run(&db, &read_named, values, NULL);
	relations = palloc((count + 1) * sizeof(Oid));
	owners = palloc((count + 1) * sizeof(Oid));
	for (uint64 i = 0; i < count; i++)
	{
		relations[i] = DatumGetObjectId(migr_db_datum(i, 1));
		owners[i] = DatumGetObjectId(migr_db_datum(i, 4));
	}
	migr_db_end(&db);
	for (uint64 i = 0; i < count; i++)
	{
		MigrAdoptTable *table = palloc(sizeof(MigrAdoptTable));

		table->relation = relations[i];
		table->name = name_of(relations[i]);
		table->tool = recognise(relations[i], wanted, true);
		if (table->tool && is_trusted(owners[i]))
			tables = lappend(tables, table);
		else if (table->tool)
			untrusted = lappend(untrusted, described(table));
	}
	if (tables == NIL)
		raise_none(wanted, untrusted);
	if (list_length(tables) > 1)
		raise_several(tables);
	return *(MigrAdoptTable *) linitial(tables);
}

/* Raise what speaks against reading a relation that is locked. */
static void
check_plain(Relation relation, const char *name)
{
	const char *what = relation->rd_rel->relkind != RELKIND_RELATION ? "is no plain table"
		: relation->rd_rel->relrowsecurity ? "has row-level security" : NULL;

	if (what)
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("can't take %s for a version table", name),
				 errdetail("It %s, so reading it could run what its owner has made.", what)));
}

/* The number of a column whose values are read by the server's own functions. */
static int
plain_column(Relation relation, const char *column, const char *name)
{
	int			number = get_attnum(RelationGetRelid(relation), column);
	Form_pg_attribute attribute;

	if (number <= 0)
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("can't take %s for a version table", name),
				 errdetail("It has no column \"%s\".", column)));
	attribute = TupleDescAttr(RelationGetDescr(relation), number - 1);
	if (attribute->atttypid >= FirstNormalObjectId || attribute->attgenerated != '\0')
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("can't take %s for a version table", name),
				 errdetail("Column \"%s\" is generated, or of a type of somebody's own.", column)));
	return number;
}

MigrAdoptTable
migr_adopt_find(Oid relation, const MigrAdoptTool *tool)
{
	MigrAdoptTable table = {.relation = relation};

	if (!OidIsValid(relation))
		return find_any(tool);
	table.name = name_of(relation);
	table.tool = recognise(relation, tool, true);
	if (table.tool == NULL)
		table.tool = recognise(relation, tool, false);
	if (table.tool == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("can't take %s for a version table", table.name),
				 tool ? errdetail("It does not have the columns that tables of %s have.", tool->title)
				 : errdetail("It has the columns of no tool's table.")));
	return table;
}

/* What is read of a table: numbers of columns, and of each an array of text. */
typedef struct Reading
{
	Relation	relation;
	int			numbers[MIGR_ADOPT_COLUMNS];
	Datum		arrays[MIGR_ADOPT_COLUMNS];
} Reading;

/* The columns of all rows. */
static void
scan(void *arg)
{
	Reading    *reading = arg;
	Relation	relation = reading->relation;
	const int  *numbers = reading->numbers;
	TupleTableSlot *slot = table_slot_create(relation, NULL);
	Snapshot	snapshot = RegisterSnapshot(GetLatestSnapshot());
	TableScanDesc rows = table_beginscan(relation, snapshot, 0, NULL);
	ArrayBuildState *built[MIGR_ADOPT_COLUMNS] = {NULL};

	while (table_scan_getnextslot(rows, ForwardScanDirection, slot))
	{
		CHECK_FOR_INTERRUPTS();
		for (int i = 0; i < MIGR_ADOPT_COLUMNS && numbers[i] > 0; i++)
		{
			Oid			output;
			bool		varlena;
			bool		is_null;
			Datum		value = slot_getattr(slot, numbers[i], &is_null);

			getTypeOutputInfo(TupleDescAttr(RelationGetDescr(relation), numbers[i] - 1)->atttypid,
							  &output, &varlena);
			built[i] = accumArrayResult(built[i], is_null ? (Datum) 0
										: CStringGetTextDatum(OidOutputFunctionCall(output, value)),
										is_null, TEXTOID, CurrentMemoryContext);
		}
	}
	table_endscan(rows);
	UnregisterSnapshot(snapshot);
	ExecDropSingleTupleTableSlot(slot);
	for (int i = 0; i < MIGR_ADOPT_COLUMNS; i++)
		reading->arrays[i] = built[i] ? makeArrayResult(built[i], CurrentMemoryContext)
			: PointerGetDatum(construct_empty_array(TEXTOID));
}

/* What the rows say. */
static List *
interpret(const MigrAdoptTool *tool, Datum *arguments)
{
	List	   *result = NIL;
	uint64		count;
	MigrDb		db;

	migr_db_begin_as_caller(&db);
	count = migr_db_run_once(&db, &tool->query, arguments);
	for (uint64 i = 0; i < count; i++)
	{
		MigrAdoptRow *row = palloc0(sizeof(MigrAdoptRow));

		row->revision = migr_db_is_null(i, 1) ? "" : migr_db_text(i, 1);
		row->trouble = migr_db_is_null(i, 2) ? NULL : migr_db_text(i, 2);
		if (SPI_tuptable->tupdesc->natts > 2)
		{
			row->checksum = migr_db_is_null(i, 3) ? NULL : migr_db_text(i, 3);
			row->stamped = !migr_db_is_null(i, 4) && strcmp(migr_db_text(i, 4), "t") == 0;
		}
		result = lappend(result, row);
	}
	migr_db_end(&db);
	return result;
}

/* Raise 42501 unless the caller could read the table by a statement of his own. */
static void
check_right(const MigrAdoptTable *table)
{
	Oid			schema = get_rel_namespace(table->relation);
	Datum		may_use = !OidIsValid(schema) ? BoolGetDatum(true)
		: DirectFunctionCall2(has_schema_privilege_id, ObjectIdGetDatum(schema),
							  CStringGetTextDatum("USAGE"));

	if (!DatumGetBool(may_use))
		aclcheck_error(ACLCHECK_NO_PRIV, OBJECT_SCHEMA, get_namespace_name(schema));
	if (pg_class_aclcheck(table->relation, GetUserId(), ACL_SELECT) != ACLCHECK_OK)
		aclcheck_error(ACLCHECK_NO_PRIV, OBJECT_TABLE, table->name);
}

/* The rows of one table. */
static List *
read_one(const MigrAdoptTable *table, const List *loaded)
{
	/* Other styles name time zones by abbreviations that may not be read again. */
	static const MigrSetting style = {"DateStyle", "ISO"};
	Datum		arguments[MIGR_ADOPT_COLUMNS + 1];
	Reading		reading = {.numbers = {0}};

	check_right(table);
	/* From here on its owner can't make anything else of it; its name does not matter. */
	reading.relation = relation_open(table->relation, AccessShareLock);
	check_plain(reading.relation, table->name);
	for (int i = 0; i < MIGR_ADOPT_COLUMNS && table->tool->columns[i]; i++)
		reading.numbers[i] = plain_column(reading.relation, table->tool->columns[i], table->name);
	migr_settings_run(&style, 1, scan, &reading);
	relation_close(reading.relation, NoLock);
	memcpy(arguments, reading.arrays, sizeof(reading.arrays));
	arguments[MIGR_ADOPT_COLUMNS] = migr_db_texts_datum(loaded);
	return interpret(table->tool, arguments);
}

/* The table beside this one that says what has begun; false if there is none. */
static bool
find_begun(const MigrAdoptTable *table, MigrAdoptTable *begun)
{
	begun->tool = table->tool->begun;
	begun->relation = begun->tool
		? get_relname_relid(begun->tool->table, get_rel_namespace(table->relation)) : InvalidOid;
	begun->name = name_of(begun->relation);
	return OidIsValid(begun->relation);
}

List *
migr_adopt_read(const MigrAdoptTable *table, const List *loaded)
{
	List	   *rows = read_one(table, loaded);
	MigrAdoptTable begun;

	if (find_begun(table, &begun))
		rows = list_concat(rows, read_one(&begun, loaded));
	return rows;
}
