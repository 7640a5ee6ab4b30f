/*
 * remembered_change.h
 *		Desired DDL of which another form was built: only what has changed is.
 *
 * Private to schema.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_REMEMBERED_CHANGE_H
#define MIGR_REMEMBERED_CHANGE_H

#include "diff/patched.h"
#include "schema/remembered_build.h"
#include "schema/remembered_store.h"
#include "schema/remembered_text.h"

/* How much a statement has to do with a change. */
typedef enum MigrChangeGrade
{
	MIGR_CHANGE_NONE,
	MIGR_CHANGE_TOUCHED,		/* it is built again; to others, what it makes is the same */
	MIGR_CHANGE_CHANGED			/* others may see another thing */
} MigrChangeGrade;

/* A text against a build of another one. */
typedef struct MigrChange
{
	const MigrRememberedBuild *build;
	MigrText   *text;
	MigrSchema *schema;			/* that was built */
	bool		spreads;
	int		   *was;			/* by statement of the text: which one it was; -1: none */
	int		   *is;				/* by statement of the build: which one it is; -1: none */
	MigrChangeGrade *grades;	/* by statement of the text */
	bool	   *is_built;		/* by statement of the text: it has to be, with others */
	List	  **names;			/* by statement of the text: words (int) of what it has made */
	int			words;			/* room for the marks of words */
	MigrChangeGrade *marks;		/* by word: what is called so */
	bool	   *made;			/* by word: does the text make something of that name? */
} MigrChange;

/*
 * What a text comes to, from what the build in a row did.  False if that can't be
 * told from it, or if too much would have to be built anyway; whatever it has raised or
 * told has gone by in silence then.
 */
extern bool migr_remembered_change(const MigrScratchJob *job, const MigrRememberedRow *row,
								   const MigrRememberedBuild *build, MigrText *text,
								   MigrScratchSeen *seen);

/* --- its parts ------------------------------------------------------------------ */

/* Find what the statements were; false if too many are others. (remembered_match.c) */
extern bool migr_change_match(MigrChange *change);

/* Find what has to be built; false if that is not known. (remembered_reach.c) */
extern bool migr_change_reach(MigrChange *change);

/* Build it; false if that fails. (remembered_partial.c) */
extern bool migr_change_build(const MigrChange *change, const MigrScratchJob *job,
							  MigrScratchSeen *seen, int **makers);

/*
 * May names that the server has chosen be others, or have others spoken of such? Makers: the
 * statements of the text that have made what was built. (remembered_names.c)
 */
extern bool migr_change_names_clash(MigrChange *change, const MigrPatchPart *was_parts,
									const MigrSchema *built, const MigrPatchPart *built_parts,
									const int *makers);

#endif							/* MIGR_REMEMBERED_CHANGE_H */
