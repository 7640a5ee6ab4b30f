/*
 * column_alter.c
 *		Changes of columns to SQL text.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "access/transam.h"
#include "catalog/pg_type.h"
#include "parser/parse_coerce.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "base/compat.h"
#include "kind/column.h"
#include "kind/kind_common.h"
#include "kind/sequence.h"
#include "kind/type_loss.h"
#include "model/attributes.h"
#include "model/ddl_text.h"

/* --- types ---------------------------------------------------------------- */

/* Types each of which holds the values of those before it. */
static int
family_rank(Oid type, int *family)
{
	static const struct
	{
		Oid			type;
		int			family;
	}			members[] =
	{
		{INT2OID, 1}, {INT4OID, 1}, {INT8OID, 1}, {NUMERICOID, 1},
		{BPCHAROID, 2}, {VARCHAROID, 2}, {TEXTOID, 2},
		{FLOAT4OID, 3}, {FLOAT8OID, 3},
		{DATEOID, 4}, {TIMESTAMPOID, 4}, {TIMESTAMPTZOID, 4}
	};

	for (int i = 0; i < (int) lengthof(members); i++)
	{
		if (members[i].type == type)
		{
			*family = members[i].family;
			return i;
		}
	}
	*family = 0;
	return -1;
}

bool
migr_column_type_is_family(const char *from, const char *to)
{
	int32		typmod;
	int			old_family;
	int			new_family;
	Oid			old = migr_type_builtin(from, &typmod);
	Oid			new = migr_type_builtin(to, &typmod);

	if (strcmp(from, to) == 0)
		return true;
	family_rank(old, &old_family);
	family_rank(new, &new_family);
	return OidIsValid(old) &&
		(old == new || (old_family == new_family && (old_family == 1 || old_family == 2)));
}

/* The expression that converts values, NULL if they are assigned. */
static const char *
conversion(const MigrObject *from, const MigrObject *to, bool rebuilt)
{
	const char *name = quote_identifier(to->name);
	const char *type = value(to, MIGR_ATTR_TYPE);
	int32		typmod;
	Oid			old = migr_type_builtin(value(from, MIGR_ATTR_TYPE), &typmod);
	Oid			new = migr_type_builtin(type, &typmod);
	CoercionPathType path;
	Oid			function;

	if (!rebuilt && strcmp(value(from, MIGR_ATTR_TYPE), type) == 0)
		return NULL;
	if (OidIsValid(old) && OidIsValid(new) && !rebuilt)
	{
		if (migr_type_in_utc(old, new, name))
			return migr_type_in_utc(old, new, name);
		if (can_coerce_type(1, &old, &new, COERCION_ASSIGNMENT))
			return NULL;
		path = find_coercion_pathway(new, old, COERCION_EXPLICIT, &function);
		if (path != COERCION_PATH_NONE)
			return psprintf("%s::%s", name, type);
	}
	if (old == TEXTOID || old == VARCHAROID)
		return psprintf("%s::%s", name, type);
	/* What is too long is an error, not cut off as by a cast. */
	if (new == TEXTOID || new == VARCHAROID || new == BPCHAROID)
		return psprintf("%s::text", name);
	return psprintf("%s::text::%s", name, type);
}

const char *
migr_column_conversion(const MigrObject *from, const MigrObject *to)
{
	return conversion(from, to, false);
}

/* rebuilt: the type is a new one of the same name. */
static char *
type_change(const MigrObject *from, const MigrObject *to, bool rebuilt)
{
	const char *collation = value(to, MIGR_ATTR_COLLATION);
	const char *using = strcmp(value(to->parent, MIGR_ATTR_NOUN), "TABLE") == 0
		? conversion(from, to, rebuilt) : NULL;

	return psprintf("ALTER COLUMN %s TYPE %s%s%s%s%s", quote_identifier(to->name), value(to, MIGR_ATTR_TYPE),
					collation ? " COLLATE " : "", collation ? collation : "",
					using ? " USING " : "", using ? using : "");
}

/* --- identity ------------------------------------------------------------- */

