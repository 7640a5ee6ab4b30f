/*
 * kind_column.c
 *		The columns of relations.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/reloptions.h"
#include "catalog/pg_attrdef.h"
#include "catalog/pg_attribute.h"
#include "catalog/pg_class.h"
#include "lib/stringinfo.h"
#include "nodes/parsenodes.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "base/compat.h"
#include "kind/column.h"
#include "kind/kind.h"
#include "kind/kind_common.h"
#include "model/attributes.h"

/* --- catalogs ------------------------------------------------------------- */

/*
 * Most rows of the catalogs are columns, and most columns have a name, a type
 * and perhaps a default: these are read without a query, which would join four
 * catalogs to say so.  What few columns have, an identity or parents, two
 * queries tell of those that have it.
 */

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

static const MigrAttribute column_attributes[ATTRIBUTES] = {
	[ATTRIBUTE_TYPE] = MIGR_ATTR_TYPE,
	[ATTRIBUTE_NOT_NULL] = MIGR_ATTR_NOT_NULL,
	[ATTRIBUTE_DEFAULT] = MIGR_ATTR_DEFAULT,
	[ATTRIBUTE_COLLATION] = MIGR_ATTR_COLLATION,
	[ATTRIBUTE_GENERATED] = MIGR_ATTR_GENERATED,
	[ATTRIBUTE_STORAGE] = MIGR_ATTR_STORAGE,
	[ATTRIBUTE_COMPRESSION] = MIGR_ATTR_COMPRESSION,
	[ATTRIBUTE_STATISTICS] = MIGR_ATTR_STATISTICS,
	[ATTRIBUTE_OPTIONS] = MIGR_ATTR_OPTIONS,
	[ATTRIBUTE_SERVER_OPTIONS] = MIGR_ATTR_SERVER_OPTIONS,
	[ATTRIBUTE_MERELY_INHERITED] = MIGR_ATTR_MERELY_INHERITED,
	[ATTRIBUTE_PARENT_DEFAULT] = MIGR_ATTR_PARENT_DEFAULT,
	[ATTRIBUTE_PARENT_GENERATED] = MIGR_ATTR_PARENT_GENERATED,
	[ATTRIBUTE_IDENTITY] = MIGR_ATTR_IDENTITY,
	[ATTRIBUTE_SEQUENCE] = MIGR_ATTR_SEQUENCE,
	[ATTRIBUTE_SEQUENCE_PERSISTENCE] = MIGR_ATTR_SEQUENCE_PERSISTENCE,
	[ATTRIBUTE_START] = MIGR_ATTR_START,
	[ATTRIBUTE_INCREMENT] = MIGR_ATTR_INCREMENT,
	[ATTRIBUTE_MIN] = MIGR_ATTR_MIN,
	[ATTRIBUTE_MAX] = MIGR_ATTR_MAX,
	[ATTRIBUTE_CACHE] = MIGR_ATTR_CACHE,
	[ATTRIBUTE_CYCLE] = MIGR_ATTR_CYCLE
};

static const MigrColumns attributes = {ATTRIBUTES, column_attributes};

/* That column in the parents. */
#define PARENTS_COLUMN \
	" FROM pg_inherits i JOIN pg_attribute p ON p.attrelid = i.inhparent AND p.attname = a.attname" \
	" LEFT JOIN pg_attrdef pd ON pd.adrelid = p.attrelid AND pd.adnum = p.attnum" \
	" WHERE i.inhrelid = c.oid"

static const char inherited_more[] =
	"SELECT c.oid, a.attnum::int4,"
	/* false: it is a column of the table's own as well */
	"       NOT a.attislocal AS merely_inherited,"
	"       (SELECT string_agg(coalesce(pg_get_expr(pd.adbin, pd.adrelid), '') || p.attnotnull::text, ' '"
	"                          ORDER BY i.inhseqno) " PARENTS_COLUMN ") AS parent_default,"
	"       CASE WHEN a.attgenerated <> '' THEN ("
	"        SELECT bool_or(p.attgenerated <> '') " PARENTS_COLUMN ") END AS parent_generated"
	"  FROM unnest($1) r (oid) JOIN pg_class c ON c.oid = r.oid"
	"  JOIN pg_attribute a ON a.attrelid = c.oid"
	" WHERE a.attnum > 0 AND NOT a.attisdropped AND a.attinhcount > 0 AND NOT c.relispartition";

