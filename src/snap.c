/*
 * snap.c
 *		Catalogs to objects: a fixed number of queries, whatever there is.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "access/transam.h"
#include "catalog/pg_attrdef.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/memutils.h"

#include "compat.h"
#include "db.h"
#include "deparse.h"
#include "ident.h"
#include "pattern.h"
#include "snap.h"

/* Columns in front of the attributes. */
#define FIXED_COLUMNS 7

static char *exclude;

/*
 * Addresses by which pg_depend means an object that has another one, and the
 * kinds without which there are none.
 */
static const struct
{
	MigrKind	kind;
	const char *sql;
}			aliases[] =
{
	{
		MIGR_KIND_TABLE,
		"SELECT 'pg_type'::regclass::oid, c.reltype, 'pg_class'::regclass::oid, c.oid"
		"  FROM pg_class c WHERE c.relkind IN ('r', 'p', 'f') AND c.oid >= 16384"
	},
	{
		MIGR_KIND_VIEW,
		"SELECT 'pg_type'::regclass::oid, c.reltype, 'pg_class'::regclass::oid, c.oid"
		"  FROM pg_class c WHERE c.relkind IN ('v', 'm') AND c.oid >= 16384"
	},
	{
		MIGR_KIND_VIEW,
		"SELECT 'pg_rewrite'::regclass::oid, r.oid, 'pg_class'::regclass::oid, r.ev_class"
		"  FROM pg_rewrite r WHERE r.rulename = '_RETURN' AND r.oid >= 16384"
	},
	{
		MIGR_KIND_COMPOSITE,
		"SELECT 'pg_class'::regclass::oid, t.typrelid, 'pg_type'::regclass::oid, t.oid"
		"  FROM pg_type t JOIN pg_class c ON c.oid = t.typrelid"
		" WHERE c.relkind = 'c' AND t.oid >= 16384"
	},
	{
		MIGR_KIND_CONSTRAINT,
		"SELECT 'pg_class'::regclass::oid, c.conindid, 'pg_constraint'::regclass::oid, c.oid"
		"  FROM pg_constraint c WHERE c.contype IN ('p', 'u', 'x')"
	},
	{
		MIGR_KIND_PUBLICATION,
		"SELECT 'pg_publication_rel'::regclass::oid, r.oid, 'pg_publication'::regclass::oid, r.prpubid"
		"  FROM pg_publication_rel r"
	},
	/* its multirange, then the functions that make both */
	{
		MIGR_KIND_RANGE,
		"SELECT d.classid, d.objid, d.refclassid, d.refobjid FROM pg_depend d"
		" WHERE d.classid = 'pg_type'::regclass"
		"   AND d.refclassid = 'pg_type'::regclass AND d.deptype = 'i'"
	},
	{
		MIGR_KIND_RANGE,
		"SELECT d.classid, d.objid, d.refclassid, d.refobjid FROM pg_depend d"
		" WHERE d.classid = 'pg_proc'::regclass"
		"   AND d.refclassid = 'pg_type'::regclass AND d.deptype = 'i'"
	},
	/* their members */
	{
		MIGR_KIND_OPCLASS,
		"SELECT d.classid, d.objid, d.refclassid, d.refobjid FROM pg_depend d"
		" WHERE d.classid IN ('pg_amop'::regclass, 'pg_amproc'::regclass)"
		"   AND d.refclassid = 'pg_opclass'::regclass"
	},
	{
		MIGR_KIND_OPFAMILY,
		"SELECT d.classid, d.objid, d.refclassid, d.refobjid"
		"  FROM pg_depend d JOIN pg_amop o ON o.oid = d.objid"
		" WHERE d.classid = 'pg_amop'::regclass"
		"   AND d.refclassid = 'pg_opfamily'::regclass AND d.refobjid = o.amopfamily"
	},
	{
		MIGR_KIND_OPFAMILY,
		"SELECT d.classid, d.objid, d.refclassid, d.refobjid FROM pg_depend d"
		" WHERE d.classid = 'pg_amproc'::regclass AND d.refclassid = 'pg_opfamily'::regclass"
	}
};

