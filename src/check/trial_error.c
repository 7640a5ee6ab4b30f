/*
 * trial_error.c
 *		An error that a trial has met, in words.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "base/subxact.h"
#include "check/trial_error.h"

/* How much of an error's context is the script's; the rest is who called us. */
static int
context_length(const char *context)
{
	const char *place = strstr(context, "\nrevision \"");

	if (place == NULL)
		place = context;
	else
		place++;
	return strncmp(place, "revision \"", strlen("revision \"")) == 0
		? place - context + strcspn(place, "\n") : strlen(context);
}

char *
migr_trial_error(const char *what, ErrorData *error)
{
	const char *context = error->context ? error->context : "";

	if (migr_subxact_is_foreign(error))
		ReThrowError(error);
	return psprintf("%s: %s (SQLSTATE %s)%s%.*s", what, error->message,
					unpack_sql_state(error->sqlerrcode),
					*context ? "\n" : "", context_length(context), context);
}
