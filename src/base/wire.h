/*
 * wire.h
 *		Values as bytes for another process of the same server, and back.
 *
 * Numbers are in the machine's own order; a text is in the encoding of the
 * database, which both sides share.  What does not fit the bytes that are there
 * is raised as 08P01: only migr writes what migr reads (what lies in a table is sealed,
 * seal.h), but maybe another build of it.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_WIRE_H
#define MIGR_WIRE_H

#include "lib/stringinfo.h"
#include "nodes/pg_list.h"

/* Raise that. */
extern void migr_wire_raise(void);

extern void migr_wire_put_int(StringInfo out, int value);
extern void migr_wire_put_oid(StringInfo out, Oid value);

/* text may be NULL. */
extern void migr_wire_put_text(StringInfo out, const char *text);

/* A list of texts (char *). */
extern void migr_wire_put_texts(StringInfo out, const List *texts);

/* Each reads what its twin has put, and steps behind it. */
extern int	migr_wire_get_int(StringInfo in);
extern Oid	migr_wire_get_oid(StringInfo in);

/* A number of things that follow, each of which takes at least so many bytes. */
extern int	migr_wire_get_count(StringInfo in, int bytes);

/* A number that is to be from -1 on, and less than count. */
extern int	migr_wire_get_index(StringInfo in, int count);

/* In the current memory context. */
extern char *migr_wire_get_text(StringInfo in);

/* One that is never NULL. */
extern char *migr_wire_get_name(StringInfo in);
extern List *migr_wire_get_texts(StringInfo in);

#endif							/* MIGR_WIRE_H */
