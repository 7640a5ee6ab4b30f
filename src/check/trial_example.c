/*
 * trial_example.c
 *		A script tried out with the rows of its example, in a scratch build.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "lib/stringinfo.h"

#include "base/errors.h"
#include "base/settings.h"
#include "check/trial_error.h"
#include "check/trial_example.h"
#include "scratch/scratch.h"

/* An example being tried. */
typedef struct Trying
{
	const MigrScript *script;
	MigrSectionKind section;	/* that is running */
	const char *what;			/* that is, for messages */
	bool		is_back;		/* it has come back, and the rows were compared */
	bool		failed;			/* something is wrong, and not only refused by scratch builds */
	MigrRowsDifference difference;
	StringInfoData findings;	/* what is wrong, a paragraph each */
} Trying;

static bool
has(const Trying *trying, MigrSectionKind kind)
{
	return trying->script->sections[kind].present;
}

static void
add_finding(Trying *trying, const char *finding)
{
	appendStringInfo(&trying->findings, "%s%s", trying->findings.len > 0 ? "\n" : "", finding);
}

/* Of an assertion that does not hold, what it is; of all else, the server's words. */
static void
add_error(Trying *trying, ErrorData *error)
{
	if (error->sqlerrcode != ERRCODE_MIGR_UNSUPPORTED_IN_SCRATCH)
		trying->failed = true;
	if (error->sqlerrcode == ERRCODE_MIGR_VERIFY_FAILED && error->detail)
		error->message = error->detail;
	add_finding(trying, migr_trial_error(trying->what, error));
}

/* --- what runs --------------------------------------------------------------------- */

static void
run_now(void *arg)
{
	const Trying *trying = arg;

	migr_scratch_run_section(trying->script, trying->section);
}

/* What the script itself warns of is told when it runs without the rows. */
static void
run_quietly(Trying *trying, MigrSectionKind section, const char *what)
{
	static const MigrSetting quiet = {"client_min_messages", "error"};

	trying->section = section;
	trying->what = what;
	migr_settings_run(&quiet, 1, run_now, trying);
}

static void
assert_now(void *arg)
{
	const Trying *trying = arg;

	migr_scratch_assert_section(trying->script, trying->section);
}

/* One that fails is noted, and what comes behind it is tried all the same. */
static void
run_asserts(Trying *trying, MigrSectionKind section, const char *what)
{
	ErrorData  *error;

	if (!has(trying, section))
		return;
	trying->section = section;
	trying->what = what;
	error = migr_scratch_try(assert_now, trying, false);
	if (error)
		add_error(trying, error);
}

/* Up and down, between what the rows were and what they are. */
static void
run_there_and_back(void *arg)
{
	Trying	   *trying = arg;

	run_quietly(trying, MIGR_SECTION_UPGRADE, "upgrade with the rows of its example");
	run_asserts(trying, MIGR_SECTION_ASSERT, "its example does not hold behind the upgrade");
	if (!has(trying, MIGR_SECTION_DOWNGRADE))
		return;
	run_quietly(trying, MIGR_SECTION_DOWNGRADE, "downgrade with the rows of its example");
	run_asserts(trying, MIGR_SECTION_ASSERT_BACK, "its example does not hold behind the downgrade");
	if (has(trying, MIGR_SECTION_ASSERT_BACK))
		return;
	trying->what = "looking for the rows of its example behind the downgrade";
	migr_scratch_rows_compare(&trying->difference);
	trying->is_back = true;
}

/* With an error, all is again as it was noted; and so it is without one. */
static void
run_all(void *arg)
{
	Trying	   *trying = arg;
	ErrorData  *error;

	migr_scratch_run_section(trying->script, MIGR_SECTION_EXAMPLE);
	trying->what = "looking at the rows of its example";
	migr_scratch_rows_note();
	error = migr_scratch_try(run_there_and_back, trying, false);
	if (error)
		add_error(trying, error);
	else if (trying->is_back && trying->difference.lost_count > 0)
		migr_scratch_rows_tell(&trying->difference);
}

/* --- what is said ------------------------------------------------------------------ */

static void
append_rows(StringInfo out, char sign, const List *rows, int count)
{
	ListCell   *lc;

	foreach(lc, rows)
		appendStringInfo(out, "\n%c %s", sign, (char *) lfirst(lc));
	if (count > list_length(rows))
		appendStringInfo(out, "\n%c and %d more", sign, count - list_length(rows));
}

/* What did not come back. */
static void
add_difference(Trying *trying)
{
	const MigrRowsDifference *difference = &trying->difference;
	StringInfoData out;
	ListCell   *lc;

	initStringInfo(&out);
	if (difference->lost_count > 0 || difference->added_count > 0)
		appendStringInfoString(&out, "with the rows of its example, the downgrade does not bring all rows back:");
	append_rows(&out, '-', difference->lost, difference->lost_count);
	append_rows(&out, '+', difference->added, difference->added_count);
	foreach(lc, difference->sequences)
		appendStringInfo(&out, "%swith the rows of its example, the downgrade does not leave the sequences as far as they were: %s",
						 out.len > 0 ? "\n" : "", (char *) lfirst(lc));
	if (out.len == 0)
		return;
	trying->failed = true;
	add_finding(trying, out.data);
}

/* What was found to be right, and what nobody has looked at. */
static char *
describe_success(const Trying *trying)
{
	const char *what = !has(trying, MIGR_SECTION_DOWNGRADE) ? "its example holds behind the upgrade"
		: trying->is_back ? "its example holds, and its rows are back behind the downgrade"
		: "its example holds, behind the downgrade too";
	StringInfoData unread;
	ListCell   *lc;

	if (trying->difference.unread == NIL)
		return pstrdup(what);
	initStringInfo(&unread);
	foreach(lc, trying->difference.unread)
		appendStringInfo(&unread, "%s%s", unread.len > 0 ? ", " : "", (char *) lfirst(lc));
	return psprintf("%s; not looked at, for want of the right to read all of it: %s", what, unread.data);
}

MigrExample
migr_trial_example(const MigrScript *script)
{
	Trying	   *trying = palloc0(sizeof(Trying));
	MigrExample example = {.status = "ok"};
	ErrorData  *error;

	trying->script = script;
	trying->what = "its example";
	initStringInfo(&trying->findings);
	migr_scratch_release_labels();
	migr_scratch_rows_begin();
	error = migr_scratch_try(run_all, trying, false);
	migr_scratch_rows_end();
	if (error)
		add_error(trying, error);
	else
		add_difference(trying);
	if (trying->findings.len > 0)
		example.status = trying->failed ? "fail" : "skipped";
	example.detail = trying->findings.len > 0 ? trying->findings.data : describe_success(trying);
	return example;
}
