/*
 * aside.c
 *		Set aside what the user has, so that the database looks empty.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/skey.h"
#include "access/stratnum.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/dependency.h"
#include "catalog/indexing.h"
#include "catalog/namespace.h"
#include "catalog/objectaddress.h"
#include "catalog/pg_extension.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_type.h"
#include "commands/defrem.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "aside.h"
#include "compat.h"
#include "db.h"
#include "errors.h"
#include "pattern.h"

/* Number of a catalog's column oid, from 12 on. */
#define OID_COLUMN 1

/* Is an object a member of an extension? */
#define IS_MEMBER(classid, objid) \
	"EXISTS (SELECT FROM pg_catalog.pg_depend d" \
	"         WHERE d.classid = " classid " AND d.objid = " objid \
	"           AND d.deptype = 'e')"

/* Schemas to rename: all that initdb and extensions did not make. */
static MigrQuery schemas_query = {
	"SELECT n.nspname::text FROM pg_catalog.pg_namespace n"
	" WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'"
	"   AND NOT " IS_MEMBER("n.tableoid", "n.oid")
	" ORDER BY n.oid", 0, {0}
};

/* What has a name but no schema, as ALTER ... RENAME takes it. */
static MigrQuery globals_query = {
	"SELECT g.kind, g.name FROM ("
	"   SELECT 'PUBLICATION', p.pubname::text, p.tableoid, p.oid FROM pg_catalog.pg_publication p"
	"   UNION ALL SELECT 'SERVER', s.srvname, s.tableoid, s.oid FROM pg_catalog.pg_foreign_server s"
	"   UNION ALL SELECT 'FOREIGN DATA WRAPPER', w.fdwname, w.tableoid, w.oid FROM pg_catalog.pg_foreign_data_wrapper w"
	"   UNION ALL SELECT 'EVENT TRIGGER', t.evtname, t.tableoid, t.oid FROM pg_catalog.pg_event_trigger t"
	"   UNION ALL SELECT 'LANGUAGE', l.lanname, l.tableoid, l.oid FROM pg_catalog.pg_language l WHERE l.oid >= 16384"
	" ) g (kind, name, classid, objid)"
	" WHERE NOT " IS_MEMBER("g.classid", "g.objid")
	" ORDER BY g.kind <> 'EVENT TRIGGER'", 0, {0}
};

/* Where each extension really is. */
static MigrQuery homes_query = {
	"SELECT e.extname::text, n.nspname::text"
	"  FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace", 0, {0}
};

/* An installed extension: its oid and schema, and that which it insists on. */
static MigrQuery extension_query = {
	"SELECT e.oid, n.oid, n.nspname::text,"
	"       (SELECT v.schema::text FROM pg_catalog.pg_available_extension_versions v"
	"         WHERE v.name = e.extname AND v.version = e.extversion)"
	"  FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace"
	" WHERE e.extname = $1", 1, {TEXTOID}
};

static MigrQuery required_query = {
	"SELECT r.extname::text"
	"  FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_extension r ON r.oid = d.refobjid"
	" WHERE d.classid = 'pg_catalog.pg_extension'::pg_catalog.regclass AND d.objid = $1"
	"   AND d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass"
	" ORDER BY r.extname", 1, {OIDOID}
};

/*
 * Names (char *) in turn: an extension, and the schema that it is in when nothing
 * is set aside yet.  As long-lived as the memory that migr_aside_all() is called
 * in.
 */
static List *homes;

