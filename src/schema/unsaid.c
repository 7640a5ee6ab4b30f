/*
 * unsaid.c
 *		What a desired schema says nothing of is no part of the comparison.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "base/ident.h"
#include "base/settings.h"
#include "diff/leave.h"
#include "model/privileges.h"
#include "schema/unsaid.h"

static void
tell_unmanaged(const List *unmanaged, const char *reason)
{
	if (unmanaged != NIL)
		ereport(NOTICE,
				(errmsg("not managed: %s", migr_ident_join(unmanaged)),
				 errdetail("The desired schema has it, and %s", reason)));
}

void
migr_unsaid_run(MigrSchema *there, MigrSchema *desired, bool tell, MigrWork work, void *arg)
{
	/* A text says what is there as well. */
	int			said = there->said | desired->said;
	bool		owners = migr_privileges_owners_compared() && (said & MIGR_SAID_OWNERS) != 0;
	bool		privileges = migr_privileges_always_compared() ||
		(migr_privileges_compared() && (said & MIGR_SAID_PRIVILEGES) != 0);
	MigrSetting settings[2];
	int			count = 0;
	List	   *ignored = migr_leave_kinds(there, desired);

	if (tell)
	{
		tell_unmanaged(desired->unmanaged, "migr.exclude names it, or others own the schema where it is.");
		tell_unmanaged(ignored, "migr.compare leaves out its kind.");
	}
	if (!privileges)
		migr_leave_privileges(there, desired, !owners);
	if (!owners)
		settings[count++] = (MigrSetting) {"migr.compare_owners", "off"};
	if (!privileges)
		settings[count++] = (MigrSetting) {"migr.compare_privileges", "off"};
	migr_settings_run(settings, count, work, arg);
}
