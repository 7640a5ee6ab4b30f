/*
 * patched.h
 *		A schema with some of its objects in the form that another build has made of them.
 *
 * For a schema of which only a part was built again.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_PATCHED_H
#define MIGR_PATCHED_H

#include "model/model.h"

/* What becomes of an object. */
typedef enum MigrPatchPart
{
	MIGR_PATCH_KEPT,			/* stays; it was not built again */
	MIGR_PATCH_ALIKE,			/* stays; it was built again, for what needs it */
	MIGR_PATCH_GIVEN,			/* stays; both builds have it, as it is */
	MIGR_PATCH_CHANGED			/* goes, or comes */
} MigrPatchPart;

/*
 * What was without what has changed, and with what was built for it.  The parts are
 * of the objects in their order.  NULL if that does not fit together: what was built alike
 * is not what it was but for comments, what is given is another thing, or what stays hangs on what is gone.
 * The objects of both schemas become those of the result.
 */
extern MigrSchema *migr_patched(MigrSchema *was, const MigrPatchPart *was_parts,
								MigrSchema *built, const MigrPatchPart *built_parts);

#endif							/* MIGR_PATCHED_H */
