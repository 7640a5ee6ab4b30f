/*
 * salvage.c
 *		What a run drops with rows is kept, and put back by the way back.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_inherits.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "nodes/parsenodes.h"
#include "storage/lmgr.h"
#include "tcop/utility.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/resowner.h"
#include "utils/timestamp.h"

#include "base/compat.h"
#include "base/subxact.h"
#include "run/salvage.h"
#include "run/salvage_parts.h"
#include "store/mutex.h"

/* So often a statement is tried: each time, more of what it would take has been kept. */
#define ROUNDS 20

static ProcessUtility_hook_type next_utility;

/* Whose statements run in this session. */
static struct
{
	bool		entered;
	bool		busy;			/* a statement is in hand: what it fires belongs to it */
	char		revision[256];
	MigrDirection direction;
	char		tenant[NAMEDATALEN];	/* empty: of none */
	MemoryContext memory;		/* of the list */
	List	   *tried;			/* int64 *: columns that a statement has got back, or not */
}			current;

static const char *
opposite(MigrDirection direction)
{
	return direction == MIGR_UPGRADE ? "downgrade" : "upgrade";
}

/* --- what runs ------------------------------------------------------------------------ */

static void
forget(void *arg)
{
	current.entered = current.busy = false;
	current.memory = NULL;
	current.tried = NIL;
}

void
migr_salvage_enter(const char *revision, MigrDirection direction, const char *tenant)
{
	/* Longer than a transaction of a procedure's, and no longer than its call. */
	MemoryContext context = PortalContext ? PortalContext : CurrentMemoryContext;

	if (current.memory == NULL)
	{
		MemoryContextCallback *callback = MemoryContextAllocZero(context, sizeof(MemoryContextCallback));

		callback->func = forget;
		MemoryContextRegisterResetCallback(context, callback);
		current.memory = context;
		current.tried = NIL;
	}
	strlcpy(current.revision, revision, sizeof(current.revision));
	current.direction = direction;
	strlcpy(current.tenant, tenant ? tenant : "", sizeof(current.tenant));
	current.entered = true;
	current.busy = false;
}

void
migr_salvage_leave(void)
{
	current.entered = current.busy = false;
}

/* What the way there has kept. */
static List *
find_kept(void)
{
	return migr_salvaged_of(current.revision, opposite(current.direction),
							current.tenant[0] ? current.tenant : NULL);
}

static bool
is_active(void)
{
	return current.entered && !current.busy && migr_mutex_in_run() && !migr_db_active();
}

/* --- a statement that drops ------------------------------------------------------------- */

static bool
has_command(const Node *statement, AlterTableType subtype)
{
	ListCell   *lc;

	if (!IsA(statement, AlterTableStmt))
		return false;
	foreach(lc, ((const AlterTableStmt *) statement)->cmds)
	{
		if (((AlterTableCmd *) lfirst(lc))->subtype == subtype)
			return true;
	}
	return false;
}

static bool
may_drop_rows(const Node *statement)
{
	const DropStmt *drop = (const DropStmt *) statement;

	if (IsA(statement, DropOwnedStmt) || has_command(statement, AT_DropColumn))
		return true;
	if (!IsA(statement, DropStmt) || drop->concurrent)
		return false;
	return drop->behavior == DROP_CASCADE || drop->removeType == OBJECT_TABLE ||
		drop->removeType == OBJECT_TYPE || drop->removeType == OBJECT_DOMAIN ||
		drop->removeType == OBJECT_COLLATION || drop->removeType == OBJECT_ACCESS_METHOD ||
		drop->removeType == OBJECT_EXTENSION;
}

static void
make_cascade(Node *statement)
{
	ListCell   *lc;

	if (IsA(statement, DropStmt))
		((DropStmt *) statement)->behavior = DROP_CASCADE;
	else if (IsA(statement, DropOwnedStmt))
		((DropOwnedStmt *) statement)->behavior = DROP_CASCADE;
	else
	{
		foreach(lc, ((AlterTableStmt *) statement)->cmds)
			((AlterTableCmd *) lfirst(lc))->behavior = DROP_CASCADE;
	}
}