/* Since 15: it becomes what its table becomes, which has been done. */
static void
alter_persistence(StringInfo out, const MigrObject *from, const MigrObject *to)
{
	const char *old = same(from->parent, to->parent, MIGR_ATTR_PERSISTENCE)
		? value(from, MIGR_ATTR_SEQUENCE_PERSISTENCE) : NULL;
	const char *new = value(to, MIGR_ATTR_SEQUENCE_PERSISTENCE);

	if (!migr_ddl_same(old, new))
		appendStringInfo(out, "ALTER SEQUENCE %s SET %s;\n", value(to, MIGR_ATTR_SEQUENCE),
						 *(new ? new : value(to->parent, MIGR_ATTR_PERSISTENCE)) == 'u'
						 ? "UNLOGGED" : "LOGGED");
}

static void
alter_identity_options(StringInfo out, const char *alter, const MigrObject *from,
					   const MigrObject *to)
{
	static const struct
	{
		MigrAttribute attribute;
		const char *word;
	}			options[] =
	{
		{MIGR_ATTR_INCREMENT, "INCREMENT BY"}, {MIGR_ATTR_MIN, "MINVALUE"}, {MIGR_ATTR_MAX, "MAXVALUE"},
		{MIGR_ATTR_START, "START WITH"}, {MIGR_ATTR_CACHE, "CACHE"}
	};
	const char *restart;
	StringInfoData list;

	initStringInfo(&list);
	for (int i = 0; i < (int) lengthof(options); i++)
	{
		MigrAttribute attribute = options[i].attribute;
		bool		bound = attribute == MIGR_ATTR_MIN || attribute == MIGR_ATTR_MAX;

		if (!migr_ddl_same(bound ? migr_sequence_retyped_bound(from, to, attribute)
						   : value(from, attribute), value(to, attribute)))
			appendStringInfo(&list, " SET %s %s", options[i].word, value(to, attribute));
	}
	if (!same(from, to, MIGR_ATTR_CYCLE))
		appendStringInfo(&list, " SET %sCYCLE", migr_object_is(to, MIGR_ATTR_CYCLE) ? "" : "NO ");
	if (!same(from, to, MIGR_ATTR_IDENTITY))
		appendStringInfo(&list, " SET GENERATED %s",
						 *value(to, MIGR_ATTR_IDENTITY) == 'a' ? "ALWAYS" : "BY DEFAULT");
	alter_persistence(out, from, to);
	restart = migr_sequence_move(out, value(to, MIGR_ATTR_SEQUENCE), from, to);
	if (*restart)
		appendStringInfo(&list, " %s", restart);
	if (list.len > 0)
		appendStringInfo(out, "%s%s;\n", alter, list.data + 1);
}

static void
add_identity(StringInfo out, const char *alter, const MigrObject *to)
{
	appendStringInfo(out, "%sADD GENERATED %s AS IDENTITY (SEQUENCE NAME %s", alter,
					 *value(to, MIGR_ATTR_IDENTITY) == 'a' ? "ALWAYS" : "BY DEFAULT",
					 value(to, MIGR_ATTR_SEQUENCE));
	migr_sequence_options(out, to, " ");
	appendStringInfoString(out, ");\n");
	migr_column_advance_sequence(out, to, value(to, MIGR_ATTR_SEQUENCE), to);
}

/*
 * Values of types that are no numbers say nothing of the sequence, and values
 * that all come before its first one leave it where it starts.
 */
void
migr_column_advance_sequence(StringInfo out, const MigrObject *column,
							 const char *name, const MigrObject *sequence)
{
	bool		descends = *value(sequence, MIGR_ATTR_INCREMENT) == '-';
	const char *last = psprintf("%s(%s)", descends ? "min" : "max",
								quote_identifier(column->name));
	int32		typmod;
	Oid			type = migr_type_builtin(value(column, MIGR_ATTR_TYPE), &typmod);
	bool		whole = type == INT2OID || type == INT4OID || type == INT8OID;

	if (OidIsValid(type) && !whole && type != NUMERICOID &&
		type != FLOAT4OID && type != FLOAT8OID)
		return;
	appendStringInfo(out, "SELECT pg_catalog.setval(%s, %s%s) FROM ONLY %s HAVING %s %s %s;\n",
					 quote_literal_cstr(name), last,
					 OidIsValid(type) && !whole ? "::bigint" : "",
					 column->parent->identity, last, descends ? "<=" : ">=",
					 value(sequence, descends ? MIGR_ATTR_MAX : MIGR_ATTR_MIN));
}

