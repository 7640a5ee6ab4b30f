/*
 * remembered_change.h
 *		Desired DDL of which another form was built: only what has changed is.
 *
 * Private to schema.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_REMEMBERED_CHANGE_H
#define MIGR_REMEMBERED_CHANGE_H

#include "schema/remembered_build.h"
#include "schema/remembered_store.h"
#include "schema/remembered_text.h"

/*
 * What a text comes to, from what the build in a row did.  False if that can't be
 * told from it, or if too much would have to be built anyway; whatever it has raised or
 * told has gone by in silence then.
 */
extern bool migr_remembered_change(const MigrScratchJob *job, const MigrRememberedRow *row,
								   const MigrRememberedBuild *build, MigrText *text,
								   MigrScratchSeen *seen);

#endif							/* MIGR_REMEMBERED_CHANGE_H */
