/*
 * errors.h
 *		The SQLSTATE class of migr's own conditions: one macro per error.
 *
 * Conditions that PostgreSQL has a code for keep that code; these are the
 * ones that it can't know.  doc/reference.md lists them for users.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_ERRORS_H
#define MIGR_ERRORS_H

#include "utils/elog.h"

#define MIGR_SQLSTATE(digit) MAKE_SQLSTATE('M', 'G', '0', '0', digit)

#define ERRCODE_MIGR_UNKNOWN_REVISION		MIGR_SQLSTATE('1')
#define ERRCODE_MIGR_AMBIGUOUS_REVISION		MIGR_SQLSTATE('2')
#define ERRCODE_MIGR_MULTIPLE_HEADS			MIGR_SQLSTATE('3')
#define ERRCODE_MIGR_NO_SUCH_WALK			MIGR_SQLSTATE('4')
#define ERRCODE_MIGR_BROKEN_GRAPH			MIGR_SQLSTATE('5')
#define ERRCODE_MIGR_MALFORMED_SCRIPT		MIGR_SQLSTATE('6')
#define ERRCODE_MIGR_SCRIPT_MODIFIED		MIGR_SQLSTATE('7')
#define ERRCODE_MIGR_IRREVERSIBLE			MIGR_SQLSTATE('8')
#define ERRCODE_MIGR_NOT_UP_TO_DATE			MIGR_SQLSTATE('9')
#define ERRCODE_MIGR_PROTECTED				MAKE_SQLSTATE('M', 'G', '0', '1', '0')
#define ERRCODE_MIGR_VERIFY_FAILED			MAKE_SQLSTATE('M', 'G', '0', '1', '1')

#define ERRCODE_MIGR_UNSUPPORTED_IN_SCRATCH	MAKE_SQLSTATE('M', 'G', '0', '1', '2')
#define ERRCODE_MIGR_IN_USE				MAKE_SQLSTATE('M', 'G', '0', '1', '3')
#define ERRCODE_MIGR_DRIFT					MAKE_SQLSTATE('M', 'G', '0', '1', '4')
#define ERRCODE_MIGR_NOT_APPROVED			MAKE_SQLSTATE('M', 'G', '0', '1', '5')
#define ERRCODE_MIGR_TENANTS_FAILED			MAKE_SQLSTATE('M', 'G', '0', '1', '6')

#endif							/* MIGR_ERRORS_H */
