/*
 * diff.c
 *		Two schemas to the SQL that turns one into the other.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "miscadmin.h"

#include "base/text.h"
#include "diff/diff.h"
#include "diff/diff_plan.h"
#include "snapshot/snap.h"

/* A script to be made. */
typedef struct Making
{
	MigrDiff	diff;
	bool		tell;			/* what is lost, and what people should know */
	MigrDiffHooks hooks;
	List	   *steps;
	char	   *begin;			/* what comes before all pieces */
	List	   *pieces;
	char	   *head;
	char	   *script;
} Making;

/* The table that something is about, or the object itself. */
static const MigrObject *
subject(const MigrPiece *piece)
{
	return piece->object->parent ? piece->object->parent : piece->object;
}

/* Are two about one table or view?  Both sides of the difference may have it. */
static bool
is_same_subject(const MigrPiece *piece, const MigrPiece *last)
{
	const MigrObject *object = subject(piece);

	return last && subject(last)->unit == object->unit && object->unit >= 0 &&
		(object->kind == MIGR_KIND_TABLE || object->kind == MIGR_KIND_VIEW);
}

/* What people should know of a step; of what is not of the scripts, not that it goes for a while. */
static void
append_comments(StringInfo out, MigrDiff *diff, const MigrStep *step, const Making *making)
{
	bool		is_foreign = migr_diff_object(&diff->units[step->unit])->is_foreign;
	const char *loss = is_foreign ? NULL : migr_diff_loss(diff, step);
	ListCell   *lc;

	if (loss)
		migr_text_comment(out, "migr: loses data: ", loss);
	foreach(lc, making->tell && !is_foreign ? migr_diff_notes(diff, step) : NIL)
		migr_text_comment(out, "", lfirst(lc));
	foreach(lc, making->hooks.remark ? making->hooks.remark(making->hooks.arg, diff, step) : NIL)
		migr_text_comment(out, "", lfirst(lc));
}

/* Let the hook make of a step's text what is to be printed: is it another one? */
static bool
form(StringInfo sql, MigrDiff *diff, const MigrStep *step, const Making *making)
{
	char	   *text;

	resetStringInfo(sql);
	migr_diff_emit(sql, diff, list_make1(unconstify(MigrStep *, step)));
	if (sql->len == 0)
		return false;
	text = pstrdup(sql->data);
	making->hooks.form(making->hooks.arg, diff, step, sql);
	return strcmp(text, sql->data) != 0;
}

/*
 * The text of steps that one statement can do, up to one that gets a text of
 * its own: that stands alone.  Returns those that are printed.
 */
static List *
print_at_once(StringInfo sql, StringInfo comments, MigrDiff *diff, List *steps,
			  const Making *making)
{
	List	   *done = NIL;
	ListCell   *lc;

	if (making->hooks.form == NULL)
		migr_diff_emit(sql, diff, steps);
	foreach(lc, steps)
	{
		bool		is_own = making->hooks.form && form(sql, diff, lfirst(lc), making);

		if (is_own && done != NIL)
			break;
		done = lappend(done, lfirst(lc));
		if (sql->len > 0)
			append_comments(comments, diff, lfirst(lc), making);
		if (is_own)
			return done;
	}
	if (making->hooks.form)
	{
		resetStringInfo(sql);
		migr_diff_emit(sql, diff, done);
	}
	return done;
}

/* The text (MigrPiece *) of each step, or of those that one statement does, if it has one. */
static List *
print_steps(MigrDiff *diff, const List *steps, const Making *making)
{
	StringInfoData comments;
	StringInfoData sql;
	List	   *pieces = NIL;
	List	   *at_once;

	initStringInfo(&comments);
	initStringInfo(&sql);
	for (int i = 0; i < list_length(steps); i += list_length(at_once))
	{
		const MigrStep *step = list_nth(steps, i);
		const MigrUnit *unit = &diff->units[step->unit];
		MigrPiece  *piece;

		CHECK_FOR_INTERRUPTS();
		resetStringInfo(&sql);
		resetStringInfo(&comments);
		at_once = print_at_once(&sql, &comments, diff, migr_diff_at_once(steps, i), making);
		if (sql.len == 0)
			continue;
		piece = palloc(sizeof(MigrPiece));
		piece->object = migr_diff_object(unit);
		piece->makes = step->kind != MIGR_STEP_END && unit->to;
		piece->sql = comments.len > 0 ? psprintf("%s%s", comments.data, sql.data)
			: pnstrdup(sql.data, sql.len);
		pieces = lappend(pieces, piece);
	}
	return pieces;
}

/* A body may use what is created later, and no dependency tells of it. */
static bool
makes_routine(const List *pieces)
{
	ListCell   *lc;

	foreach(lc, pieces)
	{
		const MigrPiece *piece = lfirst(lc);

		if (piece->makes && piece->object->kind == MIGR_KIND_ROUTINE)
			return true;
	}
	return false;
}

