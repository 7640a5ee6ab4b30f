/*
 * diff_pair.h
 *		What the files of the difference share: units, what needs what, the plan.
 *
 * A unit is an object of either side, or the pair of them.  The default of a
 * column and the parents of a table are units of their own, because they can be
 * taken off and put back.  MigrObject.unit is the number of the object's unit.
 *
 * The way: pair (diff_pair.c), decide what each unit goes through by itself
 * (diff_mode.c) and for what it needs (diff_decide.c, over the needs of
 * diff_needs.c and diff_needs_own.c), make steps and say what comes before what (diff_steps.c), sort
 * and resolve loops (diff_sort.c), print (diff_emit.c).  The words are in
 * doc/architecture.md.
 *
 * The models are marked, and keep what they say: they can be compared again,
 * the other way round too.
 *
 * Private to diff.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_DIFF_PAIR_H
#define MIGR_DIFF_PAIR_H

#include "lib/stringinfo.h"

#include "model/model.h"

typedef enum MigrFacet
{
	MIGR_FACET_OBJECT,
	MIGR_FACET_DEFAULT,			/* of a column that is not generated */
	MIGR_FACET_INHERITS			/* a table's parents, or the type it is of;
								 * partitions have no parents */
} MigrFacet;

typedef enum MigrMode
{
	MIGR_MODE_SAME,
	MIGR_MODE_ALTER,
	MIGR_MODE_CREATE,
	MIGR_MODE_DROP,
	MIGR_MODE_REPLACE,			/* drop, then create */
	MIGR_MODE_REBUILD			/* a type: rename, create, and drop when its
								 * columns have moved */
} MigrMode;

typedef struct MigrUnit
{
	MigrFacet	facet;
	MigrMode	mode;
	MigrObject *from;
	MigrObject *to;
	int			partner;		/* a column's default, a table's parents; -1 */
	int			follows;		/* the column or constraint of a parent table
								 * whose change changes this one; -1 */
	int			kept_parents;	/* of the parents of a table: how many of them,
								 * from the first, it keeps meanwhile; 0: all */
	bool		retype;			/* its type is a new one of the same name */
	bool		aside;			/* rebuilt while columns hold values of it */
	bool		apart;			/* not to be created or dropped with others */
	bool		outside;		/* a constraint that CREATE TABLE can't have */
	bool		runs;			/* making it calls what users have written */
	bool		forward;		/* make it known first */
	bool		loosen;			/* let it need nothing before it goes */
	bool		via_text;		/* a column whose values wait as text */
	const char *persistence;	/* what a sequence has become with its table,
								 * as the attribute says it; or NULL */
	bool		moves;			/* a table that is made anew, and keeps its rows */
	const MigrObject *beside;	/* a sequence: the table that it belongs to */
	bool		revokes_late;	/* a schema: see migr_diff_revokes_late() */
	int			end;			/* node that ends what was; -1 */
	int			make;			/* node that makes what is to be; -1 */
	int			save;			/* node that copies its rows, if it moves; -1 */
	int			move;			/* node that brings them back; -1 */
} MigrUnit;

/*
 * One unit needs another, on one side.  A weak need says in which order what is
 * done is done, and no more.
 */
typedef struct MigrEdge
{
	int			object;
	int			needed;
	bool		weak;
} MigrEdge;

typedef struct MigrDiffEdges
{
	int			count;
	int			room;
	MigrEdge   *items;			/* sorted by needed unit */
	int		   *first;			/* by needed unit: where its needers begin */
} MigrDiffEdges;

/* An object by its key, for search. */
typedef struct MigrKey
{
	const char *key;
	MigrObject *object;
	MigrObject *renamed;		/* of the other side, as another name; or NULL */
} MigrKey;

typedef struct MigrSide
{
	MigrSchema *schema;
	int			count;
	MigrKey    *keys;			/* sorted; no columns */
	MigrDiffEdges edges;
	int			stamp;			/* the last walk's, in MigrObject.mark */
	int			named_count;
	MigrObject **named;			/* see diff_bodies.c; NULL: not needed yet */
} MigrSide;

typedef struct MigrDiff
{
	MigrSide	from;
	MigrSide	to;
	bool		is_guarded;		/* whose it is that comes back is asked where
								 * the script runs: see guard.h */
	bool		is_back;		/* what is to be is what was there: see
								 * MigrDiffHooks */
	int			count;
	int			room;
	MigrUnit   *units;
	List	   *losses;			/* char * */
	List	   *taken;			/* char *: what the script drops and revokes */
} MigrDiff;

