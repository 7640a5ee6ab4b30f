/*
 * kind.h
 *		What there is to say of each kind of object: one record a kind.
 *
 * A record has all that those who read, print, compare and change objects have
 * to know of a kind by itself: where the catalogs have it, the SQL that makes,
 * changes and drops it, its names and its rights.  A field that is left out
 * says what holds for most kinds.  Whoever asks takes the record by the kind,
 * and does not branch on it; what is left to branch is what relates kinds to
 * each other: a column to its table, a partition to its parent.
 *
 * The list of kinds is in model/kinds.h, the record of a kind in kind_….c.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_KIND_H
#define MIGR_KIND_H

#include "lib/stringinfo.h"

#include "kind/reading.h"
#include "model/kinds.h"
#include "model/model.h"
#include "model/privileges.h"

/* A type; types of one name are one type, whatever they are. */
#define MIGR_KIND_IS_TYPE			(1 << 0)
/* Named by the table or domain that it hangs on. */
#define MIGR_KIND_IS_PART			(1 << 1)
/* It has no name that could be another one. */
#define MIGR_KIND_IS_NAMELESS		(1 << 2)
/* In no schema, and known by its noun and its name alone. */
#define MIGR_KIND_IS_SCHEMALESS		(1 << 3)
/* Functions have to know it before it can be made: a shell type stands for it. */
#define MIGR_KIND_IS_ANNOUNCED		(1 << 4)
/* Where the attribute "forward" has a value, that makes it known before. */
#define MIGR_KIND_IS_FORWARDABLE	(1 << 5)
/* What it holds no script brings back. */
#define MIGR_KIND_HOLDS_DATA		(1 << 6)
/* It can't go and come back without loss, its own or that of what is in it. */
#define MIGR_KIND_IS_LASTING		(1 << 7)
/* It keeps the type of a column that it looks at from being changed. */
#define MIGR_KIND_BLOCKS_RETYPING	(1 << 8)
/* A column is never without it, so its old form stays until all have moved. */
#define MIGR_KIND_IS_OF_COLUMNS		(1 << 9)
/* Names of arguments, results and columns need it, not only bodies. */
#define MIGR_KIND_IS_IN_SIGNATURES	(1 << 10)
/* Bodies call it. */
#define MIGR_KIND_IS_IN_BODIES		(1 << 11)
/* Its comment is one of its attributes. */
#define MIGR_KIND_SAYS_COMMENT		(1 << 12)
/* It may have the address of another object, which keeps it. */
#define MIGR_KIND_SHARES_ADDRESS	(1 << 13)
/* Its identity has types in it: without their names it is not found. */
#define MIGR_KIND_IS_FOUND_BY_TYPES	(1 << 14)
/* It says something of another object, and is none by itself. */
#define MIGR_KIND_IS_ASPECT			(1 << 15)
/* CREATE takes IF NOT EXISTS behind the noun, or behind ADD. */
#define MIGR_KIND_CREATES_IF_MISSING	(1 << 16)
/* What it needs can go: it goes on with the rest. */
#define MIGR_KIND_LETS_GO			(1 << 17)

/* Objects with a name in one space can't have the same. */
typedef enum MigrNameSpace
{
	MIGR_NAMES_NONE = 0,
	MIGR_NAMES_CONSTRAINTS = 'c',	/* of one table or domain */
	MIGR_NAMES_ROUTINES = 'f',	/* a call must not become ambiguous */
	MIGR_NAMES_RELATIONS = 'r'	/* and types */
} MigrNameSpace;

typedef void (*MigrNameVisitor) (void *arg, MigrNameSpace space, const char *name);

/* Append SQL for an object: statements, each ended by ";\n". */
typedef void (*MigrKindSql) (StringInfo out, const MigrObject *object);

/*
 * Append what changes the attributes of from into those of to, which have one
 * kind and identity.  False if from has to be dropped and to created; what has
 * been appended is taken back then.
 */
typedef bool (*MigrKindAlter) (StringInfo out, const MigrObject *from,
							   const MigrObject *to);

typedef void (*MigrKindRename) (StringInfo out, const MigrObject *object,
								const char *from, const char *to);

#define MIGR_PLACES_PER_KIND 3
#define MIGR_ALIASES_PER_KIND 3