static void
alter_identity(StringInfo out, const char *alter, const MigrObject *from,
			   const MigrObject *to)
{
	bool		had = migr_object_has(from, MIGR_ATTR_IDENTITY);
	bool		has = migr_object_has(to, MIGR_ATTR_IDENTITY);

	if (had && !has)
		appendStringInfo(out, "%sDROP IDENTITY;\n", alter);
	else if (!had && has)
		add_identity(out, alter, to);
	else if (had && has)
	{
		if (!same(from, to, MIGR_ATTR_SEQUENCE))
			appendStringInfo(out, "ALTER SEQUENCE %s RENAME TO %s;\n", value(from, MIGR_ATTR_SEQUENCE),
							 migr_ddl_text_last_name(value(to, MIGR_ATTR_SEQUENCE)));
		alter_identity_options(out, alter, from, to);
	}
}

/* --- the rest ------------------------------------------------------------- */

static const char *
default_storage(const MigrObject *column)
{
	int32		typmod;
	Oid			type = migr_type_builtin(value(column, MIGR_ATTR_TYPE), &typmod);

	return migr_column_storage_word(OidIsValid(type) ? get_typstorage(type) : 'x');
}

static void
alter_settings(StringInfo out, const char *alter, const MigrObject *from,
			   const MigrObject *to, bool retyped)
{
	if (!same(from, to, MIGR_ATTR_STORAGE) || (retyped && value(to, MIGR_ATTR_STORAGE)))
		appendStringInfo(out, "%sSET STORAGE %s;\n", alter, value(to, MIGR_ATTR_STORAGE)
						 ? migr_column_storage_word(*value(to, MIGR_ATTR_STORAGE))
						 : default_storage(to));
	if (!same(from, to, MIGR_ATTR_COMPRESSION) || (retyped && value(to, MIGR_ATTR_COMPRESSION)))
		appendStringInfo(out, "%sSET COMPRESSION %s;\n", alter,
						 !value(to, MIGR_ATTR_COMPRESSION) ? "default"
						 : *value(to, MIGR_ATTR_COMPRESSION) == 'l' ? "lz4" : "pglz");
	if (!same(from, to, MIGR_ATTR_STATISTICS))
		appendStringInfo(out, "%sSET STATISTICS %s;\n", alter,
						 value(to, MIGR_ATTR_STATISTICS) ? value(to, MIGR_ATTR_STATISTICS) : "-1");
	migr_kind_alter_options(out, alter, value(from, MIGR_ATTR_OPTIONS), value(to, MIGR_ATTR_OPTIONS));
	migr_kind_alter_foreign_options(out, psprintf("ALTER FOREIGN TABLE %s ALTER COLUMN %s",
												  to->parent->identity, quote_identifier(to->name)),
									value(from, MIGR_ATTR_SERVER_OPTIONS),
									value(to, MIGR_ATTR_SERVER_OPTIONS));
}

/* Can the way in which a column is generated be changed? */
static bool
can_alter_generation(const MigrObject *from, const MigrObject *to)
{
	const char *old = value(from, MIGR_ATTR_GENERATED);
	const char *new = value(to, MIGR_ATTR_GENERATED);

	if (new == NULL)
		return old == NULL || *old == 's';
	return old && *old == *new &&
		(MIGR_SERVER_MAJOR >= 17 || same(from, to, MIGR_ATTR_DEFAULT));
}

void
migr_column_set_default(StringInfo out, const MigrObject *column, const char *expression)
{
	appendStringInfo(out, "ALTER %s %s ALTER COLUMN %s ",
					 column->parent->kind == MIGR_KIND_VIEW ? "VIEW" : "TABLE ONLY",
					 column->parent->identity, quote_identifier(column->name));
	if (expression)
		appendStringInfo(out, "SET DEFAULT %s;\n", expression);
	else
		appendStringInfoString(out, "DROP DEFAULT;\n");
}

