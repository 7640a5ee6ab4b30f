/*
 * deparse.h
 *		Deparsed SQL in the form that it keeps.
 *
 * The server does not always deparse an expression into text that, parsed and
 * deparsed again, gives the same text: a list of varchar constants comes back
 * as a cast of an array first, and as an array of casts from then on.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_DEPARSE_H
#define MIGR_DEPARSE_H

/*
 * The text with (ARRAY[a, b])::t[] written as ARRAY[(a)::t, (b)::t]; sql itself
 * if there is nothing to change.
 */
extern const char *migr_deparse_settle(const char *sql);

#endif							/* MIGR_DEPARSE_H */
