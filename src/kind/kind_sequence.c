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
					 indent, value(object, MIGR_ATTR_START), indent, value(object, MIGR_ATTR_INCREMENT),
					 indent, value(object, MIGR_ATTR_MIN), indent, value(object, MIGR_ATTR_MAX),
					 indent, value(object, MIGR_ATTR_CACHE));
	if (migr_object_is(object, MIGR_ATTR_CYCLE))
		appendStringInfo(out, "%sCYCLE", indent);
}

static void
create_sequence(StringInfo out, const MigrObject *object)
{
	appendStringInfo(out, "CREATE %sSEQUENCE %s\n    AS %s", migr_kind_persistence(object),
					 object->identity, value(object, MIGR_ATTR_TYPE));
	migr_sequence_options(out, object, "\n    ");
	appendStringInfoString(out, ";\n");
}

/* The least ("min") or the greatest value that a type of sequences has. */
const char *
migr_sequence_limit(const MigrObject *object, MigrAttribute attribute)
{
	const char *type = value(object, MIGR_ATTR_TYPE);
	bool		max = attribute == MIGR_ATTR_MAX;

	if (strcmp(type, "smallint") == 0)
		return max ? "32767" : "-32768";
	if (strcmp(type, "integer") == 0)
		return max ? "2147483647" : "-2147483648";
	return max ? "9223372036854775807" : "-9223372036854775808";
}

const char *
migr_sequence_retyped_bound(const MigrObject *from, const MigrObject *to, MigrAttribute attribute)
{
	if (!same(from, to, MIGR_ATTR_TYPE) &&
		strcmp(value(from, attribute), migr_sequence_limit(from, attribute)) == 0)
		return migr_sequence_limit(to, attribute);
	return value(from, attribute);
}

static int64
number(const MigrObject *object, MigrAttribute attribute)
{
	return strtoll(value(object, attribute), NULL, 10);
}

/* A sequence that may stand outside of what is to be its bounds. */
const char *
migr_sequence_move(StringInfo out, const char *sequence, const MigrObject *from,
				   const MigrObject *to)
{
	bool		below = number(from, MIGR_ATTR_START) < number(to, MIGR_ATTR_MIN);
	bool		above = number(from, MIGR_ATTR_START) > number(to, MIGR_ATTR_MAX);
	const char *bound = value(to, below ? MIGR_ATTR_MIN : MIGR_ATTR_MAX);

	if (!below && !above)
		return "";
	/* Where the bounds have nothing in common, no value can be set before. */
	if (number(to, MIGR_ATTR_MIN) > number(from, MIGR_ATTR_MAX) ||
		number(to, MIGR_ATTR_MAX) < number(from, MIGR_ATTR_MIN))
		return psprintf("RESTART WITH %s", value(to, MIGR_ATTR_START));
	appendStringInfo(out, "SELECT pg_catalog.setval(%s, %s(last_value, %s), is_called) FROM %s;\n",
					 quote_literal_cstr(sequence), below ? "greatest" : "least", bound, sequence);
	return "";
}

static bool
alter_sequence(StringInfo out, const MigrObject *from, const MigrObject *to)
{
	static const struct
	{
		MigrAttribute attribute;
		const char *word;
	}			options[] =
	{
		{MIGR_ATTR_TYPE, "AS"}, {MIGR_ATTR_INCREMENT, "INCREMENT BY"}, {MIGR_ATTR_MIN, "MINVALUE"},
		{MIGR_ATTR_MAX, "MAXVALUE"}, {MIGR_ATTR_START, "START WITH"}, {MIGR_ATTR_CACHE, "CACHE"}
	};
	const char *restart;
	StringInfoData list;

	if (!same(from, to, MIGR_ATTR_PERSISTENCE) && MIGR_SERVER_MAJOR < 15)
		return false;
	if (!same(from, to, MIGR_ATTR_PERSISTENCE))
		appendStringInfo(out, "ALTER SEQUENCE %s SET %s;\n", to->identity,
						 strcmp(value(to, MIGR_ATTR_PERSISTENCE), "u") == 0 ? "UNLOGGED" : "LOGGED");
	initStringInfo(&list);
	for (int i = 0; i < (int) lengthof(options); i++)
	{
		MigrAttribute attribute = options[i].attribute;
		bool		bound = attribute == MIGR_ATTR_MIN || attribute == MIGR_ATTR_MAX;

		if (!migr_ddl_same(bound ? migr_sequence_retyped_bound(from, to, attribute)
						   : value(from, attribute), value(to, attribute)))
			appendStringInfo(&list, " %s %s", options[i].word, value(to, attribute));
	}
	if (!same(from, to, MIGR_ATTR_CYCLE))
		appendStringInfoString(&list, migr_object_is(to, MIGR_ATTR_CYCLE) ? " CYCLE" : " NO CYCLE");
	restart = migr_sequence_move(out, to->identity, from, to);
	if (*restart)
		appendStringInfo(&list, " %s", restart);
	if (list.len > 0)
		appendStringInfo(out, "ALTER SEQUENCE %s%s;\n", to->identity, list.data);
	return true;
}

/* Whether it is owned is said by an object of its own, and its owner by a table. */
static bool
is_apart(const MigrObject *object, MigrAttribute attribute)
{
	return attribute == MIGR_ATTR_OWNED;
}

/* That of a serial column belongs to its table. */
static const char *
sort_of(const MigrObject *object)
{
	return migr_object_is(object, MIGR_ATTR_OWNED) ? "table" : "sequence";
}

const MigrKindRecord migr_kind_sequence = {
	.flags = MIGR_KIND_HOLDS_DATA | MIGR_KIND_IS_LASTING | MIGR_KIND_CREATES_IF_MISSING,
	.name_space = MIGR_NAMES_RELATIONS,
	.rights = {"SEQUENCE", "rwU", ""},
	.default_privileges = 'S',
	.sort = "sequence",
	.sort_of = sort_of,
	.catalog = RelationRelationId,
	.query = query,
	.places = {{RelationRelationId, InvalidOid, migr_kind_is_sequence}},
	.create = create_sequence,
	.alter = alter_sequence,
	.is_apart = is_apart
};