/* Array types stand for what they are arrays of; after the other aliases. */
static const char array_aliases[] =
	"SELECT 'pg_type'::regclass::oid, t.typarray, 'pg_type'::regclass::oid, t.oid"
	"  FROM pg_type t WHERE t.typarray <> 0 AND t.oid >= 16384";

/*
 * What depends internally is a part of something else, and has its address as
 * an alias or is no object.  A routine depends on a transform that was there
 * when it was created, whether it names it or not.  What indexes and constraints need of their tables'
 * columns is said by their parent; OWNED BY is an object of its own.
 */
static MigrQuery depend_query = {
	"SELECT classid, objid, refclassid, refobjid"
	"  FROM pg_depend"
	" WHERE deptype IN ('n', 'a', 'P', 'S') AND refobjid >= 16384"
	"   AND NOT (deptype = 'a' AND refobjsubid > 0 AND refclassid = 'pg_class'::regclass"
	"            AND classid IN ('pg_class'::regclass, 'pg_constraint'::regclass, 'pg_attrdef'::regclass))"
	"   AND NOT (refclassid = 'pg_transform'::regclass AND classid = 'pg_proc'::regclass"
	"            AND objid IN (SELECT p.oid FROM pg_proc p WHERE p.protrftypes IS NULL))",
	0, {0}
};

static MigrQuery member_query = {
	"SELECT classid, objid, refclassid, refobjid FROM pg_depend"
	" WHERE refclassid = 'pg_extension'::regclass AND deptype = 'e'", 0, {0}
};

static MigrQuery comment_query = {
	"SELECT classoid, objoid, objsubid, description FROM pg_description"
	" WHERE objoid >= 16384", 0, {0}
};

void
migr_snap_init(void)
{
	DefineCustomStringVariable("migr.exclude",
							   "Patterns, schema or schema.name, of objects that are not part of the schema.",
							   NULL, &exclude, "", PGC_USERSET, GUC_LIST_INPUT,
							   NULL, NULL, NULL);
}

typedef struct Member
{
	MigrAddress address;		/* the hash key */
	MigrAddress extension;
} Member;

List *
migr_snap_excluded(void)
{
	return migr_ident_split(exclude ? exclude : "");
}

/* One snapshot being taken. */
typedef struct Snap
{
	MigrSchema *schema;
	MigrDb		db;
	HTAB	   *members;		/* of extensions */
	List	   *excluded;		/* patterns */
	bool		present[MIGR_KINDS];	/* may there be objects? */
	const MigrSnapScope *scope; /* NULL: the database as it is */
} Snap;

