/*
 * replicas.c
 *		Waiting for replicas that are behind.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/guc.h"
#include "utils/timestamp.h"

#include "base/db.h"
#include "base/display.h"
#include "base/xact.h"
#include "run/replicas.h"

/* How often to look, and to say that it waits, in milliseconds. */
#define LOOK_EVERY 200
#define TELL_EVERY 10000

static int	max_replica_lag;

/* The replica that is furthest behind. */
typedef struct Replica
{
	bool		visible;		/* to whoever asks */
	char	   *name;			/* NULL: there is none */
	int64		lag;			/* in microseconds */
} Replica;

static MigrQuery replica_query = {
	"SELECT pg_catalog.pg_has_role('pg_read_all_stats', 'USAGE'), r.application_name,"
	"       pg_catalog.int8(extract(epoch FROM r.replay_lag) * 1000000)"
	"  FROM (VALUES (1)) one LEFT JOIN pg_catalog.pg_stat_replication r ON true"
	" ORDER BY r.replay_lag DESC NULLS LAST LIMIT 1",
	0, {0}
};

void
migr_replicas_init(void)
{
	DefineCustomIntVariable("migr.max_replica_lag",
							"How far a replica may be behind while a deploy changes rows in batches.",
							"Further behind, it waits between two batches. 0: it does not look.",
							&max_replica_lag, 0, 0, INT_MAX,
							PGC_USERSET, GUC_UNIT_MS, NULL, NULL, NULL);
}

static void
look(void *arg)
{
	Replica    *replica = arg;
	MigrDb		db;

	migr_db_begin_observing(&db);
	(void) migr_db_run(&db, &replica_query, NULL, NULL);
	replica->visible = DatumGetBool(migr_db_datum(0, 1));
	replica->name = migr_db_is_null(0, 2) ? NULL : migr_db_text(0, 2);
	replica->lag = migr_db_is_null(0, 3) ? 0 : migr_db_int64(0, 3);
	migr_db_end(&db);
}

static bool
is_behind(Replica *replica)
{
	migr_xact_do(look, replica);
	if (!replica->visible)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("can't see how far replicas are behind"),
				 errdetail("Parameter \"migr.max_replica_lag\" asks for it."),
				 errhint("Grant pg_read_all_stats to \"%s\", or set the parameter to 0.",
						 GetUserNameFromId(GetUserId(), false))));
	return replica->lag > (int64) max_replica_lag * 1000;
}

void
migr_replicas_wait(const char *what)
{
	TimestampTz told = 0;
	Replica		replica;

	if (max_replica_lag == 0)
		return;
	while (is_behind(&replica))
	{
		if (TimestampDifferenceExceeds(told, GetCurrentTimestamp(), TELL_EVERY))
		{
			ereport(NOTICE,
					(errmsg("%s waits: replica \"%s\" is %s behind", what, replica.name,
							migr_display_duration(replica.lag))));
			told = GetCurrentTimestamp();
		}
		migr_xact_sleep(LOOK_EVERY);
	}
}
