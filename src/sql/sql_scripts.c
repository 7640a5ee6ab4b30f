/*
 * sql_scripts.c
 *		SQL-callable: the script store.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/builtins.h"

#include "base/args.h"
#include "base/errors.h"
#include "base/srf.h"
#include "script/script_files.h"
#include "sql/sql_function.h"
#include "store/kept.h"
#include "store/loader.h"
#include "store/repeatable.h"
#include "store/unload.h"

PG_FUNCTION_INFO_V1(migr_load_1_0);
PG_FUNCTION_INFO_V1(migr_load_directory_1_0);
PG_FUNCTION_INFO_V1(migr_script);
PG_FUNCTION_INFO_V1(migr_unload);

/* Return what was loaded: [file,] revision, action. */
static void
put_loaded(FunctionCallInfo fcinfo, const List *loaded, bool with_file)
{
	MigrSrf		srf = migr_srf_begin(fcinfo);
	ListCell   *lc;

	foreach(lc, loaded)
	{
		const MigrLoaded *row = lfirst(lc);
		Datum		values[3];
		bool		nulls[3] = {false};
		int			i = 0;

		if (with_file)
		{
			nulls[i] = row->file == NULL;
			values[i++] = migr_db_text_datum(row->file);
		}
		values[i++] = CStringGetTextDatum(row->revision);
		values[i++] = CStringGetTextDatum(row->action);
		migr_srf_put(&srf, values, nulls);
	}
}

/*
 * migr_load(scripts text, replace bool, prune bool, rebase bool)
 *		→ TABLE(revision, action)
 *
 * Registers scripts, all or none.  Raises MG005, MG006, MG007, 54000, 25006;
 * with prune, 22023 and 42501.
 */
MIGR_FUNCTION(migr_load_1_0)
{
	char	   *scripts = migr_arg_headed_text(fcinfo, 0, "scripts");
	int			options = MIGR_LOAD_HEADED;

	options |= migr_arg_bool(fcinfo, 1, "replace") ? MIGR_LOAD_REPLACE : 0;
	options |= migr_arg_bool(fcinfo, 2, "prune") ? MIGR_LOAD_PRUNE : 0;
	options |= migr_arg_bool(fcinfo, 3, "rebase") ? MIGR_LOAD_REBASE : 0;
	put_loaded(fcinfo, migr_loader_load_text(scripts, options), false);
	return (Datum) 0;
}

/*
 * migr_load_directory(path text, prune bool) → TABLE(file, revision, action)
 *
 * As migr_load(), of the files of server directories; NULL means
 * migr.script_location.  Raises 42501 for another path without
 * pg_read_server_files.
 */
MIGR_FUNCTION(migr_load_directory_1_0)
{
	const char *path = migr_arg_text_or_null(fcinfo, 0);
	bool		prune = migr_arg_bool(fcinfo, 1, "prune");

	if (path == NULL && migr_source_location() == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("no directory is named and migr.script_location is not set")));
	put_loaded(fcinfo, migr_loader_load_directory(path, prune), true);
	return (Datum) 0;
}

/*
 * migr_script(revision text) → text
 *
 * The script as it was loaded, of a revision or repeatable, line ends normalised.  Raises MG001, MG002.
 */
MIGR_FUNCTION(migr_script)
{
	char	   *name = migr_arg_text(fcinfo, 0, "revision");
	const MigrState *state;
	char	   *script;
	MigrDb		db;

	migr_db_begin(&db, true);
	script = migr_repeatable_script(&db, name);
	if (script == NULL)
		script = migr_store_read_script(&db, name);
	if (script == NULL)
	{
		state = migr_kept_read(&db, NULL)->view.state;
		script = migr_store_read_script(&db,
										state->graph->nodes[migr_resolve_revision(state, name)].id);
	}
	migr_db_end(&db);
	PG_RETURN_TEXT_P(cstring_to_text(script));
}

/*
 * migr_unload(revision text) → void
 *
 * Forgets a repeatable script by its name, too.  Raises 55000 if the revision is
 * applied, 2BP01 if others name it.
 */
MIGR_FUNCTION(migr_unload)
{
	migr_unload_script(migr_arg_text(fcinfo, 0, "revision"));
	PG_RETURN_VOID();
}
