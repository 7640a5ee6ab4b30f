/*
 * guard_converge.h
 *		What makes of an object that is there already the desired one.
 *
 * Private to diff.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_GUARD_CONVERGE_H
#define MIGR_GUARD_CONVERGE_H

#include "lib/stringinfo.h"

#include "model/model.h"

/*
 * Append what does so where it is there, and nothing where it is the desired one;
 * false if nothing does.
 */
extern bool migr_guard_converge(StringInfo out, const MigrObject *live, const MigrObject *to);

#endif							/* MIGR_GUARD_CONVERGE_H */
