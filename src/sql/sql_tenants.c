/*
 * sql_tenants.c
 *		SQL-callable: tenants beside one another.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "fmgr.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "base/args.h"
#include "base/srf.h"
#include "check/adopt_tenants.h"
#include "check/tenants.h"
#include "sql/sql_function.h"

PG_FUNCTION_INFO_V1(migr_tenants);
PG_FUNCTION_INFO_V1(migr_adopt_tenants);

#define COLUMNS 9

/* How its last run ended, or that it is not there. */
static const char *
state_of(const MigrTenantSeen *seen)
{
	return seen->is_gone ? "missing" : seen->tenant->failed ? "failed" : "ok";
}

static Datum
text_or_null(const char *text, bool *is_null)
{
	*is_null = text == NULL;
	return text ? CStringGetTextDatum(text) : (Datum) 0;
}

/*
 * migr_tenants() → TABLE(tenant text, heads text[], state text, form int, alike int,
 * odd bool, changed bool, fingerprint text, error text)
 *
 * All tenants: where they stand, and which are alike.  40001 if others go on changing a
 * schema while it is read.
 */
MIGR_FUNCTION(migr_tenants)
{
	MigrSrf		srf = migr_srf_begin(fcinfo);
	ListCell   *lc;

	foreach(lc, migr_tenants_look())
	{
		const MigrTenantSeen *seen = lfirst(lc);
		const MigrTenant *tenant = seen->tenant;
		const char *print = seen->form > 0 ? seen->print.fingerprint : NULL;
		Datum		values[COLUMNS];
		bool		nulls[COLUMNS] = {false};
		int			i = 0;

		CHECK_FOR_INTERRUPTS();
		values[i++] = CStringGetTextDatum(tenant->name);
		values[i++] = migr_db_texts_datum(tenant->heads);
		values[i++] = CStringGetTextDatum(state_of(seen));
		nulls[i] = nulls[i + 1] = nulls[i + 2] = seen->form == 0;
		values[i++] = Int32GetDatum(seen->form);
		values[i++] = Int32GetDatum(seen->alike);
		values[i++] = BoolGetDatum(migr_tenant_is_odd(seen));
		nulls[i] = print == NULL || tenant->fingerprint == NULL;
		values[i] = BoolGetDatum(!nulls[i] && strcmp(print, tenant->fingerprint) != 0);
		i++;
		values[i] = text_or_null(print, &nulls[i]);
		i++;
		values[i] = text_or_null(tenant->error, &nulls[i]);
		Assert(i == COLUMNS - 1);
		migr_srf_put(&srf, values, nulls);
	}
	return (Datum) 0;
}

/*
 * migr_adopt_tenants(pattern text, check_only bool) → TABLE(tenant text, heads text[],
 * action text, detail text)
 *
 * Finds out at which revision schemas are that are no tenants yet, and writes that down.
 * Raises what a build of the scripts raises, and MG001 and 55000 where there are no tenants.
 */
MIGR_FUNCTION(migr_adopt_tenants)
{
	char	   *pattern = migr_arg_text(fcinfo, 0, "pattern");
	bool		check_only = migr_arg_bool(fcinfo, 1, "check_only");
	MigrSrf		srf = migr_srf_begin(fcinfo);
	ListCell   *lc;

	foreach(lc, migr_adopt_tenants_run(pattern, check_only))
	{
		const MigrAdoptedTenant *adopted = lfirst(lc);
		Datum		values[4];
		bool		nulls[4] = {false};

		values[0] = migr_db_text_datum(adopted->tenant);
		values[1] = migr_db_texts_datum(adopted->heads);
		nulls[1] = adopted->detail != NULL;
		values[2] = migr_db_text_datum(adopted->action);
		values[3] = migr_db_text_datum(adopted->detail);
		nulls[3] = adopted->detail == NULL;
		migr_srf_put(&srf, values, nulls);
	}
	return (Datum) 0;
}