static void
forward(MIGR_UTILITY_PARAMETERS)
{
	if (next_utility)
		next_utility(MIGR_UTILITY_ARGUMENTS);
	else
		standard_ProcessUtility(MIGR_UTILITY_ARGUMENTS);
}

/* The server may change the tree that it gets. */
static void
forward_copy(MIGR_UTILITY_PARAMETERS)
{
	planned = copyObject(planned);
	forward(MIGR_UTILITY_ARGUMENTS);
}

/* Has it been kept already? */
static bool
is_done(const List *done, const MigrLoss *loss)
{
	ListCell   *lc;

	foreach(lc, done)
	{
		const MigrLoss *one = lfirst(lc);

		if (one->table == loss->table && one->column == loss->column)
			return true;
	}
	return false;
}

/* Is there something to be kept, or that is kept, among what would be dropped? */
static bool
matters(const List *losses, const List *done)
{
	ListCell   *lc;

	foreach(lc, losses)
	{
		const MigrLoss *loss = lfirst(lc);

		if (!loss->is_root && !is_done(done, loss))
			return true;
	}
	return false;
}

/*
 * Run the statement in a subtransaction, which stays if there is nothing to keep and
 * nothing failed.  What has rows of what it drops is added to *losses; done is what is
 * kept already.
 */
static ErrorData *
attempt(List **losses, const List *done, bool quiet, MIGR_UTILITY_PARAMETERS)
{
	MemoryContext caller = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	volatile bool failed = false;
	int			guc_level;

	migr_subxact_begin();
	MemoryContextSwitchTo(caller);
	guc_level = NewGUCNestLevel();
	PG_TRY();
	{
		migr_loss_watch(losses);
		if (quiet)
			(void) set_config_option("client_min_messages", "warning", PGC_USERSET, PGC_S_SESSION,
									 GUC_ACTION_SAVE, true, 0, false);
		forward_copy(MIGR_UTILITY_ARGUMENTS);
		AtEOXact_GUC(true, guc_level);
	}
	PG_CATCH();
	{
		failed = true;
	}
	PG_END_TRY();
	migr_loss_watch_end();
	if (failed || matters(*losses, done))
		RollbackAndReleaseCurrentSubTransaction();
	else
		ReleaseCurrentSubTransaction();
	MemoryContextSwitchTo(caller);
	CurrentResourceOwner = owner;
	return failed ? migr_subxact_take_error() : NULL;
}

/* Tables that are named, in order; invalid: there is none. */
static List *
named_tables(const Node *statement)
{
	const DropStmt *drop = (const DropStmt *) statement;
	List	   *tables = NIL;
	ListCell   *lc;

	if (!IsA(statement, DropStmt) || drop->removeType != OBJECT_TABLE)
		return NIL;
	foreach(lc, drop->objects)
		tables = lappend_oid(tables, RangeVarGetRelid(makeRangeVarFromNameList(lfirst(lc)), NoLock, true));
	return tables;
}

/* Those that have moved are not dropped any more; is there anything left to drop? */
static bool
leave_out(Node *statement, const List *named, const List *moved)
{
	DropStmt   *drop = (DropStmt *) statement;
	List	   *left = NIL;
	ListCell   *name;
	ListCell   *table;

	if (named == NIL)
		return true;
	forboth(name, drop->objects, table, named)
	{
		if (!list_member_oid(moved, lfirst_oid(table)))
			left = lappend(left, lfirst(name));
	}
	drop->objects = left;
	return left != NIL;
}

static void
keep(const List *losses, const List *done, List **moved)
{
	MigrSalvaging salvaging = {.revision = current.revision, .kept_for = migr_salvage_span()};
	ListCell   *lc;

	salvaging.action = current.direction == MIGR_UPGRADE ? "upgrade" : "downgrade";
	migr_salvage_free(losses);
	foreach(lc, migr_loss_to_keep(losses))
	{
		const MigrLoss *loss = lfirst(lc);

		if (is_done(done, loss))
			continue;
		if (loss->column != 0)
			migr_salvage_column(&salvaging, loss, losses);
		else
			migr_salvage_table(&salvaging, loss->table, moved);
	}
}

