/*
 * scratch.c
 *		A database within the database, empty, and gone afterwards.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "commands/extension.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"

#include "compat.h"
#include "db.h"
#include "errors.h"
#include "exec.h"
#include "mutex.h"
#include "parse.h"
#include "scan.h"
#include "scratch.h"
#include "stmt.h"

/* What is set aside is renamed to this and a number. */
#define ASIDE "migr_aside_"

/*
 * What snapshots need to know while a scratch database is there; reset when it
 * goes, by an error too.
 */
static MigrSnapScope scope;

/* Schemas to rename: all that initdb and extensions did not make. */
static MigrQuery schemas_query = {
	"SELECT 'SCHEMA', n.nspname::text FROM pg_catalog.pg_namespace n"
	" WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'"
	"   AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d"
	"                    WHERE d.classid = 'pg_catalog.pg_namespace'::pg_catalog.regclass"
	"                      AND d.objid = n.oid AND d.deptype = 'e')"
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
	" WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_depend d"
	"                    WHERE d.classid = g.classid AND d.objid = g.objid AND d.deptype = 'e')"
	" ORDER BY g.kind <> 'EVENT TRIGGER'", 0, {0}
};

/* An installed extension: its schema, and whether it can be moved. */
static MigrQuery extension_query = {
	"SELECT n.nspname::text, e.extrelocatable"
	"  FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace"
	" WHERE e.extname = $1", 1, {TEXTOID}
};

const MigrSnapScope *
migr_scratch_scope(void)
{
	return &scope;
}

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

/* Rename what the user has, and make "public" as initdb does. */
static void
set_aside(void)
{
	List	   *names;
	int			n = 0;
	ListCell   *lc;
	MigrDb		db;

	migr_db_begin(&db, false);
	names = list_concat(read_names(&db, &globals_query),
						read_names(&db, &schemas_query));
	migr_db_end(&db);

	foreach(lc, names)
	{
		const char *name = lfirst(lc);

		/* These come first: they would fire on what follows. */
		if (strncmp(name, "EVENT TRIGGER", strlen("EVENT TRIGGER")) == 0)
			run(psprintf("ALTER %s DISABLE", name));
		run(psprintf("ALTER %s RENAME TO " ASIDE "%d", name, ++n));
	}
	migr_scratch_hide(ASIDE);
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
			return defGetString(option);
	}
	return NULL;
}

/* Where CREATE EXTENSION puts objects if nothing says so. */
static char *
creation_schema(void)
{
	List	   *path = fetch_search_path(false);

	if (path == NIL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_SCHEMA),
				 errmsg("no schema has been selected to create in")));
	return get_namespace_name(linitial_oid(path));
}

/*
 * CREATE EXTENSION of one that is installed: let it appear in the schema asked
 * for.  False if it is not installed, and so has to be created indeed.
 */
static bool
bring_extension(const CreateExtensionStmt *create)
{
	const char *wanted = extension_option(create, "schema");
	Datum		name = CStringGetTextDatum(create->extname);
	MigrDb		db;
	bool		found;
	bool		relocatable = false;
	char	   *schema = NULL;

	migr_db_begin(&db, false);
	found = migr_db_run(&db, &extension_query, &name, NULL) > 0;
	if (found)
	{
		schema = migr_db_text(0, 1);
		relocatable = DatumGetBool(migr_db_datum(0, 2));
	}
	migr_db_end(&db);
	if (!found)
		return false;

	if (strncmp(schema, ASIDE, strlen(ASIDE)) == 0)
	{
		if (!relocatable)
			ereport(ERROR,
					(errcode(ERRCODE_MIGR_UNSUPPORTED_IN_SCRATCH),
					 errmsg("extension \"%s\" cannot be moved into a scratch schema",
							create->extname),
					 errdetail("It is installed in this database and not relocatable.")));
		run(psprintf("ALTER EXTENSION %s SET SCHEMA %s",
					 quote_identifier(create->extname),
					 quote_identifier(wanted ? wanted : creation_schema())));
	}
	return true;
}

