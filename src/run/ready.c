/*
 * ready.c
 *		What a run writes behind its statements is planned before them.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/table.h"
#include "utils/rel.h"
#include "utils/relcache.h"

#include "base/db.h"
#include "base/secure.h"
#include "exec/own_rule.h"
#include "run/ready.h"
#include "store/generation.h"
#include "store/log.h"
#include "store/recorded.h"
#include "store/salvaged.h"
#include "store/standing.h"
#include "store/store.h"

/* Where rows are written; what a plan to insert some does not say is which indexes there are. */
static const char *const tables[] = {"version", "generation", "object", "recorded", "log", "log_end", "standing",
"kept"};

static void
open_indexes(Oid table)
{
	Relation	rel = table_open(table, RowExclusiveLock);
	ListCell   *lc;

	foreach(lc, RelationGetIndexList(rel))
		index_close(index_open(lfirst_oid(lc), RowExclusiveLock), NoLock);
	table_close(rel, NoLock);
}

void
migr_ready(void)
{
	MigrDb		db;

	migr_db_begin(&db, false);
	for (int i = 0; i < (int) lengthof(tables); i++)
		open_indexes(migr_secure_table(tables[i]));
	migr_store_ready();
	migr_generation_ready();
	migr_recorded_ready();
	migr_log_ready();
	migr_standing_ready();
	migr_salvaged_ready();
	migr_own_rules_ready();
	migr_db_end(&db);
}
