/*
 * squash.h
 *		A range of revisions to one that takes their place.
 *
 * What it builds is what they build: both are built in a scratch database and
 * compared, and so is what its downgrade leaves.  Rows are not: statements
 * that change them are carried as comments, and announced; verify sections are
 * carried so as well, and examples are left out.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_SQUASH_H
#define MIGR_SQUASH_H

/*
 * Write a squash of a range of revisions, as history takes it, and load it.
 * message and revision, its id, may be NULL.  Returns its text.  Raises MG001
 * to MG004 and 22023 for the range, MG005 if no squash can replace it, 42501 if
 * the caller does not run what it replaces, MG011 if it would build something
 * else, and what scratch builds raise.
 */
extern char *migr_squash_write(const char *range, const char *message,
							   const char *revision);

#endif							/* MIGR_SQUASH_H */
