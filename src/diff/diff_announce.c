/*
 * diff_announce.c
 *		What a script takes away: objects, privileges.
 *
 * Whoever has a script written sees at a glance whether it drops what somebody
 * else has put there.  What is replaced, and what goes with what it is a part of,
 * is not told.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "lib/stringinfo.h"

#include "base/ident.h"
#include "diff/diff_pair.h"
#include "kind/ddl.h"
#include "kind/kind.h"
#include "model/privileges.h"

/* Does what an object is a part of go as well, so that no statement drops it? */
static bool
goes_with_whole(const MigrDiff *diff, const MigrObject *object)
{
	if (object->kind == MIGR_KIND_SEQUENCE && migr_object_is(object, MIGR_ATTR_OWNED))
		return !migr_ident_is_in(diff->losses, migr_ddl_title(object));
	return object->parent && diff->units[object->parent->unit].mode == MIGR_MODE_DROP;
}

static bool
is_drop(const MigrDiff *diff, const MigrUnit *unit)
{
	return unit->facet == MIGR_FACET_OBJECT && unit->mode == MIGR_MODE_DROP &&
		!unit->from->is_foreign && unit->follows < 0 &&
		!migr_kind_has(unit->from->kind, MIGR_KIND_IS_ASPECT) && migr_kind_is_there(unit->from) &&
		!goes_with_whole(diff, unit->from);
}

/* The statements that are about the privileges of what stays. */
static void
append_privileges(StringInfo out, const MigrUnit *unit)
{
	if (unit->facet != MIGR_FACET_OBJECT || unit->from == NULL || unit->from->is_foreign ||
		unit->mode == MIGR_MODE_SAME)
		return;
	if (unit->from->kind == MIGR_KIND_DEFAULT_PRIVILEGES)
	{
		if (unit->mode == MIGR_MODE_DROP)
			migr_ddl_drop(out, unit->from);
		else
			(void) migr_ddl_alter(out, unit->from, unit->to);
	}
	else if (unit->to && unit->from->kind == unit->to->kind && (unit->from->acl || unit->to->acl))
		migr_privileges_alter(out, migr_ddl_noun(unit->to), &migr_kind_of(unit->to)->rights,
							  unit->from, unit->to, MIGR_PRIVILEGES_ALL);
}

/* What a REVOKE says behind that word; with the default privileges that it is about. */
static char *
describe(const char *statement, int len)
{
	static const char *const revoke = "REVOKE ";
	char	   *text = pnstrdup(statement, len);
	char	   *word = strstr(text, revoke);
	char	   *blanks;

	if (word == NULL || (word != text && strncmp(text, "ALTER DEFAULT PRIVILEGES ",
												 strlen("ALTER DEFAULT PRIVILEGES ")) != 0))
		return NULL;
	if (word == text)
		return text + strlen(revoke);
	blanks = strstr(text, "\n");
	return blanks && blanks < word ? psprintf("%.*s %s", (int) (blanks - text), text, word) : text;
}

static List *
add_revocations(List *lines, const MigrUnit *unit)
{
	StringInfoData sql;
	const char *statement;
	const char *end;

	initStringInfo(&sql);
	append_privileges(&sql, unit);
	for (statement = sql.data; (end = strstr(statement, ";\n")) != NULL; statement = end + 2)
	{
		char	   *what = describe(statement, end - statement);

		if (what)
			lines = lappend(lines, psprintf("revokes: %s", what));
	}
	pfree(sql.data);
	return lines;
}

List *
migr_diff_announce(const MigrDiff *diff)
{
	List	   *lines = NIL;

	for (int i = 0; i < diff->count; i++)
	{
		const MigrUnit *unit = &diff->units[i];

		if (is_drop(diff, unit))
			lines = lappend(lines, psprintf("drops: %s", migr_ddl_title(unit->from)));
	}
	for (int i = 0; i < diff->count; i++)
		lines = add_revocations(lines, &diff->units[i]);
	return lines;
}
