/*
 * scratch_vacuum.c
 *		A scratch database does not grow by what is built in it.
 *
 * All rows of a build are dead when it is rolled back.  Autovacuum comes once a
 * minute at best, and may be off; so the worker cleans up when its session has
 * left and waits for it no more.  Who builds next need not wait either.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "access/xact.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "nodes/parsenodes.h"
#include "pgstat.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

#include "base/compat.h"
#include "base/db.h"
#include "base/server_parser.h"
#include "base/worker.h"
#include "scratch/scratch_build.h"

/* A catalog that is larger has grown: in template0 none is, on any major. */
#define GROWN "2097152"

static MigrQuery grown_query = {
	"SELECT pg_catalog.string_agg(c.oid::pg_catalog.regclass::text, ', ') FROM pg_catalog.pg_class c"
	" WHERE c.relnamespace = 11 AND c.relkind = 'r' AND NOT c.relisshared"
	"   AND pg_catalog.pg_relation_size(c.oid) > " GROWN, 0, {0}
};

/* The catalogs that have grown, for a statement; NULL if none has. */
static char *
find_grown(void)
{
	char	   *grown;
	MigrDb		db;

	PushActiveSnapshot(GetTransactionSnapshot());
	migr_db_begin(&db, false);
	(void) migr_db_run(&db, &grown_query, NULL, NULL);
	grown = migr_db_text(0, 1);
	migr_db_end(&db);
	PopActiveSnapshot();
	return grown;
}

static void
vacuum(const char *catalogs)
{
	/* Other processes would wait for who drops the database, and he for this one. */
	char	   *sql = psprintf("VACUUM (SKIP_LOCKED, PARALLEL 0) %s", catalogs);

	migr_compat_run_utility(migr_parse_utility(sql), sql);
}

/* Nobody listens any more: the end of the process is all that an error does. */
void
migr_scratch_vacuum(void)
{
	MemoryContext context = AllocSetContextCreate(TopMemoryContext, "migr vacuum",
												  ALLOCSET_DEFAULT_SIZES);
	char	   *catalogs;

	migr_scratch_rule_end();
	/* Nobody else is told what goes wrong. */
	(void) set_config_option("log_min_messages", "warning", PGC_SUSET, PGC_S_SESSION,
							 GUC_ACTION_SET, true, 0, false);
	/* What autovacuum would find to do otherwise is done here. */
	pgstat_report_stat(true);
	pgstat_report_activity(STATE_RUNNING, MIGR_WORKER_CLEANS);
	StartTransactionCommand();
	if (!migr_worker_is_itself())
		SetUserIdAndSecContext(migr_worker_role(), SECURITY_LOCAL_USERID_CHANGE);
	MemoryContextSwitchTo(context);
	catalogs = find_grown();
	if (catalogs)
	{
		/* It commits on its way, so this must outlive a transaction. */
		PortalContext = context;
		MemoryContextSwitchTo(context);
		vacuum(catalogs);
	}
}
