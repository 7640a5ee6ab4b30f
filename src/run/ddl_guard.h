/*
 * ddl_guard.h
 *		Schema changes outside of migr: noticed or refused.
 *
 * As migr.guard (strict_setting.h) says, from the first applied revision on, for
 * what migr_schema() would show: no temporary objects, no members of
 * extensions, nothing that the database's own setting of migr.exclude names.
 * What scripts and scratch builds do is no such change (mutex.h).
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_DDL_GUARD_H
#define MIGR_DDL_GUARD_H

#include "commands/event_trigger.h"

/*
 * Look at a command that an event trigger reports: append it to the log, or
 * raise MG010.
 */
extern void migr_watch(const EventTriggerData *event);

#endif							/* MIGR_DDL_GUARD_H */
