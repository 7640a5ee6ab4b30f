/*
 * overview.h
 *		The stored revisions at a glance, for people to read.
 *
 * Reads only, and only what is stored; raises MG005 for a broken graph.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_OVERVIEW_H
#define MIGR_OVERVIEW_H

#include "nodes/pg_list.h"

/* No line is wider, on a terminal. */
#define MIGR_OVERVIEW_WIDTH 100

/*
 * One line (char *) for each revision, newest first, and between them those that
 * the graph needs by itself; of limit revisions, or of all if that is negative.
 * What is applied and has no script comes first: nobody knows its place.
 */
extern List *migr_overview_lines(int limit);

/* All revisions as a picture in a format (picture.h). */
extern char *migr_overview_picture(const char *format);

#endif							/* MIGR_OVERVIEW_H */
