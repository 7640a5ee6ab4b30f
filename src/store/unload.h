/*
 * unload.h
 *		Scripts out of the store, one by one.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_UNLOAD_H
#define MIGR_UNLOAD_H

#include "store/store.h"

/*
 * Forget a revision that is not applied and that no other names; or one for which
 * a squash stands, whoever names it.
 */
extern void migr_unload_revision(const char *revision);

#endif							/* MIGR_UNLOAD_H */