/* Run a statement of our own as the caller. */
static void
run(const char *sql)
{
	int			guc_level = NewGUCNestLevel();

	(void) set_config_option("search_path", "pg_catalog, pg_temp", PGC_USERSET,
							 PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
	SPI_connect();
	if (SPI_execute(sql, false, 0) < 0)
		elog(ERROR, "could not run \"%s\"", sql);
	SPI_finish();
	AtEOXact_GUC(false, guc_level);
}

/* The rows of a query of kinds and names, as "kind name" (char *). */
static List *
read_names(MigrDb *db, MigrQuery *query)
{
	uint64		rows = migr_db_run(db, query, NULL, NULL);
	List	   *names = NIL;

	for (uint64 i = 0; i < rows; i++)
		names = lappend(names, psprintf("%s %s", migr_db_text(i, 1),
										quote_identifier(migr_db_text(i, 2))));
	return names;
}

/*
 * The rows of a query of catalogs and objects (ObjectAddress *).  Out of sight, or
 * in another schema, an object of others would not do for them what it is there
 * for: 42501 if there is one.
 */
static List *
read_addresses(MigrDb *db, MigrQuery *query, Datum *values)
{
	uint64		rows = migr_db_run(db, query, values, NULL);
	List	   *addresses = NIL;

	for (uint64 i = 0; i < rows; i++)
	{
		ObjectAddress *address = palloc(sizeof(ObjectAddress));

		if (!migr_db_is_null(i, 3))
			ereport(ERROR,
					(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
					 errmsg("must be owner of %s", migr_db_text(i, 3)),
					 errdetail("A scratch build puts it out of sight.")));
		ObjectAddressSet(*address, DatumGetObjectId(migr_db_datum(i, 1)),
						 DatumGetObjectId(migr_db_datum(i, 2)));
		addresses = lappend(addresses, address);
	}
	return addresses;
}

/* Write a column of a catalog's row. */
static void
write_column(Relation catalog, HeapTuple tuple, AttrNumber column, Datum value)
{
	int			count = RelationGetNumberOfAttributes(catalog);
	Datum	   *values = palloc0(count * sizeof(Datum));
	bool	   *nulls = palloc0(count * sizeof(bool));
	bool	   *replaces = palloc0(count * sizeof(bool));

	values[column - 1] = value;
	replaces[column - 1] = true;
	tuple = heap_modify_tuple(tuple, RelationGetDescr(catalog), values, nulls,
							  replaces);
	CatalogTupleUpdate(catalog, &tuple->t_self, tuple);
}

/*
 * Forget an object that has no name, or give it another one.  Nothing is
 * dropped: what depends on it is out of sight as well, and nobody else ever
 * sees this.
 */
static void
put_away(const ObjectAddress *address, int n)
{
	Relation	catalog = table_open(address->classId, RowExclusiveLock);
	AttrNumber	column = migr_compat_name_column(address->classId);
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	tuple;
	NameData	name;

	ScanKeyInit(&key, OID_COLUMN, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(address->objectId));
	scan = systable_beginscan(catalog, InvalidOid, false, NULL, 1, &key);
	tuple = systable_getnext(scan);
	if (HeapTupleIsValid(tuple) && column != InvalidAttrNumber)
	{
		namestrcpy(&name, psprintf(MIGR_ASIDE "%d", n));
		write_column(catalog, tuple, column, NameGetDatum(&name));
	}
	else if (HeapTupleIsValid(tuple))
		CatalogTupleDelete(catalog, &tuple->t_self);
	systable_endscan(scan);
	table_close(catalog, RowExclusiveLock);
}

static void
add_context(void *arg)
{
	errcontext("while setting the schemas of the database aside for a scratch build");
}

/* Disable and rename what has a name. */
static int
rename_all(const List *names)
{
	int			n = 0;
	ErrorContextCallback context;
	ListCell   *lc;

	context.callback = add_context;
	context.arg = NULL;
	context.previous = error_context_stack;
	error_context_stack = &context;
	foreach(lc, names)
	{
		const char *name = lfirst(lc);

		/* These come first: they would fire on what follows. */
		if (strncmp(name, "EVENT TRIGGER", strlen("EVENT TRIGGER")) == 0)
			run(psprintf("ALTER %s DISABLE", name));
		run(psprintf("ALTER %s RENAME TO " MIGR_ASIDE "%d", name, ++n));
	}
	error_context_stack = context.previous;
	return n;
}

/*
 * Move an object from one schema to another in the catalog alone, as ALTER ...
 * SET SCHEMA does behind its locks and checks.
 */
static void
move_object(const ObjectAddress *address, Oid from, Oid to)
{
	AttrNumber	column = address->classId == ExtensionRelationId
		? Anum_pg_extension_extnamespace
		: get_object_attnum_namespace(address->classId);
	Relation	catalog;
	HeapTuple	tuple;
	bool		is_null;

	catalog = table_open(address->classId, RowExclusiveLock);
	tuple = get_catalog_object_by_oid(catalog, OID_COLUMN, address->objectId);
	if (HeapTupleIsValid(tuple) &&
		DatumGetObjectId(heap_getattr(tuple, column, RelationGetDescr(catalog),
									  &is_null)) == from)
	{
		write_column(catalog, tuple, column, ObjectIdGetDatum(to));
		(void) changeDependencyFor(address->classId, address->objectId,
								   NamespaceRelationId, from, to);
	}
	table_close(catalog, RowExclusiveLock);
}

/*
 * Move what is in a schema and belongs to an extension, or with InvalidOid to
 * none.
 */
static void
move_contents(Oid extension, Oid from, Oid to)
{
	Datum		values[] = {ObjectIdGetDatum(from), ObjectIdGetDatum(extension),
	ObjectIdGetDatum(GetUserId())};
	List	   *contents;
	ListCell   *lc;
	MigrDb		db;

	migr_db_begin(&db, false);
	contents = read_addresses(&db, &migr_aside_contents, values);
	migr_db_end(&db);
	foreach(lc, contents)
		move_object(lfirst(lc), from, to);
	CommandCounterIncrement();
}

/* Move an extension's members, and with the last of them the extension. */
static void
move_extension(Oid extension, Oid from, Oid to)
{
	ObjectAddress own;

	move_contents(extension, from, to);
	ObjectAddressSet(own, ExtensionRelationId, extension);
	move_object(&own, from, to);
	CommandCounterIncrement();
}

/*
 * What users have put into schemas of extensions, which stay, goes into a
 * schema of its own.
 */
static void
move_guests(const List *schemas, int n)
{
	ListCell   *lc;

	foreach(lc, schemas)
	{
		const ObjectAddress *schema = lfirst(lc);
		char	   *name = psprintf(MIGR_ASIDE "%d", ++n);

		run(psprintf("CREATE SCHEMA %s", name));
		move_contents(InvalidOid, schema->objectId, get_namespace_oid(name, false));
	}
}

/*
 * The schemas to set aside.  One that migr.exclude names as a whole is nobody's
 * business here: it stays, so that scripts find what they refer to there.
 * public does not: scripts put something into that.
 */
static List *
read_schemas(MigrDb *db, const List *excluded)
{
	uint64		rows = migr_db_run(db, &schemas_query, NULL, NULL);
	List	   *names = NIL;

	for (uint64 i = 0; i < rows; i++)
	{
		const char *name = migr_db_text(i, 1);

		if (strcmp(name, "public") == 0 ||
			!migr_pattern_matches(excluded, name, ""))
			names = lappend(names, psprintf("SCHEMA %s", quote_identifier(name)));
	}
	return names;
}

/* The list of homes. */
static List *
read_homes(MigrDb *db)
{
	uint64		rows = migr_db_run(db, &homes_query, NULL, NULL);
	List	   *names = NIL;

	for (uint64 i = 0; i < rows; i++)
		names = lappend(lappend(names, migr_db_text(i, 1)), migr_db_text(i, 2));
	return names;
}

void
migr_aside_schema(const char *name)
{
	Oid			schema = get_namespace_oid(name, true);

	if (OidIsValid(schema))
		run(psprintf("ALTER SCHEMA %s RENAME TO " MIGR_ASIDE "schema_%u",
					 quote_identifier(name), schema));
}

void
migr_aside_all(const List *excluded)
{
	List	   *names;
	List	   *nameless;
	List	   *schemas;
	int			n;
	Datum		caller = ObjectIdGetDatum(GetUserId());
	ListCell   *lc;
	MigrDb		db;

	migr_db_begin(&db, false);
	homes = read_homes(&db);
	names = list_concat(read_names(&db, &globals_query),
						read_schemas(&db, excluded));
	nameless = list_concat(read_addresses(&db, &migr_aside_nameless, &caller),
						   read_addresses(&db, &migr_aside_temporary, &caller));
	schemas = read_addresses(&db, &migr_aside_member_schemas, NULL);
	migr_db_end(&db);

	n = rename_all(names);
	foreach(lc, nameless)
		put_away(lfirst(lc), ++n);
	CommandCounterIncrement();
	move_guests(schemas, n);
	run(migr_compat_create_public());
	run("COMMENT ON SCHEMA public IS 'standard public schema'");
}

/* The value of an option of CREATE EXTENSION, or NULL. */
static const char *
extension_option(const CreateExtensionStmt *create, const char *name)
{
	ListCell   *lc;

	foreach(lc, create->options)
	{
		DefElem    *option = lfirst_node(DefElem, lc);

		if (strcmp(option->defname, name) == 0)
			return option->arg ? defGetString(option) : "";
	}
	return NULL;
}

/* Where CREATE EXTENSION puts objects if nothing says so. */
static Oid
creation_schema(void)
{
	List	   *path = fetch_search_path(false);

	if (path == NIL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_SCHEMA),
				 errmsg("no schema has been selected to create in")));
	return linitial_oid(path);
}

