/*
 * fingerprint.c
 *		The fingerprint of the schema, kept with the version.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "utils/guc.h"
#include "utils/memutils.h"

#include "base/settings.h"
#include "base/subxact.h"
#include "schema/fingerprint.h"
#include "schema/print.h"
#include "store/store.h"

static bool record_fingerprints;

void
migr_fingerprint_init(void)
{
	DefineCustomBoolVariable("migr.record_fingerprints",
							 "Record the schema's fingerprint at the end of each run.",
							 NULL, &record_fingerprints, true,
							 PGC_USERSET, 0, NULL, NULL, NULL);
}

static void
take_patiently(void *fingerprint)
{
	MemoryContext caller = CurrentMemoryContext;
	MemoryContext context = AllocSetContextCreate(caller, "migr fingerprint",
												  ALLOCSET_DEFAULT_SIZES);
	char	   *result;

	MemoryContextSwitchTo(context);
	result = migr_print_fingerprint(migr_print_schema(NULL));
	MemoryContextSwitchTo(caller);
	*(char **) fingerprint = pstrdup(result);
	MemoryContextDelete(context);
}

/*
 * The fingerprint of the schema as it is.  To deparse a view takes a lock on
 * its tables, and nobody shall wait for us because we wait for one.
 */
static void
take_fingerprint(void *fingerprint)
{
	static const MigrSetting timeout = {"lock_timeout", "100ms"};

	migr_settings_run(&timeout, 1, take_patiently, fingerprint);
}

/*
 * Record what the schema is now.  Only the state that a run leaves has ever
 * been there for others to see, so a run of many revisions pays once.  That a
 * fingerprint can't be taken is no reason to take back what was done; the
 * subtransaction is rolled back in any case, to give back its locks.
 */
void
migr_fingerprint_record(void)
{
	char	   *fingerprint = NULL;
	ErrorData  *error;
	MigrDb		db;

	if (!record_fingerprints)
		return;
	error = migr_subxact_run(take_fingerprint, &fingerprint, false);

	if (error && ERRCODE_TO_CATEGORY(error->sqlerrcode) ==
		ERRCODE_TO_CATEGORY(ERRCODE_OPERATOR_INTERVENTION))
		ReThrowError(error);
	if (error)
		ereport(WARNING,
				(errmsg("could not take the fingerprint of the schema: %s",
						error->message)));
	migr_db_begin(&db, false);
	migr_store_set_fingerprint(&db, fingerprint);
	migr_db_end(&db);
}

const bool *
migr_fingerprint_unchanged(void)
{
	static const bool answers[] = {false, true};
	char	   *recorded;
	char	   *fingerprint = NULL;
	ErrorData  *error;
	MigrDb		db;

	migr_db_begin(&db, true);
	recorded = migr_store_read_fingerprint(&db);
	migr_db_end(&db);
	if (recorded == NULL)
		return NULL;
	error = migr_subxact_run(take_fingerprint, &fingerprint, false);
	if (error && ERRCODE_TO_CATEGORY(error->sqlerrcode) ==
		ERRCODE_TO_CATEGORY(ERRCODE_OPERATOR_INTERVENTION))
		ReThrowError(error);
	return error ? NULL : &answers[strcmp(recorded, fingerprint) == 0];
}
