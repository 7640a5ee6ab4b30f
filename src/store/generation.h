/*
 * generation.h
 *		Has the store changed since it was read?
 *
 * What is read together - scripts, version, repeatable scripts - is content, and each
 * content has a name that no other has ever had.  Triggers on the rows of the three
 * tables put a new name into migr.generation, in the transaction that writes them: so
 * names and rows are seen, and rolled back, together.  Whoever writes waits for nobody:
 * he changes a row of migr.generation that no other transaction holds, or adds one.
 *
 * A name says as well in which database it was given, and that the triggers and the
 * files of the tables are those of then: where triggers were off, there is another name.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_GENERATION_H
#define MIGR_GENERATION_H

#include "base/db.h"

typedef struct MigrGeneration
{
	const char *now;			/* of what the snapshot sees; NULL: that is not known */
	const char *others;			/* the same without what this transaction has written */
} MigrGeneration;

/* Follow transactions. */
extern void migr_generation_init(void);

/* A row of one of the tables is about to be written. */
extern void migr_generation_end(void);

/*
 * The name of the content, in CurrentMemoryContext.  Equal names, read by this session
 * or by another, at whatever time: equal rows.
 */
extern MigrGeneration migr_generation_read(MigrDb *db);

/* Is it the same, and known? */
extern bool migr_generation_equal(const char *one, const char *other);

/* Have what is written of it planned (migr_db_plan()). */
extern void migr_generation_ready(void);

#endif							/* MIGR_GENERATION_H */
