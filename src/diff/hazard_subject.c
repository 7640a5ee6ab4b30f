/*
 * hazard_subject.c
 *		Which relations can be asked, and by which name.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "utils/varlena.h"

#include "diff/hazard_change.h"
#include "diff/rename.h"
#include "model/attributes.h"
#include "model/ddl_text.h"

/* The identifiers of a name that has been found to be one before. */
static List *
identifiers(const char *name)
{
	List	   *parts = NIL;

	(void) SplitIdentifierString(pstrdup(name), '.', &parts);
	return parts;
}

bool
migr_hazard_is_renamed(const MigrHazards *hazards, const char *question)
{
	ListCell   *lc;

	foreach(lc, hazards->renamings)
	{
		const MigrRenaming *renaming = lfirst(lc);
		List	   *parts = identifiers(renaming->old);
		List	   *names = identifiers(renaming->new);
		bool		about = true;

		for (int i = 0; i < list_length(parts) - 1; i++)
			about = about && migr_ddl_text_names(question, list_nth(parts, i));
		if (about && (migr_ddl_text_names(question, llast(parts)) ||
					  migr_ddl_text_names(question, llast(names))))
			return true;
	}
	return false;
}

bool
migr_hazard_is_kept(const MigrDiff *diff, const MigrObject *object)
{
	const MigrUnit *unit = &diff->units[object->unit];

	return unit->mode == MIGR_MODE_SAME || unit->mode == MIGR_MODE_ALTER;
}

const char *
migr_hazard_from(const MigrObject *relation, bool only)
{
	return psprintf("%s%s", only && relation->kind == MIGR_KIND_TABLE &&
					*value(relation, MIGR_ATTR_RELKIND) == 'r' ? "ONLY " : "", relation->identity);
}

static bool
ends_with(const char *text, const char *words)
{
	int			at = strlen(text) - strlen(words);

	return at >= 0 && strcmp(text + at, words) == 0;
}

bool
migr_hazard_is_unchecked(const char *definition)
{
	return ends_with(definition, " NOT VALID") || ends_with(definition, " NOT ENFORCED");
}
