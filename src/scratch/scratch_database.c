/*
 * scratch_database.c
 *		Which database a role builds in; made, prepared and dropped.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "access/xlog.h"
#include "catalog/pg_authid.h"
#include "catalog/pg_database.h"
#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/syscache.h"

#include "base/compat.h"
#include "base/db.h"
#include "base/ident.h"
#include "base/wire.h"
#include "base/worker.h"
#include "scratch/scratch.h"
#include "scratch/scratch_admin.h"
#include "scratch/scratch_build.h"
#include "scratch/scratch_database.h"
#include "scratch/scratch_outside.h"
#include "scratch/scratch_right.h"

static bool keep;

/*
 * That which was noted, if it is there and still the role's.  Who owns the table
 * can note any database; one of another name is none of ours.
 */
static MigrQuery find_query = {
	"SELECT d.oid, d.datname::text, s.contents, s.extensions FROM migr.scratch s"
	"  JOIN pg_catalog.pg_database d ON d.oid = s.database"
	" WHERE s.live = $1 AND s.role = $2 AND d.datname = $3 AND d.datdba = $2 AND d.datallowconn",
	3, {OIDOID, OIDOID, TEXTOID}
};

/* 15: collation providers; 16: ICU's own rules; 17: one that is built in. */
#define ICU_LOCALE MIGR_SINCE_17("d.datlocale", "d.daticulocale")
#define BUILTIN_PROVIDER \
	MIGR_SINCE_17(" WHEN 'b' THEN pg_catalog.format(' LOCALE_PROVIDER builtin BUILTIN_LOCALE %L', d.datlocale)", "")
#define RULES \
	MIGR_SINCE_16(" || CASE WHEN d.daticurules IS NOT NULL" \
				  " THEN pg_catalog.format(' ICU_RULES %L', d.daticurules) ELSE '' END", "")
#define PROVIDER \
	MIGR_SINCE_15("CASE d.datlocprovider" \
				  " WHEN 'i' THEN pg_catalog.format(' LOCALE_PROVIDER icu ICU_LOCALE %L', " ICU_LOCALE ")" \
				  BUILTIN_PROVIDER \
				  " ELSE ' LOCALE_PROVIDER libc' END" RULES, "''")

static MigrQuery create_query = {
	"SELECT pg_catalog.format('CREATE DATABASE %I WITH OWNER %I TEMPLATE template0 ENCODING %L"
	" LC_COLLATE %L LC_CTYPE %L%s%s ALLOW_CONNECTIONS false',"
	"         $1, $2, pg_catalog.pg_encoding_to_char(d.encoding), d.datcollate, d.datctype, " PROVIDER ","
	"         CASE WHEN t.spcname <> 'pg_default' AND pg_catalog.has_tablespace_privilege($3, t.oid, 'CREATE')"
	"              THEN pg_catalog.format(' TABLESPACE %I', t.spcname) END)"
	"  FROM pg_catalog.pg_database d JOIN pg_catalog.pg_tablespace t ON t.oid = d.dattablespace"
	" WHERE d.datname = pg_catalog.current_database()", 3, {TEXTOID, TEXTOID, OIDOID}
};

/* Those whose role or live database is no more, here or elsewhere. */
static MigrQuery orphans_query = {
	"SELECT d.oid, d.datname::text FROM pg_catalog.pg_database d,"
	"       pg_catalog.regexp_match(d.datname, '" MIGR_SCRATCH_NAME "') m"
	" WHERE m IS NOT NULL"
	"   AND (NOT d.datallowconn OR pg_catalog.shobj_description(d.oid, 'pg_database') ~ '^" MIGR_SCRATCH_COMMENT "')"
	"   AND (NOT EXISTS (SELECT FROM pg_catalog.pg_database l WHERE l.oid::text = m[1])"
	"        OR (m[3] IS NOT NULL AND NOT EXISTS (SELECT FROM pg_catalog.pg_stat_activity a WHERE a.pid::text = m[3]))"
	"        OR NOT EXISTS (SELECT FROM pg_catalog.pg_roles r WHERE r.oid::text = m[2]))"
	" ORDER BY d.datname", 0, {0}
};

