/*
 * salvage_ahead.c
 *		Values of a column that a deploy is about to drop, copied before it locks the table.
 *
 * A version of a row does not change.  One that was there when the copy began, and still
 * is when the table is locked, has been copied between; so behind the lock only those are
 * copied that are newer, and they go before older ones with their key when values are put
 * back.  That takes a file that is the same all the time, as a rewrite moves versions.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "access/heapam.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "miscadmin.h"
#include "nodes/parsenodes.h"
#include "storage/bufmgr.h"
#include "utils/acl.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "base/server_parser.h"
#include "base/xact.h"
#include "run/salvage.h"
#include "run/salvage_parts.h"

/* Smaller tables, in pages, are copied behind the lock. */
#define WORTH_IT 128

/* So many pages at a time. */
#define BATCH_PAGES 4096

typedef struct Ahead
{
	MigrSalvaged salvaged;
	Oid			table;
	AttrNumber	column;
	List	   *columns;		/* MigrCopied * */
	Oid			file;			/* of the table: the copy is none of another */
	TransactionId horizon;		/* versions of transactions before it were there */
	BlockNumber next;
	BlockNumber blocks;
	int64		rows;
	bool		failed;			/* it is no use */
} Ahead;

/* Of the step that a deploy is at. */
static List *aheads;

/* What a deploy passes on. */
typedef struct Looking
{
	const MigrScript *script;
	const MigrSection *section;
	List	   *statements;
	MemoryContext memory;		/* that outlasts transactions */
	Ahead	   *ahead;			/* at which it is */
} Looking;

static void
forget(void *arg)
{
	aheads = NIL;
}

/* --- which columns ----------------------------------------------------------------------- */

/* Can it be done for the column, by who runs? */
static bool
is_worth_it(Relation rel, AttrNumber column)
{
	return rel->rd_rel->relkind == RELKIND_RELATION && rel->rd_tableam == GetHeapamTableAmRoutine() &&
		!RelationUsesLocalBuffers(rel) && column > 0 &&
		TupleDescAttr(RelationGetDescr(rel), column - 1)->attgenerated == '\0' &&
		get_attnum(RelationGetRelid(rel), MIGR_PASS_COLUMN) == InvalidAttrNumber &&
		has_privs_of_role(GetUserId(), rel->rd_rel->relowner) &&
		RelationGetNumberOfBlocks(rel) >= WORTH_IT;
}

/* Make the table, and a row that says that it has expired, in case nobody gets to it. */
static void
begin_copy(Looking *looking, Relation rel, AttrNumber column)
{
	MemoryContext caller;
	MigrSalvaging salvaging = {.kept_for = "0"};
	MigrLoss	loss = {.table = RelationGetRelid(rel), .column = column};
	Ahead	   *ahead;

	salvaging.revision = looking->script->revision;
	salvaging.action = "ahead";
	caller = MemoryContextSwitchTo(looking->memory);
	ahead = palloc0(sizeof(Ahead));
	ahead->table = loss.table;
	ahead->column = column;
	ahead->file = rel->rd_rel->relfilenode;
	ahead->blocks = RelationGetNumberOfBlocks(rel);
	ahead->horizon = GetLatestSnapshot()->xmin;
	if (migr_salvage_prepare(&salvaging, &loss, list_make1(&loss), true, &ahead->salvaged, &ahead->columns))
		aheads = lappend(aheads, ahead);
	MemoryContextSwitchTo(caller);
}

static void
look_at(Looking *looking, const AlterTableStmt *alter)
{
	Oid			table = RangeVarGetRelid(alter->relation, NoLock, true);
	Relation	rel;
	ListCell   *lc;

	if (!OidIsValid(table) || get_rel_relkind(table) != RELKIND_RELATION)
		return;
	rel = table_open(table, AccessShareLock);
	foreach(lc, alter->cmds)
	{
		const AlterTableCmd *command = lfirst(lc);
		AttrNumber	column = command->subtype == AT_DropColumn ? get_attnum(table, command->name) : 0;

		if (column > 0 && is_worth_it(rel, column))
			begin_copy(looking, rel, column);
	}
	table_close(rel, NoLock);
}

