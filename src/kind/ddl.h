/*
 * ddl.h
 *		Objects, and changes of them, to SQL text, whatever their kind.
 *
 * What is appended are statements, each ended by ";\n".  What has to happen to
 * other objects meanwhile, and in which order, is for the caller to know.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_DDL_H
#define MIGR_DDL_H

#include "lib/stringinfo.h"

#include "model/model.h"

/* COMMENT ON noun: for messages and comments. */
extern const char *migr_ddl_noun(const MigrObject *object);

/* How users know an object: what it is, and which. */
extern const char *migr_ddl_title(const MigrObject *object);

/*
 * Append what creates an object, with its comment, owner and privileges; a
 * table with those of its columns.
 */
extern void migr_ddl_create(StringInfo out, const MigrObject *object);

/* The same in two parts: what is there, and whom it belongs to and who may use it. */
extern void migr_ddl_create_bare(StringInfo out, const MigrObject *object);
extern void migr_ddl_give(StringInfo out, const MigrObject *object);

/* "ONLY " if what is done to a table would be done to others as well, else "". */
static inline const char *
migr_ddl_only(const MigrObject *table)
{
	return table->has_children ? "ONLY " : "";
}

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

/*
 * Append what changes the attributes of from into those of to, which have one
 * kind and identity; nothing where none differs.  False, and nothing appended,
 * if from has to be dropped and to created.
 */
extern bool migr_ddl_alter(StringInfo out, const MigrObject *from,
						   const MigrObject *to);

/* Append what changes comment, owner and privileges, as far as compared. */
extern void migr_ddl_alter_extras(StringInfo out, const MigrObject *from,
								  const MigrObject *to);

/*
 * The same in two parts: all but what takes privileges away, and that.  What a
 * schema's privileges let its users do is done in between.
 */
extern void migr_ddl_alter_extras_early(StringInfo out, const MigrObject *from,
										const MigrObject *to);
extern void migr_ddl_revoke(StringInfo out, const MigrObject *from,
							const MigrObject *to);

/*
 * What finds an object in a database, for those who write SQL about it: behind
 * FROM, a catalog and the condition that its row fulfils.  NULL: not known.
 */
extern char *migr_ddl_row(const MigrObject *object);

/* The columns of that row that hold owner and privileges; NULL: it has none. */
extern char *migr_ddl_row_owner(const MigrObject *object);
extern char *migr_ddl_row_acl(const MigrObject *object);

/*
 * Make of what drops an object what does so if it is there; the same of what
 * creates it, if it is not.  False, and nothing changed, if the server has no
 * such words for it.
 */
extern bool migr_ddl_drop_if_exists(StringInfo text, const MigrObject *object);
extern bool migr_ddl_create_if_missing(StringInfo text, const MigrObject *object);

#endif							/* MIGR_DDL_H */
