/*
 * scratch_extensions.c
 *		Extensions of the live database that no script creates.
 *
 * What an administrator has installed is there before the first revision, and
 * scripts use it.  In a build it is created first, or was put there to stay when
 * the scratch database was prepared; a schema looks as if it were not there,
 * until a script creates it.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "commands/defrem.h"
#include "commands/extension.h"
#include "executor/spi.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "base/db.h"
#include "base/errors.h"
#include "base/ident.h"
#include "base/settings.h"
#include "base/subxact.h"
#include "scratch/scratch_build.h"
#include "scratch/scratch_hollow.h"

/* Names (char *) of what is there and looks as if it were not. */
static List *hidden_extensions;
static List *hidden_schemas;

/* Schemas of stand-ins, which are hidden with all that is in them. */
static List *left_schemas;

/* Names of extensions that are there to stay. */
static List *prepared;

/* Names of extensions that could not be created. */
static List *missing;

/* Schemas that a build has, other than public. */
static MigrQuery own_schemas_query = {
	"SELECT n.nspname::text FROM pg_catalog.pg_namespace n"
	" WHERE n.oid >= 16384 AND n.nspname !~ '^pg_'"
	"   AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d"
	"                    WHERE d.classid = n.tableoid AND d.objid = n.oid AND d.deptype = 'e')",
	0, {0}
};

static MigrQuery schema_query = {
	"SELECT n.nspname::text FROM pg_catalog.pg_extension e"
	"  JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace"
	" WHERE e.extname = $1", 1, {TEXTOID}
};

/* What an extension requires, and what that requires. */
static MigrQuery required_query = {
	"WITH RECURSIVE r (oid) AS ("
	"   SELECT e.oid FROM pg_catalog.pg_extension e WHERE e.extname = $1"
	"   UNION"
	"   SELECT d.refobjid FROM r JOIN pg_catalog.pg_depend d ON d.objid = r.oid"
	"    WHERE d.classid = 'pg_catalog.pg_extension'::pg_catalog.regclass"
	"      AND d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass)"
	"SELECT e.extname::text FROM r JOIN pg_catalog.pg_extension e ON e.oid = r.oid", 1, {TEXTOID}
};

static MigrQuery own_extensions_query = {
	"SELECT e.extname::text FROM pg_catalog.pg_extension e"
	" WHERE e.oid >= 16384 AND e.extname <> 'plpgsql'", 0, {0}
};

static List *
read_names(MigrDb *db, MigrQuery *query)
{
	MemoryContext caller = MemoryContextSwitchTo(TopMemoryContext);
	uint64		rows = migr_db_run(db, query, NULL, NULL);
	List	   *names = NIL;

	for (uint64 i = 0; i < rows; i++)
		names = lappend(names, migr_db_text(i, 1));
	MemoryContextSwitchTo(caller);
	return names;
}

/* An extension to create. */
typedef struct Creation
{
	const MigrScratchExtension *extension;
	Oid			owner;			/* of a schema that it needs; or none */
} Creation;

static void
execute(const char *sql)
{
	if (SPI_execute(sql, false, 0) < 0)
		elog(ERROR, "could not run \"%s\"", sql);
}

static void
create_aloud(void *arg)
{
	const Creation *creation = arg;
	const MigrScratchExtension *extension = creation->extension;

	SPI_connect();
	if (!OidIsValid(get_namespace_oid(extension->schema, true)))
		execute(OidIsValid(creation->owner)
				? psprintf("CREATE SCHEMA %s AUTHORIZATION %s", quote_identifier(extension->schema),
						   quote_identifier(GetUserNameFromId(creation->owner, false)))
				: psprintf("CREATE SCHEMA %s", quote_identifier(extension->schema)));
	execute(psprintf("CREATE EXTENSION IF NOT EXISTS %s WITH SCHEMA %s VERSION %s CASCADE",
					 quote_identifier(extension->name), quote_identifier(extension->schema),
					 quote_literal_cstr(extension->version)));
	SPI_finish();
}

static void
create(void *creation)
{
	static const MigrSetting quiet = {"client_min_messages", "error"};

	migr_settings_run(&quiet, 1, create_aloud, creation);
}

/* That one can't be created here will be told by who misses it. */
static void
create_all(const List *extensions)
{
	ListCell   *lc;

	foreach(lc, extensions)
	{
		Creation	creation = {lfirst(lc), InvalidOid};
		ErrorData  *error;

		if (OidIsValid(get_extension_oid(creation.extension->name, true)))
			continue;
		error = migr_subxact_run(create, &creation, true);
		if (error && migr_subxact_is_foreign(error))
			ReThrowError(error);
		if (error)
			migr_scratch_extensions_lack(creation.extension->name);
	}
}

void
migr_scratch_extensions_lack(const char *name)
{
	MemoryContext caller = MemoryContextSwitchTo(TopMemoryContext);

	missing = lappend(missing, pstrdup(name));
	MemoryContextSwitchTo(caller);
}

char *
migr_scratch_extensions_missing(void)
{
	return missing == NIL ? NULL : migr_ident_join(missing);
}

void
migr_scratch_extensions_begin(const List *extensions)
{
	MigrDb		db;

	list_free_deep(hidden_extensions);
	list_free_deep(hidden_schemas);
	list_free_deep(prepared);
	list_free_deep(missing);
	list_free_deep(left_schemas);
	left_schemas = NIL;
	missing = NIL;
	hidden_extensions = hidden_schemas = NIL;
	migr_db_begin(&db, false);
	prepared = read_names(&db, &own_extensions_query);
	migr_db_end(&db);
	create_all(extensions);
}

