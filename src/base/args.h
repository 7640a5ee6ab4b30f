/*
 * args.h
 *		Arguments of SQL-callable functions.
 *
 * None of them is strict: a NULL where a value is needed is an error (22004)
 * that names the argument, not a silent NULL.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_ARGS_H
#define MIGR_ARGS_H

#include "fmgr.h"
#include "nodes/pg_list.h"

/* A text argument that must not be NULL; name is for the message. */
extern char *migr_arg_text(FunctionCallInfo fcinfo, int n, const char *name);

/* The same for what can be long, with room for a varlena's header in front of it. */
extern char *migr_arg_headed_text(FunctionCallInfo fcinfo, int n, const char *name);

/* A text argument, or NULL. */
extern char *migr_arg_text_or_null(FunctionCallInfo fcinfo, int n);

/* A text[] argument as a list of char *; NIL for NULL, 22004 for a NULL in it. */
extern List *migr_arg_texts(FunctionCallInfo fcinfo, int n, const char *name);

/*
 * A text argument that is a list of names, separated by commas or blanks, or
 * written as an array's: a list of char *, never NIL but for '{}'.
 */
extern List *migr_arg_names(FunctionCallInfo fcinfo, int n, const char *name);

extern bool migr_arg_bool(FunctionCallInfo fcinfo, int n, const char *name);

/* A positive number. */
extern int	migr_arg_count(FunctionCallInfo fcinfo, int n, const char *name);

/* Any whole number. */
extern int64 migr_arg_id(FunctionCallInfo fcinfo, int n, const char *name);

/* An interval, without months, that is not negative: in milliseconds. */
extern int	migr_arg_milliseconds(FunctionCallInfo fcinfo, int n, const char *name);

/*
 * Argument n, a jsonb object of names by names, as a list of names in turn
 * (char *); NIL for NULL.  Raises 22023 for any other jsonb.
 */
extern List *migr_arg_pairs(FunctionCallInfo fcinfo, int n, const char *name);

#endif							/* MIGR_ARGS_H */
