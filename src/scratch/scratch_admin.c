/*
 * scratch_admin.c
 *		The worker that makes and drops scratch databases.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "catalog/pg_database.h"
#include "catalog/pg_type.h"
#include "commands/dbcommands.h"
#include "commands/extension.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "storage/lock.h"
#include "utils/builtins.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"

#include "base/compat.h"
#include "base/db.h"
#include "base/server_parser.h"
#include "base/wire.h"
#include "base/worker.h"
#include "scratch/scratch_admin.h"

PGDLLEXPORT void migr_scratch_admin_main(Datum main_arg);

/* How often to try whether another session is done, in microseconds. */
#define TRY_INTERVAL 20000L

/* In advisory locks of migr's own: they outlive an error, and end with us. */
#define LOCK_KIND 7

static MigrQuery noted_query = {
	"SELECT d.oid, s.contents FROM migr.scratch s"
	"  JOIN pg_catalog.pg_database d ON d.oid = s.database"
	" WHERE s.live = $1 AND s.role = $2 AND d.datname = $3 AND d.datdba = $2 AND d.datallowconn",
	3, {OIDOID, OIDOID, TEXTOID}
};

static MigrQuery note_query = {
	"INSERT INTO migr.scratch (live, role, database, name, contents, extensions)"
	" VALUES ($1, $2, $3, $4, $5, $6)", 6, {OIDOID, OIDOID, OIDOID, TEXTOID, TEXTOID, TEXTARRAYOID}
};

/* That of this role, and those of a database that this one is a copy of. */
static MigrQuery forget_query = {
	"DELETE FROM migr.scratch WHERE live <> $1 OR role = $2", 2, {OIDOID, OIDOID}
};

static void
begin(void)
{
	SetCurrentStatementStartTimestamp();
	StartTransactionCommand();
	/* The database may have a setting of role, too. */
	if (!migr_worker_is_itself() || GetUserId() != migr_worker_role())
		SetUserIdAndSecContext(migr_worker_role(), SECURITY_LOCAL_USERID_CHANGE);
}

/*
 * Run a statement that no transaction block may hold, or one like it.  With a snapshot, as
 * a client's has: catalogs may keep long values in tables beside them.
 */
static void
run(const char *sql)
{
	PushActiveSnapshot(GetTransactionSnapshot());
	migr_compat_run_utility(migr_parse_utility(sql), sql);
	if (ActiveSnapshotSet())
		PopActiveSnapshot();
	CommandCounterIncrement();
}

static void
drop(const char *name)
{
	begin();
	run(psprintf("DROP DATABASE IF EXISTS %s", quote_identifier(name)));
	CommitTransactionCommand();
}

/*
 * Is a database a scratch database that no note tells of, because making or
 * dropping it was cut short, or the extension was dropped and created anew?  It
 * is not used as it is, whoever has made it.
 */
static MigrQuery left_over_query = {
	"SELECT d.datdba IN ($2, $3) AND (NOT d.datallowconn OR d.datconnlimit = -2"
	"         OR pg_catalog.shobj_description(d.oid, 'pg_database') ~ '^" MIGR_SCRATCH_COMMENT "')"
	"  FROM pg_catalog.pg_database d WHERE d.oid = $1", 3, {OIDOID, OIDOID, OIDOID}
};

static bool
is_left_over(Oid database, Oid role)
{
	Datum		values[] = {ObjectIdGetDatum(database), ObjectIdGetDatum(role),
	ObjectIdGetDatum(migr_worker_role())};
	bool		left_over;
	MigrDb		db;

	PushActiveSnapshot(GetTransactionSnapshot());
	migr_db_begin(&db, true);
	left_over = migr_db_run(&db, &left_over_query, values, NULL) == 1 &&
		!migr_db_is_null(0, 1) && DatumGetBool(migr_db_datum(0, 1));
	migr_db_end(&db);
	PopActiveSnapshot();
	return left_over;
}

static void
make_room(const char *name, Oid role)
{
	Oid			database;
	bool		left_over;

	begin();
	database = get_database_oid(name, true);
	left_over = OidIsValid(database) && is_left_over(database, role);
	CommitTransactionCommand();
	if (!OidIsValid(database))
		return;
	if (!left_over)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("database \"%s\" is in the way", name),
				 errdetail("It has the name of the scratch database, and was not made by migr."),
				 errhint("Drop it, or give it another name.")));
	drop(name);
}

/* One session at a time makes a role's database. */
static void
take_turn(Oid role)
{
	LOCKTAG		tag;

	SET_LOCKTAG_ADVISORY(tag, MyDatabaseId, role, 0, LOCK_KIND);
	while (LockAcquire(&tag, ExclusiveLock, true, true) == LOCKACQUIRE_NOT_AVAIL)
	{
		CHECK_FOR_INTERRUPTS();
		pg_usleep(TRY_INTERVAL);
	}
}

/*
 * One that another session has made since ours looked, or that its snapshot does
 * not show.
 */
