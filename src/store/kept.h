/*
 * kept.h
 *		What is stored, as it was read last, kept for the session.
 *
 * One at a time, in a context of its own, named by its generation (generation.h): it is
 * handed out again as long as that is the one that the reader's snapshot sees, and
 * dropped when another one is read.  Sessions that only ask where the database is
 * (standing.h) keep nothing; what is larger than 64 MB is not kept.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_KEPT_H
#define MIGR_KEPT_H

#include "store/generation.h"
#include "store/repeatable.h"
#include "store/view.h"

/* Nobody changes anything of it. */
typedef struct MigrKept
{
	MigrView	view;			/* of what is for all: without the tenants' branch */
	MigrGraph  *all;			/* of all that is stored, squashes and what is for tenants included */
	bool		plain;			/* there is no label and no squash */
	const List *versions;		/* MigrVersion *, in the order of application */
	const List *repeatables;	/* MigrRepeatable *, by name */
} MigrKept;

/*
 * What is stored; MG005 if the graph is broken.  It is there until the current memory
 * context is reset.  Generation, unless NULL, is set to its name.
 */
extern const MigrKept *migr_kept_read(MigrDb *db, MigrGeneration *generation);

/* The same, but NULL if the graph is broken. */
extern const MigrKept *migr_kept_read_sound(MigrDb *db, MigrGeneration *generation);

/* A state like that one, in which marks can be changed; its graph is the same. */
extern MigrState *migr_kept_state(const MigrKept *kept);

/* Such a state, with the rows of both other tables where asked for, which nobody changes. */
extern MigrState *migr_kept_read_state(List **versions, List **repeatables);

#endif							/* MIGR_KEPT_H */