/* 15: its sequence can be unlogged where the table is not. */
#define CAN_DIFFER MIGR_SINCE_15("true", "false")

/* 17: a partition has the identity of its parent, and no sequence. */
static const char identity_more[] =
	"SELECT c.oid, a.attnum::int4, a.attidentity AS identity, s.oid::regclass::text AS sequence,"
	"       CASE WHEN s.relpersistence <> c.relpersistence AND " CAN_DIFFER
	"       THEN s.relpersistence END AS sequence_persistence,"
	"       q.seqstart AS start, q.seqincrement AS increment, q.seqmin AS min, q.seqmax AS max,"
	"       q.seqcache AS cache, q.seqcycle AS cycle"
	"  FROM unnest($1) r (oid) JOIN pg_class c ON c.oid = r.oid"
	"  JOIN pg_attribute a ON a.attrelid = c.oid"
	"  JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = c.oid"
	"   AND d.refobjsubid = a.attnum AND d.classid = 'pg_class'::regclass AND d.deptype = 'i'"
	"  JOIN pg_sequence q ON q.seqrelid = d.objid JOIN pg_class s ON s.oid = q.seqrelid"
	" WHERE a.attnum > 0 AND NOT a.attisdropped AND a.attidentity <> ''";

/* The columns of all relations being read. */
typedef struct Pass
{
	MigrReading *reading;
	List	   *inheriting;		/* oids of relations that have such columns */
	List	   *identities;
} Pass;

static const MigrCatalog columns = {
	AttributeRelationId, Anum_pg_attribute_attrelid, AttributeRelidNumIndexId
};

static const MigrCatalog defaults = {
	AttrDefaultRelationId, Anum_pg_attrdef_adrelid, AttrDefaultIndexId
};

static int
compare_options(const ListCell *a, const ListCell *b)
{
	return strcmp(((DefElem *) lfirst(a))->defname, ((DefElem *) lfirst(b))->defname);
}

/*
 * Late minor releases keep a mark of their own, pg_attver, among the options of
 * every column; no dump shows it.
 */
#define MARK "pg_attver"

/* Is there nothing in an options array but the mark?  Mostly there is not. */
static bool
is_mark(Datum options)
{
	ArrayType  *array = DatumGetArrayTypeP(options);
	text	   *first = (text *) ARR_DATA_PTR(array);

	return ARR_NDIM(array) == 1 && ARR_DIMS(array)[0] == 1 && !ARR_HASNULL(array) &&
		VARSIZE_ANY_EXHDR(first) > strlen(MARK "=") &&
		memcmp(VARDATA_ANY(first), MARK "=", strlen(MARK "=")) == 0;
}

/*
 * The pairs of an options array as name='value', or name 'value'; NULL if there
 * is none.
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

		if (option->arg == NULL || strcmp(option->defname, MARK) == 0)
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

/* The attributes of pg_attribute's row that are not always there. */
static void
read_optional(HeapTuple tuple, TupleDesc desc, const char **values)
{
	int			statistics = migr_compat_statistics_target(tuple, desc);
	Datum		array;
	bool		is_null;

	if (statistics >= 0)
		values[ATTRIBUTE_STATISTICS] = psprintf("%d", statistics);
	array = heap_getattr(tuple, Anum_pg_attribute_attoptions, desc, &is_null);
	if (!is_null && !is_mark(array))
		values[ATTRIBUTE_OPTIONS] = options_text(array, "=");
	array = heap_getattr(tuple, Anum_pg_attribute_attfdwoptions, desc, &is_null);
	if (!is_null)
		values[ATTRIBUTE_SERVER_OPTIONS] = options_text(array, " ");
}