static Oid
find_noted(const char *name, Oid role, char **contents)
{
	Datum		values[] = {ObjectIdGetDatum(MyDatabaseId), ObjectIdGetDatum(role),
	migr_db_text_datum(name)};
	Oid			database = InvalidOid;
	MigrDb		db;

	PushActiveSnapshot(GetTransactionSnapshot());
	migr_db_begin(&db, true);
	if (migr_db_run(&db, &noted_query, values, NULL) == 1)
	{
		database = DatumGetObjectId(migr_db_datum(0, 1));
		*contents = migr_db_text(0, 2);
	}
	migr_db_end(&db);
	PopActiveSnapshot();
	return database;
}

static void
reply_made(Oid database, bool found, const char *contents)
{
	StringInfoData reply;

	initStringInfo(&reply);
	migr_wire_put_oid(&reply, database);
	migr_wire_put_int(&reply, found);
	migr_wire_put_text(&reply, contents);
	migr_worker_reply(MIGR_ADMIN_MADE, &reply);
}

/* What a transaction has not committed yet, this process does not see. */
static void
check_extension(void)
{
	if (!OidIsValid(get_extension_oid("migr", true)))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("other sessions do not see the extension \"migr\" yet"),
				 errdetail("A scratch database is made, and noted in a table of the extension, by a process of its own."),
				 errhint("Commit the transaction that creates the extension before.")));
}

static void
create(StringInfo content)
{
	char	   *name = migr_wire_get_text(content);
	Oid			role = migr_wire_get_oid(content);
	char	   *sql = migr_wire_get_text(content);
	char	   *contents = "";
	Oid			database;

	take_turn(role);
	begin();
	check_extension();
	database = find_noted(name, role, &contents);
	if (OidIsValid(database))
		reply_made(database, true, contents);
	CommitTransactionCommand();
	if (OidIsValid(database))
		return;

	make_room(name, role);
	begin();
	run(sql);
	CommitTransactionCommand();
	begin();
	reply_made(get_database_oid(name, false), false, "");
	CommitTransactionCommand();
}

/* Note a database, or that there is none: InvalidOid. */
static void
note(Oid database, Oid role, const char *name, const char *contents, const List *extensions)
{
	Datum		values[6] = {ObjectIdGetDatum(MyDatabaseId), ObjectIdGetDatum(role)};
	MigrDb		db;

	PushActiveSnapshot(GetTransactionSnapshot());
	migr_db_begin(&db, false);
	(void) migr_db_run(&db, &forget_query, values, NULL);
	if (OidIsValid(database))
	{
		values[2] = ObjectIdGetDatum(database);
		values[3] = migr_db_text_datum(name);
		values[4] = migr_db_text_datum(contents);
		values[5] = migr_db_texts_datum(extensions);
		migr_db_run_one(&db, &note_query, values, NULL);
	}
	migr_db_end(&db);
	PopActiveSnapshot();
}

/*
 * All at once: nobody can connect before it is closed to all but its owner.
 */
static void
open_database(StringInfo content)
{
	char	   *name = migr_wire_get_text(content);
	Oid			database = migr_wire_get_oid(content);
	Oid			role = migr_wire_get_oid(content);
	bool		noted = migr_wire_get_int(content);
	char	   *contents = migr_wire_get_text(content);
	List	   *extensions = migr_wire_get_texts(content);
	const char *quoted = quote_identifier(name);
	Oid			user;
	int			security;

	begin();
	run(psprintf("ALTER DATABASE %s OWNER TO %s", quoted,
				 quote_identifier(GetUserNameFromId(role, false))));
	GetUserIdAndSecContext(&user, &security);
	SetUserIdAndSecContext(role, security | SECURITY_LOCAL_USERID_CHANGE);
	run(psprintf("REVOKE ALL ON DATABASE %s FROM PUBLIC", quoted));
	run(psprintf("COMMENT ON DATABASE %s IS %s", quoted,
				 quote_literal_cstr(psprintf(MIGR_SCRATCH_COMMENT ": of role %s, for database %s",
											 GetUserNameFromId(role, false),
											 get_database_name(MyDatabaseId)))));
	run(psprintf("ALTER DATABASE %s WITH ALLOW_CONNECTIONS true", quoted));
	SetUserIdAndSecContext(user, security);
	if (noted)
		note(database, role, name, contents, extensions);
	CommitTransactionCommand();
}

static void
drop_database(StringInfo content)
{
	char	   *name = migr_wire_get_text(content);
	Oid			database = migr_wire_get_oid(content);
	Oid			role = migr_wire_get_oid(content);
	bool		same;

	/* Another one may have got the name since. */
	begin();
	same = get_database_oid(name, true) == database;
	CommitTransactionCommand();
	if (same)
		drop(name);
	if (!OidIsValid(role))
		return;
	begin();
	note(InvalidOid, role, NULL, NULL, NIL);
	CommitTransactionCommand();
}

static void
serve(char kind, StringInfo content)
{
	switch (kind)
	{
		case MIGR_ADMIN_CREATE:
			create(content);
			break;
		case MIGR_ADMIN_OPEN:
			open_database(content);
			break;
		case MIGR_ADMIN_DROP:
			drop_database(content);
			break;
		default:
			elog(ERROR, "unknown request \"%c\" to the administration of scratch databases", kind);
	}
}

static void
recover(void)
{
	AbortCurrentTransaction();
}

/*
 * Entry of the worker.
 */
void
migr_scratch_admin_main(Datum main_arg)
{
	migr_worker_connect(main_arg);
	migr_worker_serve(serve, recover);
}
