/*
 * sequence.h
 *		Options of sequences, which identity columns have as well.
 *
 * Private to kind.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_SEQUENCE_H
#define MIGR_SEQUENCE_H

#include "lib/stringinfo.h"

#include "model/model.h"

/* Append a sequence's options, each with indent in front. */
extern void migr_sequence_options(StringInfo out, const MigrObject *object,
								  const char *indent);

/* The least ("min") or the greatest value that a sequence of its type has. */
extern const char *migr_sequence_limit(const MigrObject *object, MigrAttribute attribute);

/* A bound of a sequence ("min", "max") when its type has been changed. */
extern const char *migr_sequence_retyped_bound(const MigrObject *from, const MigrObject *to,
											   MigrAttribute attribute);

/*
 * Append what moves a sequence into its new bounds, if it may be outside; or
 * return what does so as a part of ALTER SEQUENCE, or "".
 */
extern const char *migr_sequence_move(StringInfo out, const char *sequence,
									  const MigrObject *from, const MigrObject *to);

#endif							/* MIGR_SEQUENCE_H */
