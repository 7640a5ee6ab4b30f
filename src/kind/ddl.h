/*
 * ddl.h
 *		Objects to SQL text.
 *
 * Each kind has a function in a ddl_… file that appends what creates one
 * object: one statement or several, each ended by ";\n".  Comments, owners and
 * privileges are appended by the caller, see ddl.c.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_DDL_H
#define MIGR_DDL_H

#include "lib/stringinfo.h"

#include "model/model.h"

typedef void (*MigrDdlCreate) (StringInfo out, const MigrObject *object);

typedef struct MigrDdl
{
	MigrKind	kind;
	const char *noun;			/* as in COMMENT ON noun; NULL: the object's
								 * attribute "noun" says it */
	MigrDdlCreate create;
} MigrDdl;

/* The kinds of the ddl_… files; each list ends with a NULL create. */
extern const MigrDdl migr_ddl_relations[];
extern const MigrDdl migr_ddl_types[];
extern const MigrDdl migr_ddl_routines[];
extern const MigrDdl migr_ddl_others[];

/* Append what creates an object, with its comment, owner and privileges. */
extern void migr_ddl_create(StringInfo out, const MigrObject *object);

/*
 * Append what adds a column to its table, with its settings, comment and
 * privileges.  Nothing for an inherited column that is as its parents' one.
 */
extern void migr_ddl_column(StringInfo out, const MigrObject *column);

/* COMMENT ON noun: for messages and comments. */
extern const char *migr_ddl_noun(const MigrObject *object);

/* As migr_ddl_column(), without comment and privileges; of ddl_relations.c. */
extern void migr_ddl_column_definition(StringInfo out, const MigrObject *column);

/* --- of several kinds; ddl_common.c --------------------------------------- */

/*
 * Append on which extensions an object depends, if its kind can; and on which
 * of from's, unless that is NULL, it does so no more.
 */
extern void migr_ddl_extensions(StringInfo out, const char *noun,
								const MigrObject *from, const MigrObject *to);

/* Of a constraint: the table or domain that ALTER names, "TABLE x". */
extern const char *migr_ddl_constrained(const MigrObject *constraint);

/* Do partitions and children get a table's constraint with it? */
extern bool migr_ddl_is_for_children(const MigrObject *constraint);

#endif							/* MIGR_DDL_H */