/* An installed extension. */
typedef struct Installed
{
	Oid			oid;			/* invalid if it is not */
	Oid			schema;
	char	   *schema_name;
	char	   *own_schema;		/* NULL: it goes wherever it is put */
	List	   *required;		/* names of other extensions, char * */
} Installed;

static Installed
find_extension(const char *name)
{
	Installed	found = {0};
	Datum		value = CStringGetTextDatum(name);
	uint64		rows;
	MigrDb		db;

	migr_db_begin(&db, false);
	if (migr_db_run(&db, &extension_query, &value, NULL) > 0)
	{
		found.oid = DatumGetObjectId(migr_db_datum(0, 1));
		found.schema = DatumGetObjectId(migr_db_datum(0, 2));
		found.schema_name = migr_db_text(0, 3);
		found.own_schema = migr_db_text(0, 4);
	}
	value = ObjectIdGetDatum(found.oid);
	rows = migr_db_run(&db, &required_query, &value, NULL);
	for (uint64 i = 0; i < rows; i++)
		found.required = lappend(found.required, migr_db_text(i, 1));
	migr_db_end(&db);
	return found;
}

/* The schema that an extension was in when nothing was set aside yet. */
static const char *
home_of(const char *extension)
{
	for (int i = 0; i < list_length(homes); i += 2)
	{
		if (strcmp(list_nth(homes, i), extension) == 0)
			return list_nth(homes, i + 1);
	}
	return "";
}

