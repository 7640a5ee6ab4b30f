/*
 * verify_tenants.c
 *		Check tenants: are those at the same revisions alike?
 *
 * Of one that is not as most are, each object is told that differs, and SQL that makes
 * it as these: the difference between its schema and that of one of them, as if that
 * were called as it is.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/pg_namespace.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/memutils.h"

#include "base/named.h"
#include "base/subxact.h"
#include "check/tenants.h"
#include "check/verify_subject.h"
#include "diff/diff.h"
#include "diff/drift.h"

/* Differences are looked for so often before the server's caches are emptied. */
#define TENANTS_AT_ONCE 100

/* Tenants that are told by name in one line. */
#define NAMES_TOLD 5

/* A tenant that is not as the others, and one of these. */
typedef struct Odd
{
	const MigrTenantSeen *seen;
	const MigrTenantSeen *like; /* of the first form of its heads */
	int			others;			/* at its heads */
	List	   *drifts;
	const char *sql;
} Odd;

/* A verdict to be kept when what it was made of is forgotten. */
typedef struct Telling
{
	MigrSubject *subject;
	const char *check;
	MemoryContext kept;
} Telling;

static void
add(const Telling *telling, const char *object, MigrStatus status, const char *detail)
{
	MemoryContext caller = MemoryContextSwitchTo(telling->kept);

	migr_report_add(telling->subject->report, telling->check, object ? pstrdup(object) : NULL,
					status, detail ? pstrdup(detail) : NULL);
	MemoryContextSwitchTo(caller);
}

/* --- one that differs ----------------------------------------------------------------- */

static void
find_difference(void *arg)
{
	Odd		   *odd = arg;
	const char *name = odd->seen->tenant->name;
	MigrSchema *is = migr_tenant_model(odd->seen->tenant->schema, name);
	MigrSchema *wanted = migr_tenant_model(odd->like->tenant->schema, name);

	if (is == NULL || wanted == NULL)
		return;
	odd->drifts = migr_drift_find(is, wanted);

	/* The difference changes what it compares. */
	is = migr_tenant_model(odd->seen->tenant->schema, name);
	wanted = migr_tenant_model(odd->like->tenant->schema, name);
	if (is && wanted)
		odd->sql = migr_diff_script(is, wanted, false);
}

/*
 * Who looks may see the SQL of both: as with drift, whoever only watches is told what
 * differs, not how it reads.
 */
static bool
may_see(const MigrTenant *tenant)
{
	ObjectAddress schema = {0};
	Oid			owner;

	schema.classId = NamespaceRelationId;
	schema.objectId = tenant->schema;
	owner = migr_named_owner(&schema);
	return OidIsValid(owner) && has_privs_of_role(GetUserId(), owner);
}

static const char *
show(bool shown, const char *sql)
{
	return shown ? sql : "(shown to the owner of both schemas)";
}

static void
tell_object(const Telling *telling, const MigrDrift *drift, const char *like, bool shown)
{
	const char *detail = NULL;
	MigrStatus	status = MIGR_STATUS_FAIL;

	switch (drift->kind)
	{
		case MIGR_DRIFT_MISSING:
			detail = psprintf("missing; as %s has it:\n%s", like, show(shown, drift->wanted));
			break;
		case MIGR_DRIFT_UNEXPECTED:
			detail = psprintf("unexpected; %s does not have it; there is:\n%s", like,
							  show(shown, drift->is));
			break;
		case MIGR_DRIFT_DIFFERENT:
			detail = psprintf("different; there is:\n%s\nas %s has it:\n%s", show(shown, drift->is),
							  like, show(shown, drift->wanted));
			break;
		case MIGR_DRIFT_COLUMN_ORDER:
			/* By no statement can that be changed. */
			status = MIGR_STATUS_OK;
			detail = psprintf("its columns are in another order: %s; in %s: %s", drift->is, like,
							  drift->wanted);
	}
	add(telling, drift->object, status, detail);
}

/* How many have the form that it does not have, in words. */
static const char *
describe_others(const Odd *odd)
{
	if (odd->like->alike > odd->seen->alike)
		return psprintf("%d of %d tenants at %s are alike, and not as this one",
						odd->like->alike, odd->others, odd->seen->heads);
	return psprintf("of %d tenants at %s, %d are as this one, and as many are as %s", odd->others,
					odd->seen->heads, odd->seen->alike, quote_identifier(odd->like->tenant->name));
}

