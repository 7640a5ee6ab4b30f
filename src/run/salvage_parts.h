/*
 * salvage_parts.h
 *		The parts of keeping what a run drops, see salvage.h.
 *
 * Private to run.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_SALVAGE_PARTS_H
#define MIGR_SALVAGE_PARTS_H

#include "access/attnum.h"
#include "access/tupdesc.h"
#include "nodes/nodes.h"
#include "nodes/pg_list.h"
#include "storage/block.h"
#include "utils/relcache.h"
#include "utils/resowner.h"
#include "utils/tuplestore.h"

#include "store/salvaged.h"

/* --- salvage_watch.c: what a statement drops that has rows ------------------------- */

/* A table, or a column of one. */
typedef struct MigrLoss
{
	Oid			table;
	AttrNumber	column;			/* 0: the table */
	bool		is_kept;		/* it is in schema migr_kept already */
	bool		is_root;		/* a partitioned table, which has no rows of its own */
} MigrLoss;

/*
 * Between these two, tables and columns that are dropped are added to *losses, in the
 * memory context of the begin.
 */
extern void migr_loss_watch(List **losses);
extern void migr_loss_watch_end(void);

/*
 * Of what was noted, what is to be kept (MigrLoss *), when it is there again: in the place
 * of partitions that go with their parent, the parent; columns before tables.
 */
extern List *migr_loss_to_keep(const List *losses);

/* Has a table a row, or a column (not 0) a value? */
extern bool migr_loss_has_rows(Oid table, AttrNumber column);

/* --- salvage_move.c: a table ---------------------------------------------------------- */

/* What a run keeps things with. */
typedef struct MigrSalvaging
{
	const char *revision;
	const char *action;
	const char *kept_for;		/* interval */
} MigrSalvaging;

/* Move a table, with its partitions, into schema migr_kept; adds its oids to *moved. */
extern void migr_salvage_table(const MigrSalvaging *salvaging, Oid table, List **moved);

/* Who owns a table. */
extern Oid	migr_salvage_owner(Oid table);

/* Take all privileges of others on a table away. */
extern void migr_salvage_revoke(Oid table);

/* Drop what is kept: the relation alone; and its row as well. */
extern void migr_salvage_drop_relation(Oid relation);
extern void migr_salvage_drop(const MigrSalvaged *salvaged);

/* --- salvage_copy.c: rows from table to table -------------------------------------- */

/* Columns to copy: where from, and whether they become text. */
typedef struct MigrCopied
{
	AttrNumber	number;
	bool		as_text;
} MigrCopied;

/* Of values that were copied ahead, which rows go before others of the same key: its last column. */
#define MIGR_PASS_COLUMN "migr_pass"

/*
 * A new table in schema migr_kept, that belongs to owner, of columns (MigrCopied *) of a
 * table.
 */
extern Oid	migr_salvage_make(const char *name, Oid owner, Oid like, const List *columns, bool has_pass);

/* Copy all rows of a table and its partitions into one that was made so; how many. */
extern int64 migr_salvage_copy(Oid from, const List *columns, Oid into);

/* A part of the rows of a table. */
typedef struct MigrCopy
{
	Oid			from;
	const List *columns;
	Oid			into;
	bool		has_pass;
	int			pass;			/* what its rows get there */
	BlockNumber first;
	BlockNumber pages;			/* 0: all */
	TransactionId since;		/* only versions of no transaction before it; invalid: all */
} MigrCopy;

extern int64 migr_salvage_copy_part(const MigrCopy *copy);

/* --- salvage_column.c: a column ------------------------------------------------------- */

/*
 * Copy the values of a column, which must be one of a table with a key that is none of
 * the losses; 55000 if there is no such key.  If its type is about to go, as text.
 */
extern void migr_salvage_column(const MigrSalvaging *salvaging, const MigrLoss *loss, const List *losses);

