/*
 * scratch_setting.c
 *		The settings of a session that a build is to have.
 *
 * What a user may set, and nothing that gives rights: neither the role nor what
 * takes a superuser.  What concerns the transaction or the client alone is the
 * build's own.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/guc_tables.h"

#include "base/compat.h"
#include "base/db.h"
#include "scratch/scratch_setting.h"

static MigrQuery settings_query = {
	"SELECT s.name, s.setting FROM pg_catalog.pg_settings s"
	" WHERE (s.context = 'user' OR s.name = 'lc_messages') AND s.setting IS NOT NULL"
	"   AND s.name NOT LIKE ALL ('{transaction_%,default_transaction_%,tcp_%,idle_%,debug_%,log_%,trace_%}'::pg_catalog.text[])"
	"   AND s.name <> ALL ('{application_name,client_encoding,exit_on_error,lock_timeout,"
	"local_preload_libraries,role,search_path,seed,session_authorization,"
	"standard_conforming_strings,statement_timeout,"
	"client_connection_check_interval,ssl_renegotiation_limit}'::pg_catalog.text[])", 0, {0}
};

/*
 * Those of nobody, such as app.tenant, which no view shows; scripts read them by
 * current_setting().  In a function with its owner's rights they are of who calls
 * it, and may be for those only who have the owner's.
 */
static List *
custom_settings(void)
{
	List	   *settings = NIL;
	int			count;
	struct config_generic **all = migr_compat_settings(&count);

	if (InLocalUserIdChange())
		return NIL;
	for (int i = 0; i < count; i++)
	{
		const char *value = (all[i]->flags & GUC_CUSTOM_PLACEHOLDER) == 0 ? NULL
			: GetConfigOption(all[i]->name, true, false);

		if (value == NULL)
			continue;
		settings = lappend(settings, pstrdup(all[i]->name));
		settings = lappend(settings, pstrdup(value));
	}
	return settings;
}

List *
migr_scratch_settings(void)
{
	/* Our own queries have others of these. */
	static const char *const pinned[] = {"search_path", "standard_conforming_strings"};
	List	   *settings = NIL;
	uint64		rows;
	MigrDb		db;

	for (int i = 0; i < (int) lengthof(pinned); i++)
	{
		settings = lappend(settings, pstrdup(pinned[i]));
		settings = lappend(settings, pstrdup(GetConfigOption(pinned[i], false, false)));
	}
	migr_db_begin_as_caller(&db);
	rows = migr_db_run(&db, &settings_query, NULL, NULL);
	for (uint64 i = 0; i < rows; i++)
	{
		settings = lappend(settings, migr_db_text(i, 1));
		settings = lappend(settings, migr_db_text(i, 2));
	}
	migr_db_end(&db);
	return list_concat(settings, custom_settings());
}
