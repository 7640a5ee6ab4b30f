/*
 * guard_columns.h
 *		Privileges on columns that a database has besides, kept in what is made anew.
 *
 * Private to diff.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_GUARD_COLUMNS_H
#define MIGR_GUARD_COLUMNS_H

#include "lib/stringinfo.h"

#include "model/model.h"

/* Are there privileges on columns of live that neither of two others has? */
extern bool migr_guard_columns_other(const MigrObject *live, const MigrObject *from,
									 const MigrObject *to);

/* A statement that notes, by a number, those on an object's columns; "" if it can have none. */
extern char *migr_guard_columns_note(int number, const MigrObject *object);

/* What a script has noted by a name and a number, twice "%d"; NULL if that was nothing. */
#define MIGR_GUARD_KEPT(name) \
	"CASE WHEN pg_catalog.current_setting('migr_kept." name "%d') OPERATOR(pg_catalog.<>) ''" \
	" THEN pg_catalog.current_setting('migr_kept." name "%d') END"

/*
 * Append what gives those noted to the columns of that name that are there again,
 * but to roles of which the column has privileges on either side.
 */
extern void migr_guard_columns_give(StringInfo out, int number, const MigrObject *from,
									const MigrObject *to);

#endif							/* MIGR_GUARD_COLUMNS_H */
