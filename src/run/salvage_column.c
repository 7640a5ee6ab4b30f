/*
 * salvage_column.c
 *		The values of a column that is dropped, with the key of their rows.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "access/table.h"
#include "utils/rel.h"

#include "run/salvage_parts.h"

static void
raise_no_key(const MigrSalvaged *salvaged)
{
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("%s can't be kept, and so is not dropped", migr_salvaged_describe(salvaged)),
			 errdetail("Its table has no key that stays, by which values would find their rows again."),
			 errhint("Give it a primary key; or say SET migr.keep_dropped = off in the script, before the statement.")));
}

void
migr_salvage_column(const MigrSalvaging *salvaging, const MigrLoss *loss, const List *losses)
{
	Relation	rel = table_open(loss->table, AccessExclusiveLock);
	MigrSalvaged salvaged;
	List	   *columns = migr_salvage_describe(rel, salvaging, loss, losses, &salvaged);

	if (columns == NIL)
		raise_no_key(&salvaged);
	if (!migr_salvage_take_ahead(loss, columns, rel->rd_rel->relfilenode, &salvaged))
	{
		migr_salvage_place(&salvaged, rel, columns, false);
		salvaged.rows = migr_salvage_copy(loss->table, columns, salvaged.oid);
	}
	table_close(rel, NoLock);
	migr_salvaged_add(&salvaged);
	ereport(NOTICE,
			(errmsg("%s is kept as " INT64_FORMAT, migr_salvaged_describe(&salvaged), salvaged.id)));
}
