/*
 * scratch_labels.c
 *		Labels that a scratch build adds to enum types.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/pg_enum.h"

#include "base/db.h"
#include "exec/labels.h"
#include "scratch/scratch_labels.h"

static MigrQuery types_query = {
	"SELECT t.oid FROM pg_catalog.pg_type t WHERE t.typtype = 'e'", 0, {0}
};

static bool holding;

void
migr_scratch_labels_hold(void)
{
	List	   *older = NIL;
	uint64		rows;
	MigrDb		db;

	migr_db_begin(&db, false);
	rows = migr_db_run(&db, &types_query, NULL, NULL);
	for (uint64 row = 0; row < rows; row++)
		older = lappend_oid(older, DatumGetObjectId(migr_db_datum(row, 1)));
	migr_db_end(&db);
	migr_labels_set_older(older);
	holding = true;
}

void
migr_scratch_labels_begin(void)
{
	if (holding)
		return;
	AtEOXact_Enum();
	migr_scratch_labels_hold();
}

void
migr_scratch_labels_forget(void)
{
	migr_labels_set_older(NIL);
	holding = false;
}

/* While types are older, who runs a statement lets through what may be used. */
void
migr_scratch_labels_commit(void)
{
	if (!holding)
		AtEOXact_Enum();
}

void
migr_scratch_labels_commit_all(void)
{
	migr_labels_let_all_through();
}
