/*
 * snap_columns.c
 *		Catalogs to objects: the columns of relations.
 *
 * Most rows of the catalogs are columns, and most columns have a name, a type
 * and perhaps a default: these are read without a query, which would join four
 * catalogs to say so.  What few columns have, an identity or parents, two
 * queries tell of those that have it.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/reloptions.h"
#include "access/table.h"
#include "catalog/indexing.h"
#include "catalog/pg_attrdef.h"
#include "catalog/pg_attribute.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "nodes/parsenodes.h"
#include "storage/bufmgr.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"

#include "compat.h"
#include "deparse.h"
#include "snap.h"

/* The attributes of a column: those in front are the ones that many have. */
enum
{
	ATTRIBUTE_TYPE,
	ATTRIBUTE_NOT_NULL,
	ATTRIBUTE_DEFAULT,
	ATTRIBUTE_COLLATION,
	ATTRIBUTE_GENERATED,
	ATTRIBUTE_STORAGE,
	ATTRIBUTE_COMPRESSION,
	ATTRIBUTE_STATISTICS,
	ATTRIBUTE_OPTIONS,
	ATTRIBUTE_SERVER_OPTIONS,
	/* what the queries below find */
	ATTRIBUTE_MERELY_INHERITED,
	ATTRIBUTE_PARENT_DEFAULT,
	ATTRIBUTE_PARENT_GENERATED,
	ATTRIBUTE_IDENTITY,
	ATTRIBUTE_SEQUENCE,
	ATTRIBUTE_SEQUENCE_PERSISTENCE,
	ATTRIBUTE_START,
	ATTRIBUTE_INCREMENT,
	ATTRIBUTE_MIN,
	ATTRIBUTE_MAX,
	ATTRIBUTE_CACHE,
	ATTRIBUTE_CYCLE
};

#define ATTRIBUTES (ATTRIBUTE_CYCLE + 1)

static const char *attribute_names[ATTRIBUTES] = {
	[ATTRIBUTE_TYPE] = "type",
	[ATTRIBUTE_NOT_NULL] = "not_null",
	[ATTRIBUTE_DEFAULT] = "default",
	[ATTRIBUTE_COLLATION] = "collation",
	[ATTRIBUTE_GENERATED] = "generated",
	[ATTRIBUTE_STORAGE] = "storage",
	[ATTRIBUTE_COMPRESSION] = "compression",
	[ATTRIBUTE_STATISTICS] = "statistics",
	[ATTRIBUTE_OPTIONS] = "options",
	[ATTRIBUTE_SERVER_OPTIONS] = "server_options",
	[ATTRIBUTE_MERELY_INHERITED] = "merely_inherited",
	[ATTRIBUTE_PARENT_DEFAULT] = "parent_default",
	[ATTRIBUTE_PARENT_GENERATED] = "parent_generated",
	[ATTRIBUTE_IDENTITY] = "identity",
	[ATTRIBUTE_SEQUENCE] = "sequence",
	[ATTRIBUTE_SEQUENCE_PERSISTENCE] = "sequence_persistence",
	[ATTRIBUTE_START] = "start",
	[ATTRIBUTE_INCREMENT] = "increment",
	[ATTRIBUTE_MIN] = "min",
	[ATTRIBUTE_MAX] = "max",
	[ATTRIBUTE_CACHE] = "cache",
	[ATTRIBUTE_CYCLE] = "cycle"
};

static const MigrColumns attributes = {ATTRIBUTES, attribute_names};

/* That column in the parents. */
#define PARENTS_COLUMN \
	" FROM pg_inherits i JOIN pg_attribute p ON p.attrelid = i.inhparent AND p.attname = a.attname" \
	" LEFT JOIN pg_attrdef pd ON pd.adrelid = p.attrelid AND pd.adnum = p.attnum" \
	" WHERE i.inhrelid = c.oid"

/*
 * The queries' columns: the relation, the number of its column, attributes by
 * name; $1 are the relations that have such columns.
 */
