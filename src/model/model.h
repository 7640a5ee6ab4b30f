/*
 * model.h
 *		In-memory model of a schema: objects, attributes, dependencies.
 *
 * What the catalogs say, free of oids in anything that is printed or compared.
 * An object has a kind, an identity that is canonical (quoted and qualified, as
 * DDL names it), and attributes, all of them text.  Oids serve only to
 * find one object from another while a snapshot is taken.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_MODEL_H
#define MIGR_MODEL_H

#include "nodes/pg_list.h"
#include "utils/hsearch.h"

#include "model/attribute_names.h"
#include "model/kinds.h"

/* The attributes of the objects that one query found. */
typedef struct MigrColumns
{
	int			count;
	const MigrAttribute *attributes;
} MigrColumns;

typedef struct MigrAddress
{
	Oid			classid;
	Oid			objid;
} MigrAddress;

typedef struct MigrObject
{
	MigrKind	kind;
	MigrAddress address;
	int			subid;			/* of a column */
	const char *schema;			/* NULL where the kind has none */
	const char *name;
	const char *identity;		/* as in COMMENT ON kind identity; NULL for a
								 * column, see migr_object_identity() */
	const char *owner;			/* NULL where the kind has none */
	const char *acl;			/* NULL: as created */
	const char *comment;		/* NULL: none */
	const MigrColumns *columns;
	int			count;			/* of values; those behind are NULL */
	const char **values;		/* by column; NULL is NULL */
	struct MigrObject *parent;	/* of a column, constraint, index … */
	List	   *children;		/* of a table: all that name it as parent */
	List	   *depends;		/* MigrObject *: must be created before */
	int			mark;			/* for walks; of a column: its default is set
								 * later on */
	int			unit;			/* for differences: see diff_pair.h */
	bool		is_foreign;		/* in the live database alone: no script makes it,
								 * and nobody desires it */
	bool		has_forward;	/* its attribute "forward" is printed before it */
	bool		is_inside;		/* a table's constraint: CREATE TABLE has it */
	bool		has_subclass;	/* a table: the catalog has it that others may
								 * inherit from it */
	bool		has_children;	/* and they do, or are to: see diff_pair.h */
	bool		joins_at_once;	/* a table: INHERITS puts its columns into the
								 * order that they have */
} MigrObject;

/*
 * One object needs another, either of which may be a column.  What a column's
 * default (not a generated column's expression) needs is told apart.
 */
typedef struct MigrNeed
{
	MigrObject *object;
	MigrObject *needed;
	bool		by_default;
} MigrNeed;

/* What DDL that builds a schema says something of. */
#define MIGR_SAID_PRIVILEGES	(1 << 0)
#define MIGR_SAID_OWNERS		(1 << 1)
#define MIGR_SAID_PUBLIC		(1 << 2)	/* owner and privileges of schema public */

typedef struct MigrSchema
{
	List	   *objects;		/* MigrObject * */
	HTAB	   *by_address;		/* what pg_depend speaks of → MigrObject * */
	int			need_count;
	int			need_room;
	MigrNeed   *needs;
	int			said;			/* MIGR_SAID_…; 0 for one that is read, not built */
	List	   *unmanaged;		/* char *: what was built besides, in words */
} MigrSchema;

extern MigrSchema *migr_schema_create(void);

/* Add an object and make its address known. */
extern void migr_schema_add(MigrSchema *schema, MigrObject *object);

/* Let another address stand for an object: a row type, a rule's action … */
extern void migr_schema_alias(MigrSchema *schema, MigrAddress address,
							  MigrObject *object);

/* The object at an address, or NULL. */
extern MigrObject *migr_schema_find(const MigrSchema *schema,
									MigrAddress address);

/* The object of which this is the own address, no alias; or NULL. */
extern MigrObject *migr_schema_find_own(const MigrSchema *schema,
										MigrAddress address);

/* Call a function for each address that is known, in no order. */
typedef void (*MigrAddressVisitor) (MigrAddress address, MigrObject *object, void *arg);
extern void migr_schema_each_address(const MigrSchema *schema, MigrAddressVisitor visit,
									 void *arg);

/*
 * Take out the objects of which gone(object, arg) is true, and all that says
 * something of them.
 */
typedef bool (*MigrObjectTest) (const MigrObject *object, void *arg);
extern void migr_schema_remove(MigrSchema *schema, MigrObjectTest gone, void *arg);

/* Let an object need another one. */
extern void migr_schema_need(MigrSchema *schema, MigrObject *object,
							 MigrObject *needed, bool by_default);

/* The identity; for a column, of which there are many, made when asked for. */
extern const char *migr_object_identity(const MigrObject *object);

/* The number of an attribute; -1 if the kind has none of this name. */
extern int	migr_object_attribute(const MigrObject *object, MigrAttribute attribute);

/* Give an object its attributes, of which those at the end may be NULL. */
extern void migr_object_fill(MigrObject *object, const MigrColumns *columns,
							 const char *const *values);

/* Set an attribute by its number; NULL, or none, leaves all as it is. */
extern void migr_object_set(MigrObject *object, int attribute, const char *value);

/* The value of an attribute; it must be one of the kind's.  May be NULL. */
extern const char *migr_object_value(const MigrObject *object,
									 MigrAttribute attribute);

/* Is a boolean attribute true? */
extern bool migr_object_is(const MigrObject *object, MigrAttribute attribute);

/* Has an attribute a value that is not the empty string? */
extern bool migr_object_has(const MigrObject *object, MigrAttribute attribute);

/*
 * What names an object where the names of arguments do not count: the attribute
 * "signature" if the kind has it, else the identity.
 */
extern const char *migr_object_signature(const MigrObject *object);

/* Are all attributes behind this one NULL? */
extern bool migr_object_ends(const MigrObject *object, MigrAttribute attribute);

#endif							/* MIGR_MODEL_H */
