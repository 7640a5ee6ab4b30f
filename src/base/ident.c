/*
 * ident.c
 *		What a revision id or a branch label may look like.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "lib/stringinfo.h"

#include "base/ident.h"

/* Words with a meaning of their own wherever a revision can be named. */
static const char *const reserved[] = {
	"head", "heads", "base", "current", "none"
};

bool
migr_ident_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		(c >= '0' && c <= '9') || c == '_' || c == '.';
}

bool
migr_ident_valid(const char *name)
{
	int			len = 0;

	for (; name[len] != '\0'; len++)
	{
		if (len == MIGR_IDENT_MAX || !migr_ident_char(name[len]))
			return false;
	}
	for (int i = 0; i < (int) lengthof(reserved); i++)
	{
		if (strcmp(name, reserved[i]) == 0)
			return false;
	}
	return len > 0;
}

bool
migr_ident_is_range(const char *name)
{
	const char *colon = strchr(name, ':');

	return colon && migr_ident_valid(pnstrdup(name, colon - name)) &&
		migr_ident_valid(colon + 1);
}

List *
migr_ident_split(const char *names)
{
	static const char *const separators = ", \t\f\v\r\n";
	List	   *result = NIL;

	while (*(names += strspn(names, separators)) != '\0')
	{
		int			len = strcspn(names, separators);

		result = lappend(result, pnstrdup(names, len));
		names += len;
	}
	return result;
}

int
migr_ident_compare(const ListCell *a, const ListCell *b)
{
	return strcmp(lfirst(a), lfirst(b));
}

char *
migr_ident_join(const List *names)
{
	StringInfoData joined;
	ListCell   *lc;

	initStringInfo(&joined);
	foreach(lc, names)
		appendStringInfo(&joined, "%s%s", joined.len > 0 ? ", " : "",
						 (const char *) lfirst(lc));
	return joined.data;
}

bool
migr_ident_is_in(const List *names, const char *name)
{
	ListCell   *lc;

	foreach(lc, names)
	{
		if (strcmp(lfirst(lc), name) == 0)
			return true;
	}
	return false;
}