static void
tell_odd(const Telling *telling, Odd *odd)
{
	const char *object = psprintf("tenant %s", quote_identifier(odd->seen->tenant->name));
	const char *like = quote_identifier(odd->like->tenant->name);
	ErrorData  *error = migr_subxact_run(find_difference, odd, false);
	bool		shown = may_see(odd->seen->tenant) && may_see(odd->like->tenant);
	ListCell   *lc;

	if (error)
	{
		migr_check_raise_if_session_ends(error);
		add(telling, object, MIGR_STATUS_FAIL,
			psprintf("%s; the difference could not be made: %s", describe_others(odd),
					 migr_check_describe(error)));
		return;
	}
	if (odd->drifts == NIL || odd->sql == NULL)
		add(telling, object, MIGR_STATUS_OK, "it was another one than most are, and no object differs any more");
	else
		add(telling, object, MIGR_STATUS_FAIL,
			psprintf("%s; what makes it as %s is:\n%s", describe_others(odd), like,
					 show(shown, odd->sql)));
	foreach(lc, odd->drifts)
		tell_object(telling, lfirst(lc), like, shown);
}

/* --- all ---------------------------------------------------------------------------------- */

/* The tenants at the heads of the first of a list, in words. */
static const char *
describe_level(const List *level)
{
	const MigrTenantSeen *first = linitial(level);
	const char *names = "";
	int			count = list_length(level);
	int			forms = 0;
	ListCell   *lc;

	foreach(lc, level)
	{
		const MigrTenantSeen *seen = lfirst(lc);

		forms = Max(forms, seen->form);
		if (foreach_current_index(lc) < NAMES_TOLD)
			names = psprintf("%s%s%s", names, *names ? ", " : "", quote_identifier(seen->tenant->name));
	}
	if (count > NAMES_TOLD)
		names = psprintf("%s, …", names);
	return psprintf("at %s: %d (%s), %d alike%s", first->heads, count, names, first->alike,
					forms > 1 ? psprintf(", in %d forms", forms) : "");
}

/* Tell of one that there is no form of; false if there is one. */
static bool
tell_formless(const Telling *telling, const MigrTenantSeen *seen)
{
	const char *object = psprintf("tenant %s", quote_identifier(seen->tenant->name));

	if (seen->is_gone)
		add(telling, object, MIGR_STATUS_FAIL, "it is a tenant, and there is no such schema");
	else if (seen->is_excluded)
		add(telling, object, MIGR_STATUS_OK, "migr.exclude names it");
	else if (seen->is_busy)
		add(telling, object, MIGR_STATUS_SKIPPED, "runs went on with it while it was looked at");
	return seen->form == 0;
}

/* Tell of the tenants at the same heads. */
static void
tell_level(const Telling *telling, const List *level)
{
	MemoryContext memory = AllocSetContextCreate(CurrentMemoryContext, "migr tenants",
												 ALLOCSET_DEFAULT_SIZES);
	int			told = 0;
	ListCell   *lc;

	MemoryContextSwitchTo(memory);
	foreach(lc, level)
	{
		Odd			odd = {.seen = lfirst(lc), .like = linitial(level), .others = list_length(level)};

		CHECK_FOR_INTERRUPTS();
		if (tell_formless(telling, odd.seen) || !migr_tenant_is_odd(odd.seen))
			continue;
		tell_odd(telling, &odd);
		MemoryContextReset(memory);
		if (++told % TENANTS_AT_ONCE == 0)
			InvalidateSystemCaches();
	}
	MemoryContextSwitchTo(telling->kept);
	MemoryContextDelete(memory);
	add(telling, NULL, MIGR_STATUS_OK, describe_level(level));
}

static void
look(void *arg)
{
	List	  **all = arg;

	*all = migr_tenants_look();
}

void
migr_check_tenants(MigrSubject *subject, const char *check)
{
	Telling		telling = {subject, check, CurrentMemoryContext};
	List	   *all = NIL;
	List	   *level = NIL;
	ErrorData  *error = migr_subxact_run(look, &all, false);
	ListCell   *lc;

	if (error)
		migr_subject_add(subject, check, NULL, migr_check_status_of(error),
						 migr_check_describe(error));
	else if (all == NIL)
		migr_subject_add(subject, check, NULL, MIGR_STATUS_SKIPPED, "no schema is a tenant");
	foreach(lc, all)
	{
		MigrTenantSeen *seen = lfirst(lc);

		if (level != NIL &&
			strcmp(seen->heads, ((MigrTenantSeen *) linitial(level))->heads) != 0)
		{
			tell_level(&telling, level);
			level = NIL;
		}
		level = lappend(level, seen);
	}
	if (level != NIL)
		tell_level(&telling, level);
}
