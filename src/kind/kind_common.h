/*
 * kind_common.h
 *		What the SQL of several kinds has in common.
 *
 * Private to kind.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_KIND_COMMON_H
#define MIGR_KIND_COMMON_H

#include "lib/stringinfo.h"

#include "kind/reading.h"

/* Append format, which has one %s, with an attribute, if that has a value. */
extern void migr_kind_append(StringInfo out, const char *format,
							 const MigrObject *object, MigrAttribute attribute);

/* Append nothing: the object comes, or goes, with another one. */
extern void migr_kind_nothing(StringInfo out, const MigrObject *object);

/* ALTER's words for the state of a rule or trigger, as catalogs have it. */
extern const char *migr_kind_enable(char state);

/*
 * Append "CREATE OR REPLACE what …" from the attribute "definition", if that is
 * "CREATE what …".
 */
extern bool migr_kind_replace(StringInfo out, const char *what, const MigrObject *object);

/*
 * Append on which extensions an object depends, and on which of from's, unless
 * that is NULL, it does so no more.  name: its own behind the noun.
 */
extern void migr_kind_extensions(StringInfo out, const char *noun, const char *name,
								 const MigrObject *from, const MigrObject *to);

/* Append CREATE TYPE what (list), one entry a line. */
extern void migr_kind_create_type(StringInfo out, const MigrObject *object,
								  const char *what, const char *list);

/* "UNLOGGED ", or "". */
extern const char *migr_kind_persistence(const MigrObject *object);

/* Append "ALTER noun name action;" for a table or view. */
extern void migr_kind_alter_relation(StringInfo out, const MigrObject *relation,
									 const char *action);

/* Append what moves a table or view to its tablespace and access method. */
extern void migr_kind_alter_storage(StringInfo out, const MigrObject *from,
									const MigrObject *to);

/* Append SET (…) and RESET (…) behind alter; lists name='value', …, or NULL. */
extern void migr_kind_alter_options(StringInfo out, const char *alter,
									const char *from, const char *to);

/* Append OPTIONS (ADD … SET … DROP …); lists name 'value', …, or NULL. */
extern void migr_kind_alter_foreign_options(StringInfo out, const char *alter,
											const char *from, const char *to);

/* --- rows of catalogs; see MigrPlace --------------------------------------- */

/* pg_class */
extern bool migr_kind_is_sequence(const MigrReading *reading, const void *row);
extern bool migr_kind_is_partition(const MigrReading *reading, const void *row);

/* pg_type: base types but those of arrays */
extern bool migr_kind_is_domain(const MigrReading *reading, const void *row);
extern bool migr_kind_is_base_type(const MigrReading *reading, const void *row);

#endif							/* MIGR_KIND_COMMON_H */
