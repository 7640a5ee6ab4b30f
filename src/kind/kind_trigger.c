/*
 * kind_trigger.c
 *		Triggers.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/pg_class.h"
#include "catalog/pg_trigger.h"
#include "utils/builtins.h"

#include "base/compat.h"
#include "kind/ddl.h"
#include "kind/kind.h"
#include "kind/kind_common.h"
#include "kind/sql_words.h"
#include "model/attributes.h"

static const char query[] =
	"SELECT t.oid, t.tgrelid, NULL::text, t.tgname, NULL::text, NULL::text, NULL::text,"
	"       pg_get_triggerdef(t.oid) AS definition, NULL::text AS extensions"
	"  FROM pg_trigger t"
	OF_RELATIONS("t.tgrelid")
	" WHERE NOT t.tgisinternal AND t.tgparentid = 0";

/* What an extension has is the table. */
static bool
is_trigger(const MigrReading *reading, const void *row)
{
	const FormData_pg_trigger *trigger = row;

	return !trigger->tgisinternal &&
		!migr_reading_is_member(reading, RelationRelationId, trigger->tgrelid);
}

static void
append_extensions(StringInfo out, const MigrObject *from, const MigrObject *to)
{
	migr_kind_extensions(out, "TRIGGER", to->identity, from, to);
}

static void
create_trigger(StringInfo out, const MigrObject *trigger)
{
	appendStringInfo(out, "%s;\n", value(trigger, MIGR_ATTR_DEFINITION));
	append_extensions(out, NULL, trigger);
}

/* The setting of a table that is the state of a trigger, or NULL. */
static const MigrObject *
find_state(const MigrObject *trigger)
{
	ListCell   *lc;

	foreach(lc, trigger->parent->children)
	{
		const MigrObject *setting = lfirst(lc);

		if (setting->kind == MIGR_KIND_TABLE_SETTING &&
			strcmp(value(setting, MIGR_ATTR_CLASS), "TRIGGER") == 0 &&
			strcmp(value(setting, MIGR_ATTR_TARGET), trigger->name) == 0)
			return setting;
	}
	return NULL;
}

static bool
is_partitioned(const MigrObject *relation)
{
	return relation->kind == MIGR_KIND_TABLE &&
		strcmp(value(relation, MIGR_ATTR_RELKIND), "p") == 0;
}

/*
 * A trigger is enabled when it is replaced.  Its state is an object of its own;
 * where that does not change, it is set again here.  The triggers that come of
 * one in partitions have states as well.
 */
static bool
replace_trigger(StringInfo out, const MigrObject *from, const MigrObject *to)
{
	const MigrObject *old_state = find_state(from);
	const MigrObject *state = find_state(to);

	if (same(from, to, MIGR_ATTR_DEFINITION))
		return true;
	/* None that is a constraint can be replaced, or take the place of another. */
	if (MIGR_SERVER_MAJOR < 14 || is_partitioned(to->parent) ||
		strncmp(value(from, MIGR_ATTR_DEFINITION), "CREATE CONSTRAINT ", strlen("CREATE CONSTRAINT ")) == 0 ||
		!migr_kind_replace(out, "TRIGGER", to))
		return false;
	if (old_state && state && same(old_state, state, MIGR_ATTR_SQL))
		appendStringInfo(out, "ALTER TABLE %s%s %s;\n", migr_ddl_only(to->parent),
						 state->identity, value(state, MIGR_ATTR_SQL));
	return true;
}

static bool
alter_trigger(StringInfo out, const MigrObject *from, const MigrObject *to)
{
	if (!replace_trigger(out, from, to))
		return false;
	append_extensions(out, from, to);
	return true;
}

const MigrKindRecord migr_kind_trigger = {
	.noun = "TRIGGER",
	.flags = MIGR_KIND_IS_PART | MIGR_KIND_BLOCKS_RETYPING,
	.sort = "trigger",
	.catalog = TriggerRelationId,
	.parent_column = "tgrelid",
	.parent_catalog = RelationRelationId,
	.query = query,
	.places = {{TriggerRelationId, InvalidOid, is_trigger}},
	.create = create_trigger,
	.alter = alter_trigger
};
