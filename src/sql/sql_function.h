/*
 * sql_function.h
 *		How a function that SQL calls is defined.
 *
 * Before the function looks at anything, its arguments included, which another version
 * has fewer of, it is made sure that library and database are of versions that go
 * together (base/version.h).
 *
 * Private to sql.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_SQL_FUNCTION_H
#define MIGR_SQL_FUNCTION_H

#include "fmgr.h"

#include "base/version.h"

/* In place of "Datum NAME(PG_FUNCTION_ARGS)". */
#define MIGR_FUNCTION(name) \
	static Datum name##_of_this_version(PG_FUNCTION_ARGS); \
	Datum \
	name(PG_FUNCTION_ARGS) \
	{ \
		migr_version_check(); \
		return name##_of_this_version(fcinfo); \
	} \
	static Datum \
	name##_of_this_version(PG_FUNCTION_ARGS)

#endif							/* MIGR_SQL_FUNCTION_H */
