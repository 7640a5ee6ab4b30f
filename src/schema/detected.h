/*
 * detected.h
 *		What is new, changed and gone between two schemas, in words.
 *
 * Private to schema.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_DETECTED_H
#define MIGR_DETECTED_H

#include "model/model.h"

/*
 * Tell it in a NOTICE that is no longer for many objects than for some; nothing
 * if there is nothing to tell.  Renamings (MigrRenaming *) are those that from
 * has behind it.
 */
extern void migr_detected_tell(MigrSchema *from, MigrSchema *to,
							   const List *renamings);

#endif							/* MIGR_DETECTED_H */
