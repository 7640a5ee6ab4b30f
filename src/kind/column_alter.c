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
#include "model/attributes.h"
#include "model/ddl_text.h"

/* --- types ---------------------------------------------------------------- */

/* The oid of a type that initdb made, by name; or InvalidOid. */
static Oid
builtin_type(const char *name, int32 *typmod)
{
	Oid			oid = InvalidOid;

	/* Names of others are qualified. */
	*typmod = -1;
	if (strchr(name, '.') == NULL)
		migr_compat_parse_type(name, &oid, typmod);
	return oid < FirstNormalObjectId ? oid : InvalidOid;
}

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
	Oid			old = builtin_type(from, &typmod);
	Oid			new = builtin_type(to, &typmod);

	if (strcmp(from, to) == 0)
		return true;
	family_rank(old, &old_family);
	family_rank(new, &new_family);
	return OidIsValid(old) &&
		(old == new || (old_family == new_family && (old_family == 1 || old_family == 2)));
}

const char *
migr_column_loss(const char *from, const char *to)
{
	int32		old_mod = -1;
	int32		new_mod = -1;
	Oid			old = builtin_type(from, &old_mod);
	Oid			new = builtin_type(to, &new_mod);
	int			old_family;
	int			new_family;
	int			old_rank = family_rank(old, &old_family);
	int			new_rank = family_rank(new, &new_family);

	if (strcmp(from, to) == 0 || !OidIsValid(new))
		return NULL;
	if (new == NUMERICOID && new_mod >= 0 && (old == FLOAT4OID || old == FLOAT8OID))
		return "values are rounded";
	if (old == NUMERICOID && new == NUMERICOID)
		return new_mod >= 0 && (old_mod < 0 || (old_mod - VARHDRSZ) % 65536 > (new_mod - VARHDRSZ) % 65536)
			? "values are rounded" : NULL;
	if ((old == NUMERICOID || old == FLOAT4OID || old == FLOAT8OID) &&
		(new == INT2OID || new == INT4OID || new == INT8OID))
		return "values are rounded";
	if ((old == FLOAT8OID || old == NUMERICOID) && new == FLOAT4OID)
		return "values are rounded";
	if (old == NUMERICOID && new == FLOAT8OID)
		return "values are rounded";
	if (old_family == 4 && new == DATEOID && old_rank > new_rank)
		return "the time of day";
	if (old == TIMESTAMPTZOID && new == TIMEOID)
		return "the date";
	if (old == new && old_mod >= 0 && new_mod >= 0 && new_mod < old_mod &&
		(old == TIMESTAMPOID || old == TIMESTAMPTZOID || old == TIMEOID || old == TIMETZOID))
		return "values are rounded";
	if (old == JSONOID && new == JSONBOID)
		return "white space, order and duplicates of keys";
	return NULL;
}

/* How values are converted: "", or " USING …". */
static const char *
conversion(const MigrObject *from, const MigrObject *to, bool rebuilt)
{
	const char *name = quote_identifier(to->name);
	const char *type = value(to, MIGR_ATTR_TYPE);
	int32		typmod;
	Oid			old = builtin_type(value(from, MIGR_ATTR_TYPE), &typmod);
	Oid			new = builtin_type(type, &typmod);
	CoercionPathType path;
	Oid			function;

	if (!rebuilt && strcmp(value(from, MIGR_ATTR_TYPE), type) == 0)
		return "";
	if (OidIsValid(old) && OidIsValid(new) && !rebuilt)
	{
		if (can_coerce_type(1, &old, &new, COERCION_ASSIGNMENT))
			return "";
		path = find_coercion_pathway(new, old, COERCION_EXPLICIT, &function);
		if (path != COERCION_PATH_NONE)
			return psprintf(" USING %s::%s", name, type);
	}
	if (old == TEXTOID || old == VARCHAROID)
		return psprintf(" USING %s::%s", name, type);
	return psprintf(" USING %s::text%s%s", name, new == TEXTOID ? "" : "::",
					new == TEXTOID ? "" : type);
}

