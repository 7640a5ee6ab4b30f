/*
 * scratch_rows.h
 *		In the worker: what the tables of a build hold, to be compared with later.
 *
 * Of each row, a digest of its text is kept, column by column in the order of their
 * names: so it matters neither where a column stands, nor whether its type has an
 * equality, and what is kept is small.  The words for a row that is gone come from
 * reading the tables once more, when all is as it was.
 *
 * Looked at are the tables with rows that scripts have made, each by itself: those of
 * extensions, temporary ones and foreign ones are not, nor is what the role may not
 * read, or only in part; these are named.
 *
 * Private to scratch.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_SCRATCH_ROWS_H
#define MIGR_SCRATCH_ROWS_H

#include "scratch/scratch.h"

/* Note the sequences, which no rollback takes back ... */
extern void migr_scratch_sequences_begin(void);

/* ... set those that are there back to that ... */
extern void migr_scratch_sequences_end(void);

/* ... and in between, note where they are; name, in words, those that went back since. */
extern void migr_scratch_sequences_note(MemoryContext context);
extern List *migr_scratch_sequences_behind(void);

/* Do what MIGR_BUILD_ROWS asks for, and reply. */
extern void migr_scratch_rows_serve(StringInfo content);

/* Forget what was noted. */
extern void migr_scratch_rows_forget(void);

#endif							/* MIGR_SCRATCH_ROWS_H */
