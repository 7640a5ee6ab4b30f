/*
 * diff.c
 *		Two schemas to the SQL that turns one into the other.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "miscadmin.h"

#include "diff/diff.h"
#include "diff/diff_pair.h"
#include "snapshot/snap.h"

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

/* A comment is one line, whatever names there are in it. */
static void
append_comment(StringInfo out, const char *prefix, const char *text)
{
	appendStringInfoString(out, prefix);
	for (const char *c = text; *c; c++)
		appendStringInfoChar(out, *c == '\n' || *c == '\r' ? ' ' : *c);
	appendStringInfoChar(out, '\n');
}

static void
append_comments(StringInfo out, MigrDiff *diff, const MigrStep *step,
				const MigrDiffHooks *hooks)
{
	/* What is not of the scripts goes for a while at most. */
	const char *loss = migr_diff_object(&diff->units[step->unit])->is_foreign ? NULL
		: migr_diff_loss(diff, step);
	ListCell   *lc;

	if (loss)
		append_comment(out, "-- migr: loses data: ", loss);
	foreach(lc, hooks->remark ? hooks->remark(hooks->arg, diff, step) : NIL)
		append_comment(out, "-- ", lfirst(lc));
}

/* Each step's text; a blank line between what is about different objects. */
static char *
print_steps(MigrDiff *diff, const List *steps, const MigrDiffHooks *hooks)
{
	StringInfoData out;
	StringInfoData one;
	const MigrStep *last = NULL;
	ListCell   *lc;

	initStringInfo(&out);
	initStringInfo(&one);
	if (makes_routine(diff, steps))
		appendStringInfoString(&out, "SET check_function_bodies = off;\n");
	if (hooks->begin)
		hooks->begin(hooks->arg, diff, steps, &out);
	foreach(lc, steps)
	{
		const MigrStep *step = lfirst(lc);

		CHECK_FOR_INTERRUPTS();
		resetStringInfo(&one);
		migr_diff_emit(&one, diff, step);
		if (hooks->form && one.len > 0)
			hooks->form(hooks->arg, diff, step, &one);
		if (one.len == 0)
			continue;
		if (out.len > 0 && !is_same_subject(diff, step, last))
			appendStringInfoChar(&out, '\n');
		append_comments(&out, diff, step, hooks);
		appendBinaryStringInfo(&out, one.data, one.len);
		last = step;
	}
	return out.data;
}

/* A script to be made. */
typedef struct Making
{
	MigrSchema *from;
	MigrSchema *to;
	bool		tell;
	MigrDiffHooks hooks;
	char	   *script;
} Making;

static void
make_script(void *arg)
{
	Making	   *making = arg;
	MigrDiff	diff = {.from.schema = making->from, .to.schema = making->to};

	making->script = "";
	migr_diff_pair(&diff);
	if (!migr_diff_decide(&diff))
		return;
	migr_diff_connect(&diff);
	migr_diff_close(&diff);
	making->script = print_steps(&diff, migr_diff_plan(&diff), &making->hooks);
	if (making->tell)
		migr_diff_report(&diff);
}

char *
migr_diff_script(MigrSchema *from, MigrSchema *to, bool tell)
{
	Making		making = {.from = from, .to = to, .tell = tell};

	migr_snap_pinned(make_script, &making);
	return making.script;
}

char *
migr_diff_annotated(MigrSchema *from, MigrSchema *to, MigrDiffRemark remark, void *arg)
{
	MigrDiffHooks hooks = {.remark = remark, .arg = arg};

	return migr_diff_hooked(from, to, true, &hooks);
}

char *
migr_diff_hooked(MigrSchema *from, MigrSchema *to, bool tell, const MigrDiffHooks *hooks)
{
	Making		making = {.from = from, .to = to, .tell = tell, .hooks = *hooks};

	migr_snap_pinned(make_script, &making);
	return making.script;
}
