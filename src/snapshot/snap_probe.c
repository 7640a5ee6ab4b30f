/*
 * snap_probe.c
 *		Which kinds of objects there are at all.
 *
 * Most databases have few kinds.  To look for the rows that initdb did not make
 * is cheaper than to plan the query of each kind that has none.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/stratnum.h"
#include "access/table.h"
#include "access/transam.h"
#include "miscadmin.h"
#include "utils/fmgroids.h"

#include "snapshot/snap_parts.h"

/* A kind whose objects may have rows in a catalog. */
typedef struct Claim
{
	MigrKind	kind;
	const MigrPlace *place;
} Claim;

/* All places of all kinds, those in one catalog beside each other. */
typedef struct Claims
{
	int			count;
	Claim		claims[MIGR_KIND_COUNT * MIGR_PLACES_PER_KIND];
} Claims;

static int
compare_claims(const void *a, const void *b)
{
	const Claim *left = a;
	const Claim *right = b;

	if (left->place->catalog != right->place->catalog)
		return left->place->catalog < right->place->catalog ? -1 : 1;
	return (int) left->kind - (int) right->kind;
}

/* Kinds without a place are taken for there. */
static void
collect(MigrReading *reading, Claims *claims)
{
	claims->count = 0;
	for (int i = 0; i < MIGR_KIND_COUNT; i++)
	{
		const MigrPlace *places = migr_kinds[i]->places;

		reading->present[i] = !OidIsValid(places[0].catalog);
		for (int j = 0; j < MIGR_PLACES_PER_KIND && OidIsValid(places[j].catalog); j++)
		{
			claims->claims[claims->count].kind = i;
			claims->claims[claims->count++].place = &places[j];
		}
	}
	qsort(claims->claims, claims->count, sizeof(Claim), compare_claims);
}

/* Let a row speak for the kinds that it is of; true if none is left to find. */
static bool
note_row(MigrReading *reading, const Claim *claims, int count, const void *row)
{
	bool		all = true;

	for (int i = 0; i < count; i++)
	{
		bool	   *present = &reading->present[claims[i].kind];

		if (!*present)
			*present = claims[i].place->is_one == NULL ||
				claims[i].place->is_one(reading, row);
		all = all && *present;
	}
	return all;
}

/* Look for the kinds that have rows in one catalog. */
static void
probe_catalog(MigrReading *reading, const Claim *claims, int count)
{
	const MigrPlace *place = claims->place;
	Relation	catalog = table_open(place->catalog, AccessShareLock);
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	tuple;

	ScanKeyInit(&key, 1, BTGreaterEqualStrategyNumber, F_OIDGE,
				ObjectIdGetDatum(FirstNormalObjectId));
	scan = systable_beginscan(catalog, place->index, OidIsValid(place->index), NULL, 1, &key);
	while ((tuple = systable_getnext(scan)) != NULL)
	{
		/* Every catalog's first column. */
		Oid			objid = *(Oid *) GETSTRUCT(tuple);

		CHECK_FOR_INTERRUPTS();
		if (!migr_reading_is_member(reading, place->catalog, objid) &&
			note_row(reading, claims, count, GETSTRUCT(tuple)))
			break;
	}
	systable_endscan(scan);
	table_close(catalog, AccessShareLock);
}

void
migr_snap_probe(MigrReading *reading)
{
	Claims		claims;
	int			next;

	collect(reading, &claims);
	for (int i = 0; i < claims.count; i = next)
	{
		for (next = i + 1; next < claims.count; next++)
		{
			if (claims.claims[next].place->catalog != claims.claims[i].place->catalog)
				break;
		}
		probe_catalog(reading, &claims.claims[i], next - i);
	}
}
