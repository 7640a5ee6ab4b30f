/*
 * reset_drop.h
 *		What a reset drops, by the statements that anybody else would drop it by.
 *
 * So whoever follows DROP does: event triggers on ddl_command_start, sql_drop and
 * ddl_command_end, the audit, and extensions that keep books of their own.  Event
 * triggers that are dropped as well go first, and fire no more.
 *
 * Private to run.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_RESET_DROP_H
#define MIGR_RESET_DROP_H

#include "model/model.h"

/*
 * Drop objects (MigrObject *), as the caller, with his rights.  Raises 2BP01 if something
 * else depends on one of them.
 */
extern void migr_reset_drop(const List *objects);

#endif							/* MIGR_RESET_DROP_H */
