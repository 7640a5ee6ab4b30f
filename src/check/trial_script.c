/*
 * trial_script.c
 *		One script tried out in a scratch build: up, down, up again.
 *
 * First, only what it touches is read.  If that is not as it should be, all is taken
 * back and done again, between looks at the whole schema: these know what differs,
 * if it is something that counts.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "base/errors.h"
#include "base/settings.h"
#include "check/trial_error.h"
#include "check/trial_example.h"
#include "check/trial_script.h"
#include "diff/diff.h"
#include "diff/drift.h"
#include "scratch/scratch.h"

/* A script being tried. */
typedef struct Trial
{
	const MigrScript *script;
	bool		is_repeatable;
	MigrTrialState *state;
	bool		is_whole;		/* the whole schema is looked at */
	MigrSchema *before;			/* then */
	MigrSchema *after;
	MigrSectionKind section;	/* that is running */
	const char *what;			/* that is, for messages; NULL: none is */
	int			runs;			/* of sections */
	int			told;			/* so many have been heard of already */
	bool		keep;			/* is what it does to stay? */
	ErrorData  *error;			/* of what is taken back */
	char	   *finding;		/* NULL: nothing is wrong */
	char	   *label;			/* that has to be committed before: the server's words, or NULL */
} Trial;

/* --- what is said ------------------------------------------------------------------ */

char *
migr_trial_difference(MigrSchema *is, MigrSchema *wanted)
{
	char	   *text = migr_drift_names(is, wanted);

	if (text)
		text = psprintf("%s\n%s", text, migr_diff_script(is, wanted, false));
	return text;
}

/* What a scratch build refuses was not tried; all else has failed. */
static const char *
status_of_error(const ErrorData *error)
{
	return error->sqlerrcode == ERRCODE_MIGR_UNSUPPORTED_IN_SCRATCH ? "skipped" : "fail";
}

/* What is said of a script with which nothing is wrong. */
static char *
describe_label(const Trial *trial)
{
	return trial->label == NULL ? NULL
		: psprintf("where the type is older than the run, the label has to be committed before it is used,"
				   " as CALL migr_deploy() commits each revision: %s", trial->label);
}

/* --- what runs --------------------------------------------------------------------- */

static void
run_now(void *arg)
{
	const Trial *trial = arg;

	migr_scratch_run_section(trial->script, trial->section);
}

/* What a section warns of is told once, also if it is run again to look at it closely. */
static void
run(Trial *trial, MigrSectionKind section, const char *what)
{
	static const MigrSetting quiet = {"client_min_messages", "error"};

	trial->section = section;
	trial->what = what;
	if (trial->runs++ < trial->told)
		migr_settings_run(&quiet, 1, run_now, trial);
	else
		run_now(trial);
}

/* Note what differs from what should be there; false if something does. */
static bool
is_as(Trial *trial, MigrSchema *wanted, const char *complaint)
{
	char	   *difference = migr_trial_difference(migr_scratch_look(0), wanted);

	if (difference)
		trial->finding = psprintf("%s: %s", complaint, difference);
	return difference == NULL;
}

static bool
is_before(Trial *trial)
{
	if (trial->is_whole)
		return is_as(trial, trial->before, "the downgrade does not restore the schema");
	trial->keep = migr_trial_state_is_before(trial->state);
	return trial->keep;
}

static bool
is_after(Trial *trial)
{
	if (trial->is_whole)
		return is_as(trial, trial->after, trial->is_repeatable ? "a second run leaves another schema"
					 : "the second upgrade does not give what the first one gave");
	trial->keep = migr_trial_state_is_after(trial->state);
	return trial->keep;
}

/* Down, and up again; all of it is rolled back. */
static void
run_back(void *arg)
{
	Trial	   *trial = arg;

	if (trial->is_repeatable)
		run(trial, MIGR_SECTION_UPGRADE, "second run");
	else
	{
		run(trial, MIGR_SECTION_DOWNGRADE, "downgrade");
		if (!is_before(trial))
			return;
		run(trial, MIGR_SECTION_UPGRADE, "second upgrade");
	}
	(void) is_after(trial);
}

/*
 * migr_scratch_try() of work; what is in its way for want of a commit alone is noted,
 * and taken out of the way.
 */
