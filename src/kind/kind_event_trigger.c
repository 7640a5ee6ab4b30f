/*
 * kind_event_trigger.c
 *		Event triggers.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/pg_event_trigger.h"

#include "kind/kind.h"
#include "kind/kind_common.h"
#include "model/attributes.h"

static const char query[] =
	"SELECT e.oid AS objid, 0::oid AS parent, NULL::text AS schema,"
	"       e.evtname::text AS name, quote_ident(e.evtname) AS identity,"
	"       pg_get_userbyid(e.evtowner)::text AS owner, NULL::text AS acl,"
	"       quote_ident(e.evtevent) AS event,"
	"       (SELECT string_agg(quote_literal(tag), ', ' ORDER BY tag COLLATE \"C\")"
	"          FROM unnest(e.evttags) tag) AS tags,"
	"       e.evtfoid::regproc::text AS function,"
	"       e.evtenabled::text AS enabled"
	"  FROM pg_event_trigger e WHERE e.oid >= 16384";

static void
append_state(StringInfo out, const MigrObject *object)
{
	appendStringInfo(out, "ALTER EVENT TRIGGER %s %s;\n", object->identity,
					 migr_kind_enable(*value(object, MIGR_ATTR_ENABLED)));
}

static void
create_event_trigger(StringInfo out, const MigrObject *object)
{
	appendStringInfo(out, "CREATE EVENT TRIGGER %s ON %s", object->identity,
					 value(object, MIGR_ATTR_EVENT));
	migr_kind_append(out, "\n    WHEN TAG IN (%s)", object, MIGR_ATTR_TAGS);
	migr_kind_append(out, "\n    EXECUTE FUNCTION %s();\n", object, MIGR_ATTR_FUNCTION);
	if (*value(object, MIGR_ATTR_ENABLED) != 'O')
		append_state(out, object);
}

static bool
alter_event_trigger(StringInfo out, const MigrObject *from, const MigrObject *to)
{
	if (!same(from, to, MIGR_ATTR_EVENT) || !same(from, to, MIGR_ATTR_TAGS) ||
		!same(from, to, MIGR_ATTR_FUNCTION))
		return false;
	if (!same(from, to, MIGR_ATTR_ENABLED))
		append_state(out, to);
	return true;
}

const MigrKindRecord migr_kind_event_trigger = {
	.noun = "EVENT TRIGGER",
	.flags = MIGR_KIND_IS_SCHEMALESS,
	.sort = "event trigger",
	.catalog = EventTriggerRelationId,
	.query = query,
	.places = {{EventTriggerRelationId, EventTriggerOidIndexId}},
	.create = create_event_trigger,
	.alter = alter_event_trigger
};
