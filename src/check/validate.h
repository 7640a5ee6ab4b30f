/*
 * validate.h
 *		What is wrong with the script store, without a look at the schema.
 *
 * Raises nothing, whatever the store holds: each finding is a value.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_VALIDATE_H
#define MIGR_VALIDATE_H

#include "graph/graph.h"

/* In the order in which findings are listed. */
typedef enum MigrFlaw
{
	MIGR_FLAW_DUPLICATE_REVISION,
	MIGR_FLAW_MISSING_PARENT,
	MIGR_FLAW_MISSING_DEPENDENCY,
	MIGR_FLAW_CYCLE,
	MIGR_FLAW_DUPLICATE_LABEL,
	MIGR_FLAW_SQUASH,
	MIGR_FLAW_SHARED_ON_TENANTS,
	MIGR_FLAW_UNREACHABLE,
	MIGR_FLAW_ISLAND,
	MIGR_FLAW_SEVERAL_HEADS,
	MIGR_FLAW_ALTERED,
	MIGR_FLAW_MALFORMED,
	MIGR_FLAW_SYNTAX,
	MIGR_FLAW_NEEDS_TRANSACTION_OFF,
	MIGR_FLAW_ISOLATION_LEVEL,
	MIGR_FLAW_NO_DOWNGRADE,
	MIGR_FLAW_EMPTY_DOWNGRADE,
	MIGR_FLAW_ID_STYLE,
	MIGR_FLAW_DIFFERS,
	MIGR_FLAW_MISSING_FILE,
	MIGR_FLAW_NOT_LOADED,
	MIGR_FLAW_NOT_COMPARED
} MigrFlaw;

#define MIGR_FLAWS (MIGR_FLAW_NOT_COMPARED + 1)

typedef struct MigrFlawFinding
{
	const char *revision;		/* or name of a repeatable script, or NULL */
	const char *detail;
} MigrFlawFinding;

/* What was found, MigrFlawFinding * by flaw, in order of ids. */
typedef struct MigrFlawFindings
{
	List	   *by_flaw[MIGR_FLAWS];
} MigrFlawFindings;

/* How users know a flaw. */
extern const char *migr_flaw_name(MigrFlaw flaw);

/* Add a finding; revision may be NULL.  The strings are not copied. */
extern void migr_flaw_add(MigrFlawFindings *findings, MigrFlaw flaw, const char *revision,
						  const char *detail);

/*
 * Flaws of a graph of all that is stored: those that keep an upgrade from running, and
 * with all, those that may be meant so.
 */
extern void migr_validate_graph(MigrFlawFindings *findings, MigrGraph *graph,
								bool all);

/* Flaws of the scripts of a graph that was read from the store. */
extern void migr_validate_scripts(MigrFlawFindings *findings, MigrGraph *graph);

/* Flaws of the repeatable scripts in the store, which may depend on the graph. */
extern void migr_validate_repeatables(MigrFlawFindings *findings, const MigrGraph *graph);

/*
 * Compare the store with the files under migr.script_location, if that is set;
 * where the caller can't read them, that is a finding.
 */
extern void migr_validate_files(MigrFlawFindings *findings, const MigrGraph *graph);

#endif							/* MIGR_VALIDATE_H */
