/*
 * redo.h
 *		One revision again, for development: down, its script loaded, up.
 *
 * All of it or nothing.  Down goes by the script that is stored, which is the
 * one that ran; up by what is loaded in between.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_REDO_H
#define MIGR_REDO_H

#include "nodes/pg_list.h"

/*
 * Redo the revision that a name means, or the one applied last if name is NULL;
 * with scripts, or the files of migr.script_location if that is NULL.  Returns
 * the ids applied (char *).  Raises MG010 where migr.protect is on, 55000 if
 * the revision is not applied, or if something that is stands on it.
 */
extern List *migr_redo_revision(const char *name, const char *scripts);

#endif							/* MIGR_REDO_H */
