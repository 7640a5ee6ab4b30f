/*
 * offline_directed.h
 *		What directives in front of statements mean in a script for psql.
 *
 * Private to run.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_OFFLINE_DIRECTED_H
#define MIGR_OFFLINE_DIRECTED_H

#include "lib/stringinfo.h"

#include "exec/statement.h"

/*
 * Append a block that runs the statement as its directives say.  False, and nothing
 * is appended: they say nothing of how it runs.
 */
extern bool migr_offline_directed(StringInfo out, const MigrSection *section,
								  const MigrStatement *statement);

#endif							/* MIGR_OFFLINE_DIRECTED_H */
