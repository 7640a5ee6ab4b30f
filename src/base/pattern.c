/*
 * pattern.c
 *		Patterns that name objects: schema or schema.name, as a shell's.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include <fnmatch.h>

#include "base/pattern.h"

bool
migr_pattern_matches(const List *patterns, const char *schema, const char *name)
{
	char	   *qualified;
	bool		matches = false;
	ListCell   *lc;

	if (patterns == NIL)
		return false;
	qualified = psprintf("%s.%s", schema ? schema : "", name);
	foreach(lc, patterns)
	{
		const char *pattern = lfirst(lc);

		if ((schema && fnmatch(pattern, schema, 0) == 0) ||
			fnmatch(pattern, qualified, 0) == 0)
			matches = true;
	}
	pfree(qualified);
	return matches;
}