void
migr_column_begin(MigrColumnChange *change)
{
	initStringInfo(&change->before);
	initStringInfo(&change->after);
	change->actions = NIL;
}

/* Partitions and children of a table have what it has, but for defaults. */
bool
migr_column_change(MigrColumnChange *change, const MigrObject *from, const MigrObject *to,
				   bool rebuilt)
{
	StringInfo	out = &change->before;
	bool		retyped = rebuilt || !same(from, to, MIGR_ATTR_TYPE) || !same(from, to, MIGR_ATTR_COLLATION);
	const char *table = to->parent->identity;
	const char *name = quote_identifier(to->name);
	const char *alter = psprintf(MIGR_COLUMN_ALTER, table, name);
	bool		narrowed = migr_object_has(from, MIGR_ATTR_IDENTITY) &&
		migr_object_has(to, MIGR_ATTR_IDENTITY) &&
		strtoll(migr_sequence_limit(to, MIGR_ATTR_MAX), NULL, 10) <
		strtoll(migr_sequence_limit(from, MIGR_ATTR_MAX), NULL, 10);

	if (!can_alter_generation(from, to))
		return false;
	if (migr_object_has(from, MIGR_ATTR_IDENTITY) && !migr_object_has(to, MIGR_ATTR_IDENTITY))
		alter_identity(out, alter, from, to);
	if (migr_object_is(from, MIGR_ATTR_NOT_NULL) && !migr_object_is(to, MIGR_ATTR_NOT_NULL))
		appendStringInfo(out, "ALTER TABLE %s ALTER COLUMN %s DROP NOT NULL;\n", table, name);
	if (value(from, MIGR_ATTR_GENERATED) && !value(to, MIGR_ATTR_GENERATED))
		appendStringInfo(out, "ALTER TABLE %s ALTER COLUMN %s DROP EXPRESSION;\n", table, name);
	else if (value(to, MIGR_ATTR_GENERATED) && !same(from, to, MIGR_ATTR_DEFAULT))
		appendStringInfo(out, "ALTER TABLE %s ALTER COLUMN %s SET EXPRESSION AS (%s);\n", table,
						 name, value(to, MIGR_ATTR_DEFAULT));
	/* The bounds of a sequence have to fit its type, the new and the old one. */
	if (narrowed)
		alter_identity(out, alter, from, to);
	if (retyped)
		change->actions = lappend(change->actions, type_change(from, to, rebuilt));
	if (!migr_object_is(from, MIGR_ATTR_NOT_NULL) && migr_object_is(to, MIGR_ATTR_NOT_NULL))
		change->actions = lappend(change->actions,
								  psprintf("ALTER COLUMN %s SET NOT NULL", name));
	if (migr_object_has(to, MIGR_ATTR_IDENTITY) && !narrowed)
		alter_identity(&change->after, alter, from, to);
	alter_settings(&change->after, alter, from, to, retyped);
	return true;
}

void
migr_column_actions(StringInfo out, const MigrObject *table, const List *actions)
{
	int			count = 0;
	const ListCell *lc;

	foreach(lc, actions)
	{
		appendStringInfoString(out, count++ > 0 ? ",\n    "
							   : psprintf("ALTER %s %s%s", value(table, MIGR_ATTR_NOUN), table->identity,
										  list_length(actions) > 1 ? "\n    " : " "));
		appendStringInfoString(out, lfirst(lc));
	}
	if (count > 0)
		appendStringInfoString(out, ";\n");
}

bool
migr_column_alter(StringInfo out, const MigrObject *from, const MigrObject *to)
{
	MigrColumnChange change;

	migr_column_begin(&change);
	if (!migr_column_change(&change, from, to, false))
		return false;
	appendBinaryStringInfo(out, change.before.data, change.before.len);
	migr_column_actions(out, to->parent, change.actions);
	appendBinaryStringInfo(out, change.after.data, change.after.len);
	return true;
}