/* Nodes of the plan: a step that prints text. */
typedef enum MigrStepKind
{
	MIGR_STEP_SAVE,				/* the rows of a table that moves */
	MIGR_STEP_LOOSEN,
	MIGR_STEP_END,
	MIGR_STEP_FORWARD,
	MIGR_STEP_ALTER,
	MIGR_STEP_MAKE,
	MIGR_STEP_MOVE,				/* the rows that were saved */
	MIGR_STEP_REVOKE			/* of a schema, whose ALTER does not */
} MigrStepKind;

typedef struct MigrStep
{
	int			unit;
	MigrStepKind kind;
	bool		joins;			/* one statement does it and the step before */
} MigrStep;

/* diff_unit.c: what one unit, or one object, is. */
/* Is a table attached to a partitioned one? */
extern bool migr_diff_is_partition(const MigrObject *table);

/* Is it a CHECK of a table? */
extern bool migr_diff_is_check(const MigrObject *object);

/* Have all rows been found to fulfil a constraint? */
extern bool migr_diff_is_valid(const MigrObject *constraint);

/* The default of a column that is not generated, or NULL. */
extern const char *migr_diff_default(const MigrObject *column);

/* The object of a unit, of the new side if there is one. */
extern MigrObject *migr_diff_object(const MigrUnit *unit);

/* Has what was to go away, for good or for a while? */
extern bool migr_diff_ends(const MigrUnit *unit);

/* A child of that kind, the first, or NULL. */
extern MigrObject *migr_diff_child(const MigrObject *object, MigrKind kind);

/*
 * The default of a column or the parents of a table, if a side has any: the
 * unit is there as soon as one of them has.
 */
extern int	migr_diff_partner_on(const MigrDiff *diff, const MigrSide *side,
								 const MigrObject *object);
/* Gets a column another type, if only a new one of that name? */
extern bool migr_diff_is_retyped(const MigrUnit *unit);
/* A name with something behind it, no longer than a name may be. */
extern char *migr_diff_name_beside(const char *name, const char *suffix);

/* The definition of a constraint, or of an index, without its name. */
extern const char *migr_diff_definition(const MigrObject *object);

/* The index of a name, or the constraint that it belongs to, of a table. */
extern MigrObject *migr_diff_find_index(const MigrObject *table, const char *identity);

/* What makes an index, or a constraint, a part of one of the parent's; or NULL. */
extern MigrObject *migr_diff_attachment(const MigrObject *index);

/* Is what is to be made anew? */
extern bool migr_diff_is_made(const MigrUnit *unit);

/* diff_pair.c: what an object has in common with its pair on the other side. */
extern char *migr_diff_key(const MigrObject *object);

/* Pair the objects of both sides. */
extern void migr_diff_pair(MigrDiff *diff);

/* diff_renamed.c: mark what differs in nothing but its name. */
extern void migr_diff_pair_renamed(MigrDiff *diff);

/* Is the name of two that make a pair another one? */
extern bool migr_diff_is_renamed(const MigrObject *from, const MigrObject *to);

/* diff_index.c: is an index part of the same one before and after, whatever they are called? */
extern bool migr_diff_is_attached_alike(const MigrDiff *diff, const MigrUnit *unit);

/* The index or constraint that has to be made anew because of a unit, or NULL. */
extern MigrObject *migr_diff_index_in_the_way(const MigrDiff *diff, const MigrUnit *unit);

/* diff_pair.c: the object of a kind and an identity on a side, or NULL. */
extern MigrObject *migr_diff_find(const MigrSide *side, MigrKind kind,
								  const char *identity);

/* A column of a relation by name, or NULL. */
extern MigrObject *migr_diff_find_column(const MigrObject *relation, const char *name);

/* diff_needs.c: who needs whom, on both sides. */
extern void migr_diff_connect(MigrDiff *diff);

/* diff_edges.c: does one unit need another on a side, and not only in order? */
extern bool migr_diff_has_need(const MigrSide *side, int object, int needed);

/* diff_follow.c: a table's child of the kind and name of another object, or NULL. */
extern MigrObject *migr_diff_namesake(const MigrObject *table, const MigrObject *object);

/* diff_inherit.c: the parents (MigrObject *, tables) of a table on a side. */
extern List *migr_diff_parents(const MigrSide *side, const MigrObject *table);

/* The checks that a table has through its parents alone. */
extern List *migr_diff_inherited_checks(const MigrSide *side, const MigrObject *table);