/* Blank out the word CONCURRENTLY in a statement. */
static void
make_plain(char *sql, int len)
{
	MigrScan	scan;
	MigrToken	token;

	migr_scan_begin(&scan, sql, len);
	while (migr_scan_next(&scan, &token) != MIGR_TOKEN_END)
	{
		if (token.kind == MIGR_TOKEN_WORD && token.end - token.start == 12 &&
			pg_strncasecmp(sql + token.start, "concurrently", 12) == 0)
			memset(sql + token.start, ' ', 12);
	}
}

/* Is this one without which the schema is the same? */
static bool
is_without_effect(Node *node)
{
	return IsA(node, VacuumStmt) || IsA(node, ReindexStmt) ||
		IsA(node, CheckPointStmt) || migr_compat_clusters_all(node) ||
		IsA(node, DropRoleStmt) ||
		(IsA(node, CreateRoleStmt) &&
		 OidIsValid(get_role_oid(((CreateRoleStmt *) node)->role, true)));
}

/* Is it something that only CONCURRENTLY keeps out of a transaction? */
static bool
has_plain_form(Node *node)
{
	return IsA(node, IndexStmt) || IsA(node, DropStmt) || IsA(node, AlterTableStmt);
}

/* Raise MG012 for what a rollback, or the scratch schemas, can't contain. */
static void
check_contained(const char *place, const MigrStatement *statement, Node *node)
{
	const char *command = NULL;

	if (IsA(node, DropStmt) &&
		((DropStmt *) node)->removeType == OBJECT_EXTENSION)
		command = "DROP EXTENSION";
	else if (statement->outside && !has_plain_form(node))
		command = statement->outside;
	if (command)
		ereport(ERROR,
				(errcode(ERRCODE_MIGR_UNSUPPORTED_IN_SCRATCH),
				 errmsg("%s cannot run in a scratch schema", command),
				 errcontext("%s, line %d", place, statement->line)));
}

static void
run_statement(const char *place, const MigrSection *section,
			  const MigrStatement *statement)
{
	char	   *sql = section->sql + statement->start;
	int			len = statement->end - statement->start;
	Node	   *node = linitial_node(RawStmt,
									 migr_parse(pnstrdup(sql, len), place,
												statement->line))->stmt;

	if (is_without_effect(node))
		return;
	check_contained(place, statement, node);
	if (statement->outside)
		make_plain(sql, len);
	if (!IsA(node, CreateExtensionStmt))
		migr_exec_statement(place, section, statement, NULL, NULL);
	else
	{
		if (!bring_extension((CreateExtensionStmt *) node))
			migr_exec_statement(place, section, statement, NULL, NULL);
		scope.extensions = lappend(scope.extensions,
								   ((CreateExtensionStmt *) node)->extname);
	}
}

/* Run a script's upgrade section; its SETs end with it. */
static void
run_script(const MigrScript *script)
{
	const char *place = migr_stmt_place(script, MIGR_SECTION_UPGRADE);
	int			guc_level = NewGUCNestLevel();
	bool		wrote = false;
	ListCell   *lc;

	foreach(lc, migr_stmt_split(script, MIGR_SECTION_UPGRADE))
	{
		const MigrStatement *statement = lfirst(lc);

		CHECK_FOR_INTERRUPTS();
		run_statement(place, &script->sections[MIGR_SECTION_UPGRADE], statement);
		wrote = wrote || statement->writes_rows;
	}
	if (wrote)
		migr_exec_settle(place);
	AtEOXact_GUC(false, guc_level);
}

/* What is to be done in a scratch database. */
typedef struct Build
{
	const List *scripts;
	MigrWork	work;
	void	   *arg;
} Build;

static void
build(void *arg)
{
	const Build *what = arg;
	ListCell   *lc;

	/* Two that rename the same schemas would fail; this ends with us, too. */
	migr_mutex_acquire();
	migr_mutex_enter_run();
	set_aside();
	foreach(lc, what->scripts)
		run_script(lfirst(lc));
	what->work(what->arg);
}

void
migr_scratch_run(const List *scripts, MigrWork work, void *arg)
{
	Build		what = {.scripts = scripts, .work = work, .arg = arg};
	ErrorData  *error;

	migr_mutex_check_writable();
	scope.aside = ASIDE;
	scope.extensions = NIL;
	error = migr_subxact_run(build, &what, false);
	migr_mutex_leave_run();
	memset(&scope, 0, sizeof(scope));
	if (error)
		ReThrowError(error);
}