void
migr_scratch_database_init(void)
{
	DefineCustomBoolVariable("migr.keep_scratch",
							 "Keep the scratch database for the next command.",
							 NULL, &keep, true, PGC_USERSET, 0, NULL, NULL, NULL);
}

static char *
name_for(Oid role)
{
	return psprintf("migr_scratch_%u_%u", MyDatabaseId, role);
}

/*
 * What this session has made last: a transaction that keeps its snapshot does
 * not see it noted.
 */
static struct
{
	Oid			live;
	Oid			role;
	Oid			database;
	char		name[NAMEDATALEN];
	char		contents[65];	/* a SHA-256 in hex, or nothing */
}			made;

static void
remember(const MigrScratchDatabase *database)
{
	made.live = MyDatabaseId;
	made.role = database->role;
	made.database = database->oid;
	strlcpy(made.name, database->name, sizeof(made.name));
	strlcpy(made.contents, database->contents, sizeof(made.contents));
}

/* As find_query has it. */
static bool
is_as_made(void)
{
	HeapTuple	tuple = SearchSysCache1(DATABASEOID, ObjectIdGetDatum(made.database));
	bool		is = false;

	if (HeapTupleIsValid(tuple))
	{
		const FormData_pg_database *form = (Form_pg_database) GETSTRUCT(tuple);

		is = strcmp(NameStr(form->datname), made.name) == 0 &&
			form->datdba == made.role && form->datallowconn;
		ReleaseSysCache(tuple);
	}
	return is;
}

static bool
find_made(Oid role, MigrScratchDatabase *database)
{
	if (made.live != MyDatabaseId || made.role != role || !is_as_made())
		return false;
	database->role = role;
	database->oid = made.database;
	database->name = made.name;
	database->contents = made.contents;
	return true;
}

static bool
find(Oid role, MigrScratchDatabase *database)
{
	Datum		values[] = {ObjectIdGetDatum(MyDatabaseId), ObjectIdGetDatum(role),
	migr_db_text_datum(name_for(role))};
	bool		found;
	MigrDb		db;

	migr_db_begin(&db, false);
	found = migr_db_run(&db, &find_query, values, NULL) == 1;
	if (found)
	{
		database->role = role;
		database->oid = DatumGetObjectId(migr_db_datum(0, 1));
		database->name = migr_db_text(0, 2);
		database->contents = migr_db_text(0, 3);
		database->extensions = migr_db_texts(0, 4);
	}
	migr_db_end(&db);
	return found || find_made(role, database);
}

/* --- making --------------------------------------------------------------- */

static MigrWorker *
start_admin(Oid creator)
{
	MigrWorkerStart start = {MIGR_ADMIN_ENTRY, "migr scratch administration"};

	start.database = MyDatabaseId;
	start.role = creator;
	return migr_worker_start(&start);
}

static char *
create_statement(const char *name, Oid role, Oid creator)
{
	Datum		values[3];
	char	   *sql;
	MigrDb		db;

	values[0] = migr_db_text_datum(name);
	values[1] = migr_db_text_datum(GetUserNameFromId(role, false));
	values[2] = ObjectIdGetDatum(creator);
	migr_db_begin(&db, true);
	(void) migr_db_run(&db, &create_query, values, NULL);
	sql = migr_db_text(0, 1);
	migr_db_end(&db);
	return sql;
}

/* Put extensions there that the role can't create itself; what is there then. */
static char *
prepare(Oid database, Oid role, const List *extensions)
{
	MigrWorkerStart start = {MIGR_BUILD_ENTRY, "migr scratch preparation"};
	MigrWorker *worker;
	StringInfoData message;
	char	   *contents = NULL;

	start.database = database;
	start.role = GetUserId();
	start.closed = true;
	worker = migr_worker_start(&start);
	initStringInfo(&message);
	migr_wire_put_oid(&message, role);
	migr_scratch_put_extensions(&message, extensions);
	migr_worker_send(worker, MIGR_BUILD_PREPARE, &message);
	while (migr_worker_receive(worker, &message) != MIGR_REPLY_DONE)
		contents = migr_wire_get_text(&message);
	migr_worker_end(worker);
	return contents;
}