static ErrorData *
try_work(Trial *trial, MigrWork work, const bool *keep)
{
	ErrorData  *error = migr_scratch_try_if(work, trial, keep);

	if (error == NULL || error->sqlerrcode != ERRCODE_UNSAFE_NEW_ENUM_VALUE_USAGE)
		return error;
	trial->label = error->message;
	migr_scratch_release_labels();
	return migr_scratch_try_if(work, trial, keep);
}

static bool
has_way_back(const Trial *trial)
{
	return trial->is_repeatable || trial->script->sections[MIGR_SECTION_DOWNGRADE].present;
}

/* Look at what the upgrade has made; false if that can't be done by what is touched. */
static bool
look(Trial *trial)
{
	if (trial->is_whole)
	{
		trial->after = migr_scratch_look(0);
		return true;
	}
	migr_trial_state_step(trial->state);
	trial->keep = !trial->state->is_partial;
	return trial->keep;
}

/* Up; then, in a subtransaction of its own, down and up. */
static void
run_all(void *arg)
{
	static const bool never = false;
	Trial	   *trial = arg;

	trial->keep = true;
	run(trial, MIGR_SECTION_UPGRADE, "upgrade");
	trial->what = NULL;
	if (look(trial) && has_way_back(trial))
		trial->error = try_work(trial, run_back, &never);
}

/* Without a transaction of its own, each of its statements commits what it does. */
static void
begin_script(const MigrScript *script)
{
	if (script->transaction)
		migr_scratch_hold_labels();
	else
		migr_scratch_release_labels();
}

/* Returns the error of the upgrade, if that has failed. */
static ErrorData *
try_script(Trial *trial)
{
	ErrorData  *error;

	begin_script(trial->script);
	error = try_work(trial, run_all, &trial->keep);
	if (error && trial->what == NULL)
		ReThrowError(error);
	return error;
}

static ErrorData *
try_whole(Trial *trial)
{
	ErrorData  *error;
	Trial		whole = {.script = trial->script, .is_repeatable = trial->is_repeatable,
		.is_whole = true, .told = trial->runs};

	whole.before = migr_scratch_look(0);
	error = try_script(&whole);
	*trial = whole;
	return error;
}

static MigrTried
outcome_of(const Trial *trial, ErrorData *error)
{
	MigrTried	tried = {.failed = error != NULL, .status = "ok"};

	if (error == NULL)
		error = trial->error;
	if (error)
	{
		tried.status = status_of_error(error);
		tried.detail = migr_trial_error(trial->what ? trial->what : "upgrade", error);
	}
	else if (trial->finding)
	{
		tried.status = "fail";
		tried.detail = trial->finding;
	}
	else if (!has_way_back(trial))
	{
		tried.status = "skipped";
		tried.detail = "it has no downgrade section";
	}
	else
		tried.detail = describe_label(trial);
	return tried;
}

/* What is worse counts; what is said of both is said. */
static void
add_example(MigrTried *tried, const MigrExample *example)
{
	if (strcmp(tried->status, "ok") == 0 || strcmp(example->status, "fail") == 0)
		tried->status = example->status;
	tried->detail = tried->detail ? psprintf("%s\n%s", tried->detail, example->detail)
		: example->detail;
}

MigrTried
migr_trial_script(MigrTrialState *state, const MigrScript *script, bool is_repeatable)
{
	MemoryContext caller = CurrentMemoryContext;
	MemoryContext context = AllocSetContextCreate(caller, "migr trial", ALLOCSET_DEFAULT_SIZES);
	Trial		trial = {.script = script, .is_repeatable = is_repeatable, .state = state};
	bool		has_example = script->sections[MIGR_SECTION_EXAMPLE].present;
	MigrExample example = {0};
	ErrorData  *error = NULL;
	MigrTried	tried;

	MemoryContextSwitchTo(context);
	if (has_example)
		example = migr_trial_example(script);
	if (!state->is_partial)
		error = try_script(&trial);
	if (state->is_partial || !trial.keep)
	{
		error = try_whole(&trial);
		migr_trial_state_begin(state);
	}
	else if (error == NULL)
		migr_trial_state_keep(state);
	tried = outcome_of(&trial, error);
	/* What does not run without the rows does not run with them. */
	if (has_example && error == NULL)
		add_example(&tried, &example);
	MemoryContextSwitchTo(caller);
	if (tried.detail)
		tried.detail = pstrdup(tried.detail);
	MemoryContextDelete(context);
	return tried;
}