static HTAB *
make_hash(const char *name, Size keysize, Size entrysize)
{
	HASHCTL		control = {0};

	control.keysize = keysize;
	control.entrysize = entrysize;
	control.hcxt = CurrentMemoryContext;
	return hash_create(name, 1024, &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
}

static MigrAddress
address_at(uint64 row, int column)
{
	MigrAddress address;

	address.classid = DatumGetObjectId(migr_db_datum(row, column));
	address.objid = DatumGetObjectId(migr_db_datum(row, column + 1));
	return address;
}

static void
read_members(Snap *snap)
{
	uint64		rows = migr_db_run(&snap->db, &member_query, NULL, NULL);

	snap->members = make_hash("migr members", sizeof(MigrAddress),
							  sizeof(Member));
	for (uint64 i = 0; i < rows; i++)
	{
		MigrAddress address = address_at(i, 1);
		Member	   *member = hash_search(snap->members, &address, HASH_ENTER, NULL);

		member->extension = address_at(i, 3);
	}
}

static bool
is_system_schema(const char *schema)
{
	return strncmp(schema, "pg_", 3) == 0 ||
		strcmp(schema, "information_schema") == 0;
}

/* In a scratch database: does the object belong to what is set aside? */
static bool
is_aside(const MigrSnapScope *scope, const MigrObject *object)
{
	const char *name = object->schema ? object->schema : object->name;
	ListCell   *lc;

	if (strncmp(name, scope->aside, strlen(scope->aside)) == 0 ||
		(object->identity && strstr(object->identity, scope->aside)))
		return true;
	if (object->kind != MIGR_KIND_EXTENSION)
		return false;
	foreach(lc, scope->extensions)
	{
		if (strcmp(lfirst(lc), object->name) == 0)
			return false;
	}
	return true;
}

/*
 * Is the object part of the schema, as far as it alone tells?  migr.exclude
 * names it by the schema where it is.
 */
static bool
is_managed(const Snap *snap, const MigrObject *object, const char *schema)
{
	if (hash_search(snap->members, &object->address, HASH_FIND, NULL))
		return false;
	if (object->schema && is_system_schema(object->schema))
		return false;
	if (snap->scope && is_aside(snap->scope, object))
		return false;
	if (object->kind == MIGR_KIND_SCHEMA && is_system_schema(object->name))
		return false;
	if (snap->excluded == NIL || object->parent)
		return true;
	return !migr_pattern_matches(snap->excluded,
								 object->kind == MIGR_KIND_SCHEMA
								 ? object->name : schema, object->name);
}

/*
 * The object that a row belongs to, or NULL if it is no part of the schema.
 * Many rows in a row belong to the same one, last.
 */
static MigrObject *
find_parent(const Snap *snap, MigrAddress address, MigrObject *last)
{
	if (last && last->address.objid == address.objid &&
		last->address.classid == address.classid)
		return last;
	return migr_schema_find(snap->schema, address);
}

/* The attributes of a row, without those at the end that are NULL. */
static void
read_values(MigrObject *object, const MigrDbReader *reader)
{
	int			count = object->columns->count;

	while (count > 0 && reader->nulls[FIXED_COLUMNS + count - 1])
		count--;
	object->count = count;
	object->values = palloc(count * sizeof(char *));
	for (int i = 0; i < count; i++)
		object->values[i] =
			migr_deparse_settle(migr_db_reader_text(reader, FIXED_COLUMNS + 1 + i));
}

/*
 * Was the object dropped by another session after the query had found it?  The
 * functions that print it give NULL then.
 */
static bool
has_gone(const MigrObject *object, const MigrDbReader *reader)
{
	if (object->identity == NULL)
		return true;
	for (int i = 0; i < object->columns->count; i++)
	{
		if (strcmp(object->columns->names[i], "definition") == 0)
			return reader->nulls[FIXED_COLUMNS + i];
	}
	return false;
}

/* A row of a kind's query as an object; NULL if it is no part of the schema. */
static MigrObject *
read_object(Snap *snap, const MigrSnapQuery *query, const MigrColumns *columns,
			const MigrDbReader *reader, MigrObject *last_parent)
{
	MigrObject *object = palloc0(sizeof(MigrObject));
	const char *schema = migr_db_reader_text(reader, 3);
	MigrAddress parent;

	object->kind = query->kind;
	object->address.classid = query->classid;
	object->address.objid = DatumGetObjectId(reader->values[0]);
	parent.classid = query->parent_classid;
	parent.objid = DatumGetObjectId(reader->values[1]);
	if (OidIsValid(parent.objid))
	{
		object->parent = find_parent(snap, parent, last_parent);
		if (object->parent == NULL)
			return NULL;
	}
	object->name = migr_db_reader_text(reader, 4);
	object->identity = migr_db_reader_text(reader, 5);
	if (object->parent && schema == NULL)
		schema = object->parent->schema;
	if (object->parent && object->identity == NULL)
		object->identity = psprintf("%s ON %s", quote_identifier(object->name),
									object->parent->identity);
	/* An extension's name has no schema, although it is in one. */
	if (object->kind != MIGR_KIND_EXTENSION)
		object->schema = schema;
	if (!is_managed(snap, object, schema))
		return NULL;
	object->owner = migr_db_reader_text(reader, 6);
	object->acl = migr_db_reader_text(reader, 7);
	object->columns = columns;
	if (has_gone(object, reader))
		return NULL;
	read_values(object, reader);
	return object;
}

static MigrColumns *
read_columns(void)
{
	TupleDesc	desc = SPI_tuptable->tupdesc;
	MigrColumns *columns = palloc(sizeof(MigrColumns));

	columns->count = desc->natts - FIXED_COLUMNS;
	columns->names = palloc((columns->count + 1) * sizeof(char *));
	for (int i = 0; i < columns->count; i++)
		columns->names[i] = SPI_fname(desc, FIXED_COLUMNS + 1 + i);
	return columns;
}

/*
 * The query of a kind.  In a scratch database, without what is set aside: to
 * deparse that would wait for those who lock it, and for nothing.
 */
static const char *
kind_sql(const Snap *snap, const MigrSnapQuery *query)
{
	const char *sql = migr_snap_expand(query->sql);

	if (snap->scope == NULL || query->parent_classid == RelationRelationId)
		return sql;
	return psprintf("SELECT q.* FROM (%s) q (oid, parent, schema)"
					" WHERE q.schema IS NULL OR pg_catalog.strpos(q.schema::pg_catalog.text, '%s') <> 1",
					sql, snap->scope->aside);
}

/* May a query find anything?  Domains have constraints as tables have. */
static bool
is_present(const Snap *snap, const MigrSnapQuery *query)
{
	return snap->present[query->parent_classid == TypeRelationId
						 ? MIGR_KIND_DOMAIN : query->kind];
}

/* Read a kind; relations are the argument of a query that has one. */
static void
read_kind(Snap *snap, const MigrSnapQuery *query, Datum relations)
{
	MigrQuery	own = {.types = {OIDARRAYOID}};
	uint64		rows;
	MigrColumns *columns;
	MigrDbReader reader;
	MigrObject *parent = NULL;

	if (!is_present(snap, query))
		return;
	own.sql = kind_sql(snap, query);
	own.nargs = query->parent_classid == RelationRelationId ? 1 : 0;
	rows = migr_db_run_once(&snap->db, &own, &relations);
	columns = read_columns();
	migr_db_reader_begin(&reader);
	for (uint64 i = 0; i < rows; i++)
	{
		MigrObject *object;

		CHECK_FOR_INTERRUPTS();
		migr_db_reader_read(&reader, i);
		object = read_object(snap, query, columns, &reader, parent);
		if (object == NULL)
			continue;
		migr_schema_add(snap->schema, object);
		parent = object->parent;
		if (parent)
			parent->children = lappend(parent->children, object);
	}
}

static void
read_kinds(Snap *snap, const MigrSnapQuery *queries)
{
	for (; queries->sql; queries++)
		read_kind(snap, queries, (Datum) 0);
}

/* Read what tables and views consist of. */
static void
read_parts(Snap *snap)
{
	List	   *relations = NIL;
	List	   *oids = NIL;
	ListCell   *lc;
	Datum		datum;

	foreach(lc, snap->schema->objects)
	{
		MigrObject *object = lfirst(lc);

		if (object->kind != MIGR_KIND_TABLE && object->kind != MIGR_KIND_VIEW)
			continue;
		relations = lappend(relations, object);
		oids = lappend_oid(oids, object->address.objid);
	}
	if (relations == NIL)
		return;
	migr_snap_columns(&snap->db, snap->schema, relations);
	datum = migr_db_oids_datum(oids);
	for (int i = 0; migr_snap_parts[i].sql; i++)
		read_kind(snap, &migr_snap_parts[i], datum);
}

static void
read_aliases(Snap *snap, const char *sql)
{
	MigrQuery	query = {.sql = sql};
	uint64		rows = migr_db_run_once(&snap->db, &query, NULL);

	for (uint64 i = 0; i < rows; i++)
	{
		MigrObject *object = migr_schema_find(snap->schema, address_at(i, 3));

		if (object)
			migr_schema_alias(snap->schema, address_at(i, 1), object);
	}
}

static void
read_comments(Snap *snap)
{
	uint64		rows = migr_db_run(&snap->db, &comment_query, NULL, NULL);

	for (uint64 i = 0; i < rows; i++)
	{
		MigrAddress address = address_at(i, 1);
		int			subid = DatumGetInt32(migr_db_datum(i, 3));
		MigrObject *object = subid == 0
			? migr_schema_find(snap->schema, address)
			: migr_snap_find_column(snap->schema, address, subid);

		/* An alias has no comment of its own to give away. */
		if (object && (subid != 0 || object->address.objid == address.objid))
			object->comment = migr_db_text(i, 4);
	}
}

/* What a dependency means by an address: a column stands for its table. */
static MigrObject *
dependency_end(const Snap *snap, uint64 row, int column)
{
	return migr_schema_find(snap->schema, address_at(row, column));
}

static void
read_dependencies(Snap *snap)
{
	uint64		rows = migr_db_run(&snap->db, &depend_query, NULL, NULL);

	for (uint64 i = 0; i < rows; i++)
	{
		MigrObject *object = dependency_end(snap, i, 1);
		MigrObject *needed = dependency_end(snap, i, 3);

		CHECK_FOR_INTERRUPTS();
		if (object == NULL || needed == NULL || object == needed)
			continue;
		object->depends = lappend(object->depends, needed);
		if (address_at(i, 1).classid == AttrDefaultRelationId)
			object->for_defaults = lappend(object->for_defaults, needed);
	}
}

/* What a need means by an address; a column is one where its table is known. */
static MigrObject *
need_end(const Snap *snap, uint64 row, int column)
{
	MigrAddress address = address_at(row, column);
	int			subid = DatumGetInt32(migr_db_datum(row, column + 2));
	MigrObject *object = NULL;

	if (subid > 0 && address.classid == RelationRelationId)
		object = migr_snap_find_column(snap->schema, address, subid);
	if (object == NULL)
		object = migr_schema_find(snap->schema, address);
	if (object == NULL)
	{
		/* What an extension has brought stands for the extension. */
		Member	   *member = hash_search(snap->members, &address, HASH_FIND, NULL);

		if (member)
			object = migr_schema_find(snap->schema, member->extension);
	}
	return object;
}

static void
read_needs(Snap *snap)
{
	uint64		rows = migr_db_run(&snap->db, &migr_snap_needs, NULL, NULL);

	for (uint64 i = 0; i < rows; i++)
	{
		MigrObject *object = need_end(snap, i, 1);
		MigrObject *needed = need_end(snap, i, 4);

		CHECK_FOR_INTERRUPTS();
		if (object && needed && object != needed)
			migr_schema_need(snap->schema, object, needed,
							 DatumGetBool(migr_db_datum(i, 7)));
	}
}

/* What is said of objects, and between them. */
static void
read_relationships(Snap *snap, bool with_needs)
{
	for (int i = 0; i < (int) lengthof(aliases); i++)
	{
		if (snap->present[aliases[i].kind])
			read_aliases(snap, aliases[i].sql);
	}
	read_aliases(snap, array_aliases);
	read_comments(snap);
	read_dependencies(snap);
	if (with_needs)
		read_needs(snap);
}

MigrSchema *
migr_snap_read(const MigrSnapScope *scope, bool with_needs)
{
	bool		tables_only = scope && scope->tables_only;
	Snap		snap = {0};

	snap.scope = scope && scope->aside ? scope : NULL;
	if (!(scope && scope->everything))
		snap.excluded = migr_snap_excluded();
	snap.schema = migr_schema_create();

	/* What has just been built is not in the caller's snapshot. */
	migr_db_begin(&snap.db, false);
	snap.present[MIGR_KIND_TABLE] = true;
	read_members(&snap);
	if (!tables_only)
		migr_snap_probe(snap.members, snap.present);
	read_kinds(&snap, migr_snap_others);
	read_kinds(&snap, migr_snap_types);
	read_kinds(&snap, migr_snap_routines);
	read_kinds(&snap, migr_snap_relations);
	if (!tables_only)
	{
		read_parts(&snap);
		read_relationships(&snap, with_needs);
	}
	migr_db_end(&snap.db);
	return snap.schema;
}
