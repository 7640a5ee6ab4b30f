/*
 * restore_point.c
 *		Where a run begins in the write-ahead log.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "access/xlog.h"
#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "utils/guc.h"

#include "base/db.h"
#include "run/restore_point.h"

/* Of what a revision is called, so that the place has room behind it. */
#define REVISION_BYTES 30

static bool restore_point;

static MigrQuery may_query = {
	"SELECT pg_catalog.has_function_privilege('pg_catalog.pg_create_restore_point(text)', 'EXECUTE')",
	0, {0}
};

static MigrQuery create_query = {"SELECT pg_catalog.pg_create_restore_point($1)", 1, {TEXTOID}};

void
migr_restore_point_init(void)
{
	DefineCustomBoolVariable("migr.restore_point",
							 "Create a restore point in the write-ahead log before each run.",
							 NULL, &restore_point, false,
							 PGC_USERSET, 0, NULL, NULL, NULL);
}

static void
tell_impossible(const char *why)
{
	ereport(WARNING,
			(errmsg("no restore point is created"),
			 errdetail_internal("%s", why)));
}

/* With the caller's rights: who may do so is for the server to say. */
static void
create(const char *name, char *created)
{
	Datum		value = migr_db_text_datum(name);
	MigrDb		db;

	migr_db_begin_as_caller(&db);
	migr_db_run(&db, &may_query, NULL, NULL);
	if (DatumGetBool(migr_db_datum(0, 1)))
	{
		migr_db_run(&db, &create_query, &value, NULL);
		strlcpy(created, name, MAXFNAMELEN);
	}
	else
		tell_impossible("The role may not call pg_create_restore_point().");
	migr_db_end(&db);
}

void
migr_restore_point_take(MigrRestorePoint *point, const char *revision)
{
	point->lsn = GetXLogInsertRecPtr();
	point->name[0] = '\0';
	if (!restore_point)
		return;
	if (!XLogIsNeeded())
		tell_impossible("wal_level is minimal.");
	else
		create(psprintf("migr before %.*s at %X/%X",
						pg_mbcliplen(revision, strlen(revision), REVISION_BYTES), revision,
						(uint32) (point->lsn >> 32), (uint32) point->lsn), point->name);
}
