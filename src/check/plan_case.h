/*
 * plan_case.h
 *		A statement of a plan, as its rules see it.
 *
 * Private to check.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_PLAN_CASE_H
#define MIGR_PLAN_CASE_H

#include "nodes/parsenodes.h"

#include "exec/statement.h"
#include "scratch/measured.h"
#include "script/script.h"

/* A relation that was measured, and the live one. */
typedef struct MigrPlanRelation
{
	const MigrMeasuredRelation *measured;
	const char *name;			/* qualified and quoted */
	bool		is_live;
	int64		bytes;			/* -1: it has none of its own, or is not live */
	bool		matters;		/* it is live, and has rows for all that is known */
	bool		gone_through;	/* by an earlier ALTER TABLE of the transaction */
	bool		held;			/* an earlier statement of the transaction has locked it
								 * against writers or readers */
} MigrPlanRelation;

/* A revision of the plan. */
typedef struct MigrPlanRevision
{
	const MigrScript *script;
	bool		knows_phases;	/* some revision of the plan waits for the rollout */
	List	   *held;			/* MigrPlanRelation *: that matter, and are locked so */
	List	   *gone_through;	/* MigrPlanRelation *: whose rows ALTER TABLE has read */
} MigrPlanRevision;

/* A statement, and what is asked about it. */
typedef struct MigrPlanCase
{
	const MigrPlanRevision *revision;
	const MigrStatement *statement;
	Node	   *node;
	const MigrMeasured *measured;	/* NULL: nothing is known */
	List	   *relations;		/* MigrPlanRelation * */
	bool		subject_matters;	/* one that the statement names */
	const AlterTableCmd *command;	/* one part of an ALTER TABLE, or NULL */
	const MigrMeasuredColumn *column;	/* that it adds or changes, or NULL */
	const MigrPlanRelation *relation;	/* NULL: the statement as such */
} MigrPlanCase;

/* How bad it is. */
typedef enum MigrPlanSeverity
{
	MIGR_PLAN_HARMLESS,			/* although it looks as if it were not */
	MIGR_PLAN_WARNING,
	MIGR_PLAN_ERROR
} MigrPlanSeverity;

/* What a rule says of a case. */
typedef struct MigrPlanHazard
{
	const char *name;
	MigrPlanSeverity severity;
	const char *advice;
} MigrPlanHazard;

/*
 * What the rules say of a relation of a statement, or with none of the statement as
 * such (MigrPlanHazard *); those that the script allows are left out.
 */
extern List *migr_plan_hazards(MigrPlanCase *which);

/* The names of all rules, ending with NULL. */
extern const char *const *migr_plan_rule_names(void);

/* Find the live relations, and what is known of them, for what was measured. */
extern List *migr_plan_live(const MigrMeasured *measured);

/* Has it rows of its own, or its partitions? */
extern bool migr_plan_is_table(const MigrPlanRelation *relation);

/* Does it go through the rows as several parts of one ALTER TABLE do at once? */
extern bool migr_plan_goes_through(const MigrMeasuredRelation *measured);

/* Is there a schema of that name in the live database? */
extern bool migr_plan_has_schema(const char *name);

/* What the rules ask of the parse tree (plan_tests.c). */
extern bool migr_plan_is_check(const MigrPlanCase *which);
extern bool migr_plan_is_key(const MigrPlanCase *which);
extern bool migr_plan_is_key_unchecked(const MigrPlanCase *which);
extern bool migr_plan_is_refused(const MigrPlanCase *which);
extern bool migr_plan_is_unique(const MigrPlanCase *which);
extern bool migr_plan_is_primary(const MigrPlanCase *which);
extern bool migr_plan_is_primary_by_index(const MigrPlanCase *which);
extern bool migr_plan_is_exclusion(const MigrPlanCase *which);
extern bool migr_plan_adds_serial(const MigrPlanCase *which);
extern bool migr_plan_adds_identity(const MigrPlanCase *which);
extern bool migr_plan_adds_stored(const MigrPlanCase *which);
extern bool migr_plan_adds_checked_domain(const MigrPlanCase *which);
extern bool migr_plan_adds_default(const MigrPlanCase *which);
extern bool migr_plan_adds_required(const MigrPlanCase *which);
extern bool migr_plan_adds_check(const MigrPlanCase *which);
extern bool migr_plan_adds_unique(const MigrPlanCase *which);
extern bool migr_plan_adds_reference(const MigrPlanCase *which);
extern bool migr_plan_adds_json(const MigrPlanCase *which);
extern bool migr_plan_changes_with_using(const MigrPlanCase *which);
extern bool migr_plan_narrows_varchar(const MigrPlanCase *which);
extern bool migr_plan_widens_varchar(const MigrPlanCase *which);
extern bool migr_plan_widens_numeric(const MigrPlanCase *which);
extern bool migr_plan_changes_zone(const MigrPlanCase *which);
extern bool migr_plan_narrows_precision(const MigrPlanCase *which);
extern bool migr_plan_changes_collation(const MigrPlanCase *which);
extern bool migr_plan_changes_to_checked_domain(const MigrPlanCase *which);
extern bool migr_plan_drops_key(const MigrPlanCase *which);
extern bool migr_plan_drops_index(const MigrPlanCase *which);
extern bool migr_plan_drops_table(const MigrPlanCase *which);
extern bool migr_plan_drops_trigger(const MigrPlanCase *which);
extern bool migr_plan_drops_by_cascade(const MigrPlanCase *which);
extern bool migr_plan_drops_partition(const MigrPlanCase *which);
extern bool migr_plan_is_unique_index(const MigrPlanCase *which);
extern bool migr_plan_may_be_there(const MigrPlanCase *which);
extern bool migr_plan_renames_column(const MigrPlanCase *which);
extern bool migr_plan_renames_table(const MigrPlanCase *which);
extern bool migr_plan_renames_schema(const MigrPlanCase *which);
extern bool migr_plan_renames_label(const MigrPlanCase *which);
extern bool migr_plan_adds_label_at_end(const MigrPlanCase *which);
extern bool migr_plan_truncates_cascade(const MigrPlanCase *which);
extern bool migr_plan_is_partition_of(const MigrPlanCase *which);
extern bool migr_plan_changes_all_rows(const MigrPlanCase *which);
extern bool migr_plan_adds_domain_check(const MigrPlanCase *which);
extern bool migr_plan_is_cluster(const MigrPlanCase *which);
extern bool migr_plan_is_full_vacuum(const MigrPlanCase *which);
extern bool migr_plan_refreshes_plainly(const MigrPlanCase *which);
extern bool migr_plan_is_not_null(const MigrPlanCase *which);
extern bool migr_plan_reaches_partitions(const MigrPlanCase *which);
extern bool migr_plan_runs_at_once(const MigrPlanCase *which);
extern bool migr_plan_takes_away(const MigrPlanCase *which);
extern bool migr_plan_has_no_way_back(const MigrPlanCase *which);
extern bool migr_plan_is_in_wrong_transaction(const MigrPlanCase *which);
extern bool migr_plan_is_another_lock(const MigrPlanCase *which);
extern bool migr_plan_moves_rows_locked(const MigrPlanCase *which);
extern bool migr_plan_reads_again(const MigrPlanCase *which);
extern bool migr_plan_reads_locked(const MigrPlanCase *which);
extern bool migr_plan_is_in_use(const MigrPlanCase *which);
extern bool migr_plan_uses_new_label(const MigrPlanCase *which);

#endif							/* MIGR_PLAN_CASE_H */
