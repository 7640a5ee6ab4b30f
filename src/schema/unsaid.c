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
tell_ignored(const List *ignored)
{
	if (ignored != NIL)
		ereport(NOTICE,
				(errmsg("not managed: %s", migr_ident_join(ignored)),
				 errdetail("The desired schema has it, and migr.compare leaves out its kind.")));
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
		tell_ignored(ignored);
	migr_leave_extras(there, desired, !owners, !privileges);
	if (!owners)
		settings[count++] = (MigrSetting) {"migr.compare_owners", "off"};
	if (!privileges)
		settings[count++] = (MigrSetting) {"migr.compare_privileges", "off"};
	migr_settings_run(settings, count, work, arg);
}
