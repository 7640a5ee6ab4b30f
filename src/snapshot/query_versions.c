/*
 * query_versions.c
 *		Queries of the catalogs in the words of this server's version.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "lib/stringinfo.h"

#include "base/compat.h"
#include "snapshot/snap_parts.h"

/* What depends on the server's version in the queries: {name}. */
typedef struct Fragment
{
	const char *name;
	int			since;			/* server major */
	const char *then;
	const char *before;
} Fragment;

static const Fragment fragments[] = {
	{"attcompression", 14, "nullif(a.attcompression, '')", "NULL::text"},
	{"attstattarget", 17, "coalesce(a.attstattarget, -1)", "a.attstattarget"},
	{"stxstattarget", 17, "coalesce(s.stxstattarget, -1)", "s.stxstattarget"},
	{"nulls_not_distinct", 15, "i.indnullsnotdistinct", "false"},
	{"prosqlbody", 14, "p.prosqlbody IS NOT NULL", "false"},
	{"typsubscript", 14, "nullif(t.typsubscript, 0)::regproc::text", "NULL"},
	{"rngmultitype", 14, "r.rngmultitypid::regtype::text", "NULL"},
	{"rngmultitype_oid", 14, "g.rngmultitypid", "NULL"},
	{"rngmultitype_name", 14, "(SELECT m.typname FROM pg_type m WHERE m.oid = r.rngmultitypid)", "NULL"},
	{"sequence_persistence", 15, "true", "false"},
	{"subtransformed", 15, "true", "false"},
	{"inhdetachpending", 14, "i.inhdetachpending", "false"},
	{"collprovider_locale", 17, "c.colllocale", "{collicu}"},
	{"collicu", 15, "c.colliculocale", "NULL"},
	{"collicurules", 16, "c.collicurules", "NULL"},
	{"not_null_constraint", 18, "c.contype <> 'n'", "true"},
};

/* The fragment that {name} at open stands for, or NULL if it is none. */
static const Fragment *
find_fragment(const char *open)
{
	for (int i = 0; i < (int) lengthof(fragments); i++)
	{
		int			len = strlen(fragments[i].name);

		if (strncmp(fragments[i].name, open + 1, len) == 0 &&
			open[1 + len] == '}')
			return &fragments[i];
	}
	return NULL;
}

char *
migr_snap_expand(const char *sql)
{
	StringInfoData out;
	bool		replaced = false;

	initStringInfo(&out);
	while (*sql != '\0')
	{
		const Fragment *fragment = *sql == '{' ? find_fragment(sql) : NULL;

		if (fragment == NULL)
		{
			appendStringInfoChar(&out, *sql++);
			continue;
		}
		appendStringInfoString(&out, MIGR_SERVER_MAJOR >= fragment->since
							   ? fragment->then : fragment->before);
		sql += strlen(fragment->name) + strlen("{}");
		replaced = true;
	}
	return replaced ? migr_snap_expand(out.data) : out.data;
}