static MigrQuery inherited_query = {
	"SELECT c.oid, a.attnum::int4,"
	/* false: it is a column of the table's own as well */
	"       NOT a.attislocal AS merely_inherited,"
	"       (SELECT string_agg(coalesce(pg_get_expr(pd.adbin, pd.adrelid), '') || p.attnotnull::text, ' '"
	"                          ORDER BY i.inhseqno) " PARENTS_COLUMN ") AS parent_default,"
	"       CASE WHEN a.attgenerated <> '' THEN ("
	"        SELECT bool_or(p.attgenerated <> '') " PARENTS_COLUMN ") END AS parent_generated"
	"  FROM unnest($1) r (oid) JOIN pg_class c ON c.oid = r.oid"
	"  JOIN pg_attribute a ON a.attrelid = c.oid"
	" WHERE a.attnum > 0 AND NOT a.attisdropped AND a.attinhcount > 0 AND NOT c.relispartition",
	1, {OIDARRAYOID}
};

/* 15: the sequence of an identity column may be logged or not by itself. */
#if MIGR_SERVER_MAJOR >= 15
#define SEQUENCE_PERSISTENCE \
	"CASE WHEN s.relpersistence <> c.relpersistence THEN s.relpersistence END"
#else
#define SEQUENCE_PERSISTENCE "NULL::text"
#endif

/* 17: a partition has the identity of its parent, and no sequence. */
static MigrQuery identity_query = {
	"SELECT c.oid, a.attnum::int4, a.attidentity AS identity, s.oid::regclass::text AS sequence,"
	"       " SEQUENCE_PERSISTENCE " AS sequence_persistence,"
	"       q.seqstart AS start, q.seqincrement AS increment, q.seqmin AS min, q.seqmax AS max,"
	"       q.seqcache AS cache, q.seqcycle AS cycle"
	"  FROM unnest($1) r (oid) JOIN pg_class c ON c.oid = r.oid"
	"  JOIN pg_attribute a ON a.attrelid = c.oid"
	"  JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = c.oid"
	"   AND d.refobjsubid = a.attnum AND d.classid = 'pg_class'::regclass AND d.deptype = 'i'"
	"  JOIN pg_sequence q ON q.seqrelid = d.objid JOIN pg_class s ON s.oid = q.seqrelid"
	" WHERE a.attnum > 0 AND NOT a.attisdropped AND a.attidentity <> ''",
	1, {OIDARRAYOID}
};

/* The columns of all relations being read. */
typedef struct Reading
{
	MigrSnap   *snap;
	Relation	attributes;		/* pg_attribute */
	Relation	defaults;		/* pg_attrdef */
	Oid			relid;			/* of the last row, and what that is: NULL if */
	MigrObject *relation;		/* it has no columns to be read */
	List	   *inheriting;		/* oids of relations that have such columns */
	List	   *identities;
} Reading;

/* A catalog with a row, or several, for each column. */
typedef struct Catalog
{
	Relation	relation;
	AttrNumber	column;			/* the oid of the table or view */
	Oid			index;			/* on that */
	void		(*read) (Reading *reading, HeapTuple tuple);
} Catalog;

static int
compare_options(const ListCell *a, const ListCell *b)
{
	return strcmp(((DefElem *) lfirst(a))->defname, ((DefElem *) lfirst(b))->defname);
}

/*
 * The pairs of an options array as name='value', or name 'value'; NULL if there
 * is none.  Late minor releases keep a mark of their own, pg_attver, among the
 * options of every column; no dump shows it.
 */
static const char *
options_text(Datum array, const char *assign)
{
	List	   *options = untransformRelOptions(array);
	StringInfoData out = {0};
	ListCell   *lc;

	list_sort(options, compare_options);
	foreach(lc, options)
	{
		DefElem    *option = lfirst(lc);

		if (option->arg == NULL || strcmp(option->defname, "pg_attver") == 0)
			continue;
		if (out.data)
			appendStringInfoString(&out, ", ");
		else
			initStringInfo(&out);
		appendStringInfo(&out, "%s%s%s", quote_identifier(option->defname), assign,
						 quote_literal_cstr(strVal(option->arg)));
	}
	return out.data;
}

