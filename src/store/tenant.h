/*
 * tenant.h
 *		Tenants: schemas that each have a version of their own.
 *
 * migr.tenant_label names the label of the branch that is for them; a row of migr.tenant
 * says where one stands.  The only reader and writer of that table.  A tenant is its
 * name: what a dump restores is the same tenant, and a schema that gets another name is
 * one of which nobody knows yet.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_TENANT_H
#define MIGR_TENANT_H

#include "datatype/timestamp.h"
#include "utils/hsearch.h"

#include "base/db.h"

typedef struct MigrTenant
{
	const char *name;			/* of the schema */
	Oid			schema;			/* InvalidOid: there is none of that name */
	bool		known;			/* it has a row; else only name and schema are set */
	List	   *heads;			/* char *: what it is at */
	int			applied;		/* revisions that these stand on, themselves included */
	bool		failed;			/* the last run, which left nothing */
	const char *fingerprint;	/* of what its last run left, or NULL */
	const char *error;			/* of the run that failed, or NULL */
	const char *sqlstate;
	int			tries;			/* runs that failed since the last that did not */
	TimestampTz changed_at;
	const char *changed_by;
} MigrTenant;

/* Define migr.tenant_label and migr.tenant_shared. */
extern void migr_tenant_init(void);

/*
 * The label of the branch that is for tenants; NULL: there are none.  What the database's
 * own setting says goes before the session's.
 */
extern const char *migr_tenant_label(void);

/* What stands behind a tenant's schema in search_path, as it is written there; may be "". */
extern const char *migr_tenant_shared(void);

/* The names (char *) that are there. */
extern List *migr_tenant_shared_names(void);

/* The search_path under which a tenant's revisions run: its schema, that, and pg_temp. */
extern char *migr_tenant_path(const char *tenant);

/* Is nothing in a schema? */
extern bool migr_tenant_is_empty(MigrDb *db, Oid schema);

/*
 * Raise 42939 or 42602 for what can't be a tenant's name: system schemas, migr's own, what
 * migr.tenant_shared names, and "$user".
 */
extern void migr_tenant_check_name(const char *name);

/* What is known of a tenant, if anything is. */
extern MigrTenant *migr_tenant_read(MigrDb *db, const char *name);

/*
 * All that have a row and match a pattern (of a shell's; NULL: all), by OID; those whose
 * schemas are gone come last.
 */
extern List *migr_tenant_read_all(MigrDb *db, const char *pattern);

/*
 * The names of all, as a hash table of NameData; NULL if there is none, or if the database is
 * one that only builds.
 */
extern HTAB *migr_tenant_names(MigrDb *db);

/* Is there any? */
extern bool migr_tenant_any(MigrDb *db);

/* Write where it stands: heads, applied, fingerprint; it has not failed any more. */
extern void migr_tenant_write(MigrDb *db, const MigrTenant *tenant);

/* Write that a run failed, and why; where it stands is as before. */
extern void migr_tenant_write_failure(MigrDb *db, const MigrTenant *tenant);

/* Have what is written of one planned (migr_db_plan()). */
extern void migr_tenant_ready(void);

#endif							/* MIGR_TENANT_H */
