/*
 * migr.c
 *		Module entry: what each module defines for itself.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/guc.h"

#include "compat.h"
#include "ddl_acl.h"
#include "fence.h"
#include "fingerprint.h"
#include "mutex.h"
#include "runner.h"
#include "safeguard.h"
#include "scratch.h"
#include "scratch_database.h"
#include "scratch_right.h"
#include "snap.h"
#include "source.h"
#include "text.h"
#include "worker.h"

MIGR_MODULE_MAGIC;

PGDLLEXPORT void _PG_init(void);

void
_PG_init(void)
{
	migr_ddl_acl_init();
	migr_fence_init();
	migr_fingerprint_init();
	migr_mutex_init();
	migr_runner_init();
	migr_safeguard_init();
	migr_scratch_init();
	migr_scratch_database_init();
	migr_scratch_right_init();
	migr_snap_init();
	migr_source_init();
	migr_text_init();
	migr_worker_init();
	MarkGUCPrefixReserved("migr");
}
