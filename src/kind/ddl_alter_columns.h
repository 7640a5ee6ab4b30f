/*
 * ddl_alter_columns.h
 *		Changes of columns and of option lists to SQL text.
 *
 * What is appended takes the attributes of one side to those of the other, or
 * nothing is appended and the answer is false.  Other objects are not looked
 * at.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_DDL_ALTER_COLUMNS_H
#define MIGR_DDL_ALTER_COLUMNS_H

#include "lib/stringinfo.h"

#include "model/model.h"

/*
 * As MigrDdlAlter, for a column of a table, without its default; rebuilt: its
 * type is a new one of the same name.
 */
extern bool migr_ddl_alter_column(StringInfo out, const MigrObject *from,
								  const MigrObject *to, bool rebuilt);

/*
 * Append what lets a new sequence of this name go on behind the values of a
 * column; sequence has its attributes: a sequence, or an identity column.
 */
extern void migr_ddl_advance_sequence(StringInfo out, const MigrObject *column,
									  const char *name, const MigrObject *sequence);

/* A bound of a sequence ("min", "max") when its type has been changed. */
extern const char *migr_ddl_retyped_bound(const MigrObject *from, const MigrObject *to,
										  const char *attribute);

/*
 * Append what moves a sequence into its new bounds, if it may be outside; or
 * return what does so as a part of ALTER SEQUENCE, or "".
 */
extern const char *migr_ddl_move_sequence(StringInfo out, const char *sequence,
										  const MigrObject *from, const MigrObject *to);

/* Append SET (…) and RESET (…) behind alter; lists name='value', …, or NULL. */
extern void migr_ddl_alter_options(StringInfo out, const char *alter,
								   const char *from, const char *to);

/* Append OPTIONS (ADD … SET … DROP …); lists name 'value', …, or NULL. */
extern void migr_ddl_alter_foreign_options(StringInfo out, const char *alter,
										   const char *from, const char *to);

#endif							/* MIGR_DDL_ALTER_COLUMNS_H */
