/*
 * kind_statistics.c
 *		Extended statistics.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/pg_statistic_ext.h"

#include "base/compat.h"
#include "kind/kind.h"
#include "kind/sql_words.h"
#include "model/attributes.h"
#include "model/ddl_text.h"

#define TARGET MIGR_SINCE_17("coalesce(s.stxstattarget, -1)", "s.stxstattarget")

static const char query[] =
	"SELECT s.oid, 0::oid, n.nspname, s.stxname, quote_ident(n.nspname) || '.' || quote_ident(s.stxname),"
	"       pg_get_userbyid(s.stxowner), NULL::text,"
	"       pg_get_statisticsobjdef(s.oid) AS definition, " TARGET " AS target"
	"  FROM pg_statistic_ext s JOIN pg_namespace n ON n.oid = s.stxnamespace"
	" WHERE s.oid >= 16384";

static void
create_statistics(StringInfo out, const MigrObject *object)
{
	appendStringInfo(out, "%s;\n", value(object, MIGR_ATTR_DEFINITION));
	if (atoi(value(object, MIGR_ATTR_TARGET)) >= 0)
		appendStringInfo(out, "ALTER STATISTICS %s SET STATISTICS %s;\n",
						 object->identity, value(object, MIGR_ATTR_TARGET));
}

/* What statistics are on, and last the table, of text that begins with ON. */
static List *
columns_and_table(const char *text)
{
	int			from = migr_ddl_text_clause(text, "FROM");

	return migr_ddl_list(psprintf("%.*s, %s", from - (int) strlen("ON "), text + strlen("ON "),
								  text + from));
}

/* The server lists the columns in the order that they have in the table. */
static bool
lists_same_columns(const MigrObject *from, const MigrObject *to)
{
	const char *old = value(from, MIGR_ATTR_DEFINITION);
	const char *new = value(to, MIGR_ATTR_DEFINITION);
	int			on = migr_ddl_text_clause(old, "ON");
	List	   *columns;
	ListCell   *lc;

	if (on < 0 || on != migr_ddl_text_clause(new, "ON") || strncmp(old, new, on) != 0)
		return false;
	columns = columns_and_table(new + on);
	foreach(lc, columns_and_table(old + on))
	{
		if (migr_ddl_list_text(columns, ((MigrDdlItem *) lfirst(lc))->text) == NULL)
			return false;
	}
	return strlen(old) == strlen(new);
}

static bool
alter_statistics(StringInfo out, const MigrObject *from, const MigrObject *to)
{
	if (!same(from, to, MIGR_ATTR_DEFINITION) && !lists_same_columns(from, to))
		return false;
	if (same(from, to, MIGR_ATTR_TARGET))
		return true;
	appendStringInfo(out, "ALTER STATISTICS %s SET STATISTICS %s;\n", to->identity,
					 value(to, MIGR_ATTR_TARGET));
	return true;
}

static bool
goes_along(const MigrObject *object, const MigrObject *needed)
{
	return needed->kind == MIGR_KIND_COLUMN &&
		(object->parent == NULL || needed->parent == object->parent);
}

const MigrKindRecord migr_kind_statistics = {
	.noun = "STATISTICS",
	.flags = MIGR_KIND_CREATES_IF_MISSING,
	.sort = "statistics",
	.catalog = StatisticExtRelationId,
	.query = query,
	.places = {{StatisticExtRelationId, StatisticExtOidIndexId}},
	.create = create_statistics,
	.alter = alter_statistics,
	.goes_along = goes_along
};