static void
look(void *arg)
{
	Looking    *looking = arg;
	ListCell   *lc;

	foreach(lc, looking->statements)
	{
		const MigrStatement *statement = lfirst(lc);
		char	   *sql = pnstrdup(looking->section->sql + statement->start,
								   statement->end - statement->start);
		Node	   *tree = strcmp(statement->tag, "ALTER TABLE") == 0
			? linitial_node(RawStmt, migr_parse(sql, NULL, 1))->stmt : NULL;

		if (tree && IsA(tree, AlterTableStmt))
			look_at(looking, (AlterTableStmt *) tree);
	}
}

/* --- copying ---------------------------------------------------------------------------------- */

static void
copy_batch(void *arg)
{
	Ahead	   *ahead = ((Looking *) arg)->ahead;
	MigrCopy	copy = {.from = ahead->table, .columns = ahead->columns, .into = ahead->salvaged.oid,
	.has_pass = true, .first = ahead->next, .pages = BATCH_PAGES};
	Relation	rel = try_relation_open(ahead->table, AccessShareLock);

	ahead->failed = rel == NULL || rel->rd_rel->relfilenode != ahead->file;
	if (!ahead->failed)
		ahead->rows += migr_salvage_copy_part(&copy);
	if (rel)
		relation_close(rel, NoLock);
}

void
migr_salvage_ahead(const MigrScript *script, MigrDirection direction, List *statements)
{
	Looking		looking = {.script = script, .statements = statements,
	.memory = CurrentMemoryContext};
	MemoryContextCallback *callback;
	ListCell   *lc;

	if (!migr_salvage_is_on())
		return;
	callback = palloc0(sizeof(MemoryContextCallback));
	callback->func = forget;
	MemoryContextRegisterResetCallback(CurrentMemoryContext, callback);
	looking.section = &script->sections[direction == MIGR_UPGRADE ? MIGR_SECTION_UPGRADE
										: MIGR_SECTION_DOWNGRADE];
	migr_xact_do(look, &looking);
	foreach(lc, aheads)
	{
		Ahead	   *ahead = lfirst(lc);

		looking.ahead = ahead;
		for (; ahead->next < ahead->blocks && !ahead->failed; ahead->next += BATCH_PAGES)
		{
			CHECK_FOR_INTERRUPTS();
			migr_xact_do(copy_batch, &looking);
		}
	}
}

/* --- behind the lock ------------------------------------------------------------------------------ */

static bool
has_columns(const Ahead *ahead, const List *columns)
{
	ListCell   *one;
	ListCell   *other;

	if (list_length(columns) != list_length(ahead->columns))
		return false;
	forboth(one, columns, other, ahead->columns)
	{
		AttrNumber	number = ((MigrCopied *) lfirst(one))->number;
		char	   *name = get_attname(ahead->table, number, false);

		if (number != ((MigrCopied *) lfirst(other))->number ||
			get_atttype(ahead->table, number) !=
			get_atttype(ahead->salvaged.oid, get_attnum(ahead->salvaged.oid, name)))
			return false;
	}
	return true;
}

bool
migr_salvage_take_ahead(const MigrLoss *loss, const List *columns, Oid file, MigrSalvaged *salvaged)
{
	ListCell   *lc;

	foreach(lc, aheads)
	{
		const Ahead *ahead = lfirst(lc);
		MigrCopy	copy = {.from = ahead->table, .columns = columns, .into = ahead->salvaged.oid,
		.has_pass = true, .pass = 1, .since = ahead->horizon};

		if (ahead->table != loss->table || ahead->column != loss->column || ahead->failed ||
			ahead->file != file ||
			get_rel_relkind(ahead->salvaged.oid) != RELKIND_RELATION || !has_columns(ahead, columns))
			continue;
		salvaged->id = ahead->salvaged.id;
		salvaged->relation = ahead->salvaged.relation;
		salvaged->oid = ahead->salvaged.oid;
		salvaged->rows = ahead->rows + migr_salvage_copy_part(&copy);
		migr_salvaged_remove(salvaged->id);
		return true;
	}
	return false;
}

/* --- at its end -------------------------------------------------------------------------------------- */

/* What the step has not used, its script has kept from being dropped, or it has failed. */
static void
drop_unused(void *arg)
{
	ListCell   *lc;

	foreach(lc, aheads)
	{
		const MigrSalvaged *salvaged = migr_salvaged_find(((Ahead *) lfirst(lc))->salvaged.id);

		if (salvaged && strcmp(salvaged->action, "ahead") == 0)
			migr_salvage_drop(salvaged);
	}
}

void
migr_salvage_ahead_end(void)
{
	if (aheads != NIL)
		(void) migr_xact_run(drop_unused, NULL);
	aheads = NIL;
}
