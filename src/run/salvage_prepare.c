/*
 * salvage_prepare.c
 *		Where the values of a column go, with the key of their rows.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/pg_class.h"
#include "catalog/pg_index.h"
#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/relcache.h"

#include "run/salvage_parts.h"

static bool
is_lost(const List *losses, Oid table, AttrNumber column)
{
	ListCell   *lc;

	foreach(lc, losses)
	{
		const MigrLoss *loss = lfirst(lc);

		if (loss->table == table && loss->column == column)
			return true;
	}
	return false;
}

/* Do the columns of an index find each row, and stay when the losses have gone? */
static bool
is_key(Relation rel, Relation index, const List *losses)
{
	const FormData_pg_index *form = index->rd_index;

	if (!form->indisunique || !form->indimmediate || !form->indisvalid ||
		RelationGetIndexExpressions(index) != NIL || RelationGetIndexPredicate(index) != NIL)
		return false;
	for (int i = 0; i < form->indnkeyatts; i++)
	{
		AttrNumber	column = form->indkey.values[i];

		if (column <= 0 || !TupleDescAttr(RelationGetDescr(rel), column - 1)->attnotnull ||
			is_lost(losses, RelationGetRelid(rel), column))
			return false;
	}
	return true;
}

/* The columns (int) of the primary key, or of another; NIL if there is none. */
static List *
find_key(Relation rel, const List *losses)
{
	List	   *found = NIL;
	ListCell   *lc;

	foreach(lc, RelationGetIndexList(rel))
	{
		Relation	index = index_open(lfirst_oid(lc), AccessShareLock);

		if ((found == NIL || index->rd_index->indisprimary) && is_key(rel, index, losses))
		{
			found = NIL;
			for (int i = 0; i < index->rd_index->indnkeyatts; i++)
				found = lappend_int(found, index->rd_index->indkey.values[i]);
		}
		index_close(index, NoLock);
	}
	return found;
}

static List *
add_column(List *columns, AttrNumber number)
{
	MigrCopied *copied = palloc0(sizeof(MigrCopied));

	copied->number = number;
	return lappend(columns, copied);
}

List *
migr_salvage_describe(Relation rel, const MigrSalvaging *salvaging, const MigrLoss *loss,
					  const List *losses, MigrSalvaged *salvaged)
{
	List	   *columns = NIL;
	ListCell   *lc;

	memset(salvaged, 0, sizeof(MigrSalvaged));
	salvaged->kind = "column";
	salvaged->kept_for = salvaging->kept_for;
	salvaged->revision = salvaging->revision;
	salvaged->action = salvaging->action;
	salvaged->schema = get_namespace_name(RelationGetNamespace(rel));
	salvaged->table = pstrdup(RelationGetRelationName(rel));
	salvaged->column = get_attname(loss->table, loss->column, false);
	salvaged->owner = GetUserNameFromId(rel->rd_rel->relowner, false);
	foreach(lc, find_key(rel, losses))
	{
		columns = add_column(columns, lfirst_int(lc));
		salvaged->key = lappend(salvaged->key, get_attname(loss->table, lfirst_int(lc), false));
	}
	return columns == NIL ? NIL : add_column(columns, loss->column);
}

void
migr_salvage_place(MigrSalvaged *salvaged, Relation rel, const List *columns, bool has_pass)
{
	char	   *head;

	salvaged->id = migr_salvaged_next();
	head = psprintf("k" INT64_FORMAT "_", salvaged->id);
	salvaged->relation = psprintf("%s%.*s", head,
								  pg_mbcliplen(salvaged->column, strlen(salvaged->column),
											   NAMEDATALEN - 1 - (int) strlen(head)),
								  salvaged->column);
	salvaged->oid = migr_salvage_make(salvaged->relation, rel->rd_rel->relowner, RelationGetRelid(rel),
									  columns, has_pass);
}

bool
migr_salvage_prepare(const MigrSalvaging *salvaging, const MigrLoss *loss, const List *losses, bool has_pass,
					 MigrSalvaged *salvaged, List **columns)
{
	Relation	rel = table_open(loss->table, AccessShareLock);

	*columns = migr_salvage_describe(rel, salvaging, loss, losses, salvaged);
	if (*columns != NIL)
	{
		migr_salvage_place(salvaged, rel, *columns, has_pass);
		migr_salvaged_add(salvaged);
	}
	table_close(rel, NoLock);
	return *columns != NIL;
}

/* --- what is kept, and a type that goes ------------------------------------------------ */

/* The same rows in another table, in which some columns are text. */
static void
free_one(Oid table, const List *losses)
{
	MigrSalvaged *salvaged = migr_salvaged_having(get_rel_name(table));
	Relation	rel = table_open(table, AccessExclusiveLock);
	Oid			owner = rel->rd_rel->relowner;
	List	   *columns = NIL;
	char	   *relation;

	for (int i = 1; i <= RelationGetNumberOfAttributes(rel); i++)
	{
		if (TupleDescAttr(RelationGetDescr(rel), i - 1)->attisdropped)
			continue;
		columns = add_column(columns, i);
		((MigrCopied *) llast(columns))->as_text = is_lost(losses, table, i);
	}
	table_close(rel, NoLock);
	if (salvaged == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_DEPENDENT_OBJECTS_STILL_EXIST),
				 errmsg("table %s in schema migr_kept would be dropped", get_rel_name(table))));
	relation = psprintf("t%.*s", pg_mbcliplen(salvaged->relation, strlen(salvaged->relation), NAMEDATALEN - 2),
						salvaged->relation);
	migr_salvage_copy(table, columns, migr_salvage_make(relation, owner, table, columns, false));
	migr_salvaged_move(salvaged->id, relation);
	migr_salvage_drop_relation(table);
}

void
migr_salvage_free(const List *losses)
{
	List	   *done = NIL;
	ListCell   *lc;

	foreach(lc, losses)
	{
		const MigrLoss *loss = lfirst(lc);

		if (!loss->is_kept || get_rel_relispartition(loss->table) ||
			list_member_oid(done, loss->table))
			continue;
		if (loss->column == 0)
			ereport(ERROR,
					(errcode(ERRCODE_DEPENDENT_OBJECTS_STILL_EXIST),
					 errmsg("what migr keeps would be dropped: %s", get_rel_name(loss->table)),
					 errhint("SELECT * FROM migr_kept() tells what it is; SELECT migr_discard(id) drops it.")));
		free_one(loss->table, losses);
		done = lappend_oid(done, loss->table);
	}
}
