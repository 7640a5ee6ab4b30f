/*
 * desired_diff.h
 *		The desired schema against the one that is there, as SQL.
 *
 * Changes neither the live schema nor the store; where both are compared, what
 * is live is read before the desired schema is built.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_DESIRED_DIFF_H
#define MIGR_DESIRED_DIFF_H

#include "diff/rename.h"

/* What is to be compared. */
typedef struct MigrComparison
{
	const char *desired;		/* DDL; NULL: in migr.schema_location */
	const char *current;		/* DDL; NULL: the live schema */
	List	   *renamings;		/* MigrRenaming * */
	bool		online;			/* parts are wanted, see online.h */
	char	   *upgrade;		/* the outcome; "" if nothing differs */
	char	   *downgrade;		/* the way back: see threeway.h */
	List	   *parts;			/* MigrOnlinePart *: in place of both, if there are several */
} MigrComparison;

/*
 * SQL that turns the current schema into the desired one.  Tells by a NOTICE what
 * is lost, and what may have got another name, and by a WARNING what the rows of
 * live tables do not admit (hazard.h).  Raises what the DDL raises.
 */
extern void migr_compare(MigrComparison *comparison);

/*
 * What the scripts of all heads build otherwise than it is desired: names of
 * objects, separated by commas; NULL if nothing.
 */
extern char *migr_compare_heads(void);

/*
 * Raise MG009 if it is anything.  Without migr.schema_location nothing is
 * desired; where nothing can be written, a NOTICE says that nothing was compared.
 */
extern void migr_compare_check(void);

#endif							/* MIGR_DESIRED_DIFF_H */
