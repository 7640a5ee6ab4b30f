/*
 * diff.c
 *		Two schemas to the SQL that turns one into the other.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "miscadmin.h"

#include "compat.h"
#include "diff.h"
#include "diff_units.h"

/* The table that a step is about, or the object itself. */
static const MigrObject *
subject(const MigrDiff *diff, const MigrStep *step)
{
	const MigrObject *object = migr_diff_object(&diff->units[step->unit]);

	return object->parent ? object->parent : object;
}

static bool
is_same_subject(const MigrDiff *diff, const MigrStep *step, const MigrStep *last)
{
	const MigrObject *object = subject(diff, step);

	return last && subject(diff, last)->unit == object->unit && object->unit >= 0 &&
		(object->kind == MIGR_KIND_TABLE || object->kind == MIGR_KIND_VIEW);
}

/* A body may use what is created later, and no dependency tells of it. */
static bool
makes_routine(const MigrDiff *diff, const List *steps)
{
	ListCell   *lc;

	foreach(lc, steps)
	{
		const MigrStep *step = lfirst(lc);

		if (step->kind != MIGR_STEP_END && diff->units[step->unit].to &&
			diff->units[step->unit].to->kind == MIGR_KIND_ROUTINE)
			return true;
	}
	return false;
}

/* Each step's text; a blank line between what is about different objects. */
static char *
print_steps(MigrDiff *diff, const List *steps)
{
	StringInfoData out;
	StringInfoData one;
	const MigrStep *last = NULL;
	ListCell   *lc;

	initStringInfo(&out);
	initStringInfo(&one);
	if (makes_routine(diff, steps))
		appendStringInfoString(&out, "SET check_function_bodies = off;\n");
	foreach(lc, steps)
	{
		const MigrStep *step = lfirst(lc);
		char	   *loss;

		CHECK_FOR_INTERRUPTS();
		resetStringInfo(&one);
		migr_diff_emit(&one, diff, step);
		if (one.len == 0)
			continue;
		if (out.len > 0 && !is_same_subject(diff, step, last))
			appendStringInfoChar(&out, '\n');
		loss = migr_diff_loss(diff, step);
		if (loss)
			appendStringInfo(&out, "-- migr: loses data: %s\n", loss);
		appendBinaryStringInfo(&out, one.data, one.len);
		last = step;
	}
	return out.data;
}

char *
migr_diff_script(MigrSchema *from, MigrSchema *to, bool tell)
{
	MigrDiff	diff = {.from.schema = from, .to.schema = to};
	char	   *script;

	migr_diff_pair(&diff);
	if (!migr_diff_decide(&diff))
		return pstrdup("");
	migr_diff_connect(&diff);
	migr_diff_close(&diff);
	script = print_steps(&diff, migr_diff_plan(&diff));
	if (tell)
		migr_diff_report(&diff);
	return script;
}
