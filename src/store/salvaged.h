/*
 * salvaged.h
 *		What runs have dropped and migr keeps: rows of migr.kept.
 *
 * The row says what it was; who owns it and what is in it says the relation in schema
 * migr_kept, as the owner of migr's tables can write what he likes into the row.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_SALVAGED_H
#define MIGR_SALVAGED_H

#include "base/db.h"

typedef struct MigrSalvaged
{
	int64		id;
	const char *kind;			/* "table" or "column" */
	const char *schema;			/* where it was, and what it was called */
	const char *table;
	const char *column;			/* NULL: of a table */
	const char *relation;		/* in schema migr_kept */
	const char *revision;		/* that dropped it, or name of a repeatable script */
	const char *action;			/* upgrade or downgrade: by which of its sections */
	const char *owner;			/* when it was dropped */
	const char *kept_for;		/* interval, when it is added */
	List	   *key;			/* char *: of a column, those of the table's key */
	List	   *sequence_columns;	/* char *: of a table, columns with a sequence */
	List	   *sequence_values;	/* char *: how far these were */
	int64		rows;			/* -1: not counted */
	Oid			oid;			/* of the relation; invalid: it is gone */
} MigrSalvaged;

/* Oid of schema migr_kept; invalid if there is none. */
extern Oid	migr_salvaged_schema(void);

/* The next id, that was never another's. */
extern int64 migr_salvaged_next(void);

extern void migr_salvaged_add(const MigrSalvaged *salvaged);

/*
 * What sections of that sort of a revision dropped; MigrSalvaged *, in order.  Schema: only what was
 * in it; NULL: all.
 */
extern List *migr_salvaged_of(const char *revision, const char *action, const char *schema);

/* One of them, or NULL. */
extern MigrSalvaged *migr_salvaged_find(int64 id);

/* The one that has a relation; NULL if none has. */
extern MigrSalvaged *migr_salvaged_having(const char *relation);

/* Those that have expired. */
extern List *migr_salvaged_expired(void);

/* It is in another relation now. */
extern void migr_salvaged_move(int64 id, const char *relation);

extern void migr_salvaged_remove(int64 id);

/* In words: "table public.orders". */
extern char *migr_salvaged_describe(const MigrSalvaged *salvaged);

/* Plan its queries, see migr_ready(). */
extern void migr_salvaged_ready(void);

#endif							/* MIGR_SALVAGED_H */
