/*
 * touched_parts.h
 *		What the files that look for touched rows share.
 *
 * Private to snapshot.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_TOUCHED_PARTS_H
#define MIGR_TOUCHED_PARTS_H

#include "snapshot/touched.h"

/* The life of a version of a row, as far as it is of interest. */
typedef struct MigrRowLife
{
	bool		born;			/* behind the mark, by this transaction */
	bool		died;			/* the same */
	CommandId	born_at;
	CommandId	died_at;
} MigrRowLife;

/* What rows say of an address, or of a column. */
typedef struct MigrTouchRow
{
	MigrAddress address;		/* the hash key, with the next */
	int			subid;
	bool		was;			/* had it a row of its own at the mark? */
	bool		is;				/* and now? */
	bool		passed;			/* or in between? */
	bool		defined;		/* a column: has its row been touched, or its default? */
	uint64		shown;			/* not 0: what others print of it has changed */
	MigrTouchSpan own;
	MigrTouchSpan around;
} MigrTouchRow;

typedef struct MigrTouchRows
{
	HTAB	   *table;			/* of MigrTouchRow */
	HTAB	   *found;			/* of MigrTouch: what they mean in the model */
	Oid			everything;		/* the catalog whose rows mean everything; or none */
	MigrTouchSpan distributions;	/* of rows that say how tables are distributed */
} MigrTouchRows;

/* Where in a row something is; NOWHERE: it is not. */
#define MIGR_NOWHERE (-1)

/* What a touched row of a catalog means. */
#define MIGR_TOUCH_ALL				(1 << 0)	/* everything */
#define MIGR_TOUCH_ALL_IF_OLD		(1 << 1)	/* the same, if the object is not new */
#define MIGR_TOUCH_ALL_IF_RENAMED	(1 << 2)	/* the same, if it has another name */
#define MIGR_TOUCH_DISTRIBUTIONS	(1 << 3)	/* all tables that are distributed */

/*
 * A catalog: where in its rows is the oid of the object that a row is, and the
 * name by which others print it; of which other object the row is a part, and
 * which one it is around.
 */
typedef struct MigrTouchCatalog
{
	Oid			catalog;
	int			self;
	int			name;
	int			space;
	int			flags;
	Oid			part_class;		/* none: it is no part */
	int			part;
	Oid			around_class;
	int			around;
	void		(*note) (MigrTouchRows *rows, const MigrRowLife *life, const void *row);
} MigrTouchCatalog;

extern const MigrTouchCatalog migr_touch_catalogs[];
extern const int migr_touch_catalog_count;

/* The catalog with this oid, or NULL. */
extern const MigrTouchCatalog *migr_touch_catalog(Oid catalog);

/* Note what a row says.  It must not raise an error that could be foreseen: a page is locked. */
extern void migr_touch_note(MigrTouchRows *rows, const MigrTouchCatalog *catalog,
							const MigrRowLife *life, const void *row);

/* Note the rows of all catalogs that are touched behind a mark. */
extern void migr_touch_scan(MigrTouchRows *rows, const MigrTouchMark *mark);

/* Let a span take in a command, or another span. */
extern void migr_touch_span_add(MigrTouchSpan *span, CommandId command);
extern void migr_touch_span_join(MigrTouchSpan *span, const MigrTouchSpan *other);

/* What is known of an address, made if need be. */
extern MigrTouchRow *migr_touch_row(MigrTouchRows *rows, Oid classid, Oid objid, int subid);

/* What is found, made if need be: then for what it needs, or not. */
extern MigrTouch *migr_touched_find(MigrTouchRows *rows, Oid classid, Oid objid, int subid,
									bool dependent);

/* List what is found, in the order of first commands. */
extern void migr_touched_list(MigrTouched *touched);

/* What an address means in the model: see touched_owner.c. */
typedef void (*MigrTouchVisitor) (void *arg, Oid classid, Oid objid, int subid, bool around);
extern void migr_touch_owners(Oid classid, Oid objid, int subid, MigrTouchVisitor visit,
							  void *arg);

#endif							/* MIGR_TOUCHED_PARTS_H */