/*
 * What is kept may have a type that is to go, which is nobody's fault: try what would go
 * with all that stands in the way, and free what is ours.
 */
static bool
free_kept(MIGR_UTILITY_PARAMETERS)
{
	List	   *losses = NIL;
	List	   *kept = NIL;
	ErrorData  *error;
	ListCell   *lc;

	planned = copyObject(planned);
	make_cascade(planned->utilityStmt);
	error = attempt(&losses, NIL, true, MIGR_UTILITY_ARGUMENTS);
	if (error && migr_subxact_is_foreign(error))
		ReThrowError(error);
	foreach(lc, losses)
	{
		if (((MigrLoss *) lfirst(lc))->is_kept)
			kept = lappend(kept, lfirst(lc));
	}
	migr_salvage_free(kept);
	return kept != NIL;
}

/*
 * What was locked to try the statement is locked no more when that is taken back, and
 * something may come to stand on it that nobody has meant to drop.  True if something had to be
 * locked: then it is tried once more.
 */
static bool
lock_losses(const List *losses, List **locked)
{
	bool		any = false;
	ListCell   *lc;

	foreach(lc, losses)
	{
		Oid			table = ((const MigrLoss *) lfirst(lc))->table;

		if (list_member_oid(*locked, table))
			continue;
		LockRelationOid(table, AccessExclusiveLock);
		*locked = lappend_oid(*locked, table);
		any = true;
	}
	return any;
}

static void
run_dropping(MIGR_UTILITY_PARAMETERS)
{
	List	   *moved = NIL;
	List	   *locked = NIL;
	List	   *done = NIL;		/* MigrLoss *: columns, which are there until the end */

	planned = copyObject(planned);
	for (int round = 0;; round++)
	{
		List	   *losses = NIL;
		List	   *named = named_tables(planned->utilityStmt);
		ErrorData  *error = attempt(&losses, done, round > 0, MIGR_UTILITY_ARGUMENTS);

		if (round > ROUNDS)
			ereport(ERROR,
					(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
					 errmsg("what a statement drops can't be kept, and so is not dropped"),
					 errdetail("Each time that it is tried, it drops something else; a trigger may do so."),
					 errhint("Say SET migr.keep_dropped = off in the script, before the statement.")));
		if (error && error->sqlerrcode == ERRCODE_DEPENDENT_OBJECTS_STILL_EXIST &&
			free_kept(MIGR_UTILITY_ARGUMENTS))
			continue;
		if (error)
			ReThrowError(error);
		if (!matters(losses, done))
			return;
		if (lock_losses(losses, &locked))
			continue;
		keep(losses, done, &moved);
		done = list_concat(done, losses);
		if (!leave_out(planned->utilityStmt, named, moved))
			return;
	}
}

/* --- a statement that makes room for what was dropped -------------------------------------- */

/*
 * Columns that it adds and that are kept, those of tables that inherit from its own included;
 * without NOT NULL, which holds when they are back.
 */
static List *
take_not_null(AlterTableStmt *alter, const List *kept, Oid table, List **not_null)
{
	const List *tables = find_all_inheritors(table, NoLock, NULL);
	List	   *found = NIL;
	ListCell   *lc;

	foreach(lc, alter->cmds)
	{
		const AlterTableCmd *command = lfirst(lc);
		ColumnDef  *column = (ColumnDef *) command->def;
		ListCell   *one;
		bool		is_kept = false;

		if (command->subtype != AT_AddColumn)
			continue;
		foreach(one, kept)
		{
			MigrSalvaged *salvaged = lfirst(one);

			if (salvaged->column && OidIsValid(salvaged->oid) &&
				strcmp(salvaged->column, column->colname) == 0 &&
				list_member_oid(tables, migr_salvage_target(salvaged)))
			{
				found = lappend(found, salvaged);
				is_kept = true;
			}
		}
		foreach(one, is_kept ? column->constraints : NIL)
		{
			Constraint *constraint = lfirst(one);

			if (constraint->contype != CONSTR_NOTNULL || constraint->conname)
				continue;
			column->constraints = list_delete_ptr(list_copy(column->constraints), constraint);
			*not_null = lappend(*not_null, column->colname);
			break;
		}
	}
	return found;
}

