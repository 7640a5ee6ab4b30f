/*
 * reached.c
 *		Is there nothing to do?  Without a graph.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "base/settings.h"
#include "store/missing.h"
#include "store/reached.h"

static MigrQuery read_heads = {
	"SELECT revision FROM migr.revision WHERE is_head", 0, {0}
};

/* By both primary keys, whatever the planner believes of the tables' sizes. */
static MigrQuery all_applied = {
	"SELECT NOT EXISTS (SELECT FROM migr.revision r"
	"                    WHERE NOT EXISTS (SELECT FROM migr.version v WHERE v.revision = r.revision))",
	0, {0}
};

static MigrQuery has_open_squash = {
	"SELECT true FROM migr.revision r WHERE r.replaces <> '{}'"
	"   AND NOT EXISTS (SELECT FROM migr.version v WHERE v.revision = r.revision)"
	"   AND NOT EXISTS (SELECT FROM migr.revision o JOIN migr.version v ON v.revision = o.revision"
	"                    WHERE o.replaces <> '{}' AND r.revision = ANY (o.replaces))"
	" LIMIT 1", 0, {0}
};

/*
 * A store that was never analyzed looks as if half of it were heads; the
 * partial index is right all the same, and nothing is worth compiling.
 */
static const MigrSetting index_settings[] = {{"enable_seqscan", "off"}, {"jit", "off"}};

static void
ask_all_applied(void *arg)
{
	(void) migr_db_run(arg, &all_applied, NULL, NULL);
}

static bool
all_are_applied(MigrDb *db)
{
	migr_settings_run(index_settings, lengthof(index_settings), ask_all_applied, db);
	return DatumGetBool(migr_db_datum(0, 1));
}

/* Rows being counted. */
typedef struct Rows
{
	MigrDb	   *db;
	uint64		count;
} Rows;

static void
find_heads(void *arg)
{
	Rows   *rows = arg;

	rows->count = migr_db_run(rows->db, &read_heads, NULL, NULL);
}

static uint64
count_heads(MigrDb *db)
{
	Rows	rows = {.db = db};

	migr_settings_run(index_settings, lengthof(index_settings), find_heads, &rows);
	return rows.count;
}

static void
find_open_squash(void *arg)
{
	Rows   *rows = arg;

	rows->count = migr_db_run(rows->db, &has_open_squash, NULL, NULL);
}

bool
migr_reached_open_squash(MigrDb *db)
{
	Rows	rows = {.db = db};

	migr_settings_run(index_settings, lengthof(index_settings), find_open_squash, &rows);
	return rows.count > 0;
}

/* Is everything applied that "heads" means?  With one: and is that one revision? */
static bool
heads_are_reached(MigrDb *db, const MigrStanding *standing, bool one)
{
	if (standing)
		return standing->pending == 0 && (!one || list_length(standing->heads) <= 1);
	return all_are_applied(db) && (!one || count_heads(db) <= 1);
}

static bool
is_reached(MigrDb *db, const MigrStanding *standing, const char *target)
{
	bool		head = strcmp(target, "head") == 0;

	if (head || strcmp(target, "heads") == 0)
		return heads_are_reached(db, standing, head);

	/* Of what stands below a revision without a script, nothing is known. */
	return migr_store_is_applied(db, target) &&
		(heads_are_reached(db, standing, false) || migr_store_read_script(db, target) == NULL);
}

bool
migr_reached(MigrDb *db, const MigrStanding *standing, const char *target)
{
	return is_reached(db, standing, target) &&
		!(standing ? standing->due > 0 : migr_repeatable_any_due(db));
}

void
migr_reached_warn_missing(MigrDb *db, const MigrStanding *standing)
{
	/* A squash stands for what it replaces, but does not bring its script. */
	if (standing && standing->plain)
		migr_missing_warn(standing->unknown);
	else
		migr_missing_warn_stored(db);
}