/* All attributes of a column but the default and what the queries find. */
static void
read_attributes(HeapTuple tuple, TupleDesc desc, const char **values)
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
	values[ATTRIBUTE_GENERATED] = migr_reading_flag(form->attgenerated);
	if (form->attstorage != get_typstorage(form->atttypid))
		values[ATTRIBUTE_STORAGE] = migr_reading_flag(form->attstorage);
	values[ATTRIBUTE_COMPRESSION] = migr_reading_flag(migr_compat_compression(form));
	read_optional(tuple, desc, values);
}

/*
 * A row of pg_attrdef: a default, or what a column is generated from.  A default
 * has no columns in it, and is deparsed without its table, which need not be
 * opened then.
 */
static void
read_default(void *arg, HeapTuple tuple, TupleDesc desc)
{
	Pass	   *pass = arg;
	const FormData_pg_attrdef *form = (Form_pg_attrdef) GETSTRUCT(tuple);
	MigrAddress address = {AttrDefaultRelationId, form->oid};
	MigrObject *relation = migr_reading_relation(pass->reading, form->adrelid);
	MigrObject *column = relation ? migr_reading_child_column(relation, form->adnum) : NULL;
	Oid			context = InvalidOid;
	bool		is_null;
	Datum		expression = heap_getattr(tuple, Anum_pg_attrdef_adbin, desc, &is_null);

	if (column == NULL || is_null)
		return;
	if (migr_object_has(column, MIGR_ATTR_GENERATED))
		context = form->adrelid;
	migr_object_set(column, ATTRIBUTE_DEFAULT,
					migr_reading_deparse(pass->reading, pg_get_expr, 2, expression,
										 ObjectIdGetDatum(context)));

	/* What the default depends on, the column depends on. */
	migr_schema_alias(pass->reading->schema, address, column);
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
read_column(void *arg, HeapTuple tuple, TupleDesc desc)
{
	Pass	   *pass = arg;
	const FormData_pg_attribute *form = (Form_pg_attribute) GETSTRUCT(tuple);
	MigrObject *relation;
	MigrObject *column;
	const char *values[ATTRIBUTES] = {0};

	if (form->attnum < 0 || form->attisdropped)
		return;
	relation = migr_reading_relation(pass->reading, form->attrelid);
	if (relation == NULL)
		return;
	read_attributes(tuple, desc, values);
	column = migr_reading_make(MIGR_KIND_COLUMN, relation->address, &attributes, values);
	column->subid = form->attnum;
	column->name = pstrdup(NameStr(form->attname));
	column->acl = migr_reading_acl(tuple, desc, Anum_pg_attribute_attacl);
	migr_reading_add_part(pass->reading, column, relation);
	if (form->attinhcount > 0)
		note_relation(&pass->inheriting, form->attrelid);
	if (form->attidentity != '\0')
		note_relation(&pass->identities, form->attrelid);
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
	bool		left_inherited = migr_object_has(left, MIGR_ATTR_MERELY_INHERITED);
	bool		right_inherited = migr_object_has(right, MIGR_ATTR_MERELY_INHERITED);

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

	if (table->kind != MIGR_KIND_TABLE || !migr_object_has(table, MIGR_ATTR_INHERITS))
		return false;
	foreach(lc, table->children)
	{
		if (migr_object_is(lfirst(lc), MIGR_ATTR_MERELY_INHERITED))
			return true;
	}
	return false;
}

static void
read_columns(MigrReading *reading, const List *relations, const List *oids)
{
	Pass		pass = {.reading = reading};
	ListCell   *lc;

	migr_reading_rows(&columns, relations, read_column, &pass);
	migr_reading_rows(&defaults, relations, read_default, &pass);
	migr_reading_more(reading, inherited_more, RelationRelationId, pass.inheriting);
	migr_reading_more(reading, identity_more, RelationRelationId, pass.identities);
	foreach(lc, relations)
	{
		MigrObject *relation = lfirst(lc);

		list_sort(relation->children, inherits_columns(relation)
				  ? compare_inherited : compare_columns);
	}
}

/* --- SQL ------------------------------------------------------------------ */

/*
 * Append what adds a column to its table, with its settings.  Of an inherited
 * one, where it differs from its parents' one.
 */
static void
create_column(StringInfo out, const MigrObject *column)
{
	const MigrObject *table = column->parent;

	if (!migr_column_is_plain(column) && migr_object_is(column, MIGR_ATTR_MERELY_INHERITED))
		migr_column_overrides(out, table, column);
	else
	{
		appendStringInfo(out, "ALTER TABLE %s ADD COLUMN ", table->identity);
		migr_column_spec(out, column, false);
		appendStringInfoString(out, ";\n");
	}
	if (!migr_column_is_plain(column))
		migr_column_settings(out, table, column);
}

static void
drop_column(StringInfo out, const MigrObject *column)
{
	migr_kind_alter_relation(out, column->parent,
							 psprintf("DROP COLUMN %s", quote_identifier(column->name)));
}

static bool
alter_column(StringInfo out, const MigrObject *from, const MigrObject *to)
{
	if (to->parent->kind == MIGR_KIND_VIEW &&
		(!same(from, to, MIGR_ATTR_TYPE) || !same(from, to, MIGR_ATTR_COLLATION)))
		return false;
	return migr_column_alter(out, from, to);
}

static void
rename_column(StringInfo out, const MigrObject *object, const char *from, const char *to)
{
	migr_kind_alter_relation(out, object->parent,
							 psprintf("RENAME COLUMN %s TO %s", quote_identifier(from),
									  quote_identifier(to)));
}

/*
 * What follows from the parents; and the default of a column that is not
 * generated is set apart.
 */
static bool
is_apart(const MigrObject *object, MigrAttribute attribute)
{
	return attribute == MIGR_ATTR_MERELY_INHERITED ||
		attribute == MIGR_ATTR_PARENT_DEFAULT ||
		attribute == MIGR_ATTR_PARENT_GENERATED ||
		(attribute == MIGR_ATTR_DEFAULT && !migr_object_has(object, MIGR_ATTR_GENERATED));
}

/* A view's columns are part of it. */
static bool
is_of_table(const MigrObject *object)
{
	return object->parent->kind == MIGR_KIND_TABLE;
}

/* That of an identity column's sequence. */
static void
visit_names(const MigrObject *column, MigrNameVisitor visit, void *arg)
{
	if (!migr_column_is_plain(column) && migr_object_has(column, MIGR_ATTR_SEQUENCE))
		visit(arg, MIGR_NAMES_RELATIONS, value(column, MIGR_ATTR_SEQUENCE));
}

/* How values are stored and counted is for who looks after the server. */
static const MigrAttribute beside[] = {
	MIGR_ATTR_STORAGE, MIGR_ATTR_COMPRESSION, MIGR_ATTR_STATISTICS, MIGR_ATTR_OPTIONS, MIGR_ATTR_COUNT
};

/* The rights of its table's owner are those of the table. */
const MigrKindRecord migr_kind_column = {
	.noun = "COLUMN",
	.flags = MIGR_KIND_IS_PART | MIGR_KIND_IS_LASTING | MIGR_KIND_CREATES_IF_MISSING,
	.rights = {"TABLE", MIGR_RIGHTS_COLUMN, "", .none_of_owner = true},
	.catalog = RelationRelationId,
	.parent_catalog = RelationRelationId,
	.read_parts = read_columns,
	.create = create_column,
	.drop = drop_column,
	.alter = alter_column,
	.rename = rename_column,
	.is_apart = is_apart,
	.is_there = is_of_table,
	.visit_names = visit_names,
	.beside = beside
};