/*
 * The schema that CREATE EXTENSION would use.  An extension is moved behind all
 * checks, and its owner may have added to it what he likes: so it appears where
 * it is anyway, and MG012 elsewhere.
 */
static const char *
target_schema(const char *name, const Installed *extension, const char *wanted)
{
	const char *home = home_of(name);
	const char *target = wanted;

	if (target == NULL)
		target = extension->own_schema;
	if (target == NULL)
		target = get_namespace_name(creation_schema());
	if (strcmp(target, home) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_MIGR_UNSUPPORTED_IN_SCRATCH),
				 errmsg("extension \"%s\" cannot be moved into schema \"%s\" of a scratch build",
						name, target),
				 errdetail("In the database it is in schema \"%s\".", home),
				 errhint("Create it there, or move it with ALTER EXTENSION ... SET SCHEMA.")));
	return target;
}

/*
 * CREATE EXTENSION would make the schema, and the extension's script may have
 * commented on it and granted it: the one that is set aside comes back, without
 * what users have put there.
 */
static void
return_schema(const Installed *extension)
{
	char	   *guests = psprintf(MIGR_ASIDE "of_%u", extension->schema);

	run(psprintf("ALTER SCHEMA %s RENAME TO %s",
				 quote_identifier(extension->schema_name),
				 quote_identifier(extension->own_schema)));
	run(psprintf("CREATE SCHEMA %s", guests));
	move_contents(InvalidOid, extension->schema, get_namespace_oid(guests, false));
}

/* Let an extension appear, if it is installed; wanted: its schema, or NULL. */
static bool
bring(const char *name, const char *wanted, bool cascade, List **appeared)
{
	Installed	found = find_extension(name);
	ListCell   *lc;

	check_stack_depth();
	if (!OidIsValid(found.oid))
		return false;
	foreach(lc, cascade ? found.required : NIL)
		(void) bring(lfirst(lc), wanted, cascade, appeared);
	/* Otherwise it is in a schema that stays. */
	if (strncmp(found.schema_name, MIGR_ASIDE, strlen(MIGR_ASIDE)) == 0)
	{
		const char *target = target_schema(name, &found, wanted);

		if (wanted == NULL && found.own_schema &&
			!OidIsValid(get_namespace_oid(target, true)))
			return_schema(&found);
		else
			move_extension(found.oid, found.schema,
						   get_namespace_oid(target, false));
	}
	*appeared = lappend(*appeared, pstrdup(name));
	return true;
}

bool
migr_aside_bring(const CreateExtensionStmt *create, List **appeared)
{
	return bring(create->extname, extension_option(create, "schema"),
				 extension_option(create, "cascade") != NULL, appeared);
}
