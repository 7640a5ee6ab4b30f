/*
 * missing.c
 *		What the store does not have, and should: told, never passed over.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "base/errors.h"
#include "store/missing.h"

/* How many warnings there are, one for each revision. */
#define REVISIONS_NAMED 10

static MigrQuery read_missing = {
	"SELECT v.revision FROM migr.version v"
	" WHERE NOT EXISTS (SELECT FROM migr.revision r WHERE r.revision = v.revision)"
	" ORDER BY v.ordinal", 0, {0}
};

static MigrQuery read_any = {
	"SELECT revision FROM migr.revision LIMIT 1", 0, {0}
};

/* Those that are named by none of the warnings. */
static void
warn_of_rest(const List *revisions)
{
	int			more = list_length(revisions) - REVISIONS_NAMED;

	if (more > 0)
		ereport(WARNING,
				(errmsg_plural("%d more applied revision has no script in the store",
							   "%d more applied revisions have no script in the store",
							   more, more)));
}

void
migr_missing_warn(const List *revisions)
{
	ListCell   *lc;
	int			count = 0;

	foreach(lc, revisions)
	{
		if (count++ == REVISIONS_NAMED)
			break;
		ereport(WARNING,
				(errmsg("revision \"%s\" is recorded as applied, but its script is not in the store",
						(char *) lfirst(lc)),
				 errhint("Load its script again with migr_load(); if it is lost, migr_repair() finds out where the schema is without it.")));
	}
	warn_of_rest(revisions);
}

void
migr_missing_warn_stored(MigrDb *db)
{
	uint64		rows = migr_db_run(db, &read_missing, NULL, NULL);
	List	   *revisions = NIL;

	for (uint64 i = 0; i < rows; i++)
		revisions = lappend(revisions, migr_db_text(i, 1));
	migr_missing_warn(revisions);
}

void
migr_missing_warn_kept(const List *revisions)
{
	ListCell   *lc;
	int			count = 0;

	foreach(lc, revisions)
	{
		if (count++ == REVISIONS_NAMED)
			break;
		ereport(WARNING,
				(errmsg("revision \"%s\" stays recorded as applied", (char *) lfirst(lc)),
				 errdetail("Its script is not in the store, so a stamp can't tell whether it is on the way to the target."),
				 errhint("With purge => true, the version is what is stamped and nothing else.")));
	}
	warn_of_rest(revisions);
}

void
migr_missing_check_any(const MigrState *state)
{
	if (state->graph->count == 0)
		ereport(ERROR,
				(errcode(ERRCODE_MIGR_NOT_UP_TO_DATE),
				 errmsg("database is not up to date: no revision is loaded"),
				 errhint(MIGR_LOAD_FIRST)));
}

bool
migr_missing_is_empty(MigrDb *db)
{
	return migr_db_run(db, &read_any, NULL, NULL) == 0;
}

void
migr_missing_tell_empty(void)
{
	ereport(NOTICE,
			(errmsg("nothing to do: no revision is loaded"),
			 errhint(MIGR_LOAD_FIRST)));
}
