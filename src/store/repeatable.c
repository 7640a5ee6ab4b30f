/*
 * repeatable.c
 *		Scripts that run again whenever their text has changed.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "store/approved.h"
#include "store/repeatable.h"
#include "store/store.h"

static MigrQuery read_all = {
	"SELECT name, depends_on, message, checksum, applied_checksum, loader, loaded_by, loaded_in"
	"  FROM migr.repeatable ORDER BY name", 0, {0}
};

static MigrQuery any_due = {
	"SELECT EXISTS (SELECT FROM migr.repeatable"
	"                WHERE applied_checksum IS DISTINCT FROM checksum)", 0, {0}
};

static MigrQuery read_one = {
	"SELECT script, loader, loaded_by, loaded_in FROM migr.repeatable WHERE name = $1",
	1, {TEXTOID}
};

static MigrQuery read_applied = {
	/* Who loads another text vouches for that one alone. */
	"SELECT applied_script,"
	"       CASE WHEN applied_script = script THEN loader ELSE applied_loader END,"
	"       CASE WHEN applied_script = script THEN loaded_by ELSE applied_loaded_by END,"
	"       CASE WHEN applied_script = script THEN loaded_in ELSE applied_loaded_in END"
	"  FROM migr.repeatable WHERE name = $1 AND applied_script IS NOT NULL", 1, {TEXTOID}
};

/* Who loads the same text once more has not brought it. */
static MigrQuery put = {
	"INSERT INTO migr.repeatable (name, depends_on, message, checksum, script,"
	"       loaded_by, loader, loaded_in, loaded_session, loaded_session_name)"
	" VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
	" ON CONFLICT (name) DO UPDATE"
	"   SET depends_on = $2, message = $3, checksum = $4, script = $5,"
	"       loaded_by = $6, loader = $7, loaded_in = $8,"
	"       loaded_at = pg_catalog.clock_timestamp(),"
	"       loaded_session = CASE WHEN repeatable.checksum = $4 THEN repeatable.loaded_session ELSE $9 END,"
	"       loaded_session_name = CASE WHEN repeatable.checksum = $4 THEN repeatable.loaded_session_name ELSE $10 END",
	10, {TEXTOID, TEXTARRAYOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID, OIDOID, TEXTOID, OIDOID, TEXTOID}
};

static MigrQuery delete_one = {
	"DELETE FROM migr.repeatable WHERE name = $1", 1, {TEXTOID}
};

static MigrQuery sign = {
	"UPDATE migr.repeatable SET applied_script = script, applied_checksum = checksum,"
	"       applied_at = pg_catalog.clock_timestamp(), applied_by = $2,"
	"       duration = $3 * interval '1 microsecond', applied_loader = loader,"
	"       applied_loaded_by = loaded_by, applied_loaded_in = loaded_in"
	" WHERE name = $1", 3, {TEXTOID, TEXTOID, INT8OID}
};

static MigrQuery forget_runs = {
	"UPDATE migr.repeatable SET applied_script = NULL, applied_checksum = NULL,"
	"       applied_at = NULL, applied_by = NULL, duration = NULL,"
	"       applied_loader = NULL, applied_loaded_by = NULL, applied_loaded_in = NULL"
	" WHERE applied_checksum IS NOT NULL AND ($1 IS NULL OR name = ANY ($1))",
	1, {TEXTARRAYOID}
};

List *
migr_repeatable_read(MigrDb *db)
{
	uint64		rows = migr_db_run(db, &read_all, NULL, NULL);
	List	   *result = NIL;

	for (uint64 i = 0; i < rows; i++)
	{
		MigrRepeatable *one = palloc0(sizeof(MigrRepeatable));

		one->name = migr_db_text(i, 1);
		one->depends = migr_db_texts(i, 2);
		one->message = migr_db_text(i, 3);
		one->checksum = migr_db_text(i, 4);
		one->applied = migr_db_text(i, 5);
		one->loader = migr_store_loader_of(i, 6);
		result = lappend(result, one);
	}
	return result;
}

bool
migr_repeatable_any_due(MigrDb *db)
{
	(void) migr_db_run(db, &any_due, NULL, NULL);
	return DatumGetBool(migr_db_datum(0, 1));
}

static bool
find(MigrDb *db, MigrQuery *query, const char *name)
{
	Datum		value = migr_db_text_datum(name);

	return migr_db_run(db, query, &value, NULL) > 0;
}

static MigrScript *
parse(MigrDb *db, MigrQuery *query, const char *name)
{
	MigrScript *script;
	MigrLoader	loader;

	/* Who only reads does not keep others from unloading it. */
	if (!find(db, query, name))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("repeatable script \"%s\" was changed by another session", name),
				 errhint("Run the command again.")));
	loader = migr_store_loader_of(0, 2);
	script = migr_script_parse_stored(migr_db_long_text(0, 1));
	script->loader = loader;
	return script;
}

MigrScript *
migr_repeatable_parse(MigrDb *db, const char *name)
{
	return parse(db, &read_one, name);
}

MigrScript *
migr_repeatable_parse_applied(MigrDb *db, const char *name)
{
	return parse(db, &read_applied, name);
}

char *
migr_repeatable_script(MigrDb *db, const char *name)
{
	return find(db, &read_one, name) ? migr_db_text(0, 1) : NULL;
}

void
migr_repeatable_put(MigrDb *db, const MigrScript *script)
{
	Datum		values[10];
	char		nulls[10];

	memset(nulls, ' ', sizeof(nulls));
	values[0] = migr_db_text_datum(script->revision);
	values[1] = migr_db_texts_datum(script->depends);
	values[2] = migr_db_text_datum(script->message);
	values[3] = migr_db_text_datum(script->checksum);
	values[4] = migr_db_long_text_datum(unconstify(char *, script->text), script->text_len,
										 script->headed);
	values[5] = migr_db_text_datum(script->loader.name);
	values[6] = ObjectIdGetDatum(script->loader.role);
	nulls[6] = script->loader.known ? ' ' : 'n';
	values[7] = migr_db_text_datum(script->loader.installation ? script->loader.installation : "");
	nulls[7] = script->loader.installation ? ' ' : 'n';
	values[8] = ObjectIdGetDatum(GetSessionUserId());
	values[9] = migr_db_text_datum(GetUserNameFromId(GetSessionUserId(), false));
	migr_db_run_one(db, &put, values, nulls);
}

void
migr_repeatable_delete(MigrDb *db, const char *name)
{
	Datum		value = migr_db_text_datum(name);

	migr_db_run_one(db, &delete_one, &value, NULL);
	migr_approved_forget(db, name);
}

void
migr_repeatable_sign(MigrDb *db, const char *name, const char *user, int64 microseconds)
{
	Datum		values[3];

	values[0] = migr_db_text_datum(name);
	values[1] = migr_db_text_datum(user);
	values[2] = Int64GetDatum(microseconds);
	migr_db_run_one(db, &sign, values, NULL);
}

void
migr_repeatable_forget_runs(MigrDb *db, const List *names)
{
	Datum		value = names == NIL ? (Datum) 0 : migr_db_texts_datum(names);

	(void) migr_db_run(db, &forget_runs, &value, names == NIL ? "n" : " ");
}
