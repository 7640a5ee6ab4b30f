/*
 * srf.h
 *		Result sets: a tuplestore that is filled at once.
 *
 * What is put is copied; the set is the executor's.  Written over calls that
 * no supported server has changed.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_SRF_H
#define MIGR_SRF_H

#include "fmgr.h"
#include "nodes/pg_list.h"

typedef struct MigrSrf
{
	struct Tuplestorestate *store;
	struct TupleDescData *desc;
} MigrSrf;

/* Make fcinfo's result a set, empty so far.  0A000 where none can be returned. */
extern MigrSrf migr_srf_begin(FunctionCallInfo fcinfo);

/* Add a row. */
extern void migr_srf_put(MigrSrf *srf, Datum *values, bool *nulls);

/* Add each string as a row of a one-column result. */
extern void migr_srf_put_texts(MigrSrf *srf, const List *texts);

#endif							/* MIGR_SRF_H */
