/*
 * sql_triggers.c
 *		SQL-callable: the event trigger that watches the schema.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "commands/event_trigger.h"
#include "fmgr.h"

#include "run/ddl_guard.h"

PG_FUNCTION_INFO_V1(migr_guard_schema);

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
