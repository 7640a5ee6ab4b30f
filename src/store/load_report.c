/*
 * load_report.c
 *		What a load says of scripts that its input does not have.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "store/load_report.h"
#include "store/loader.h"

List *
migr_load_report(List *rows, const List *revisions, const char *action)
{
	ListCell   *lc;

	foreach(lc, revisions)
	{
		MigrLoaded *loaded = palloc(sizeof(MigrLoaded));

		loaded->file = NULL;
		loaded->revision = lfirst(lc);
		loaded->action = action;
		rows = lappend(rows, loaded);
	}
	return rows;
}
