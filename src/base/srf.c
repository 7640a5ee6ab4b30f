/*
 * srf.c
 *		Result sets: a tuplestore that is filled at once.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/tuplestore.h"

#include "base/compat.h"
#include "base/srf.h"

MigrSrf
migr_srf_begin(FunctionCallInfo fcinfo)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	MemoryContext caller;
	MigrSrf		srf;
	Oid			type;

	if (result == NULL || !IsA(result, ReturnSetInfo) ||
		!(result->allowedModes & SFRM_Materialize))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("set-valued function called in context that cannot accept a set")));

	caller = MemoryContextSwitchTo(result->econtext->ecxt_per_query_memory);
	if (get_call_result_type(fcinfo, &type, &srf.desc) == TYPEFUNC_SCALAR)
	{
		srf.desc = CreateTemplateTupleDesc(1);
		TupleDescInitEntry(srf.desc, 1, "value", type, -1, 0);
		MIGR_TUPLEDESC_FINALIZE(srf.desc);
	}
	else
		srf.desc = CreateTupleDescCopy(srf.desc);
	srf.store = tuplestore_begin_heap((result->allowedModes & SFRM_Materialize_Random) != 0,
									  false, work_mem);
	MemoryContextSwitchTo(caller);

	result->returnMode = SFRM_Materialize;
	result->setResult = srf.store;
	result->setDesc = srf.desc;
	return srf;
}

void
migr_srf_put(MigrSrf *srf, Datum *values, bool *nulls)
{
	tuplestore_putvalues(srf->store, srf->desc, values, nulls);
}

void
migr_srf_put_texts(MigrSrf *srf, const List *texts)
{
	ListCell   *lc;

	foreach(lc, texts)
	{
		Datum		value = CStringGetTextDatum((char *) lfirst(lc));
		bool		null = false;

		migr_srf_put(srf, &value, &null);
	}
}
