/*
 * migr.c
 *		Module entry: what each module defines for itself.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/guc.h"

#include "base/compat.h"
#include "base/strict_setting.h"
#include "base/strict_span.h"
#include "base/text.h"
#include "base/usage_table.h"
#include "base/worker.h"
#include "check/plan_statements.h"
#include "kind/sort.h"
#include "model/privileges.h"
#include "run/replicas.h"
#include "run/restore_point.h"
#include "run/salvage.h"
#include "run/steps.h"
#include "run/summary.h"
#include "schema/record.h"
#include "schema/remembered.h"
#include "scratch/scratch.h"
#include "scratch/scratch_database.h"
#include "scratch/scratch_right.h"
#include "script/script_files.h"
#include "snapshot/snap.h"
#include "store/fence.h"
#include "store/generation.h"
#include "store/mutex.h"
#include "store/tenant.h"
#include "store/usage_watch.h"

MIGR_MODULE_MAGIC;

PGDLLEXPORT void _PG_init(void);

void
_PG_init(void)
{
	migr_privileges_init();
	migr_fence_init();
	migr_record_init();
	migr_generation_init();
	migr_remembered_init();
	migr_mutex_init();
	migr_plan_init();
	migr_replicas_init();
	migr_restore_point_init();
	migr_steps_init();
	migr_safeguard_init();
	migr_salvage_init();
	migr_span_init();
	migr_scratch_init();
	migr_scratch_database_init();
	migr_scratch_right_init();
	migr_scope_init();
	migr_sort_init();
	migr_source_init();
	migr_summary_init();
	migr_tenant_init();
	migr_text_init();
	migr_usage_table_init();
	migr_usage_watch_init();
	migr_worker_init();
	MarkGUCPrefixReserved("migr");
}
