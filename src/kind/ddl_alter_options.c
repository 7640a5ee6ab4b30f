/*
 * ddl_alter_options.c
 *		Changes of option lists to SQL text.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "kind/ddl_alter_columns.h"
#include "model/attribute_list.h"

/* An option's name, which may be toast.name. */
static char *
option_name(const MigrDdlItem *option)
{
	return pnstrdup(option->text, strchr(option->text, '=') - option->text);
}

static bool
has_option(const List *options, const char *name)
{
	ListCell   *lc;

	foreach(lc, options)
	{
		if (strcmp(option_name(lfirst(lc)), name) == 0)
			return true;
	}
	return false;
}

void
migr_ddl_alter_options(StringInfo out, const char *alter, const char *from,
					   const char *to)
{
	List	   *old = migr_ddl_list(from);
	List	   *new = migr_ddl_list(to);
	int			count = 0;
	ListCell   *lc;

	foreach(lc, new)
	{
		const char *text = ((MigrDdlItem *) lfirst(lc))->text;

		if (migr_ddl_list_text(old, text))
			continue;
		migr_ddl_list_next(out, &count, psprintf("%sSET (", alter), ", ");
		appendStringInfoString(out, text);
	}
	appendStringInfoString(out, count > 0 ? ");\n" : "");
	count = 0;
	foreach(lc, old)
	{
		const char *name = option_name(lfirst(lc));

		if (has_option(new, name))
			continue;
		migr_ddl_list_next(out, &count, psprintf("%sRESET (", alter), ", ");
		appendStringInfoString(out, name);
	}
	appendStringInfoString(out, count > 0 ? ");\n" : "");
}

void
migr_ddl_alter_foreign_options(StringInfo out, const char *alter,
							   const char *from, const char *to)
{
	int			len = out->len;

	appendStringInfoString(out, alter);
	migr_ddl_list_end(out, migr_ddl_list_options(out, from, to), len);
}
