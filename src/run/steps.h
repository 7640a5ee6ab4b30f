/*
 * steps.h
 *		The steps of a run: planned and prepared all, then run one by one.
 *
 * What can be known to fail is found when they are prepared, before the first
 * statement runs.  A step runs with the caller's rights and settings, and leaves
 * the settings as they were; it is recorded in the transaction in which it ran.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_STEPS_H
#define MIGR_STEPS_H

#include "utils/guc.h"

#include "base/db.h"
#include "base/secure.h"
#include "graph/plan.h"
#include "run/consent.h"
#include "run/step_hint.h"
#include "schema/record.h"
#include "script/script.h"
#include "store/log.h"
#include "store/standing.h"

/* A script with its statements. */
typedef struct MigrRunStep
{
	int			node;			/* -1: a repeatable script, which is no revision */
	MigrScript *script;
	List	   *statements;		/* MigrStatement *: of the section to run */
	List	   *verify;			/* of the verify section */
	bool		late;			/* what stands on it is applied already */
	int64		microseconds;	/* that it took */
} MigrRunStep;

/* One run. */
typedef struct MigrRun
{
	MigrDirection direction;
	bool		commits;		/* each step by itself: "transaction off" is allowed */
	bool		before;			/* only what need not wait for the application's rollout */
	List	   *waiting;		/* char *: ids of what does then */
	MigrState  *state;
	MigrGeneration generation;	/* of what was stored when it was read */
	bool		plain;			/* without labels and squashes */
	const MigrStanding *near;	/* what was known, if the state is only of what is near */
	MigrRunStep *steps;
	int			count;
	const char *only;			/* the revision that is undone by itself, or NULL */
	const char *tenant;			/* whose own state it is about (tenant_plan.h), or NULL */
	bool		quiet;			/* no notice for each step */
	const char *user;
	MigrIdentity identity;		/* of migr's objects when the run began */
	int64		ordinal;		/* of the first step's row of the version table */
	int64		versions;		/* rows that the version table had before */
	List	   *temporary;		/* tables that were there before it */
	MigrStepHint hint;
	MigrConsent consent;
	MigrRecording recording;	/* of what it leaves, which its caller begins and ends */
} MigrRun;

/* Define migr.verify_after_upgrade. */
extern void migr_steps_init(void);

/*
 * Plan the way to the target, fetch its scripts and parse each section that will
 * run.  False if there is nothing to do, and a notice unless something waits.
 */
extern bool migr_steps_prepare(MigrRun *run, const char *target);

/*
 * The same for a plan, whose state is known; repeats (MigrRepeatable *): repeatable scripts
 * that run behind it.  Opens the database by itself: it asks whether the caller runs the
 * scripts.  False if there is nothing to do; nothing is said of it.  A plan may be run again
 * and again, so what has to be approved is asked by who runs it.
 */
extern bool migr_steps_prepare_plan(MigrRun *run, MigrPlan plan, const List *repeats);

/* Raise unless all steps are approved that have to be. */
extern void migr_steps_check_consent(MigrRun *run);

/* Say that there is nothing to do, and why: no script is loaded, or the target is reached. */
extern void migr_steps_tell_nothing(MigrDirection direction, const char *target);

/* Do verify sections run behind an upgrade? */
extern bool migr_steps_verifies(void);

/*
 * Raise what the store alone tells about a revision that can't run: MG008, and 25001
 * unless each step commits by itself.
 */
extern void migr_steps_check_revision(MigrDirection direction, const MigrNode *node, bool commits);

/* Which section of its scripts a run runs. */
extern MigrSectionKind migr_steps_section(const MigrRun *run);

/* The applied heads (char *), as the run has left them so far. */
extern List *migr_steps_heads(const MigrRun *run);

/* Run a step in the current transaction, and record it. */
extern void migr_steps_run(MigrRun *run, int i);

/*
 * For steps whose statements are run elsewhere: what is said before (action: for how
 * long as application_name), what has to be as it was after each of them, and the
 * record of what it took.
 */
extern void migr_steps_tell(const MigrRun *run, int i, GucAction action);
extern void migr_steps_check_intact(const MigrRun *run, const char *revision);
extern void migr_steps_record(MigrRun *run, int i);

/* Note in a row of the log what it is to say of some of the steps. */
extern void migr_steps_audit(const MigrRun *run, int first, int count, MigrAudit *audit);

/*
 * Around each statement of a run that commits: the time that its script gives it by
 * SET statement_timeout, as if a client had sent it.
 */
extern void migr_steps_limit(const MigrRun *run);
extern void migr_steps_lift_limit(const MigrRun *run);

/* Raise if the version table has not as many rows as that many steps have left. */
extern void migr_steps_check_versions(const MigrRun *run, int count);

#endif							/* MIGR_STEPS_H */
