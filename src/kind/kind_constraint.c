/*
 * kind_constraint.c
 *		Constraints of tables and domains, but foreign keys.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_class.h"
#include "catalog/pg_constraint.h"
#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "kind/constraint.h"
#include "kind/kind.h"
#include "kind/kind_common.h"
#include "kind/sql_words.h"
#include "model/attributes.h"

/* --- of domains ----------------------------------------------------------- */

static const char query[] =
	"SELECT c.oid, c.contypid, n.nspname, c.conname,"
	" quote_ident(c.conname) || ' ON DOMAIN ' || " TYPE_IDENTITY ","
	" NULL::text, NULL::text,"
	" 'CONSTRAINT' AS noun,"
	" pg_get_constraintdef(c.oid) AS definition,"
	" c.contype AS form,"
	" c.convalidated AS validated"
	" FROM pg_constraint c JOIN pg_type t ON t.oid = c.contypid"
	" JOIN pg_namespace n ON n.oid = t.typnamespace"
	" WHERE c.contypid <> 0 AND c.oid >= 16384"
	" AND (c.contype <> 'n' OR " NOT_NULL_APART ")";

/* --- of relations --------------------------------------------------------- */

/*
 * Next to columns, constraints and indexes are most of what there is.  All of
 * them are read without a query, the foreign keys with the others, and queries
 * tell of the few that have more to them.
 */

static const MigrCatalog constraints = {
	ConstraintRelationId, Anum_pg_constraint_conrelid,
	ConstraintRelidTypidNameIndexId
};

enum
{
	KEY_DEFINITION,
	KEY_COLUMNS
};

static const MigrAttribute key_attributes[] = {
	[KEY_DEFINITION] = MIGR_ATTR_DEFINITION,
	[KEY_COLUMNS] = MIGR_ATTR_COLUMNS
};

enum
{
	CONSTRAINT_FORM,
	CONSTRAINT_FOR_CHILDREN,
	CONSTRAINT_DEFINITION,
	CONSTRAINT_VALIDATED,
	CONSTRAINT_INDEX_COMMENT
};

static const MigrAttribute constraint_attributes[] = {
	[CONSTRAINT_FORM] = MIGR_ATTR_FORM,
	[CONSTRAINT_FOR_CHILDREN] = MIGR_ATTR_FOR_CHILDREN,
	[CONSTRAINT_DEFINITION] = MIGR_ATTR_DEFINITION,
	[CONSTRAINT_VALIDATED] = MIGR_ATTR_VALIDATED,
	[CONSTRAINT_INDEX_COMMENT] = MIGR_ATTR_INDEX_COMMENT
};

static const MigrColumns key_columns = {lengthof(key_attributes), key_attributes};
static const MigrColumns constraint_columns = {lengthof(constraint_attributes), constraint_attributes};

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
	"            " OPTIONS("x.reloptions", "", "=") " || ')', '') ELSE '' END ||"
	"           coalesce((SELECT ' USING INDEX TABLESPACE ' || quote_ident(s.spcname)"
	"                       FROM pg_tablespace s WHERE s.oid = x.reltablespace), '') || '\\2') AS definition"
	"  FROM unnest($1) r (oid) JOIN pg_constraint k ON k.conrelid = r.oid AND k.contype IN ('p', 'u', 'x')"
	"  JOIN pg_class x ON x.oid = k.conindid"
	" WHERE x.reloptions IS NOT NULL OR x.reltablespace <> 0";

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

/* The names of the columns that a foreign key refers from, as a list. */
static const char *
referring_columns(HeapTuple tuple, TupleDesc desc, Oid relid)
{
	StringInfoData list;
	bool		isnull;
	Datum		key = heap_getattr(tuple, Anum_pg_constraint_conkey, desc, &isnull);
	Datum	   *numbers;
	int			count = 0;

	initStringInfo(&list);
	if (!isnull)
		deconstruct_array(DatumGetArrayTypeP(key), INT2OID, sizeof(int16), true, TYPALIGN_SHORT,
						  &numbers, NULL, &count);
	for (int i = 0; i < count; i++)
	{
		const char *name = get_attname(relid, DatumGetInt16(numbers[i]), true);

		if (name)
			appendStringInfo(&list, "%s%s", list.len > 0 ? ", " : "", quote_identifier(name));
	}
	return list.data;
}

static MigrObject *
make_constraint(HeapTuple tuple, TupleDesc desc, const char *definition)
{
	const FormData_pg_constraint *form = (Form_pg_constraint) GETSTRUCT(tuple);
	MigrAddress address = {ConstraintRelationId, form->oid};
	const char *values[lengthof(constraint_attributes)] = {0};

	if (form->contype == CONSTRAINT_FOREIGN)
	{
		values[KEY_DEFINITION] = definition;
		values[KEY_COLUMNS] = referring_columns(tuple, desc, form->conrelid);
		return migr_reading_make(MIGR_KIND_FOREIGN_KEY, address, &key_columns, values);
	}
	values[CONSTRAINT_FORM] = migr_reading_flag(form->contype);
	values[CONSTRAINT_VALIDATED] = form->convalidated ? "t" : "f";
	values[CONSTRAINT_FOR_CHILDREN] =
		form->contype == CONSTRAINT_CHECK && !form->connoinherit ? "t" : "f";
	values[CONSTRAINT_DEFINITION] = definition;
	return migr_reading_make(MIGR_KIND_CONSTRAINT, address, &constraint_columns, values);
}