/* rebuilt: the type is a new one of the same name. */
static void
append_type_change(StringInfo out, const MigrObject *from,
				   const MigrObject *to, bool rebuilt)
{
	appendStringInfo(out, "ALTER %s %s ALTER COLUMN %s TYPE %s",
					 value(to->parent, MIGR_ATTR_NOUN), to->parent->identity,
					 quote_identifier(to->name), value(to, MIGR_ATTR_TYPE));
	if (value(to, MIGR_ATTR_COLLATION))
		appendStringInfo(out, " COLLATE %s", value(to, MIGR_ATTR_COLLATION));
	appendStringInfo(out, "%s;\n",
					 strcmp(value(to->parent, MIGR_ATTR_NOUN), "TABLE") == 0
					 ? conversion(from, to, rebuilt) : "");
}

/* --- identity ------------------------------------------------------------- */

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
	Oid			type = builtin_type(value(column, MIGR_ATTR_TYPE), &typmod);
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

/* Partitions and children of a table have what it has, but for defaults. */
static void
alter_not_null(StringInfo out, const MigrObject *to)
{
	appendStringInfo(out, "ALTER TABLE %s ALTER COLUMN %s %s NOT NULL;\n",
					 to->parent->identity, quote_identifier(to->name),
					 migr_object_is(to, MIGR_ATTR_NOT_NULL) ? "SET" : "DROP");
}

static const char *
default_storage(const MigrObject *column)
{
	int32		typmod;
	Oid			type = builtin_type(value(column, MIGR_ATTR_TYPE), &typmod);

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

bool
migr_column_alter(StringInfo out, const MigrObject *from, const MigrObject *to,
				  bool rebuilt)
{
	bool		retyped = rebuilt || !same(from, to, MIGR_ATTR_TYPE) || !same(from, to, MIGR_ATTR_COLLATION);
	const char *alter = psprintf(MIGR_COLUMN_ALTER, to->parent->identity,
								 quote_identifier(to->name));
	bool		nullable = migr_object_is(from, MIGR_ATTR_NOT_NULL) &&
		!migr_object_is(to, MIGR_ATTR_NOT_NULL);
	bool		narrowed = migr_object_has(from, MIGR_ATTR_IDENTITY) &&
		migr_object_has(to, MIGR_ATTR_IDENTITY) &&
		strtoll(migr_sequence_limit(to, MIGR_ATTR_MAX), NULL, 10) <
		strtoll(migr_sequence_limit(from, MIGR_ATTR_MAX), NULL, 10);

	if (!can_alter_generation(from, to))
		return false;
	if (migr_object_has(from, MIGR_ATTR_IDENTITY) && !migr_object_has(to, MIGR_ATTR_IDENTITY))
		alter_identity(out, alter, from, to);
	if (nullable)
		alter_not_null(out, to);
	if (value(from, MIGR_ATTR_GENERATED) && !value(to, MIGR_ATTR_GENERATED))
		appendStringInfo(out, "ALTER TABLE %s ALTER COLUMN %s DROP EXPRESSION;\n",
						 to->parent->identity, quote_identifier(to->name));
	else if (value(to, MIGR_ATTR_GENERATED) && !same(from, to, MIGR_ATTR_DEFAULT))
		appendStringInfo(out, "ALTER TABLE %s ALTER COLUMN %s SET EXPRESSION AS (%s);\n",
						 to->parent->identity, quote_identifier(to->name), value(to, MIGR_ATTR_DEFAULT));
	/* The bounds of a sequence have to fit its type, the new and the old one. */
	if (narrowed)
		alter_identity(out, alter, from, to);
	if (retyped)
		append_type_change(out, from, to, rebuilt);
	if (!migr_object_is(from, MIGR_ATTR_NOT_NULL) && migr_object_is(to, MIGR_ATTR_NOT_NULL))
		alter_not_null(out, to);
	if (migr_object_has(to, MIGR_ATTR_IDENTITY) && !narrowed)
		alter_identity(out, alter, from, to);
	alter_settings(out, alter, from, to, retyped);
	return true;
}