/* Those of them that come with parents that a table gets by ALTER TABLE. */
extern List *migr_diff_joined_checks(const MigrDiff *diff, const MigrUnit *unit);

/* Is a parent among those of the table on the other side, and stays there? */
extern bool migr_diff_keeps_parent(const MigrDiff *diff, const MigrObject *other,
								   const MigrObject *parent);

/* Drop the copies that are left of the checks of parents that a table leaves. */
extern void migr_diff_drop_checks(StringInfo out, const MigrDiff *diff, const MigrUnit *unit);

/*
 * How many of its parents a table keeps while columns change that it has from
 * several of them, see MigrUnit.kept_parents; unit: a table's parents.
 */
extern int	migr_diff_kept_parents(const MigrDiff *diff, const MigrUnit *unit);

/* Mark the tables, of both sides, that others have for a parent. */
extern void migr_diff_mark_parents(MigrDiff *diff);

/* Mark the tables whose columns INHERITS would put into the order that they have. */
extern void migr_diff_mark_children(MigrSide *side);

/*
 * A table with columns of its own that are its parents' too gets these when it
 * has their checks, and they have lost what it is to lack: not when it is created.
 */
extern void migr_diff_inherit_apart(MigrDiff *diff);

/*
 * Drop NOT NULL of a column, if it goes in some tables below as well and stays
 * in others.
 */
extern bool migr_diff_drop_not_null(StringInfo out, const MigrDiff *diff,
									const MigrUnit *unit);

/* diff_mode.c: what each unit has to go through by itself; does any? */
extern bool migr_diff_decide(MigrDiff *diff);

/* diff_decide.c: and for what it needs. */
extern void migr_diff_close(MigrDiff *diff);
extern void migr_diff_escalate(MigrDiff *diff, int unit);

/* diff_logged.c: sequences that become logged or unlogged with their tables. */
extern void migr_diff_take_sequences_along(MigrDiff *diff);
/* diff_move.c: mark the tables that move. */
extern void migr_diff_find_moves(MigrDiff *diff);

/* Do the rows of an old table move, with those of it or of what it is a part of? */
extern bool migr_diff_rows_move(const MigrDiff *diff, const MigrObject *table);

/* Is a table of the new side to have partitions? */
extern bool migr_diff_has_partitions(const MigrDiff *diff, const MigrObject *table);

/* Append what copies the rows, and what brings them back. */
extern void migr_diff_save_rows(StringInfo out, const MigrDiff *diff, const MigrUnit *unit);
extern void migr_diff_move_rows(StringInfo out, const MigrDiff *diff, const MigrUnit *unit);

/* diff_sort.c: steps (MigrStep *) in an order that works. */
extern List *migr_diff_plan(MigrDiff *diff);

/* diff_columns.c: does a step change a table's column in a way that takes all rows? */
extern bool migr_diff_takes_rows(const MigrDiff *diff, const MigrStep *step);

/* The steps (MigrStep *), from that one on, that one statement does. */
extern List *migr_diff_at_once(const List *steps, int first);

/* Append the text of steps that are done at once; false: they are not of columns. */
extern bool migr_diff_emit_columns(StringInfo out, const MigrDiff *diff, const List *steps);

/* diff_emit.c: append the text of steps that are done at once. */
extern void migr_diff_emit(StringInfo out, MigrDiff *diff, const List *steps);

/* diff_keep.c: give what has come back the owner and the privileges that it had. */
extern void migr_diff_keep(StringInfo out, const MigrDiff *diff, const MigrUnit *unit);

/* Append whose a sequence is before a column of its table owns it. */
extern void migr_diff_own_sequence(StringInfo out, const MigrDiff *diff, const MigrUnit *unit);

/*
 * diff_announce.c: what a script takes away, a line each (char *), for its head; when
 * what it loses is known.
 */
extern List *migr_diff_announce(const MigrDiff *diff);

/*
 * Does something in a schema that stays get an owner, who may need privileges of
 * the schema for that?
 */
extern bool migr_diff_revokes_late(const MigrDiff *diff, const MigrUnit *unit);

/* diff_loss.c: note what a step loses; NULL, or a comment line. */
extern char *migr_diff_loss(MigrDiff *diff, const MigrStep *step);

/* diff_notes.c: remarks (char *) on a step, which the models alone tell. */
extern List *migr_diff_notes(const MigrDiff *diff, const MigrStep *step);

/* Tell by a NOTICE what is lost, and what may have got another name. */
extern void migr_diff_report(MigrDiff *diff);

#endif							/* MIGR_DIFF_PAIR_H */