typedef struct MigrKindRecord
{
	const char *noun;			/* as in COMMENT ON noun; NULL: the object's
								 * attribute "noun" says it */
	int			flags;			/* MIGR_KIND_… */
	MigrNameSpace name_space;
	MigrRights	rights;			/* none: it has no privileges */
	char		default_privileges; /* their type, as in pg_default_acl; or 0 */

	/* --- where objects are ------------------------------------------------- */

	Oid			catalog;		/* of their addresses */
	const char *parent_column;	/* of the catalog, where that names the parent */
	Oid			parent_catalog; /* of their parents; if that is pg_class, the
								 * query is asked of some */
	const char *query;			/* see reading.h */
	MigrReader	read;			/* all, without a query */
	MigrPartReader read_parts;	/* those of some relations, and what a query
								 * tells of these */
	MigrPlace	places[MIGR_PLACES_PER_KIND];	/* one has a row if there are objects;
												 * none: nobody knows */
	const char *aliases[MIGR_ALIASES_PER_KIND]; /* queries: an address (catalog,
												 * oid) that means an object, and
												 * its own */

	/* --- SQL; see ddl.h ---------------------------------------------------- */

	MigrKindSql create;			/* without comment, owner and privileges */
	MigrKindSql drop;			/* NULL: DROP noun identity */
	MigrKindSql loosen;			/* before a type that stands aside: lets it need
								 * no routines; NULL: it needs none */
	MigrKindAlter alter;		/* NULL: it is dropped and created */
	MigrKindRename rename;		/* NULL: ALTER noun identity, or name ON
								 * parent, RENAME TO */
	MigrKindRename rename_part; /* of an attribute or a label; NULL: it has
								 * none with names */

	/*
	 * Is an attribute no difference by itself, because it follows from others
	 * or statements of their own tell it?  NULL: there is none.
	 */
	bool		(*is_apart) (const MigrObject *object, MigrAttribute attribute);

	/* --- which object it is ------------------------------------------------ */

	/* The key among those of the kind and parent; NULL: signature or identity. */
	const char *(*key) (const MigrObject *object);

	/* What an object that says something of another is about; NULL: itself. */
	const char *(*subject) (const MigrObject *object);

	/* How users know it; NULL: by its noun. */
	const char *title;

	/*
	 * How migr.compare and migr.exclude name it and others of its sort; NULL: as
	 * what it is a part of.  Which sort one is of is told by sort_of, if that
	 * is not NULL.
	 */
	const char *sort;
	const char *(*sort_of) (const MigrObject *object);

	/* Does it stand for something that is there?  NULL: it does. */
	bool		(*is_there) (const MigrObject *object);

	/* Names that it takes besides its own; NULL: none. */
	void		(*visit_names) (const MigrObject *object, MigrNameVisitor visit, void *arg);

	/* --- what others may have added ------------------------------------------ */

	/* Attributes that are set of what is there, if they have a value; ended by MIGR_ATTR_COUNT. */
	const MigrAttribute *beside;

	/*
	 * Is all there that wanted says, though what is there says more?  With NULL for
	 * wanted: does it leave what it is about as it was?  NULL: only if they are
	 * equal; and it does.
	 */
	bool		(*includes) (const MigrObject *is, const MigrObject *wanted);

	/* --- what happens to it with others ------------------------------------ */

	/* Does the server drop it, without CASCADE, with what it needs? */
	bool		(*goes_along) (const MigrObject *object, const MigrObject *needed);
} MigrKindRecord;

/* By kind. */
extern const MigrKindRecord *const migr_kinds[];

/* What there is to say of an object's kind. */
static inline const MigrKindRecord *
migr_kind_of(const MigrObject *object)
{
	Assert(object);
	return migr_kinds[object->kind];
}

/* Does an object stand for something that is there? */
static inline bool
migr_kind_is_there(const MigrObject *object)
{
	const MigrKindRecord *kind = migr_kind_of(object);

	return kind->is_there == NULL || kind->is_there(object);
}

/* Is one of the MIGR_KIND_… true of a kind? */
static inline bool
migr_kind_has(MigrKind kind, int flag)
{
	return (migr_kinds[kind]->flags & flag) != 0;
}

/* Are its objects indexes, or constraints, which may have one? */
static inline bool
migr_kind_is_index(MigrKind kind)
{
	return kind == MIGR_KIND_INDEX || kind == MIGR_KIND_CONSTRAINT;
}

#define MIGR_KIND_DECLARE(kind, record) extern const MigrKindRecord migr_kind_##record;
MIGR_KINDS(MIGR_KIND_DECLARE)

#endif							/* MIGR_KIND_H */
