/*
 * progress.c
 *		What runs: told to the client, the server's log and pg_stat_activity.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "mb/pg_wchar.h"
#include "utils/guc.h"

#include "base/ident.h"
#include "run/progress.h"

/*
 * The progress message for application_name, which is shorter: what is too
 * long is cut out of the middle, so that the count stays.
 */
static char *
clip_message(const char *message, const char *count)
{
	int			room = NAMEDATALEN - 1 - strlen(count);
	int			len = pg_mbcliplen(message, strlen(message), Max(room, 0));

	return psprintf("%.*s%s", len, message, count);
}

void
migr_progress_tell(MigrDirection direction, const MigrScript *script, int number, int total,
				   GucAction action)
{
	const char *parents = script->revises == NIL ? "base"
		: migr_ident_join(script->revises);
	bool		up = direction == MIGR_UPGRADE;
	char	   *count = psprintf(" (%d of %d)", number, total);
	char	   *message;

	if (script->repeatable)
		message = psprintf("running repeatable %s%s%s", script->revision,
						   *script->message ? ", " : "", script->message);
	else
		message = psprintf("running %s %s -> %s%s%s", up ? "upgrade" : "downgrade",
						   up ? parents : script->revision,
						   up ? script->revision : parents,
						   *script->message ? ", " : "", script->message);
	ereport(NOTICE, (errmsg_internal("%s%s", message, count)));
	ereport(LOG_SERVER_ONLY, (errmsg_internal("%s%s", message, count), errhidestmt(true)));
	(void) set_config_option("application_name", clip_message(message, count),
							 PGC_USERSET, PGC_S_SESSION, action, true,
							 0, false);
}
