/*
 * column.h
 *		Columns as SQL text, and what they make of values.
 *
 * Of the column, and of the table that it names as its parent, and of nothing
 * else.  Expressions and types are printed as the catalogs have them, qualified.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_COLUMN_H
#define MIGR_COLUMN_H

#include "lib/stringinfo.h"
#include "nodes/pg_list.h"

#include "model/model.h"

/* For psprintf: the table's and the column's name, quoted. */
#define MIGR_COLUMN_ALTER "ALTER TABLE %s%s ALTER COLUMN %s "

/* --- what a column is ------------------------------------------------------ */

/* Has a column nothing but the attributes that many have? */
extern bool migr_column_is_plain(const MigrObject *column);

/* Is a column both the table's own and its parents'? */
extern bool migr_column_is_merged(const MigrObject *column);

/*
 * Has a table become a child when all its columns were there?  It does so
 * again: INHERITS would put the parents' columns first, and give those without
 * default the parents' one.
 */
extern bool migr_column_inherits_later(const MigrObject *table);

/* Does a value stay the same value, merely in another type of its family? */
extern bool migr_column_type_is_family(const char *from, const char *to);

/* The expression by which values get another type; NULL: by assignment. */
extern const char *migr_column_conversion(const MigrObject *from, const MigrObject *to);

/* --- as parts of statements ------------------------------------------------ */

/*
 * Append a column as CREATE TABLE takes it; typed: one of a table OF a type.
 * The default is left out if the column is marked.
 */
extern void migr_column_spec(StringInfo out, const MigrObject *column, bool typed);

/* Append what CREATE TABLE can't say of a column. */
extern void migr_column_settings(StringInfo out, const MigrObject *table,
								 const MigrObject *column);

/* Append where an inherited column differs from the parents' one. */
extern void migr_column_overrides(StringInfo out, const MigrObject *table,
								  const MigrObject *column);

/* Append GENERATED … AS IDENTITY (…), with a blank in front. */
extern void migr_column_identity(StringInfo out, const MigrObject *column);

/*
 * Append what makes an identity column's sequence logged or not, if that is not as
 * its table is, or as from has it; NULL: it is new.
 */
extern void migr_column_sequence_persistence(StringInfo out, const MigrObject *from,
											 const MigrObject *to);

/* SET STORAGE's word for a letter of the catalog. */
extern const char *migr_column_storage_word(char storage);

/* --- changes --------------------------------------------------------------- */

/*
 * What changes a column, in three parts.  The actions are of ALTER TABLE and
 * look at all rows: those of several columns of a table can be in one statement,
 * which does so once.
 */
typedef struct MigrColumnChange
{
	StringInfoData before;		/* statements */
	List	   *actions;		/* char * */
	StringInfoData after;		/* statements */
} MigrColumnChange;

extern void migr_column_begin(MigrColumnChange *change);

/*
 * Add what changes a column of a table, but for its default; rebuilt: its type is
 * a new one of the same name.  False as of MigrKindAlter.
 */
extern bool migr_column_change(MigrColumnChange *change, const MigrObject *from,
							   const MigrObject *to, bool rebuilt);

/* Append actions (char *) on a table as one statement, if there are any. */
extern void migr_column_actions(StringInfo out, const MigrObject *table, const List *actions);

/* Append what sets, or drops (NULL), a column's default. */
extern void migr_column_set_default(StringInfo out, const MigrObject *column,
									const char *expression);

/* As MigrKindAlter, all of this. */
extern bool migr_column_alter(StringInfo out, const MigrObject *from, const MigrObject *to);

/*
 * Append what lets a new sequence of this name go on behind the values of a
 * column; sequence has its attributes: a sequence, or an identity column.
 */
extern void migr_column_advance_sequence(StringInfo out, const MigrObject *column,
										 const char *name, const MigrObject *sequence);

#endif							/* MIGR_COLUMN_H */
