/*
 * tenants.c
 *		Which tenants are alike, and which are not as the others.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "utils/snapmgr.h"

#include "base/ident.h"
#include "check/tenants.h"

/* How often a tenant is looked at that runs go on with. */
#define ATTEMPTS 3

/* --- looking ------------------------------------------------------------------------ */

/* Where all stand now: a transaction's snapshot may be older than what is there. */
static List *
read_all(void)
{
	List	   *tenants;
	MigrDb		db;

	PushActiveSnapshot(GetLatestSnapshot());
	migr_db_begin(&db, true);
	tenants = migr_tenant_read_all(&db, NULL);
	migr_db_end(&db);
	PopActiveSnapshot();
	return tenants;
}

static const char *
text_of_heads(const List *heads)
{
	List	   *sorted = list_copy(heads);

	list_sort(sorted, migr_ident_compare);
	return sorted == NIL ? "base" : migr_ident_join(sorted);
}

static void
set_tenant(MigrTenantSeen *seen, const MigrTenant *tenant)
{
	seen->tenant = tenant;
	seen->heads = text_of_heads(tenant->heads);
	seen->is_gone = !OidIsValid(tenant->schema);
	seen->print = (MigrTenantPrint) {.schema = tenant->schema, .name = tenant->name};
}

static int
compare_names(const ListCell *a, const ListCell *b)
{
	return strcmp(((const MigrTenantSeen *) lfirst(a))->tenant->name,
				  ((const MigrTenantSeen *) lfirst(b))->tenant->name);
}

