/*
 * ddl_columns.h
 *		Columns, and the options of sequences, as SQL text.
 *
 * Of the column, and of the table that it names as its parent, and of nothing
 * else.  Expressions and types are printed as the catalogs have them,
 * qualified.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_DDL_COLUMNS_H
#define MIGR_DDL_COLUMNS_H

#include "lib/stringinfo.h"

#include "model/model.h"

/* For psprintf: the table's and the column's name, quoted. */
#define MIGR_ALTER_COLUMN "ALTER TABLE ONLY %s ALTER COLUMN %s "

/* Append a column as CREATE TABLE takes it; typed: one of a table OF a type.
 * The default is left out if the column is marked. */
extern void migr_ddl_column_spec(StringInfo out, const MigrObject *column, bool typed);

/* Append what CREATE TABLE can't say of a column. */
extern void migr_ddl_column_settings(StringInfo out, const MigrObject *table,
									 const MigrObject *column);

/* Append GENERATED … AS IDENTITY (…), with a blank in front. */
extern void migr_ddl_identity(StringInfo out, const MigrObject *column);

/*
 * Has a table become a child when all its columns were there?  It does so
 * again: INHERITS would put the parents' columns first, and give those without
 * default the parents' one.
 */
extern bool migr_ddl_inherits_later(const MigrObject *table);

/* Is a column both the table's own and its parents'? */
extern bool migr_ddl_column_is_merged(const MigrObject *column);

/* Has a column nothing but the attributes that many have? */
extern bool migr_ddl_column_is_plain(const MigrObject *column);

/* Append a sequence's options; identity columns have them as well. */
extern void migr_ddl_sequence_options(StringInfo out, const MigrObject *object,
									  const char *indent);

/* SET STORAGE's word for a letter of the catalog. */
extern const char *migr_ddl_storage_word(char storage);

/* Append ALTER COLUMN … TYPE; rebuilt: the type is a new one of the same name. */
extern void migr_ddl_column_type(StringInfo out, const MigrObject *from,
								 const MigrObject *to, bool rebuilt);

/* What values may lose when a column's type changes; NULL: nothing. */
extern const char *migr_ddl_column_loss(const char *from, const char *to);

/* Does a value stay the same value, merely in another type of its family? */
extern bool migr_ddl_type_is_family(const char *from, const char *to);

#endif							/* MIGR_DDL_COLUMNS_H */
