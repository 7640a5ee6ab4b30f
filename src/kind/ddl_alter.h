/*
 * ddl_alter.h
 *		Changes of one object to SQL text.
 *
 * Knows how each kind is dropped, and which of its attributes can be changed
 * where it stands.  What has to happen to other objects meanwhile, and in
 * which order, is for the caller to know.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_DDL_ALTER_H
#define MIGR_DDL_ALTER_H

#include "lib/stringinfo.h"

#include "model/model.h"

/* Append what drops the object; a kind without one: DROP noun identity. */
typedef void (*MigrDdlDrop) (StringInfo out, const MigrObject *object);

/*
 * Append what changes the attributes of from into those of to, which have one
 * kind and identity.  False, and nothing appended, if from has to be dropped
 * and to created.
 */
typedef bool (*MigrDdlAlter) (StringInfo out, const MigrObject *from,
							  const MigrObject *to);

typedef struct MigrDdlChange
{
	MigrKind	kind;
	MigrDdlDrop drop;			/* NULL: see above */
	MigrDdlAlter alter;			/* NULL: always dropped and created */
} MigrDdlChange;

/* The kinds of the ddl_alter_… files; each list ends with two NULLs. */
extern const MigrDdlChange migr_ddl_alter_relations[];
extern const MigrDdlChange migr_ddl_alter_types[];
extern const MigrDdlChange migr_ddl_alter_routines[];
extern const MigrDdlChange migr_ddl_alter_fixtures[];
extern const MigrDdlChange migr_ddl_alter_others[];

/* Append what drops an object. */
extern void migr_ddl_drop(StringInfo out, const MigrObject *object);

/*
 * Append what gives an object another name; it may have neither of the two, if
 * other things about it are as they are at the time.
 */
extern void migr_ddl_rename(StringInfo out, const MigrObject *object,
							const char *from, const char *to);

/* Do attributes (not comment, owner, privileges) differ? */
extern bool migr_ddl_differs(const MigrObject *from, const MigrObject *to);

/* As MigrDdlAlter; true and nothing appended where no attribute differs. */
extern bool migr_ddl_alter(StringInfo out, const MigrObject *from,
						   const MigrObject *to);

/* Append what changes comment, owner and privileges, as far as compared. */
extern void migr_ddl_alter_extras(StringInfo out, const MigrObject *from,
								  const MigrObject *to);

/* The words of ALTER for the state of a rule or trigger, as catalogs have it. */
extern const char *migr_ddl_enable(char state);

#endif							/* MIGR_DDL_ALTER_H */
