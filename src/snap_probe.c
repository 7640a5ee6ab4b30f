/*
 * snap_probe.c
 *		Which kinds of objects there are at all.
 *
 * Most databases have few kinds.  To ask for all of them at once is cheaper
 * than to plan the query of each that has no rows.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "lib/stringinfo.h"

#include "compat.h"
#include "snap.h"

/* Where each kind's rows are; NULL: a kind that is always asked for. */
static const char *const places[MIGR_KINDS] = {
	[MIGR_KIND_EXTENSION] = "pg_extension WHERE extname <> 'migr'",
	[MIGR_KIND_LANGUAGE] = "pg_language WHERE true",
	[MIGR_KIND_COLLATION] = "pg_collation WHERE true",
	[MIGR_KIND_SHELL_TYPE] = "pg_type WHERE typtype IN ('b', 'p', 'r') AND typinput <> 'array_in'::regproc",
	[MIGR_KIND_ENUM] = "pg_type WHERE typtype = 'e'",
	[MIGR_KIND_DOMAIN] = "pg_type WHERE typtype = 'd'",
	[MIGR_KIND_RANGE] = "pg_type WHERE typtype = 'r'",
	[MIGR_KIND_BASE_TYPE] = "pg_type WHERE typtype = 'b' AND typinput <> 'array_in'::regproc",
	[MIGR_KIND_AGGREGATE] = "pg_proc WHERE prokind = 'a'",
	[MIGR_KIND_OPERATOR] = "pg_operator WHERE true",
	[MIGR_KIND_OPFAMILY] = "pg_opfamily WHERE true",
	[MIGR_KIND_OPCLASS] = "pg_opclass WHERE true",
	[MIGR_KIND_ACCESS_METHOD] = "pg_am WHERE true",
	[MIGR_KIND_CAST] = "pg_cast WHERE true",
	[MIGR_KIND_TRANSFORM] = "pg_transform WHERE true",
	[MIGR_KIND_CONVERSION] = "pg_conversion WHERE true",
	[MIGR_KIND_TS_PARSER] = "pg_ts_parser WHERE true",
	[MIGR_KIND_TS_TEMPLATE] = "pg_ts_template WHERE true",
	[MIGR_KIND_TS_DICTIONARY] = "pg_ts_dict WHERE true",
	[MIGR_KIND_TS_CONFIGURATION] = "pg_ts_config WHERE true",
	[MIGR_KIND_FDW] = "pg_foreign_data_wrapper WHERE true",
	[MIGR_KIND_SERVER] = "pg_foreign_server WHERE true",
	[MIGR_KIND_SEQUENCE] = "pg_class WHERE relkind = 'S'",
	[MIGR_KIND_IDENTITY] = "pg_class WHERE relkind = 'S'",
	[MIGR_KIND_SEQUENCE_OWNER] = "pg_class WHERE relkind = 'S'",
	[MIGR_KIND_PARTITION] = "pg_class WHERE relispartition",
	[MIGR_KIND_VIEW] = "pg_class WHERE relkind IN ('v', 'm')",
	[MIGR_KIND_INDEX_PARTITION] = "pg_class WHERE relispartition",
	[MIGR_KIND_FOREIGN_KEY] = "pg_constraint WHERE contype = 'f'",
	[MIGR_KIND_STATISTICS] = "pg_statistic_ext WHERE true",
	[MIGR_KIND_RULE] = "pg_rewrite WHERE rulename <> '_RETURN'",
	[MIGR_KIND_POLICY] = "pg_policy WHERE true",
	[MIGR_KIND_PUBLICATION] = "pg_publication WHERE true",
	[MIGR_KIND_DEFAULT_PRIVILEGES] = "pg_default_acl WHERE true",
	[MIGR_KIND_EVENT_TRIGGER] = "pg_event_trigger WHERE true",
	[MIGR_KIND_POPULATE] = "pg_class WHERE relkind = 'm'"
};

void
migr_snap_probe(MigrDb *db, bool *present)
{
	MigrQuery	query = {0};
	StringInfoData sql;
	int			column = 0;

	initStringInfo(&sql);
	for (int kind = 0; kind < MIGR_KINDS; kind++)
	{
		if (places[kind])
			appendStringInfo(&sql, "%s EXISTS (SELECT FROM %s AND oid >= 16384)",
							 sql.len == 0 ? "SELECT" : ",", places[kind]);
	}
	query.sql = sql.data;
	(void) migr_db_run_once(db, &query);
	for (int kind = 0; kind < MIGR_KINDS; kind++)
		present[kind] = places[kind] == NULL ||
			DatumGetBool(migr_db_datum(0, ++column));
}