/* A row of pg_constraint. */
static void
read_constraint(void *arg, HeapTuple tuple, TupleDesc desc)
{
	MigrReading *reading = arg;
	const FormData_pg_constraint *form = (Form_pg_constraint) GETSTRUCT(tuple);
	MigrAddress index = {RelationRelationId, form->conindid};
	MigrObject *relation = migr_reading_relation(reading, form->conrelid);
	MigrObject *constraint;
	const char *definition;

	if (relation == NULL || !is_object(form))
		return;
	definition = migr_reading_deparse(reading, pg_get_constraintdef, 1,
									  ObjectIdGetDatum(form->oid), (Datum) 0);
	if (definition == NULL)
		return;
	constraint = make_constraint(tuple, desc, definition);
	constraint->name = pstrdup(NameStr(form->conname));
	constraint->schema = relation->schema;
	constraint->identity = psprintf("%s ON %s", quote_identifier(constraint->name),
									relation->identity);
	migr_reading_add_part(reading, constraint, relation);
	if (constraint->kind == MIGR_KIND_CONSTRAINT && OidIsValid(form->conindid))
		migr_schema_alias(reading->schema, index, constraint);
}

static void
read_constraints(MigrReading *reading, const List *relations, const List *oids)
{
	migr_reading_rows(&constraints, relations, read_constraint, reading);
	if (reading->has_index_settings)
		migr_reading_more(reading, constraints_more, ConstraintRelationId, oids);
}

/* --- SQL ------------------------------------------------------------------ */

/* A constraint of a table or a domain; one with an index may comment on that. */
static void
add_local_constraint(StringInfo out, const MigrObject *object)
{
	migr_constraint_create(out, object);
	if (object->parent->kind == MIGR_KIND_TABLE &&
		migr_object_has(object, MIGR_ATTR_INDEX_COMMENT))
		appendStringInfo(out, "%s\n", value(object, MIGR_ATTR_INDEX_COMMENT));
}

static bool
alter_constraint(StringInfo out, const MigrObject *from, const MigrObject *to)
{
	char	   *old = pstrdup(value(from, MIGR_ATTR_DEFINITION));
	char	   *new = pstrdup(value(to, MIGR_ATTR_DEFINITION));

	if (strcmp(old, new) != 0)
	{
		if (!migr_constraint_cut(old, " NOT VALID") || strcmp(old, new) != 0)
			return false;
		migr_constraint_validate(out, to);
	}
	if (to->parent->kind != MIGR_KIND_TABLE)
		return true;
	if (!same(from, to, MIGR_ATTR_INDEX_COMMENT))
	{
		if (migr_object_has(to, MIGR_ATTR_INDEX_COMMENT))
			appendStringInfo(out, "%s\n", value(to, MIGR_ATTR_INDEX_COMMENT));
		else
			appendStringInfo(out, "COMMENT ON INDEX %s.%s IS NULL;\n",
							 quote_identifier(to->schema), quote_identifier(to->name));
	}
	return true;
}

/* Its own index is a relation, too. */
static void
visit_names(const MigrObject *constraint, MigrNameVisitor visit, void *arg)
{
	if (constraint->parent->kind == MIGR_KIND_TABLE &&
		migr_constraint_form(constraint) != CONSTRAINT_CHECK)
		visit(arg, MIGR_NAMES_RELATIONS,
			  quote_qualified_identifier(constraint->schema, constraint->name));
}

/* The expressions of an exclusion constraint hold their columns. */
static bool
goes_along(const MigrObject *object, const MigrObject *needed)
{
	return migr_kind_is_index(needed->kind) ||
		(needed->kind == MIGR_KIND_COLUMN && needed->parent == object->parent &&
		 migr_constraint_form(object) != CONSTRAINT_EXCLUSION);
}

/* Words on its index. */
static const MigrAttribute beside[] = {MIGR_ATTR_INDEX_COMMENT, MIGR_ATTR_COUNT};

const MigrKindRecord migr_kind_constraint = {
	.noun = "CONSTRAINT",
	.flags = MIGR_KIND_IS_PART,
	.name_space = MIGR_NAMES_CONSTRAINTS,
	.catalog = ConstraintRelationId,
	.parent_column = "conrelid",
	.parent_catalog = TypeRelationId,
	.query = query,
	.read_parts = read_constraints,
	.places = {{TypeRelationId, InvalidOid, migr_kind_is_domain}},
	.create = add_local_constraint,
	.drop = migr_constraint_drop,
	.alter = alter_constraint,
	.rename = migr_constraint_rename,
	.visit_names = visit_names,
	.goes_along = goes_along,
	.beside = beside
};
