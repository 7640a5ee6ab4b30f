/*
 * kind_sequence.c
 *		Sequences.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/pg_class.h"
#include "utils/builtins.h"

#include "base/compat.h"
#include "kind/column.h"
#include "kind/kind.h"
#include "kind/kind_common.h"
#include "kind/sequence.h"
#include "kind/sql_words.h"
#include "model/attributes.h"

static const char query[] =
	"SELECT c.oid, 0::oid, n.nspname, c.relname, " RELATION_IDENTITY ","
	"       pg_get_userbyid(c.relowner), c.relacl::text,"
	"       'SEQUENCE' AS noun, c.relpersistence AS persistence, format_type(q.seqtypid, NULL) AS type, q.seqstart AS start, q.seqincrement AS increment,"
	"       q.seqmin AS min, q.seqmax AS max, q.seqcache AS cache, q.seqcycle AS cycle,"
	/* its owner is that of a table */
	"       EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass"
	"                  AND d.objid = c.oid AND d.deptype = 'a') AS owned"
	"  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
	"  JOIN pg_sequence q ON q.seqrelid = c.oid"
	" WHERE c.oid >= 16384"
	"   AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass"
	"                      AND d.objid = c.oid AND d.deptype = 'i')";

void
migr_sequence_options(StringInfo out, const MigrObject *object,
					  const char *indent)
{
	appendStringInfo(out, "%sSTART WITH %s%sINCREMENT BY %s%sMINVALUE %s%sMAXVALUE %s%sCACHE %s",
					 indent, value(object, "start"), indent, value(object, "increment"),
					 indent, value(object, "min"), indent, value(object, "max"),
					 indent, value(object, "cache"));
	if (migr_object_is(object, "cycle"))
		appendStringInfo(out, "%sCYCLE", indent);
}

static void
create_sequence(StringInfo out, const MigrObject *object)
{
	appendStringInfo(out, "CREATE %sSEQUENCE %s\n    AS %s", migr_kind_persistence(object),
					 object->identity, value(object, "type"));
	migr_sequence_options(out, object, "\n    ");
	appendStringInfoString(out, ";\n");
}

/* The least ("min") or the greatest value that a type of sequences has. */
const char *
migr_sequence_limit(const MigrObject *object, const char *attribute)
{
	const char *type = value(object, "type");
	bool		max = strcmp(attribute, "max") == 0;

	if (strcmp(type, "smallint") == 0)
		return max ? "32767" : "-32768";
	if (strcmp(type, "integer") == 0)
		return max ? "2147483647" : "-2147483648";
	return max ? "9223372036854775807" : "-9223372036854775808";
}

const char *
migr_sequence_retyped_bound(const MigrObject *from, const MigrObject *to, const char *attribute)
{
	if (!same(from, to, "type") &&
		strcmp(value(from, attribute), migr_sequence_limit(from, attribute)) == 0)
		return migr_sequence_limit(to, attribute);
	return value(from, attribute);
}

static int64
number(const MigrObject *object, const char *attribute)
{
	return strtoll(value(object, attribute), NULL, 10);
}

/* A sequence that may stand outside of what is to be its bounds. */
const char *
migr_sequence_move(StringInfo out, const char *sequence, const MigrObject *from,
				   const MigrObject *to)
{
	bool		below = number(from, "start") < number(to, "min");
	bool		above = number(from, "start") > number(to, "max");
	const char *bound = value(to, below ? "min" : "max");

	if (!below && !above)
		return "";
	/* Where the bounds have nothing in common, no value can be set before. */
	if (number(to, "min") > number(from, "max") || number(to, "max") < number(from, "min"))
		return psprintf("RESTART WITH %s", value(to, "start"));
	appendStringInfo(out, "SELECT pg_catalog.setval(%s, %s(last_value, %s), is_called) FROM %s;\n",
					 quote_literal_cstr(sequence), below ? "greatest" : "least", bound, sequence);
	return "";
}

static bool
alter_sequence(StringInfo out, const MigrObject *from, const MigrObject *to)
{
	static const struct
	{
		const char *attribute;
		const char *word;
	}			options[] =
	{
		{"type", "AS"}, {"increment", "INCREMENT BY"}, {"min", "MINVALUE"},
		{"max", "MAXVALUE"}, {"start", "START WITH"}, {"cache", "CACHE"}
	};
	const char *restart;
	StringInfoData list;

	if (!same(from, to, "persistence") && MIGR_SERVER_MAJOR < 15)
		return false;
	if (!same(from, to, "persistence"))
		appendStringInfo(out, "ALTER SEQUENCE %s SET %s;\n", to->identity,
						 strcmp(value(to, "persistence"), "u") == 0 ? "UNLOGGED" : "LOGGED");
	initStringInfo(&list);
	for (int i = 0; i < (int) lengthof(options); i++)
	{
		const char *attribute = options[i].attribute;
		bool		bound = strcmp(attribute, "min") == 0 || strcmp(attribute, "max") == 0;

		if (!migr_ddl_same(bound ? migr_sequence_retyped_bound(from, to, attribute)
						   : value(from, attribute), value(to, attribute)))
			appendStringInfo(&list, " %s %s", options[i].word, value(to, attribute));
	}
	if (!same(from, to, "cycle"))
		appendStringInfoString(&list, migr_object_is(to, "cycle") ? " CYCLE" : " NO CYCLE");
	restart = migr_sequence_move(out, to->identity, from, to);
	if (*restart)
		appendStringInfo(&list, " %s", restart);
	if (list.len > 0)
		appendStringInfo(out, "ALTER SEQUENCE %s%s;\n", to->identity, list.data);
	return true;
}

/* Whether it is owned is said by an object of its own, and its owner by a table. */
static bool
is_apart(const MigrObject *object, const char *attribute)
{
	return strcmp(attribute, "owned") == 0;
}

const MigrKindRecord migr_kind_sequence = {
	.flags = MIGR_KIND_HOLDS_DATA | MIGR_KIND_IS_LASTING | MIGR_KIND_CREATES_IF_MISSING,
	.name_space = MIGR_NAMES_RELATIONS,
	.rights = {"SEQUENCE", "rwU", ""},
	.default_privileges = 'S',
	.catalog = RelationRelationId,
	.query = query,
	.places = {{RelationRelationId, InvalidOid, migr_kind_is_sequence}},
	.create = create_sequence,
	.alter = alter_sequence,
	.is_apart = is_apart
};
