/*
 * sql_triggers.c
 *		SQL-callable: triggers that watch over the schema, and over what a publisher sends.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "commands/event_trigger.h"
#include "commands/trigger.h"
#include "fmgr.h"

#include "base/db.h"
#include "run/ddl_guard.h"
#include "store/replicated.h"

PG_FUNCTION_INFO_V1(migr_guard_schema);
PG_FUNCTION_INFO_V1(migr_skip_replicated);

/*
 * migr.guard_schema() → event_trigger
 *
 * A command has changed the schema: log it, or raise MG010, as migr.guard says.
 */
Datum
migr_guard_schema(PG_FUNCTION_ARGS)
{
	if (!CALLED_AS_EVENT_TRIGGER(fcinfo))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_EVENT_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("function \"guard_schema\" was not called by the event trigger manager")));
	migr_watch((EventTriggerData *) fcinfo->context);
	return PointerGetDatum(NULL);
}

/*
 * migr.skip_replicated() → trigger
 *
 * Before each row of migr's tables, and before all other triggers there: what a publisher
 * has stored or changed in its own is left out.  It raises nothing, as that would stop the
 * subscription, and so does not ask whether library and database go together.
 */
Datum
migr_skip_replicated(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;

	if (!CALLED_AS_TRIGGER(fcinfo) || !TRIGGER_FIRED_FOR_ROW(trigger->tg_event) ||
		!TRIGGER_FIRED_BEFORE(trigger->tg_event))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("function \"skip_replicated\" was not called before a row is written")));
	/* What migr writes there of its own belongs here. */
	if (migr_replicated_arrives() && !migr_db_active())
		return PointerGetDatum(NULL);
	return PointerGetDatum(TRIGGER_FIRED_BY_UPDATE(trigger->tg_event)
						   ? trigger->tg_newtuple : trigger->tg_trigtuple);
}
