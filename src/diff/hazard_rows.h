/*
 * hazard_rows.h
 *		Questions about the rows of a table, and their answers.
 *
 * A question is what comes of the rows of one table: how many there are, and
 * how many of them are bad.  Names and expressions in it are quoted and
 * qualified, as the catalogs have them.
 *
 * Private to diff.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_HAZARD_ROWS_H
#define MIGR_HAZARD_ROWS_H

#include "model/model.h"

/* A column of a plain table in which values of a type are stored. */
typedef struct MigrHazardUse
{
	char	   *table;			/* quoted and qualified */
	char	   *column;
	bool		is_array;
} MigrHazardUse;

/* A foreign key, an index or a constraint with one, taken apart. */
typedef struct MigrHazardKey
{
	List	   *keys;			/* char *: columns or expressions, without
								 * operator classes and order */
	const char *predicate;		/* or NULL */
	bool		nulls_are_equal;
} MigrHazardKey;

/* The question which rows do what a boolean expression says. */
extern char *migr_hazard_where(const char *from, const char *expression);

/* The question which rows have duplicates. */
extern char *migr_hazard_duplicates(const char *from, const MigrHazardKey *key);

/*
 * The question which rows are orphans; referenced is NULL if the other table is
 * going to be empty.
 */
extern char *migr_hazard_orphans(const char *from, const List *keys,
							   const char *referenced, const List *referenced_keys,
							   bool match_full);

/* Take the definition of a unique index or constraint apart. */
extern MigrHazardKey *migr_hazard_key(const char *definition);

/* The name, with its qualification, that a text begins with. */
extern char *migr_hazard_name(const char *text);

typedef struct MigrHazardAnswer
{
	int64		bad;
	bool		at_least;		/* there are rows that were not looked at */
	const char *unknown;		/* why it could not be asked; or NULL */
	bool		is_new;			/* it is about what is not there yet */
	bool		is_of_value;	/* a value of a row was in the way */
} MigrHazardAnswer;

/*
 * Ask the rows of a table, quoted and qualified.  The expressions in a question
 * and the functions that these call are anybody's: they run as the owner of the
 * table, whose rights the caller must have, in a security-restricted operation
 * that can write nothing.  Raises nothing but what cancels the statement.
 */
extern MigrHazardAnswer migr_hazard_ask(const char *table, const char *question);

/* The columns of live tables (MigrHazardUse *) of a type, or of arrays of it. */
extern List *migr_hazard_uses(const MigrObject *type);

#endif							/* MIGR_HAZARD_ROWS_H */
