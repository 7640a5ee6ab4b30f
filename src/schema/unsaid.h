/*
 * unsaid.h
 *		What a desired schema says nothing of is no part of the comparison.
 *
 * Owners and privileges, unless its DDL has a statement about them; the kinds that
 * migr.compare leaves out.  All that stays as it is, and what is rebuilt gets it
 * back.
 *
 * Private to schema.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_UNSAID_H
#define MIGR_UNSAID_H

#include "base/subxact.h"
#include "model/model.h"

/*
 * Let the desired schema have what is there of all that is not compared, then do
 * work(arg), which compares them, in either direction.  With tell, a NOTICE says
 * what was desired all the same.
 */
extern void migr_unsaid_run(MigrSchema *there, MigrSchema *desired, bool tell,
							MigrWork work, void *arg);

#endif							/* MIGR_UNSAID_H */
