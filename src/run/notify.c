/*
 * notify.c
 *		Who listens on channel migr learns what a deploy has done.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "commands/async.h"
#include "lib/stringinfo.h"
#include "utils/json.h"

#include "run/notify.h"

/* The server takes less than 8,000 bytes; what does not fit is in the log. */
#define ROOM 7000

static void
append_text(StringInfo out, const char *key, const char *text)
{
	appendStringInfo(out, ", \"%s\": ", key);
	if (text)
		escape_json(out, text);
	else
		appendStringInfoString(out, "null");
}

static void
append_texts(StringInfo out, const char *key, const List *texts)
{
	const char *before = "";
	ListCell   *lc;

	appendStringInfo(out, ", \"%s\": [", key);
	foreach(lc, texts)
	{
		appendStringInfoString(out, before);
		escape_json(out, lfirst(lc));
		before = ", ";
	}
	appendStringInfoChar(out, ']');
}

void
migr_notify_send(const MigrAudit *audit)
{
	StringInfoData out;

	initStringInfo(&out);
	appendStringInfoString(&out, "{\"action\": ");
	escape_json(&out, audit->action);
	append_texts(&out, "revisions", audit->revisions);
	append_texts(&out, "heads", audit->to_heads);
	if (out.len + strlen(audit->target) < ROOM)
		append_text(&out, "target", audit->target);
	if (audit->tag && out.len + strlen(audit->tag) < ROOM)
		append_text(&out, "tag", audit->tag);
	appendStringInfoChar(&out, '}');
	if (out.len < ROOM + 100)
		Async_Notify("migr", out.data);
}