static void
note_tried(int64 id)
{
	MemoryContext caller = MemoryContextSwitchTo(current.memory);
	int64	   *tried = palloc(sizeof(int64));

	*tried = id;
	current.tried = lappend(current.tried, tried);
	MemoryContextSwitchTo(caller);
}

static bool
was_tried(int64 id)
{
	ListCell   *lc;

	foreach(lc, current.tried)
	{
		if (*(int64 *) lfirst(lc) == id)
			return true;
	}
	return false;
}

static void
set_not_null(AlterTableStmt *alter, const List *columns, MIGR_UTILITY_PARAMETERS)
{
	ListCell   *lc;

	if (columns == NIL)
		return;
	planned = copyObject(planned);
	alter = copyObject(alter);
	alter->cmds = NIL;
	foreach(lc, columns)
	{
		AlterTableCmd *command = makeNode(AlterTableCmd);

		command->subtype = AT_SetNotNull;
		command->name = lfirst(lc);
		alter->cmds = lappend(alter->cmds, command);
	}
	planned->utilityStmt = (Node *) alter;
	forward(MIGR_UTILITY_ARGUMENTS);
}

static void
run_adding(MIGR_UTILITY_PARAMETERS)
{
	AlterTableStmt *alter;
	List	   *not_null = NIL;
	List	   *kept = find_kept();
	Oid			table;
	ListCell   *lc;

	planned = copyObject(planned);
	alter = castNode(AlterTableStmt, planned->utilityStmt);
	table = kept == NIL ? InvalidOid : RangeVarGetRelid(alter->relation, NoLock, true);
	kept = OidIsValid(table) ? take_not_null(alter, kept, table, &not_null) : NIL;
	forward(MIGR_UTILITY_ARGUMENTS);
	if (kept == NIL)
		return;
	CommandCounterIncrement();
	foreach(lc, kept)
	{
		(void) migr_salvage_back(lfirst(lc), false);
		note_tried(((MigrSalvaged *) lfirst(lc))->id);
	}
	CommandCounterIncrement();
	set_not_null(alter, not_null, MIGR_UTILITY_ARGUMENTS);
}

void
migr_salvage_section_end(void)
{
	List	   *kept;
	ListCell   *lc;

	if (!current.entered)
		return;
	kept = migr_salvage_order(find_kept());
	foreach(lc, kept)
	{
		if (was_tried(((MigrSalvaged *) lfirst(lc))->id))
			continue;
		current.busy = true;
		(void) migr_salvage_back(lfirst(lc), false);
		current.busy = false;
	}
	current.tried = NIL;
}

/* --- the hook ---------------------------------------------------------------------------- */

static void
run_watched(bool drops, MIGR_UTILITY_PARAMETERS)
{
	current.busy = true;
	PG_TRY();
	{
		if (drops)
			run_dropping(MIGR_UTILITY_ARGUMENTS);
		else
			run_adding(MIGR_UTILITY_ARGUMENTS);
	}
	PG_FINALLY();
	{
		current.busy = false;
	}
	PG_END_TRY();
}

static void
see_utility(MIGR_UTILITY_PARAMETERS)
{
	const Node *statement = planned->utilityStmt;
	bool		drops = migr_salvage_is_on() && may_drop_rows(statement);

	if (is_active())
		migr_salvage_loosen(statement);
	if (is_active() && (drops || has_command(statement, AT_AddColumn)))
		run_watched(drops, MIGR_UTILITY_ARGUMENTS);
	else
		forward(MIGR_UTILITY_ARGUMENTS);
}

void
migr_salvage_init(void)
{
	migr_salvage_setting_init();
	next_utility = ProcessUtility_hook;
	ProcessUtility_hook = see_utility;
}