/* Ask for a database; true if another session has made it meanwhile. */
static bool
create(MigrWorker *worker, MigrScratchDatabase *database, const char *sql)
{
	StringInfoData message;
	bool		found = false;

	initStringInfo(&message);
	migr_wire_put_text(&message, database->name);
	migr_wire_put_oid(&message, database->role);
	migr_wire_put_text(&message, sql);
	migr_worker_send(worker, MIGR_ADMIN_CREATE, &message);
	while (migr_worker_receive(worker, &message) != MIGR_REPLY_DONE)
	{
		database->oid = migr_wire_get_oid(&message);
		found = migr_wire_get_int(&message);
		database->contents = migr_wire_get_text(&message);
	}
	return found;
}

static void
open_database(MigrWorker *worker, const MigrScratchDatabase *database)
{
	StringInfoData message;

	initStringInfo(&message);
	migr_wire_put_text(&message, database->name);
	migr_wire_put_oid(&message, database->oid);
	migr_wire_put_oid(&message, database->role);
	migr_wire_put_int(&message, !database->throwaway);
	migr_wire_put_text(&message, database->contents);
	migr_wire_put_texts(&message, database->extensions);
	migr_worker_send(worker, MIGR_ADMIN_OPEN, &message);
	migr_worker_finish(worker);
}

static List *
names_of(const List *extensions)
{
	List	   *names = NIL;
	ListCell   *lc;

	foreach(lc, extensions)
		names = lappend(names, ((MigrScratchExtension *) lfirst(lc))->name);
	list_sort(names, migr_ident_compare);
	return names;
}

static bool
equal_names(const List *names, const List *others)
{
	ListCell   *lc;
	ListCell   *other;

	if (list_length(names) != list_length(others))
		return false;
	forboth(lc, names, other, others)
	{
		if (strcmp(lfirst(lc), lfirst(other)) != 0)
			return false;
	}
	return true;
}

/*
 * False if it is there already.  While it is prepared it belongs to who does
 * that: its owner could open it, and be there first.
 */
static bool
make(MigrScratchDatabase *database, const List *extensions)
{
	Oid			role = database->role;
	Oid			creator = migr_scratch_creator(role, database->throwaway);
	MigrWorker *worker;
	char	   *sql;
	bool		found;

	database->name = name_for(role);
	if (database->throwaway)
		database->name = psprintf("%s_%d", database->name, MyProcPid);
	sql = create_statement(database->name, extensions != NIL ? creator : role, creator);
	worker = start_admin(creator);
	found = create(worker, database, sql);
	if (!found)
	{
		if (extensions != NIL)
			database->contents = prepare(database->oid, role, extensions);
		database->extensions = names_of(extensions);
		open_database(worker, database);
	}
	migr_worker_end(worker);
	if (!database->throwaway)
		remember(database);
	return !found;
}

bool
migr_scratch_database_find(Oid role, MigrScratchDatabase *database)
{
	migr_scratch_check_allowed();
	migr_scratch_check_granted();
	migr_scratch_check_trust(role);
	return find(role, database);
}

MigrScratchDatabase
migr_scratch_database_of(Oid role)
{
	MigrScratchDatabase database = {.role = role};

	if (migr_scratch_database_find(role, &database))
		return database;
	migr_scratch_check_making(role);
	if (make(&database, NIL))
		ereport(NOTICE,
				(errmsg("created a scratch database for role \"%s\"", GetUserNameFromId(role, false))));
	return database;
}