void
migr_scratch_extensions_hide(const List *schemas, List *stand_ins)
{
	MemoryContext caller;
	ListCell   *lc;
	MigrDb		db;

	migr_scratch_hollow_run(stand_ins);
	migr_db_begin(&db, false);
	hidden_extensions = read_names(&db, &own_extensions_query);
	hidden_schemas = read_names(&db, &own_schemas_query);
	migr_db_end(&db);
	caller = MemoryContextSwitchTo(TopMemoryContext);
	foreach(lc, schemas)
		left_schemas = lappend(left_schemas, pstrdup(lfirst(lc)));
	MemoryContextSwitchTo(caller);
}

void
migr_scratch_extensions_prepare(const List *extensions, Oid role)
{
	ListCell   *lc;

	foreach(lc, extensions)
	{
		Creation	creation = {lfirst(lc), role};
		ErrorData  *error = migr_subxact_run(create, &creation, true);

		if (error && migr_subxact_is_foreign(error))
			ReThrowError(error);
		if (error)
			ereport(WARNING,
					(errmsg("could not prepare extension \"%s\": %s",
							creation.extension->name, error->message)));
	}
}

/* Let a name of a list be seen; false if it is not in it. */
static bool
reveal(List **hidden, const char *name)
{
	ListCell   *lc;

	foreach(lc, *hidden)
	{
		if (strcmp(lfirst(lc), name) == 0)
		{
			*hidden = foreach_delete_current(*hidden, lc);
			return true;
		}
	}
	return false;
}

static DefElem *
option_of(const CreateExtensionStmt *create, const char *name)
{
	ListCell   *lc;

	foreach(lc, create->options)
	{
		DefElem    *option = lfirst_node(DefElem, lc);

		if (strcmp(option->defname, name) == 0)
			return option;
	}
	return NULL;
}

static void
reveal_required(const char *name)
{
	Datum		value = migr_db_text_datum(name);
	uint64		rows;
	MigrDb		db;

	migr_db_begin(&db, false);
	rows = migr_db_run(&db, &required_query, &value, NULL);
	for (uint64 i = 0; i < rows; i++)
		(void) reveal(&hidden_extensions, migr_db_text(i, 1));
	migr_db_end(&db);
}

void
migr_scratch_extensions_created(Node *node)
{
	const CreateExtensionStmt *create = (CreateExtensionStmt *) node;

	if (IsA(node, CreateExtensionStmt) && option_of(create, "cascade"))
		reveal_required(create->extname);
}

/* The extension was put there as it is in the live database. */
static void
check_schema(const CreateExtensionStmt *create)
{
	DefElem    *option = option_of(create, "schema");
	const char *wanted = option ? defGetString(option) : NULL;
	Datum		name = migr_db_text_datum(create->extname);
	char	   *is;
	MigrDb		db;

	migr_db_begin(&db, false);
	(void) migr_db_run(&db, &schema_query, &name, NULL);
	is = migr_db_text(0, 1);
	migr_db_end(&db);
	if (wanted && strcmp(wanted, is) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_MIGR_UNSUPPORTED_IN_SCRATCH),
				 errmsg("extension \"%s\" can't be created in schema \"%s\" in a scratch build",
						create->extname, wanted),
				 errdetail("It was prepared by an administrator, in schema \"%s\".", is),
				 errhint("Prepare it anew with migr_scratch_create() when it is in that schema in the live database.")));
}

/* DROP EXTENSION of one that has not been created, as pg_dump --clean writes it. */
static bool
drops_hidden(const DropStmt *drop)
{
	ListCell   *lc;

	if (drop->removeType != OBJECT_EXTENSION || !drop->missing_ok)
		return false;
	foreach(lc, drop->objects)
	{
		const char *name = strVal(lfirst(lc));

		if (OidIsValid(get_extension_oid(name, true)) && !migr_ident_is_in(hidden_extensions, name))
			return false;
	}
	return true;
}

/* DROP EXTENSION of one that stays there: it is out of sight again. */
static bool
hides_again(const DropStmt *drop)
{
	MemoryContext caller;
	const char *name;

	if (drop->removeType != OBJECT_EXTENSION || list_length(drop->objects) != 1)
		return false;
	name = strVal(linitial(drop->objects));
	if (!migr_ident_is_in(prepared, name) || migr_ident_is_in(hidden_extensions, name))
		return false;
	caller = MemoryContextSwitchTo(TopMemoryContext);
	hidden_extensions = lappend(hidden_extensions, pstrdup(name));
	MemoryContextSwitchTo(caller);
	return true;
}

/* COMMENT ON EXTENSION, as pg_dump writes it, of one that is a superuser's. */
static bool
comments_prepared(const CommentStmt *comment)
{
	return comment->objtype == OBJECT_EXTENSION &&
		migr_ident_is_in(prepared, strVal(comment->object));
}

bool
migr_scratch_extensions_handle(Node *node)
{
	const CreateExtensionStmt *create = (CreateExtensionStmt *) node;
	const CreateSchemaStmt *schema = (CreateSchemaStmt *) node;

	if (IsA(node, CommentStmt))
		return comments_prepared((CommentStmt *) node);
	if (IsA(node, DropStmt))
		return drops_hidden((DropStmt *) node) || hides_again((DropStmt *) node);
	if (IsA(node, CreateSchemaStmt))
		return schema->schemaname && schema->schemaElts == NIL &&
			reveal(&hidden_schemas, schema->schemaname);
	if (!IsA(node, CreateExtensionStmt) || !reveal(&hidden_extensions, create->extname))
		return false;
	check_schema(create);
	migr_scratch_extensions_created(node);
	return true;
}

void
migr_scratch_extensions_scope(MigrScope *scope)
{
	scope->hidden_extensions = hidden_extensions;
	scope->hidden_schemas = hidden_schemas;
	scope->left_schemas = left_schemas;
}