/* The text of a script, with what comes before all steps. */
static char *
join_pieces(const char *begin, const List *pieces)
{
	StringInfoData out;
	const MigrPiece *last = NULL;
	ListCell   *lc;

	initStringInfo(&out);
	if (makes_routine(pieces))
		appendStringInfoString(&out, "SET check_function_bodies = off;\n");
	appendStringInfoString(&out, begin);
	foreach(lc, pieces)
	{
		const MigrPiece *piece = lfirst(lc);

		if (out.len > 0 && !is_same_subject(piece, last))
			appendStringInfoChar(&out, '\n');
		appendStringInfoString(&out, piece->sql);
		last = piece;
	}
	return out.data;
}

char *
migr_diff_join(const List *pieces)
{
	return join_pieces("", pieces);
}

/* Its head: what it takes away. */
static char *
print_head(const List *lines)
{
	StringInfoData out;
	ListCell   *lc;

	initStringInfo(&out);
	foreach(lc, lines)
		migr_text_comment(&out, "migr: ", lfirst(lc));
	return out.data;
}

static void
make_steps(void *arg)
{
	Making	   *making = arg;
	MigrDiff   *diff = &making->diff;

	migr_diff_pair(diff);
	migr_diff_mark_parents(diff);
	if (!migr_diff_decide(diff))
		return;
	migr_diff_take_sequences_along(diff);
	migr_diff_connect(diff);
	migr_diff_close(diff);
	migr_diff_see_inside(diff);
	making->steps = migr_diff_plan(diff);
}

static void
make_pieces(void *arg)
{
	Making	   *making = arg;
	StringInfoData begin;

	initStringInfo(&begin);
	make_steps(making);
	if (making->hooks.begin && making->steps != NIL)
		making->hooks.begin(making->hooks.arg, &making->diff, making->steps, &begin);
	making->begin = begin.data;
	making->pieces = print_steps(&making->diff, making->steps, making);
}

static void
make_script(void *arg)
{
	Making	   *making = arg;

	make_pieces(making);
	making->script = join_pieces(making->begin, making->pieces);
	making->diff.taken = making->steps != NIL ? migr_diff_announce(&making->diff) : NIL;
	making->head = print_head(making->diff.taken);
	if (making->tell && !making->hooks.quiet)
		migr_diff_report(&making->diff);
}

char *
migr_diff_script(MigrSchema *from, MigrSchema *to, bool tell)
{
	Making		making = {.diff.from.schema = from, .diff.to.schema = to, .tell = tell};

	migr_snap_pinned(make_script, &making);
	return making.script;
}

char *
migr_diff_annotated(MigrSchema *from, MigrSchema *to, MigrDiffRemark remark, void *arg,
					char **head)
{
	MigrDiffHooks hooks = {.remark = remark, .arg = arg};

	return migr_diff_hooked(from, to, true, &hooks, head);
}

char *
migr_diff_hooked(MigrSchema *from, MigrSchema *to, bool tell, const MigrDiffHooks *hooks,
				 char **head)
{
	Making		making = {.diff.from.schema = from, .diff.to.schema = to,
		.diff.is_back = hooks->is_back, .diff.is_guarded = hooks->form != NULL,
		.tell = tell, .hooks = *hooks};

	migr_snap_pinned(make_script, &making);
	*head = making.head;
	return making.script;
}

char *
migr_diff_whole(MigrSchema *schema)
{
	return migr_diff_script(migr_schema_create(), schema, false);
}

List *
migr_diff_pieces(MigrSchema *schema)
{
	Making		making = {.diff.from.schema = migr_schema_create(), .diff.to.schema = schema};

	migr_snap_pinned(make_pieces, &making);
	return making.pieces;
}

/* Append the constraints that come with a table. */
static List *
add_inside(List *objects, const MigrDiff *diff, const MigrObject *table)
{
	ListCell   *lc;

	foreach(lc, table->children)
	{
		MigrObject *child = lfirst(lc);

		if (child->kind == MIGR_KIND_CONSTRAINT &&
			diff->units[child->unit].make == diff->units[table->unit].make)
			objects = lappend(objects, child);
	}
	return objects;
}

List *
migr_diff_order(MigrSchema *schema)
{
	Making		making = {.diff.from.schema = migr_schema_create(), .diff.to.schema = schema};
	List	   *objects = NIL;
	ListCell   *lc;

	migr_snap_pinned(make_steps, &making);
	foreach(lc, making.steps)
	{
		const MigrStep *step = lfirst(lc);
		const MigrUnit *unit = &making.diff.units[step->unit];

		if (step->kind != MIGR_STEP_MAKE || unit->facet != MIGR_FACET_OBJECT ||
			unit->to->kind == MIGR_KIND_COLUMN)
			continue;
		objects = lappend(objects, unit->to);
		if (unit->to->kind == MIGR_KIND_TABLE)
			objects = add_inside(objects, &making.diff, unit->to);
	}
	/* Each is whole, whatever the plan would do about loops. */
	foreach(lc, schema->objects)
		((MigrObject *) lfirst(lc))->mark = 0;
	return objects;
}
