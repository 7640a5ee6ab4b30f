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
 * Forget a revision that is not applied and that no other names; one for which a
 * squash stands, whoever names it; or a repeatable script that no other names.
 */
extern void migr_unload_script(const char *name);

#endif							/* MIGR_UNLOAD_H */
