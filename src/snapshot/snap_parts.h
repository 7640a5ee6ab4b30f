/*
 * snap_parts.h
 *		What the files that take a snapshot share.
 *
 * Each kind has one query in a snap_… file, which runs if there is an object
 * of the kind at all.  Tables, columns, constraints and indexes, of which there
 * are most, are read from their catalogs without one.
 *
 * Private to snapshot.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_SNAP_PARTS_H
#define MIGR_SNAP_PARTS_H

#include "utils/hsearch.h"

#include "base/db.h"
#include "model/model.h"
#include "snapshot/snap.h"

/*
 * The query of a kind.  Its columns are, in this order:
 *
 *	1	objid		oid, in the catalog classid
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
 * qualified.  {name} in its text stands for a fragment that depends on the
 * server's version, see query_versions.c.  The query leaves out what initdb made
 * (oid >= 16384); members of extensions and system schemas are dropped by the
 * reader.  If the parents are relations, $1 are the oids of those that count.
 */
typedef struct MigrSnapQuery
{
	MigrKind	kind;
	Oid			classid;		/* catalog of objid */
	Oid			parent_classid; /* catalog of parent */
	const char *sql;
} MigrSnapQuery;

/* The pairs of an options array, as name='value' or, of foreign objects, name 'value'. */
#define MIGR_SNAP_OPTIONS(array, prefix, assign) \
	"(SELECT string_agg('" prefix "' || quote_ident(o.option_name) || '" assign "' || quote_literal(o.option_value), ', '" \
	"                   ORDER BY o.option_name COLLATE \"C\")" \
	"   FROM pg_options_to_table(" array ") o)"

/* The queries of the snap_… files; each list ends with a NULL sql. */
extern const MigrSnapQuery migr_snap_relations[];	/* before their columns */
extern const MigrSnapQuery migr_snap_parts[];	/* of relations, after these */
extern const MigrSnapQuery migr_snap_types[];
extern const MigrSnapQuery migr_snap_routines[];
extern const MigrSnapQuery migr_snap_others[];

/* A query's text for this server: each {name} replaced, also in what replaces. */
extern char *migr_snap_expand(const char *sql);

/* One snapshot being taken: what the snap_… files share. */
typedef struct MigrSnap
{
	const MigrSnapScope *scope; /* NULL: all */
	List	   *excluded;		/* patterns */
	MigrDb		db;
	MigrSchema *schema;
	HTAB	   *members;		/* of extensions: MigrMember */
	bool		has_dependents; /* are there others that depend on extensions? */
	bool		has_parents;	/* are there tables that others inherit from? */
	bool		has_options;	/* tables or views with options? */
	bool		has_foreign_tables;
	bool		has_index_settings; /* indexes with options or a tablespace? */
	bool		present[MIGR_KINDS];	/* may there be objects? */
	MemoryContext workspace;	/* of migr_snap_deparse() */
	Oid			last_relid;		/* of migr_snap_relation() */
	MigrObject *last_relation;
} MigrSnap;

typedef struct MigrMember
{
	MigrAddress address;		/* the hash key */
	MigrAddress extension;
} MigrMember;

/* Find out of which kinds there may be objects that are no members. */
extern void migr_snap_probe(MigrSnap *snap);

/*
 * Is an object part of the schema, as far as it alone tells?  migr.exclude names
 * it by the schema where it is.
 */
extern bool migr_snap_manages(const MigrSnap *snap, const MigrObject *object,
							  const char *schema);

/*
 * What most rows of the catalogs are, read without a query: the tables, and of
 * relations (MigrObject *, and their oids) what few tables and views have, the
 * columns, which are their first parts, and the constraints and indexes.
 */
extern void migr_snap_tables(MigrSnap *snap);
extern void migr_snap_relation_details(MigrSnap *snap, const List *oids);
extern void migr_snap_columns(MigrSnap *snap, const List *relations);
extern void migr_snap_indexes(MigrSnap *snap, const List *relations,
							  const List *oids);

/* A column of a relation, or NULL; the columns are its first children. */
extern MigrObject *migr_snap_child_column(const MigrObject *relation, int number);
extern MigrObject *migr_snap_find_column(const MigrSchema *schema,
										 MigrAddress relation, int number);

/* --- for these: catalogs that are read without a query ------------------- */

typedef struct MigrSnapCatalog
{
	Oid			catalog;
	AttrNumber	column;			/* the oid of a relation */
	Oid			index;			/* on that; or none */
} MigrSnapCatalog;

typedef void (*MigrSnapRow) (void *arg, HeapTuple tuple, TupleDesc desc);

/* Read a catalog's rows, those of relations (MigrObject *) or all. */
extern void migr_snap_rows(const MigrSnapCatalog *catalog, const List *relations,
						   MigrSnapRow read, void *arg);

/* The table or view with this oid, or NULL. */
extern MigrObject *migr_snap_relation(MigrSnap *snap, Oid relid);

/* An object with these attributes. */
extern MigrObject *migr_snap_make(MigrKind kind, MigrAddress address,
								  const MigrColumns *columns,
								  const char *const *values);

/* Add an object as a part of another one. */
extern void migr_snap_add_part(MigrSnap *snap, MigrObject *part,
							   MigrObject *parent);

/* What one of the server's functions prints; NULL if there is nothing any more. */
extern const char *migr_snap_deparse(MigrSnap *snap, PGFunction function,
									 int nargs, Datum first, Datum second);

/* A flag of one byte; NULL if there is none. */
extern const char *migr_snap_flag(char flag);

/* The privileges in a column of a row, or NULL. */
extern const char *migr_snap_acl(HeapTuple tuple, TupleDesc desc,
								 AttrNumber column);

/*
 * Set what a query finds of some objects in a catalog: its columns are the oid,
 * the number of a relation's column or 0, and attributes by name; $1 is oids.
 */
extern void migr_snap_more(MigrSnap *snap, const char *sql, Oid classid,
						   const List *oids);

/* --- relationships -------------------------------------------------------- */

/* Add what is said of the objects, and between them. */
extern void migr_snap_relationships(MigrSnap *snap, bool with_needs);

/* The address in two columns of the last result. */
extern MigrAddress migr_snap_address(uint64 row, int column);

/* Read the catalogs once; for what is below. */
extern MigrSchema *migr_snap_read(const MigrSnapScope *scope, bool with_needs);

#endif							/* MIGR_SNAP_PARTS_H */
