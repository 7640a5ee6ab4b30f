/*
 * hint.c
 *		What to do about an error of the server's, said besides what it says.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "base/hint.h"

/* A copy of the error that is being raised; to be freed. */
static ErrorData *
copy_error(void)
{
	MemoryContext caller = MemoryContextSwitchTo(TopTransactionContext);
	ErrorData  *error = CopyErrorData();

	MemoryContextSwitchTo(caller);
	return error;
}

void
migr_hint_add(const char *hint)
{
	ErrorData  *error = copy_error();

	if (error->elevel >= ERROR && error->hint)
		errhint("%s\n%s", error->hint, hint);
	else if (error->elevel >= ERROR)
		errhint("%s", hint);
	FreeErrorData(error);
}

bool
migr_hint_message_has(const char *text)
{
	ErrorData  *error = copy_error();
	bool		has = error->message_id && strstr(error->message_id, text);

	FreeErrorData(error);
	return has;
}

bool
migr_hint_message_shows(const char *text)
{
	ErrorData  *error = copy_error();
	bool		shows = error->message && strstr(error->message, text);

	FreeErrorData(error);
	return shows;
}
