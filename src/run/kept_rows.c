/*
 * kept_rows.c
 *		What runs have dropped and is kept: listed, taken back, discarded.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/timestamp.h"

#include "run/kept_rows.h"
#include "run/salvage_parts.h"
#include "store/mutex.h"

/* Partitions count as their parent does. */
static MigrQuery list_query = {
	"SELECT k.id, k.kind,"
	"       pg_catalog.quote_ident(k.schema_name) || '.' || pg_catalog.quote_ident(k.table_name) ||"
	"       coalesce('.' || pg_catalog.quote_ident(k.column_name), ''),"
	"       k.revision, k.action, coalesce(r.rolname::text, k.owner), k.kept_by, k.kept_at, k.expires_at,"
	"       k.expires_at <= pg_catalog.now(), k.rows,"
	"       coalesce((SELECT pg_catalog.sum(pg_catalog.pg_total_relation_size(t.relid))::bigint"
	"                   FROM pg_catalog.pg_partition_tree(c.oid) t), pg_catalog.pg_total_relation_size(c.oid))"
	"  FROM migr.kept k"
	"  LEFT JOIN pg_catalog.pg_namespace n ON n.nspname = 'migr_kept'"
	"  LEFT JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = k.relation AND c.relkind IN ('r', 'p')"
	"  LEFT JOIN pg_catalog.pg_roles r ON r.oid = c.relowner"
	" ORDER BY k.id", 0, {0}
};

#define LIST_COLUMNS 12

void
migr_kept_list(MigrSrf *srf)
{
	uint64		count;
	MigrDb		db;

	migr_db_begin(&db, true);
	count = migr_db_run(&db, &list_query, NULL, NULL);
	for (uint64 i = 0; i < count; i++)
	{
		Datum		values[LIST_COLUMNS];
		bool		nulls[LIST_COLUMNS];

		for (int j = 0; j < LIST_COLUMNS; j++)
			values[j] = SPI_getbinval(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, j + 1, &nulls[j]);
		migr_srf_put(srf, values, nulls);
	}
	migr_db_end(&db);
}

static MigrSalvaged *
find(int64 id)
{
	MigrSalvaged *salvaged = migr_salvaged_find(id);

	if (salvaged == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("nothing is kept as " INT64_FORMAT, id),
				 errhint("SELECT * FROM migr_kept() tells what is.")));
	return salvaged;
}

int64
migr_kept_take_back(int64 id)
{
	migr_mutex_acquire();
	return migr_salvage_back(find(id), true);
}

static void
check_owner(const MigrSalvaged *salvaged)
{
	Oid			owner = OidIsValid(salvaged->oid) ? migr_salvage_owner(salvaged->oid) : InvalidOid;

	if (OidIsValid(owner) ? has_privs_of_role(GetUserId(), owner)
		: has_privs_of_role(GetUserId(), migr_secure_store_owner()))
		return;
	ereport(ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			 errmsg("permission denied to discard %s", migr_salvaged_describe(salvaged)),
			 errdetail("It has not expired, and belongs to role \"%s\".", salvaged->owner),
			 errhint("When it has expired, SELECT migr_discard() drops it.")));
}

void
migr_kept_discard(bool expired, int64 id, MigrSrf *srf)
{
	List	   *all;
	ListCell   *lc;

	migr_mutex_acquire();
	all = expired ? migr_salvaged_expired() : list_make1(find(id));
	foreach(lc, all)
	{
		const MigrSalvaged *salvaged = lfirst(lc);
		Datum		value = Int64GetDatum(salvaged->id);
		bool		null = false;

		if (!expired)
			check_owner(salvaged);
		migr_salvage_drop(salvaged);
		migr_srf_put(srf, &value, &null);
	}
}
