/*
 * replicated.c
 *		What logical replication brings for migr's own tables.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "replication/logicalworker.h"
#include "utils/rel.h"

#include "base/compat.h"
#include "base/db.h"
#include "store/replicated.h"

static MigrQuery publication_query = {
	"SELECT p.pubname FROM pg_catalog.pg_publication p"
	" WHERE p.pubtruncate"
	"   AND (p.puballtables"
	"        OR EXISTS (SELECT FROM pg_catalog.pg_publication_rel r WHERE r.prpubid = p.oid AND r.prrelid = $1)"
	MIGR_SINCE_15("        OR EXISTS (SELECT FROM pg_catalog.pg_publication_namespace n"
				  "                    WHERE n.pnpubid = p.oid AND n.pnnspid = $2)",
				  "        OR $2 IS NULL")
	") ORDER BY p.pubname LIMIT 1",
	2, {OIDOID, OIDOID}
};

/* Also the one that copies a table at first, and those that help in parallel since 16. */
bool
migr_replicated_arrives(void)
{
	return IsLogicalWorker();
}

/* The worker would empty the table: to stop here loses nothing. */
static void
refuse_to_follow(Relation table)
{
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("migr.%s is not truncated because a publisher's was",
					RelationGetRelationName(table)),
			 errdetail("It says where this database stands."),
			 errhint("Have the subscription skip that transaction.")));
}

void
migr_replicated_check_truncate(Relation table)
{
	Datum		values[2];
	MigrDb		db;

	if (migr_replicated_arrives())
		refuse_to_follow(table);
	values[0] = ObjectIdGetDatum(RelationGetRelid(table));
	values[1] = ObjectIdGetDatum(RelationGetNamespace(table));
	migr_db_begin(&db, true);
	if (migr_db_run(&db, &publication_query, values, NULL) > 0)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("migr.%s can't be truncated while it is published",
						RelationGetRelationName(table)),
				 errdetail("Publication \"%s\" would truncate that of each subscriber.",
						   migr_db_shown(0, 1)),
				 errhint("DELETE has no effect there.")));
	migr_db_end(&db);
}