/* A flag of one byte; NULL if there is none. */
static const char *
flag_text(char flag)
{
	return flag == '\0' ? NULL : pnstrdup(&flag, 1);
}

/* The attributes of pg_attribute's row that are not always there. */
static void
read_optional(const Reading *reading, HeapTuple tuple, const char **values)
{
	TupleDesc	desc = RelationGetDescr(reading->attributes);
	int			statistics = migr_compat_statistics_target(tuple, desc);
	Datum		array;
	bool		is_null;

	if (statistics >= 0)
		values[ATTRIBUTE_STATISTICS] = psprintf("%d", statistics);
	array = heap_getattr(tuple, Anum_pg_attribute_attoptions, desc, &is_null);
	if (!is_null)
		values[ATTRIBUTE_OPTIONS] = options_text(array, "=");
	array = heap_getattr(tuple, Anum_pg_attribute_attfdwoptions, desc, &is_null);
	if (!is_null)
		values[ATTRIBUTE_SERVER_OPTIONS] = options_text(array, " ");
}

static char *
acl_text(const Reading *reading, HeapTuple tuple)
{
	bool		is_null;
	Datum		acl = heap_getattr(tuple, Anum_pg_attribute_attacl,
								   RelationGetDescr(reading->attributes), &is_null);

	return is_null ? NULL : OidOutputFunctionCall(F_ARRAY_OUT, acl);
}

/* All attributes of a column but the default and what the queries find. */
static void
read_attributes(const Reading *reading, HeapTuple tuple, const char **values)
{
	const FormData_pg_attribute *form = (Form_pg_attribute) GETSTRUCT(tuple);

	values[ATTRIBUTE_TYPE] =
		format_type_extended(form->atttypid, form->atttypmod,
							 FORMAT_TYPE_TYPEMOD_GIVEN | FORMAT_TYPE_ALLOW_INVALID);
	values[ATTRIBUTE_NOT_NULL] = form->attnotnull ? "t" : "f";
	if (form->attcollation != get_typcollation(form->atttypid))
		values[ATTRIBUTE_COLLATION] =
			DatumGetCString(DirectFunctionCall1(regcollationout,
												ObjectIdGetDatum(form->attcollation)));
	values[ATTRIBUTE_GENERATED] = flag_text(form->attgenerated);
	if (form->attstorage != get_typstorage(form->atttypid))
		values[ATTRIBUTE_STORAGE] = flag_text(form->attstorage);
	values[ATTRIBUTE_COMPRESSION] = flag_text(migr_compat_compression(form));
	read_optional(reading, tuple, values);
}

static MigrObject *
read_column(const Reading *reading, MigrObject *relation, HeapTuple tuple)
{
	const FormData_pg_attribute *form = (Form_pg_attribute) GETSTRUCT(tuple);
	MigrObject *column = palloc0(sizeof(MigrObject));
	const char *values[ATTRIBUTES] = {0};
	int			count = ATTRIBUTES;

	column->kind = MIGR_KIND_COLUMN;
	column->address = relation->address;
	column->subid = form->attnum;
	column->name = pstrdup(NameStr(form->attname));
	column->acl = acl_text(reading, tuple);
	column->columns = &attributes;
	column->parent = relation;
	read_attributes(reading, tuple, values);
	while (count > 0 && values[count - 1] == NULL)
		count--;
	column->count = count;
	column->values = palloc(count * sizeof(char *));
	memcpy(column->values, values, count * sizeof(char *));
	return column;
}

MigrObject *
migr_snap_find_column(const MigrSchema *schema, MigrAddress relation, int number)
{
	MigrObject *object = migr_schema_find(schema, relation);
	ListCell   *lc;

	foreach(lc, object ? object->children : NIL)
	{
		MigrObject *child = lfirst(lc);

		if (child->kind != MIGR_KIND_COLUMN)
			break;
		if (child->subid == number)
			return child;
	}
	return NULL;
}

