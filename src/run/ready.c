/*
 * ready.c
 *		What a run writes behind its statements is planned before them.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "base/db.h"
#include "run/ready.h"
#include "store/generation.h"
#include "store/log.h"
#include "store/recorded.h"
#include "store/standing.h"
#include "store/store.h"

void
migr_ready(void)
{
	MigrDb		db;

	migr_db_begin(&db, false);
	migr_store_ready();
	migr_generation_ready();
	migr_recorded_ready();
	migr_log_ready();
	migr_standing_ready();
	migr_db_end(&db);
}