/* salvage_prepare.c: what is known of a column before it is copied; its columns, none without a key. */
extern List *migr_salvage_describe(Relation rel, const MigrSalvaging *salvaging, const MigrLoss *loss,
								   const List *losses, MigrSalvaged *salvaged);

/* Make the table that its values go to. */
extern void migr_salvage_place(MigrSalvaged *salvaged, Relation rel, const List *columns, bool has_pass);

/*
 * The same at once, and its row; false, and nothing is made, if
 * there is no key.
 */
extern bool migr_salvage_prepare(const MigrSalvaging *salvaging, const MigrLoss *loss, const List *losses,
								 bool has_pass, MigrSalvaged *salvaged, List **columns);

/* salvage_ahead.c: complete what was copied ahead of a column, whose table is locked now. */
extern bool migr_salvage_take_ahead(const MigrLoss *loss, const List *columns, Oid file,
									MigrSalvaged *salvaged);

/* salvage_setting.c: migr.keep_dropped; does it say that anything is kept, and for how long? */
extern void migr_salvage_setting_init(void);
extern bool migr_salvage_is_on(void);
extern const char *migr_salvage_span(void);

/* What is kept shall not stand in the way of a type that is dropped: it becomes text. */
extern void migr_salvage_free(const List *losses);

/* salvage_type.c: nor of one that a statement alters so that all values are looked at. */
extern void migr_salvage_loosen(const Node *statement);

/* --- salvage_put.c: rows into a table ---------------------------------------------------- */

/* Rows or values on their way back. */
typedef struct MigrBack
{
	const MigrSalvaged *salvaged;
	Oid			table;			/* where they go */
	TupleDesc	desc;			/* of what is kept, without what was dropped of it */
	AttrNumber *numbers;		/* its columns in the relation */
	AttrNumber	pass;			/* its column MIGR_PASS_COLUMN, or none */
	const char *sql;			/* that puts them */
	bool		has_policies;	/* the table */
	ResourceOwner owner;		/* of stores that outlive subtransactions */
	Tuplestorestate *store;		/* rows to put back */
	int64		count;			/* that are in it */
	Tuplestorestate *failed;	/* rows that could not go back */
	int64		failures;
	int64		done;			/* rows that have gone back */
	List	   *reasons;		/* char *: why others have not */
	List	   *missing;		/* char *: columns that there are no more */
	bool		by_reference;	/* some for want of another row: which may come */
} MigrBack;

/* A store of rows, whose file, if it gets one, is not that of a subtransaction. */
extern Tuplestorestate *migr_put_store(const MigrBack *back);

/* Set the statement that puts them into a table; false if it has no place for them. */
extern bool migr_put_prepare(MigrBack *back, Relation rel);

/*
 * Put as many of the store as can go, past triggers and rules of the user's; the others are in
 * failed then.  In a subtransaction.
 */
extern void migr_put_rows(MigrBack *back);

/* --- salvage_silence.c: what would fire ------------------------------------------------ */

/*
 * Rows are as they were, and neither a trigger nor a rule of the user's shall make others of
 * them, or of other tables: those of a table, and triggers of its partitions, are off between
 * these two.  42501 if there are some and the user has not the rights of their table's owner.
 */
extern List *migr_silence_begin(Oid table);
extern void migr_silence_end(const List *silenced);

/* --- salvage_back.c: back ------------------------------------------------------------- */

/*
 * Put rows or values back where they were, with the rights of the caller; how many.  Says
 * what could not, which stays kept.  If there is no such place, says so and returns -1, or
 * raises 55000.
 */
extern int64 migr_salvage_back(const MigrSalvaged *salvaged, bool raises);

/* The relation that has the name which a table had, or whose a column was; invalid: none has. */
extern Oid	migr_salvage_target(const MigrSalvaged *salvaged);

/* In an order in which rows find those that they refer to. */
extern List *migr_salvage_order(List *all);

#endif							/* MIGR_SALVAGE_PARTS_H */
