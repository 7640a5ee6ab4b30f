/*
 * diff.h
 *		Two schemas to the SQL that turns one into the other.
 *
 * Objects are paired by kind and identity.  What needs something that has to go
 * for a while goes with it and comes back as the new side has it.  Statements
 * stand in an order that works, and as near to that of a printed schema as it
 * lets them.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_DIFF_H
#define MIGR_DIFF_H

#include "lib/stringinfo.h"

#include "model/model.h"

/*
 * The script; "" if nothing differs.  With tell, a NOTICE says what the script
 * loses, and what may have got another name.
 */
extern char *migr_diff_script(MigrSchema *from, MigrSchema *to, bool tell);

struct MigrDiff;
struct MigrStep;

/* Remarks (char *) on a step, for people, each of one line; NIL: none. */
typedef List *(*MigrDiffRemark) (void *arg, const struct MigrDiff *diff,
								 const struct MigrStep *step);

/*
 * The same, which tells, and with remarks as comments in front of what they are
 * on; remark may be NULL.  *head is what to write in front of all: comments that
 * name what the script drops and revokes; "" if it does neither.
 */
extern char *migr_diff_annotated(MigrSchema *from, MigrSchema *to,
								 MigrDiffRemark remark, void *arg, char **head);

/* What a script says besides the text of its steps, and in place of it. */
typedef struct MigrDiffHooks
{
	void	   *arg;
	MigrDiffRemark remark;		/* or NULL */

	/* Append what comes before all steps (MigrStep *). */
	void		(*begin) (void *arg, const struct MigrDiff *diff, const List *steps,
						  StringInfo out);

	/* Make of the text of a step what is to be printed; nothing leaves it out. */
	void		(*form) (void *arg, const struct MigrDiff *diff, const struct MigrStep *step,
						 StringInfo text);

	/*
	 * It leads from what another script leads to back to what was there: who
	 * owned what comes back owns it again.
	 */
	bool		is_back;
	bool		quiet;			/* with tell: it is told in comments alone */
} MigrDiffHooks;

/* The same with these, for the steps that there are; with tell, as above. */
extern char *migr_diff_hooked(MigrSchema *from, MigrSchema *to, bool tell,
							  const MigrDiffHooks *hooks, char **head);

/* --- the way from nothing: a schema, printed -------------------------------- */

/* The script from an empty database to a schema. */
extern char *migr_diff_whole(MigrSchema *schema);

/* A part of a script, about one object. */
typedef struct MigrPiece
{
	MigrObject *object;
	bool		makes;			/* it does not drop what was */
	const char *sql;			/* statements, each ended by ";\n" */
} MigrPiece;

/* The pieces (MigrPiece *) of that script, in its order. */
extern List *migr_diff_pieces(MigrSchema *schema);

/* A script, or a file, of pieces; a blank line between what is about different objects. */
extern char *migr_diff_join(const List *pieces);

/*
 * The objects that are printed on their own (columns are not), each behind what
 * it depends on; where that leaves a choice, by kind and identity.
 */
extern List *migr_diff_order(MigrSchema *schema);

#endif							/* MIGR_DIFF_H */