/* Of tenants in the order of names, the one of a name; or NULL. */
static const MigrTenantSeen *
find_seen(const List *all, const char *name)
{
	int			low = 0;
	int			high = list_length(all);

	while (low < high)
	{
		int			middle = (low + high) / 2;
		const MigrTenantSeen *seen = list_nth(all, middle);
		int			order = strcmp(seen->tenant->name, name);

		if (order == 0)
			return seen;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

static void
take_fingerprints(const List *all)
{
	List	   *prints = NIL;
	ListCell   *lc;

	foreach(lc, all)
	{
		MigrTenantSeen *seen = lfirst(lc);

		if (!seen->is_gone)
			prints = lappend(prints, &seen->print);
	}
	migr_tenant_fingerprints(prints);
	foreach(lc, all)
	{
		MigrTenantSeen *seen = lfirst(lc);

		seen->is_excluded = seen->print.is_excluded;
		seen->is_gone = seen->print.fingerprint == NULL && !seen->is_excluded;
	}
	list_free(prints);
}

/* Is a row another one than it was?  Who has gone since is as he was seen. */
static bool
has_moved(const MigrTenant *was, const MigrTenant *is)
{
	return was->changed_at != is->changed_at || was->schema != is->schema;
}

/* Those with which a run has gone on since, as they are now. */
static List *
find_moved(const List *all)
{
	List	   *moved = NIL;
	ListCell   *lc;

	foreach(lc, read_all())
	{
		const MigrTenant *now = lfirst(lc);
		MigrTenantSeen *seen = unconstify(MigrTenantSeen *, find_seen(all, now->name));

		if (seen == NULL || !has_moved(seen->tenant, now))
			continue;
		set_tenant(seen, now);
		moved = lappend(moved, seen);
	}
	return moved;
}

static List *
see_all(void)
{
	List	   *all = NIL;
	List	   *moved;
	ListCell   *lc;

	foreach(lc, read_all())
	{
		MigrTenantSeen *seen = palloc0(sizeof(MigrTenantSeen));

		set_tenant(seen, lfirst(lc));
		all = lappend(all, seen);
	}
	list_sort(all, compare_names);
	take_fingerprints(all);
	moved = find_moved(all);
	for (int attempt = 1; moved != NIL && attempt < ATTEMPTS; attempt++)
	{
		take_fingerprints(moved);
		moved = find_moved(moved);
	}
	foreach(lc, moved)
		((MigrTenantSeen *) lfirst(lc))->is_busy = true;
	return all;
}

/* --- who is alike --------------------------------------------------------------------- */

/* Is there a form to be told? */
static bool
has_form(const MigrTenantSeen *seen)
{
	return !seen->is_gone && !seen->is_busy && !seen->is_excluded;
}

/* By heads, then by fingerprint, then by name; those without a form are last. */
static int
compare_kinship(const ListCell *a, const ListCell *b)
{
	const MigrTenantSeen *one = lfirst(a);
	const MigrTenantSeen *other = lfirst(b);
	int			order = strcmp(one->heads, other->heads);

	if (order == 0)
		order = (int) has_form(other) - (int) has_form(one);
	if (order == 0 && has_form(one))
		order = strcmp(one->print.fingerprint, other->print.fingerprint);
	return order ? order : compare_names(a, b);
}

/* Tenants of a list, from one on, that are alike. */
typedef struct Form
{
	int			first;
	int			count;
	const MigrTenantSeen *example;	/* the one whose name comes first */
} Form;

/* The more frequent first. */
static int
compare_forms(const void *a, const void *b)
{
	const Form *one = a;
	const Form *other = b;

	if (one->count != other->count)
		return one->count > other->count ? -1 : 1;
	return strcmp(one->example->tenant->name, other->example->tenant->name);
}

static bool
are_alike(const MigrTenantSeen *one, const MigrTenantSeen *other)
{
	return strcmp(one->heads, other->heads) == 0 && has_form(one) && has_form(other) &&
		strcmp(one->print.fingerprint, other->print.fingerprint) == 0;
}

/* The forms of the tenants at the heads of the one at first; returns how many have none. */
static int
find_forms(const List *sorted, int first, int end, Form *forms, int *count)
{
	int			i = first;

	*count = 0;
	while (i < end && has_form(list_nth(sorted, i)))
	{
		Form	   *form = &forms[(*count)++];

		*form = (Form) {.first = i, .example = list_nth(sorted, i)};
		while (i < end && are_alike(form->example, list_nth(sorted, i)))
		{
			form->count++;
			i++;
		}
	}
	return end - i;
}

/* Add the tenants from first to end, which are at the same heads, in the order of their forms. */
static List *
add_forms(List *result, const List *sorted, int first, int end)
{
	Form	   *forms = palloc((end - first) * sizeof(Form));
	int			count;
	int			without = find_forms(sorted, first, end, forms, &count);

	qsort(forms, count, sizeof(Form), compare_forms);
	for (int i = 0; i < count; i++)
	{
		for (int j = 0; j < forms[i].count; j++)
		{
			MigrTenantSeen *seen = list_nth(sorted, forms[i].first + j);

			seen->form = i + 1;
			seen->alike = forms[i].count;
			result = lappend(result, seen);
		}
	}
	for (int i = end - without; i < end; i++)
		result = lappend(result, list_nth(sorted, i));
	pfree(forms);
	return result;
}

/* Tenants of a list, from one on, at the same heads. */
typedef struct Level
{
	int			first;
	int			end;
} Level;

static int
compare_levels(const void *a, const void *b)
{
	const Level *one = a;
	const Level *other = b;
	int			order = (other->end - other->first) - (one->end - one->first);

	return order ? order : one->first - other->first;
}

/* Where the tenants of a list at the same heads begin and end; returns how often. */
static int
find_levels(const List *sorted, Level *levels)
{
	int			length = list_length(sorted);
	int			count = 0;

	for (int i = 0; i < length; i = levels[count++].end)
	{
		const MigrTenantSeen *first = list_nth(sorted, i);
		int			end = i + 1;

		while (end < length &&
			   strcmp(first->heads, ((MigrTenantSeen *) list_nth(sorted, end))->heads) == 0)
			end++;
		levels[count] = (Level) {i, end};
	}
	return count;
}

List *
migr_tenants_look(void)
{
	List	   *all = see_all();
	Level	   *levels = palloc((list_length(all) + 1) * sizeof(Level));
	List	   *result = NIL;
	int			count;

	list_sort(all, compare_kinship);
	count = find_levels(all, levels);
	qsort(levels, count, sizeof(Level), compare_levels);
	for (int i = 0; i < count; i++)
		result = add_forms(result, all, levels[i].first, levels[i].end);
	return result;
}
