/*
 * online_index.c
 *		Indexes of tables with rows: made and dropped while others write.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "utils/builtins.h"

#include "base/text.h"
#include "diff/online_form.h"
#include "kind/ddl.h"
#include "kind/kind.h"
#include "model/attributes.h"

/* A copy of an index with another definition, and name. */
static MigrObject
renamed(const MigrObject *index, const char *name, const char *definition)
{
	MigrObject	copy = *index;

	copy.name = name;
	copy.identity = quote_qualified_identifier(index->schema, name);
	copy.values = memcpy(palloc(copy.count * sizeof(char *)), copy.values,
						 copy.count * sizeof(char *));
	copy.values[migr_object_attribute(index, MIGR_ATTR_DEFINITION)] = definition;
	return copy;
}

char *
migr_online_create_index(const MigrObject *index, const char *name, bool concurrently,
						 bool if_missing)
{
	const char *definition = value(index, MIGR_ATTR_DEFINITION);
	const char *behind = strstr(definition, "INDEX ") + strlen("INDEX ");
	MigrObject	copy;
	StringInfoData out;

	copy = renamed(index, name, psprintf("%.*s%s%s%s%s", (int) (behind - definition), definition,
										 concurrently ? "CONCURRENTLY " : "", if_missing ? "IF NOT EXISTS " : "",
										 quote_identifier(name),
										 behind + strlen(quote_identifier(index->name))));
	initStringInfo(&out);
	migr_ddl_create(&out, &copy);
	return out.data;
}

/* As the head of a script does, say what it takes away. */
static char *
drop(const MigrOnline *online, const MigrObject *index)
{
	StringInfoData out;

	initStringInfo(&out);
	migr_text_comment(&out, "migr: drops: ", migr_ddl_title(index));
	appendStringInfo(&out, "DROP INDEX CONCURRENTLY %s%s;\n",
					 migr_lookup_find(online->live, index) ? "" : "IF EXISTS ", index->identity);
	return out.data;
}

static char *
create(const MigrOnline *online, const MigrObject *index)
{
	return migr_online_create_index(index, index->name, true,
									migr_lookup_find(online->live, index) != NULL);
}

/* One in the place of another of its name, which works until it is there. */
static char *
replace(const MigrObject *from, const MigrObject *to)
{
	const char *name = migr_online_name(to->parent, to->name, "_migr_new");

	return psprintf("%sDROP INDEX CONCURRENTLY %s;\nALTER INDEX %s RENAME TO %s;\n",
					migr_online_create_index(to, name, true, false), from->identity,
					quote_qualified_identifier(to->schema, name), quote_identifier(to->name));
}

/* A table with rows, or a materialized view. */
static bool
has_rows(const MigrOnline *online, const MigrObject *relation)
{
	const MigrUnit *unit = &online->diff->units[relation->unit];

	return migr_online_is_kept(online, relation) ||
		(relation->kind == MIGR_KIND_VIEW && !relation->is_foreign &&
		 (unit->mode == MIGR_MODE_SAME || unit->mode == MIGR_MODE_ALTER));
}

/* Is an index on what changes, or does something else get its name? */
static bool
is_in_the_way(const MigrOnline *online, int number)
{
	const MigrDiff *diff = online->diff;
	const MigrDiffEdges *edges = &diff->from.edges;
	const char *identity = diff->units[number].from->identity;

	for (int i = 0; i < edges->count; i++)
	{
		if (edges->items[i].object == number &&
			diff->units[edges->items[i].needed].mode != MIGR_MODE_SAME &&
			diff->units[edges->items[i].needed].from->kind != MIGR_KIND_TABLE)
			return true;
		if (edges->items[i].needed == number)
			return true;
	}
	for (int i = 0; i < diff->count; i++)
	{
		const MigrObject *to = diff->units[i].mode == MIGR_MODE_CREATE ? diff->units[i].to : NULL;

		if (to && to->schema && to->name &&
			strcmp(quote_qualified_identifier(to->schema, to->name), identity) == 0)
			return true;
	}
	return false;
}

static bool
is_partitioned(const MigrObject *relation)
{
	return relation->kind == MIGR_KIND_TABLE && *value(relation, MIGR_ATTR_RELKIND) == 'p';
}

/* Does a step of its own drop an index? */
static bool
is_dropped(const MigrOnline *online, const MigrUnit *unit)
{
	return unit->mode == MIGR_MODE_DROP && unit->end >= 0 && has_rows(online, unit->from->parent) &&
		!is_partitioned(unit->from->parent) && !migr_diff_attachment(unit->from);
}

bool
migr_online_drop_index(MigrOnline *online, int number)
{
	const MigrObject *from = online->diff->units[number].from;

	if (migr_diff_object(&online->diff->units[number])->kind != MIGR_KIND_INDEX ||
		!is_dropped(online, &online->diff->units[number]) || is_in_the_way(online, number))
		return false;
	online->apart[MIGR_ONLINE_INDEX] = true;
	migr_online_remove(online, MIGR_ONLINE_FIRST_FROM, from);
	migr_online_say(online, MIGR_ONLINE_INDEX, drop(online, from),
					migr_online_create_index(from, from->name, true, false));
	return true;
}

/* Why a new index can't be made while others write; NULL: it can. */
static const char *
why_not(MigrOnline *online, int number)
{
	const MigrUnit *unit = &online->diff->units[number];

	if (is_partitioned(unit->to->parent))
		return "an index of a partitioned table can't be built concurrently";
	if (migr_diff_attachment(unit->to))
		return "it is a part of an index of the table that it is a partition of";
	if (unit->mode == MIGR_MODE_REPLACE && is_in_the_way(online, number))
		return "it is made anew for something else that changes";
	if (!migr_online_put_off(online, number))
		return "something that is there needs it";
	return NULL;
}

bool
migr_online_index(MigrOnline *online, int number)
{
	const MigrUnit *unit = &online->diff->units[number];
	const MigrObject *to = unit->to;
	const char *why;

	if (migr_diff_object(unit)->kind != MIGR_KIND_INDEX)
		return false;
	if (!to || !migr_diff_is_made(unit) || !has_rows(online, to->parent))
		return false;
	why = why_not(online, number);
	if (why)
	{
		migr_online_remark(online, to, why);
		return true;
	}
	online->apart[MIGR_ONLINE_INDEX] = true;
	migr_online_remove(online, MIGR_ONLINE_FIRST_TO, to);
	if (unit->from)
	{
		migr_online_remove(online, MIGR_ONLINE_FIRST_FROM, unit->from);
		migr_online_say(online, MIGR_ONLINE_INDEX, replace(unit->from, to), replace(to, unit->from));
	}
	else
		migr_online_say(online, MIGR_ONLINE_INDEX, create(online, to),
						psprintf("DROP INDEX CONCURRENTLY %s;\n", to->identity));
	return true;
}