bool
migr_scratch_database_create(Oid role)
{
	MigrScratchDatabase database = {.role = role};
	List	   *extensions = NIL;
	bool		found;

	migr_scratch_check_allowed();
	migr_scratch_check_trust(role);
	found = find(role, &database);
	if (superuser() && !superuser_arg(role))
		extensions = migr_outside_untrusted_extensions();
	if (found && (extensions == NIL || equal_names(names_of(extensions), database.extensions)))
		return false;
	if (found)
		(void) migr_scratch_database_drop(role);
	return make(&database, extensions);
}

/* --- dropping ------------------------------------------------------------- */

static void
drop(MigrWorker *worker, const MigrScratchDatabase *database)
{
	StringInfoData message;

	initStringInfo(&message);
	migr_wire_put_text(&message, database->name);
	migr_wire_put_oid(&message, database->oid);
	migr_wire_put_oid(&message, database->role);
	migr_worker_send(worker, MIGR_ADMIN_DROP, &message);
	migr_worker_finish(worker);
	if (made.database == database->oid)
		made.database = InvalidOid;
}

/* Those of nobody (MigrScratchDatabase *). */
static List *
find_orphans(void)
{
	List	   *orphans = NIL;
	uint64		rows;
	MigrDb		db;

	migr_db_begin(&db, false);
	rows = migr_db_run(&db, &orphans_query, NULL, NULL);
	for (uint64 i = 0; i < rows; i++)
	{
		MigrScratchDatabase *orphan = palloc0(sizeof(MigrScratchDatabase));

		orphan->oid = DatumGetObjectId(migr_db_datum(i, 1));
		orphan->name = migr_db_text(i, 2);
		orphans = lappend(orphans, orphan);
	}
	migr_db_end(&db);
	return orphans;
}

/*
 * One that was noted in a table that is gone: it has the name and the comment,
 * and is the role's.  That is enough for who asks to drop it.
 */
static MigrQuery unnoted_query = {
	"SELECT d.oid FROM pg_catalog.pg_database d"
	" WHERE d.datname = $1 AND d.datdba = $2"
	"   AND pg_catalog.shobj_description(d.oid, 'pg_database') ~ '^" MIGR_SCRATCH_COMMENT "'",
	2, {TEXTOID, OIDOID}
};

static bool
find_unnoted(Oid role, MigrScratchDatabase *database)
{
	Datum		values[] = {migr_db_text_datum(name_for(role)), ObjectIdGetDatum(role)};
	bool		found;
	MigrDb		db;

	migr_db_begin(&db, false);
	found = migr_db_run(&db, &unnoted_query, values, NULL) == 1;
	if (found)
	{
		database->role = role;
		database->oid = DatumGetObjectId(migr_db_datum(0, 1));
		database->name = name_for(role);
	}
	migr_db_end(&db);
	return found;
}

List *
migr_scratch_database_drop(Oid role)
{
	MigrScratchDatabase own = {0};
	List	   *databases = NIL;
	List	   *names = NIL;
	MigrWorker *worker;
	ListCell   *lc;

	if (!OidIsValid(role))
		databases = find_orphans();
	else if (find(role, &own) || find_unnoted(role, &own))
		databases = list_make1(&own);
	if (databases == NIL)
		return NIL;
	worker = start_admin(GetUserId());
	foreach(lc, databases)
	{
		const MigrScratchDatabase *database = lfirst(lc);

		drop(worker, database);
		names = lappend(names, unconstify(char *, database->name));
	}
	migr_worker_end(worker);
	return names;
}

MigrScratchDatabase
migr_scratch_database_throwaway(Oid role)
{
	MigrScratchDatabase database = {.role = role, .throwaway = true};

	(void) make(&database, NIL);
	ereport(NOTICE,
			(errmsg("building in a database that is committed into and dropped afterwards"),
			 errdetail("To drop it takes a checkpoint.")));
	return database;
}

void
migr_scratch_database_discard(const MigrScratchDatabase *database)
{
	MigrScratchDatabase unnoted = *database;
	MigrWorker *worker = start_admin(migr_scratch_creator(database->role, true));

	unnoted.role = InvalidOid;
	drop(worker, &unnoted);
	migr_worker_end(worker);
}

bool
migr_scratch_database_is_kept(void)
{
	return keep;
}