/*
 * The default of a column, or what it is generated from.  A default has no
 * columns in it, and is deparsed without its table, which need not be opened
 * then.  NULL if the table has gone.
 */
static const char *
deparse_default(const MigrObject *column, Datum expression)
{
	LOCAL_FCINFO(call, 2);
	bool		is_generated = column->count > ATTRIBUTE_GENERATED &&
		column->values[ATTRIBUTE_GENERATED];
	Datum		result;

	InitFunctionCallInfoData(*call, NULL, 2, InvalidOid, NULL, NULL);
	call->args[0].value = expression;
	call->args[0].isnull = false;
	call->args[1].value = ObjectIdGetDatum(is_generated ? column->address.objid
										   : InvalidOid);
	call->args[1].isnull = false;
	result = pg_get_expr(call);
	return call->isnull ? NULL : TextDatumGetCString(result);
}

/* A row of pg_attrdef, of a relation that has been read. */
static void
read_default(Reading *reading, HeapTuple tuple)
{
	const FormData_pg_attrdef *form = (Form_pg_attrdef) GETSTRUCT(tuple);
	MigrAddress table = {RelationRelationId, form->adrelid};
	MigrAddress address = {AttrDefaultRelationId, form->oid};
	MigrObject *column = migr_snap_find_column(reading->snap->schema, table, form->adnum);
	const char *default_text;
	bool		is_null;
	Datum		expression = heap_getattr(tuple, Anum_pg_attrdef_adbin,
										  RelationGetDescr(reading->defaults),
										  &is_null);

	if (column == NULL || is_null)
		return;
	default_text = deparse_default(column, expression);
	if (default_text)
		migr_object_set(column, ATTRIBUTE_DEFAULT, migr_deparse_settle(default_text));

	/* What the default depends on, the table depends on. */
	migr_schema_alias(reading->snap->schema, address, column->parent);
}

/* Relations may be noted twice. */
static void
note_relation(List **relations, Oid relid)
{
	if (*relations == NIL || llast_oid(*relations) != relid)
		*relations = lappend_oid(*relations, relid);
}

/* A row of pg_attribute. */
static void
read_attribute(Reading *reading, HeapTuple tuple)
{
	const FormData_pg_attribute *form = (Form_pg_attribute) GETSTRUCT(tuple);
	Oid			relid = form->attrelid;
	MigrObject *column;

	if (form->attnum < 0 || form->attisdropped)
		return;
	if (relid != reading->relid)
	{
		MigrAddress address = {RelationRelationId, relid};
		MigrObject *object = migr_schema_find(reading->snap->schema, address);

		reading->relid = relid;
		reading->relation = object && (object->kind == MIGR_KIND_TABLE ||
									   object->kind == MIGR_KIND_VIEW) ? object : NULL;
	}
	if (reading->relation == NULL)
		return;
	column = read_column(reading, reading->relation, tuple);
	migr_schema_add(reading->snap->schema, column);
	reading->relation->children = lappend(reading->relation->children, column);
	if (form->attinhcount > 0)
		note_relation(&reading->inheriting, relid);
	if (form->attidentity != '\0')
		note_relation(&reading->identities, relid);
}

/* Read the rows of one relation, or of all. */
static void
read_rows(Reading *reading, const Catalog *catalog, Oid relid)
{
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	tuple;

	ScanKeyInit(&key, catalog->column, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(relid));
	scan = systable_beginscan(catalog->relation, catalog->index,
							  OidIsValid(relid), NULL, OidIsValid(relid), &key);
	while ((tuple = systable_getnext(scan)) != NULL)
	{
		CHECK_FOR_INTERRUPTS();
		catalog->read(reading, tuple);
	}
	systable_endscan(scan);
}

/*
 * Read the rows of the relations.  To look one up takes about as long as to
 * read a page, and next to a large schema a small one may be built in scratch.
 */
