/*
 * online_form.h
 *		What the files of online.h share: forms being collected.
 *
 * A form takes what it is about out of the two models, or lets them have it in a
 * state between, and says in SQL what the difference then does not.  So the
 * models of the first part and of the rest are edited copies, and what leads from
 * one to the other is a difference like any other.
 *
 * Private to diff.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_ONLINE_FORM_H
#define MIGR_ONLINE_FORM_H

#include "diff/diff_pair.h"
#include "diff/lookup.h"

/* The parts, in the order in which they run. */
typedef enum MigrOnlineStage
{
	MIGR_ONLINE_FIRST,			/* all that is quick, and what has no form */
	MIGR_ONLINE_FILL,			/* values, in batches */
	MIGR_ONLINE_CHECK,			/* constraints are validated */
	MIGR_ONLINE_INDEX,			/* indexes, concurrently */
	MIGR_ONLINE_REST,			/* what needs those, and what takes their place */
	MIGR_ONLINE_KEYS,			/* what the rest has added is validated */
	MIGR_ONLINE_STAGES
} MigrOnlineStage;

/* The ends of the differences that are printed. */
#define MIGR_ONLINE_FIRST_FROM	(1 << 0)
#define MIGR_ONLINE_FIRST_TO	(1 << 1)
#define MIGR_ONLINE_REST_FROM	(1 << 2)
#define MIGR_ONLINE_REST_TO		(1 << 3)
#define MIGR_ONLINE_REST_BACK	(1 << 4)	/* where the way back from there leads */

/* How an object is to be in some of them. */
typedef struct MigrOnlineEdit
{
	int			models;			/* MIGR_ONLINE_…; sets of them */
	const MigrObject *object;
	bool		removed;
	const MigrObject *as;		/* it is as this one; or NULL */
	MigrAttribute attribute;	/* else this one has a value */
	const char *value;
} MigrOnlineEdit;

/* What is said of an object in front of what makes or changes it. */
typedef struct MigrOnlineRemark
{
	const MigrObject *object;
	const char *text;
} MigrOnlineRemark;

typedef struct MigrOnline
{
	const MigrDiff *diff;
	const MigrLookup *live;		/* what is there already */
	List	   *up[MIGR_ONLINE_STAGES]; /* char *: statements */
	List	   *down[MIGR_ONLINE_STAGES];	/* in the order in which they run */
	const char *lock;			/* what comes before the rest, and its way back; or NULL */
	List	   *behind;			/* char *: those that come behind the rest */
	bool		apart[MIGR_ONLINE_STAGES];	/* they can't be in one transaction */
	List	   *edits;			/* MigrOnlineEdit * */
	List	   *remarks;		/* MigrOnlineRemark * */
	bool	   *late;			/* by unit: is made in the rest */
	bool	   *plain;			/* by unit: a column that has to be complete in the first part */
} MigrOnline;

/* online_form.c: add what is said above. */
extern void migr_online_say(MigrOnline *online, MigrOnlineStage stage, const char *up,
							const char *down);
extern void migr_online_remove(MigrOnline *online, int models, const MigrObject *object);
extern void migr_online_set(MigrOnline *online, int models, const MigrObject *object,
							MigrAttribute attribute, const char *value);
extern void migr_online_as(MigrOnline *online, int models, const MigrObject *object,
						   const MigrObject *as);
extern void migr_online_remark(MigrOnline *online, const MigrObject *object, const char *text);

/*
 * Let what needs units of the new side, and is made, be made in the rest: false,
 * and nothing done, if any of it is there before.
 */
extern bool migr_online_put_off(MigrOnline *online, int unit);

/* Does a unit follow another one, or what follows that? */
extern bool migr_online_follows(const MigrOnline *online, int unit, int other);

/* A table that is there, and stays; with rows of its own. */
extern bool migr_online_is_kept(const MigrOnline *online, const MigrObject *table);

/*
 * A comment in front of what writes rows of a table: its owner could have the rights of
 * who deploys; "" if that is the same role.
 */
extern char *migr_online_of_other(const MigrOnline *online, const MigrObject *table);

/* Is it an index, or a constraint that is one which can be built before? */
extern bool migr_online_has_index(const MigrObject *object);

/* A name for something beside an object, that nothing of its table has. */
extern char *migr_online_name(const MigrObject *table, const char *name, const char *suffix);

/* --- the forms: true if a unit has one, or a remark says why not ------------- */

/* online_constraint.c */
extern bool migr_online_check(MigrOnline *online, int unit);
extern bool migr_online_key(MigrOnline *online, int unit);
extern bool migr_online_unique(MigrOnline *online, int unit);

/*
 * Let a constraint be made without a look at the rows, and validated behind that:
 * in_rest, when it has been made in the rest.
 */
extern void migr_online_validate_later(MigrOnline *online, int unit, bool in_rest);

/* The index of a constraint by itself; and what makes of it the constraint, dropping that first. */
extern char *migr_online_create_unique(const MigrObject *constraint, const char *name,
									   bool concurrently);
extern char *migr_online_use_index(const MigrObject *constraint, const char *index, bool in_place);

/* online_index.c */
extern bool migr_online_index(MigrOnline *online, int unit);
extern bool migr_online_drop_index(MigrOnline *online, int unit);

/* An index as it is made, or made under another name. */
extern char *migr_online_create_index(const MigrObject *index, const char *name,
									  bool concurrently, bool if_missing);

/* online_column.c */
extern bool migr_online_column(MigrOnline *online, int unit);

/* What lets a column that has no nulls not have any; it can have them in the models before. */
extern void migr_online_not_null(MigrOnline *online, const MigrObject *table, const char *name);

/* online_type.c: the columns that get another type; notes in done what others have to leave. */
extern void migr_online_types(MigrOnline *online, const List *steps, bool *done);

#endif							/* MIGR_ONLINE_FORM_H */
