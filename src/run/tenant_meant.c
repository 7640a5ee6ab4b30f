/*
 * tenant_meant.c
 *		A search_path set by hand, where a tenant may have been meant.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/varlena.h"

#include "base/ident.h"
#include "run/tenant_meant.h"
#include "store/tenant.h"

static List *
split(const char *names)
{
	List	   *list = NIL;

	return SplitIdentifierString(pstrdup(names), ',', &list) ? list : NIL;
}

/* The first schema of search_path that is there, if somebody has set the path. */
static char *
first_by_hand(Oid *schema)
{
	const char *value = GetConfigOption("search_path", true, false);
	ListCell   *lc;

	if (value == NULL || strcmp(value, "\"$user\", public") == 0)
		return NULL;
	foreach(lc, split(value))
	{
		char	   *name = lfirst(lc);

		if (strncmp(name, "pg_", 3) == 0 || strcmp(name, "$user") == 0)
			continue;
		*schema = get_namespace_oid(name, true);
		if (OidIsValid(*schema))
			return name;
	}
	return NULL;
}

void
migr_tenant_check_meant(bool nothing)
{
	Oid			schema = InvalidOid;
	char	   *name = first_by_hand(&schema);
	bool		has_tenants = migr_tenant_label() != NULL;
	bool		known;
	bool		empty;
	MigrDb		db;

	if (name == NULL || (!has_tenants && !nothing) ||
		migr_ident_is_in(migr_tenant_shared_names(), name))
		return;
	migr_db_begin(&db, false);
	known = migr_tenant_read(&db, name)->known;
	empty = migr_tenant_is_empty(&db, schema);
	migr_db_end(&db);
	if (has_tenants && (known || empty))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 known ? errmsg("search_path begins with tenant \"%s\", and no tenant is named", name)
				 : errmsg("search_path begins with schema \"%s\", which is empty, and no tenant is named", name),
				 errdetail("Without a tenant, only what all of them share is meant."),
				 errhint("Name the tenant, as in migr_upgrade(tenant => %s); or RESET search_path. A schema that all share is named in migr.tenant_shared.",
						 quote_literal_cstr(name))));
	if (!has_tenants && empty)
		ereport(WARNING,
				(errmsg("schema \"%s\", with which search_path begins, is empty", name),
				 errdetail("The version is one for the database, whatever search_path says: it is that of all schemas together."),
				 errhint("For schemas that each have a version, set migr.tenant_label; see \"Tenants\" in the documentation.")));
}
