/*
 * verify_database.h
 *		Everything that can be known to be wrong with this database.
 *
 * Checks are known by name, in groups: the chain of revisions, applied scripts,
 * the version, the log, verify sections, drift, integrity rules.  Nothing is changed;
 * what a check finds, or why it could not be made, is a verdict and no error.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_VERIFY_DATABASE_H
#define MIGR_VERIFY_DATABASE_H

#include "check/verdicts.h"

/* The names of all checks (char *), groups first. */
extern List *migr_check_names(void);

/* Those that are made where none are named: tenants only where there are any. */
extern List *migr_check_usual_names(void);

/* Raise 22023 unless each name (char *) is that of a check. */
extern void migr_check_names_known(const List *names);

/* Make the checks named, each once, in the order of migr_check_names(). */
extern void migr_check_run(MigrReport *report, const List *names);

#endif							/* MIGR_VERIFY_DATABASE_H */
