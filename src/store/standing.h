/*
 * standing.h
 *		Where the database stands, in one row: for those who ask often.
 *
 * The row of migr.standing is written by migr's own commands at their end, in their
 * transaction, and names the content that it is about (generation.h).  It is believed
 * if that is the content that the reader sees; whatever else wrote scripts or version,
 * in whatever way, it then is of no use until the next command of migr's that writes.
 * Who writes it waits for nobody: a row that somebody holds is left as it is.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_STANDING_H
#define MIGR_STANDING_H

#include "store/generation.h"
#include "store/repeatable.h"
#include "store/view.h"

typedef struct MigrStanding
{
	int			revisions;		/* in force */
	int			applied;		/* of them */
	int			pending;		/* that an upgrade to the heads would run */
	int			due;			/* repeatable scripts that it would run behind them */
	List	   *unknown;		/* char *: applied, and without a script */
	List	   *heads;			/* char *: what "heads" means */
	List	   *current;		/* char *: the applied heads */
	bool		plain;			/* no label, no squash */
	bool		has_waiting;
	List	   *waiting;		/* char *: what is pending, if nothing applied stands on it */
	bool		has_tips;
	List	   *tips;			/* MigrInfo *: what migr_current() returns */
} MigrStanding;

/* What is known of the content that the snapshot sees; NULL if nothing is. */
extern MigrStanding *migr_standing_read(MigrDb *db, MigrGeneration generation);

/*
 * Write down how a state stands that was read when the content had this name.  Nothing
 * is written if somebody else has written since, or if the name is not known.
 */
extern void migr_standing_record(MigrGeneration generation, const MigrState *state,
								 bool plain);

/* Write it down as it is given, under the same condition. */
extern void migr_standing_write(MigrDb *db, MigrGeneration generation,
								const MigrStanding *standing);

/* Find out, and write it down, if it is not known.  For who holds the mutex. */
extern void migr_standing_refresh(void);

/* Have what is written of it planned (migr_db_plan()). */
extern void migr_standing_ready(void);

#endif							/* MIGR_STANDING_H */
