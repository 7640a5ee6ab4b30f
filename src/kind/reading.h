/*
 * reading.h
 *		Catalogs to objects: what the kinds need to read theirs.
 *
 * A kind of which databases have few objects says how to find them by a query,
 * which runs if there is an object of the kind at all.  Tables, columns,
 * constraints and indexes, of which there are most, are read from the rows of
 * their catalogs without one.
 *
 * The query's columns are, in this order:
 *
 *	1	objid		oid, in the catalog of the kind
 *	2	parent		oid: the relation (or domain) it belongs to; 0 if none
 *	3	schema		text, or NULL: the parent's, if it has one
 *	4	name		text
 *	5	identity	text: quoted and qualified, as COMMENT ON names it; or NULL:
 *					name ON parent
 *	6	owner		text, or NULL
 *	7	acl			aclitem[]::text, or NULL for what is as created
 *	8…	attributes, cast to text, known by their column names
 *
 * It runs with search_path = pg_catalog, so that what is deparsed comes out
 * qualified.  It leaves out what initdb made (oid >= 16384); members of
 * extensions and system schemas are dropped by who reads its rows.  If the
 * parents are relations, $1 are the oids of those that count.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_READING_H
#define MIGR_READING_H

#include "access/htup_details.h"
#include "catalog/indexing.h"
#include "utils/hsearch.h"

#include "base/db.h"
#include "kind/scope.h"
#include "model/model.h"

/* One snapshot being taken. */
typedef struct MigrReading
{
	const MigrScope *scope;		/* NULL: all */
	List	   *excluded;		/* patterns */
	HTAB	   *tenants;		/* names of schemas that are left out, too; or NULL */
	MigrDb		db;
	MigrSchema *schema;
	HTAB	   *members;		/* of extensions: MigrMember; NULL where only some are read */
	List	   *shards;			/* oids: relations that Citus keeps rows of tables in */
	bool		has_dependents; /* are there others that depend on extensions? */
	bool		has_parents;	/* are there tables that others inherit from? */
	bool		has_options;	/* tables or views with options? */
	bool		has_foreign_tables;
	bool		has_index_settings; /* indexes with options or a tablespace? */
	List	   *family;			/* where only some are read: oids of the relations that
								 * have a row of pg_class which says something of them */
	bool		present[MIGR_KIND_COUNT];	/* may there be objects? */
	MemoryContext workspace;	/* of migr_reading_deparse() */
	Oid			last_relid;		/* of migr_reading_relation() */
	MigrObject *last_relation;
} MigrReading;

typedef struct MigrMember
{
	MigrAddress address;		/* the hash key */
	MigrAddress extension;
} MigrMember;

typedef void (*MigrReader) (MigrReading *reading);

/* The relations are given as objects (MigrObject *) and by their oids. */
typedef void (*MigrPartReader) (MigrReading *reading, const List *relations,
								const List *oids);

/*
 * Where objects of a kind have rows: in a catalog, behind the rows of initdb.
 * Where most rows are not initdb's, since each table adds some, an index would
 * be a detour.
 */
typedef struct MigrPlace
{
	Oid			catalog;
	Oid			index;			/* on its oid, which is the first column; or none */
	bool		(*is_one) (const MigrReading *reading, const void *row);	/* NULL: each is */
} MigrPlace;

/* The catalog of a read without a query. */
typedef struct MigrCatalog
{
	Oid			catalog;
	AttrNumber	column;			/* the oid of a relation */
	Oid			index;			/* on that; or none */
} MigrCatalog;

typedef void (*MigrRowReader) (void *arg, HeapTuple tuple, TupleDesc desc);

/* Read a catalog's rows, those of relations (MigrObject *) or all. */
extern void migr_reading_rows(const MigrCatalog *catalog, const List *relations,
							  MigrRowReader read, void *arg);

/* Read the rows of pg_class, all or those that matter. */
extern void migr_reading_relations(MigrReading *reading, MigrRowReader read);

/* Are only some objects read? */
static inline bool
migr_reading_is_partial(const MigrReading *reading)
{
	return reading->scope && reading->scope->only != NIL;
}

/*
 * Run a query, which is in static storage, or was made by the function below.  One
 * that asks for few objects is run again soon, and so its plan is kept.
 */
extern uint64 migr_reading_run(MigrReading *reading, const char *sql, Datum oids);

/* The query of a kind as one of those objects of which a column, 1 or 2, is in $1. */
extern const char *migr_reading_restricted(const char *sql, int column);

/* Is there an extension that this is a member of? */
extern bool migr_reading_is_member(const MigrReading *reading, Oid classid, Oid objid);

/*
 * Is an object part of the schema, as far as it alone tells?  migr.exclude names
 * it by the schema where it is.
 */
extern bool migr_reading_manages(const MigrReading *reading, const MigrObject *object,
								 const char *schema);

/* The table or view with this oid, or NULL. */
extern MigrObject *migr_reading_relation(MigrReading *reading, Oid relid);

/* An object with these attributes. */
extern MigrObject *migr_reading_make(MigrKind kind, MigrAddress address,
									 const MigrColumns *columns,
									 const char *const *values);

/* Add an object as a part of another one. */
extern void migr_reading_add_part(MigrReading *reading, MigrObject *part,
								  MigrObject *parent);

/* What one of the server's functions prints; NULL if there is nothing any more. */
extern const char *migr_reading_deparse(MigrReading *reading, PGFunction function,
										int nargs, Datum first, Datum second);

/* A flag of one byte; NULL if there is none. */
extern const char *migr_reading_flag(char flag);

/* The privileges in a column of a row, or NULL. */
extern const char *migr_reading_acl(HeapTuple tuple, TupleDesc desc, AttrNumber column);

/*
 * Set what a query finds of some objects in a catalog: its columns are the oid,
 * the number of a relation's column or 0, and attributes by name; $1 is oids.
 */
extern void migr_reading_more(MigrReading *reading, const char *sql, Oid classid,
							  const List *oids);

/* A column of a relation, or NULL; the columns are its first children. */
extern MigrObject *migr_reading_child_column(const MigrObject *relation, int number);
extern MigrObject *migr_reading_find_column(const MigrSchema *schema,
											MigrAddress relation, int number);

#endif							/* MIGR_READING_H */
