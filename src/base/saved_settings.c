/*
 * saved_settings.c
 *		The settings of a session, as they were before something changed them.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "utils/guc.h"
#include "utils/guc_tables.h"

#include "base/compat.h"
#include "base/saved_settings.h"

typedef struct Saved
{
	const char *name;
	const char *value;			/* NULL: it was not there */
	bool		in_session;		/* SET has set it */
} Saved;

/* Is it of a session, and of no transaction? */
static bool
is_of_session(const struct config_generic *setting)
{
	return (setting->context == PGC_USERSET || setting->context == PGC_SUSET) &&
		strncmp(setting->name, "transaction_", strlen("transaction_")) != 0 &&
		strcmp(setting->name, "seed") != 0;
}

/* Is it one by which others are judged?  These come first, in this order. */
static int
rank_of(const Saved *saved)
{
	return strcmp(saved->name, "session_authorization") == 0 ? 0
		: strcmp(saved->name, "role") == 0 ? 1 : 2;
}

static int
compare_ranks(const ListCell *a, const ListCell *b)
{
	return rank_of(lfirst(a)) - rank_of(lfirst(b));
}

static const char *
value_of(const char *name)
{
	return GetConfigOption(name, true, false);
}

List *
migr_saved_settings_take(void)
{
	List	   *taken = NIL;
	int			count;
	struct config_generic **all = migr_compat_settings(&count);

	for (int i = 0; i < count; i++)
	{
		const char *value = is_of_session(all[i]) ? value_of(all[i]->name) : NULL;
		Saved	   *saved;

		if (value == NULL)
			continue;
		saved = palloc(sizeof(Saved));
		saved->name = pstrdup(all[i]->name);
		saved->value = pstrdup(value);
		saved->in_session = all[i]->source == PGC_S_SESSION;
		taken = lappend(taken, saved);
	}
	list_sort(taken, compare_ranks);
	return taken;
}

static const Saved *
find_saved(const List *saved, const char *name)
{
	ListCell   *lc;

	foreach(lc, saved)
	{
		if (strcmp(((const Saved *) lfirst(lc))->name, name) == 0)
			return lfirst(lc);
	}
	return NULL;
}

/*
 * As the server would: it has let the session have this value before.  What is not
 * possible any more, a role that is gone say, is warned of.
 */
static void
set(const char *name, const char *value)
{
	(void) set_config_option(name, value, PGC_SUSET, PGC_S_SESSION, GUC_ACTION_SET, true,
							 WARNING, false);
}

/* Settings of nobody that came meanwhile have no value to go back to but none. */
static void
reset_new(const List *saved)
{
	int			count;
	struct config_generic **all = migr_compat_settings(&count);
	List	   *names = NIL;
	ListCell   *lc;

	for (int i = 0; i < count; i++)
	{
		if ((all[i]->flags & GUC_CUSTOM_PLACEHOLDER) != 0 && !find_saved(saved, all[i]->name))
			names = lappend(names, pstrdup(all[i]->name));
	}
	foreach(lc, names)
		set(lfirst(lc), NULL);
}

/* The names (char *) of what has been set in the session since, to whatever value. */
static List *
find_set(const List *saved)
{
	int			count;
	struct config_generic **all = migr_compat_settings(&count);
	List	   *names = NIL;

	for (int i = 0; i < count; i++)
	{
		const Saved *setting = all[i]->source == PGC_S_SESSION ? find_saved(saved, all[i]->name) : NULL;

		if (setting && !setting->in_session)
			names = lappend(names, unconstify(char *, setting->name));
	}
	return names;
}

void
migr_saved_settings_restore(const List *saved)
{
	List	   *been_set = find_set(saved);
	ListCell   *lc;

	foreach(lc, saved)
	{
		const Saved *setting = lfirst(lc);
		const char *now = value_of(setting->name);

		if (now == NULL || strcmp(now, setting->value) != 0)
			set(setting->name, setting->in_session ? setting->value : NULL);
	}
	/* Else the session does not follow what becomes of the server's, the database's or the role's. */
	foreach(lc, been_set)
		set(lfirst(lc), NULL);
	reset_new(saved);
}
