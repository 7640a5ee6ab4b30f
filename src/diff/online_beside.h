/*
 * online_beside.h
 *		Columns that get another type beside the old one: what is decided of them.
 *
 * Private to diff.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_ONLINE_BESIDE_H
#define MIGR_ONLINE_BESIDE_H

#include "diff/online_form.h"

/* It comes behind all triggers that change a row, which fire in the order of their names. */
#define MIGR_ONLINE_TRIGGER "zz_migr_sync"

typedef struct MigrOnlineBeside
{
	MigrOnline *online;
	List	   *columns;		/* units, as integers, in the order of the difference */
	bool	   *stands;			/* by unit: stands on one of these */
} MigrOnlineBeside;

/* online_lock.c: what locks all tables that take part in the exchange. */
extern char *migr_online_lock(const MigrOnlineBeside *beside);

/* Say all that is done to them. */
extern void migr_online_say_beside(MigrOnlineBeside *beside);

#endif							/* MIGR_ONLINE_BESIDE_H */
