/*
 * deparse.h
 *		Deparsed SQL in the form that it keeps.
 *
 * The server does not always deparse an expression into text that, parsed and
 * deparsed again, gives the same text: a list of varchar constants comes back
 * as a cast of an array first, and as an array of casts from then on.  So do
 * lists that BETWEEN and IN make within a list of the same kind, the negative
 * of a constant that was cast, constants that a sub-select does not name, and
 * outer joins without a condition.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_DEPARSE_H
#define MIGR_DEPARSE_H

/*
 * The text as the server would deparse it from then on; sql itself if there is
 * nothing to change.
 */
extern const char *migr_deparse_settle(const char *sql);

#endif							/* MIGR_DEPARSE_H */
