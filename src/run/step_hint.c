/*
 * step_hint.c
 *		What to do about an error of the server's that stops a run.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "base/hint.h"
#include "exec/statement.h"
#include "run/step_hint.h"

/* A label that a step has added to an enum. */
typedef struct MigrStepLabel
{
	const char *label;
	const char *revision;
} MigrStepLabel;

/*
 * The label that an error is about.  Its message has it as a name of the user's,
 * in whatever language; of several, the longest is no part of another word.
 */
static const MigrStepLabel *
find_label(const MigrStepHint *hint)
{
	const MigrStepLabel *found = NULL;
	ListCell   *lc;

	foreach(lc, hint->labels)
	{
		const MigrStepLabel *label = lfirst(lc);

		if (migr_hint_message_shows(label->label) &&
			(found == NULL || strlen(label->label) > strlen(found->label)))
			found = label;
	}
	return found;
}

static void
add_label_hint(const MigrStepHint *hint)
{
	const MigrStepLabel *label = find_label(hint);

	if (label == NULL)
		migr_hint_add("Add it in a revision before this one, and run CALL migr_deploy(), which commits each revision by itself.");
	else if (strcmp(label->revision, hint->revision) == 0)
		migr_hint_add(psprintf("Move what uses it into a revision behind \"%s\", as they need a commit between them, and run CALL migr_deploy(), which commits each revision by itself.",
							   label->revision));
	else
		migr_hint_add(psprintf("Revision \"%s\" adds it, and \"%s\" uses it: they need a commit between them. Run CALL migr_deploy(), which commits each revision by itself.",
							   label->revision, hint->revision));
}

static void
add_hint(void *arg)
{
	const MigrStepHint *hint = arg;

	switch (geterrcode())
	{
		case ERRCODE_DUPLICATE_TABLE:
		case ERRCODE_DUPLICATE_OBJECT:
		case ERRCODE_DUPLICATE_SCHEMA:
		case ERRCODE_DUPLICATE_FUNCTION:
			if (hint->from_nothing)
				migr_hint_add("If the schema was made by other means, migr_repair() finds the revision that fits, and stamps it.");
			break;
		case ERRCODE_UNSAFE_NEW_ENUM_VALUE_USAGE:
			add_label_hint(hint);
			break;
		case ERRCODE_INVALID_TRANSACTION_TERMINATION:
			migr_hint_add("It would end the transaction of the whole run: move it into a revision of its own that says \"-- migr:transaction off\", and run CALL migr_deploy().");
			break;
	}
}

void
migr_step_hint_push(MigrStepHint *hint, const char *revision, const List *statements)
{
	ListCell   *lc;

	hint->revision = revision;
	foreach(lc, statements)
	{
		const MigrStatement *statement = lfirst(lc);
		MigrStepLabel *label;

		if (statement->adds_label == NULL)
			continue;
		label = palloc(sizeof(MigrStepLabel));
		label->label = statement->adds_label;
		label->revision = revision;
		hint->labels = lcons(label, hint->labels);
	}
	hint->callback.callback = add_hint;
	hint->callback.arg = hint;
	hint->callback.previous = error_context_stack;
	error_context_stack = &hint->callback;
}

void
migr_step_hint_pop(MigrStepHint *hint)
{
	error_context_stack = hint->callback.previous;
}