static void
read_catalog(Reading *reading, const Catalog *catalog, const List *relations)
{
	ListCell   *lc;

	if ((BlockNumber) list_length(relations) >=
		RelationGetNumberOfBlocks(catalog->relation))
	{
		read_rows(reading, catalog, InvalidOid);
		return;
	}
	foreach(lc, relations)
		read_rows(reading, catalog, ((MigrObject *) lfirst(lc))->address.objid);
}

static void
set_by_name(MigrObject *column, const char *name, const char *value)
{
	if (value)
		migr_object_set(column, migr_object_attribute(column, name),
						migr_deparse_settle(value));
}

/* Add what a query finds of the relations that it is worth asking for. */
static void
read_more(const Reading *reading, MigrQuery *query, const List *relations)
{
	Datum		values[1];
	uint64		rows;
	MigrDbReader reader;

	if (relations == NIL)
		return;
	values[0] = migr_db_oids_datum(relations);
	rows = migr_db_run(&reading->snap->db, query, values, NULL);
	migr_db_reader_begin(&reader);
	for (uint64 row = 0; row < rows; row++)
	{
		MigrAddress address = {.classid = RelationRelationId};
		MigrObject *column;

		CHECK_FOR_INTERRUPTS();
		migr_db_reader_read(&reader, row);
		address.objid = DatumGetObjectId(reader.values[0]);
		column = migr_snap_find_column(reading->snap->schema, address,
									   DatumGetInt32(reader.values[1]));
		for (int i = 2; column && i < reader.columns; i++)
			set_by_name(column, SPI_fname(SPI_tuptable->tupdesc, i + 1),
						migr_db_reader_text(&reader, i + 1));
	}
}

static int
compare_columns(const ListCell *a, const ListCell *b)
{
	return ((MigrObject *) lfirst(a))->subid - ((MigrObject *) lfirst(b))->subid;
}

/* The inherited columns come first, by name. */
static int
compare_inherited(const ListCell *a, const ListCell *b)
{
	const MigrObject *left = lfirst(a);
	const MigrObject *right = lfirst(b);
	bool		left_inherited = migr_object_has(left, "merely_inherited");
	bool		right_inherited = migr_object_has(right, "merely_inherited");

	if (left_inherited != right_inherited)
		return left_inherited ? -1 : 1;
	return left_inherited ? strcmp(left->name, right->name) : compare_columns(a, b);
}

/*
 * Has a table columns that only its parents have?  INHERITS puts all that these
 * have in their order, whatever it was.
 */
static bool
inherits_columns(const MigrObject *table)
{
	ListCell   *lc;

	if (table->kind != MIGR_KIND_TABLE || !migr_object_has(table, "inherits"))
		return false;
	foreach(lc, table->children)
	{
		if (migr_object_is(lfirst(lc), "merely_inherited"))
			return true;
	}
	return false;
}

void
migr_snap_columns(MigrSnap *snap, const List *relations)
{
	Reading		reading = {.snap = snap};
	ListCell   *lc;

	reading.attributes = table_open(AttributeRelationId, AccessShareLock);
	reading.defaults = table_open(AttrDefaultRelationId, AccessShareLock);
	read_catalog(&reading, &(Catalog) {
		reading.attributes, Anum_pg_attribute_attrelid,
		AttributeRelidNumIndexId, read_attribute
	}, relations);
	read_catalog(&reading, &(Catalog) {
		reading.defaults, Anum_pg_attrdef_adrelid,
		AttrDefaultIndexId, read_default
	}, relations);
	table_close(reading.defaults, AccessShareLock);
	table_close(reading.attributes, AccessShareLock);

	read_more(&reading, &inherited_query, reading.inheriting);
	read_more(&reading, &identity_query, reading.identities);
	foreach(lc, relations)
	{
		MigrObject *relation = lfirst(lc);

		list_sort(relation->children, inherits_columns(relation)
				  ? compare_inherited : compare_columns);
	}
}
