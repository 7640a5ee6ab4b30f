/*
 * consent_waits.c
 *		For whom scripts wait, as whoever looks is told.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#include "base/subxact.h"
#include "exec/statement.h"
#include "run/consent_case.h"
#include "store/store.h"

/* So many are read at once. */
#define CHUNK 200

/* A look that may be hindered, as by a name in a schema that the caller must not use. */
typedef struct Look
{
	const MigrScript *script;
	MigrDirection direction;
	bool		of_tenant;
	bool		is_read;		/* what follows */
	MigrBringer bringer;
	const MigrApproval *approval;
	MigrBefore *before;
	char	   *said;
} Look;

/* Several, one behind another. */
typedef struct Looks
{
	Look	   *looks;
	int			count;
} Looks;

static void
look(void *arg)
{
	Look	   *looking = arg;
	MigrSectionKind kind = looking->direction == MIGR_UPGRADE ? MIGR_SECTION_UPGRADE : MIGR_SECTION_DOWNGRADE;
	MigrRequired required = migr_safeguard_required();
	const List *statements = migr_stmt_split(looking->script, kind);
	MigrConsentCase which = {.bringer = looking->bringer, .approval = looking->approval,
	.before = looking->before};
	const char *fault;

	if (looking->is_read)
		migr_consent_look_at(&which, looking->script, looking->direction, statements, looking->of_tenant);
	else
		migr_consent_look(&which, looking->script, looking->direction, statements, looking->of_tenant, false);
	looking->said = NULL;
	if (!migr_consent_is_needed(required, &which) && which.approval == NULL)
		return;
	fault = migr_consent_fault(&which, NULL);
	if (fault == NULL)
		looking->said = psprintf("approved by \"%s\"", which.approval->by);
	else if (migr_consent_is_needed(required, &which))
		looking->said = psprintf("waits for somebody other than \"%s\". %s", migr_consent_bringer(&which), fault);
}

/* Look at one; what hinders that is said. */
static void
look_alone(Look *looking)
{
	ErrorData  *error = migr_subxact_run(look, looking, false);

	if (error && migr_subxact_is_foreign(error))
		ReThrowError(error);
	if (error)
		looking->said = psprintf("could not be looked at: %s", error->message);
}

char *
migr_consent_waits(const MigrScript *script, MigrDirection direction, bool of_tenant)
{
	Look		looking = {.script = script, .direction = direction, .of_tenant = of_tenant};

	if (migr_safeguard_required() == MIGR_REQUIRED_NONE)
		return NULL;
	look_alone(&looking);
	return looking.said;
}

static void
look_at_all(void *arg)
{
	const Looks *all = arg;

	for (int i = 0; i < all->count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (all->looks[i].script)
			look(&all->looks[i]);
	}
}

/* At most CHUNK revisions. */
static void
look_at_some(Look *looks, const List *revisions, MigrBefore *before)
{
	MigrBringer bringers[CHUNK];
	MigrApproval *approvals[CHUNK];
	Looks		all = {looks, list_length(revisions)};
	List	   *approved = NIL;
	List	   *scripts;
	ErrorData  *error;
	MigrDb		db;

	migr_db_begin(&db, true);
	scripts = migr_store_parse_known(&db, revisions);
	migr_approved_read_many(&db, revisions, migr_consent_direction(MIGR_UPGRADE), bringers, approvals);
	for (int i = 0; i < all.count; i++)
	{
		looks[i].script = list_nth(scripts, i);
		looks[i].is_read = true;
		looks[i].bringer = bringers[i];
		looks[i].approval = approvals[i];
		looks[i].before = before;
		approved = lappend(approved, approvals[i]);
	}
	migr_before_ask(before, &db, approved);
	migr_db_end(&db);

	/* Hardly ever is one hindered: only then is it found out which. */
	error = migr_subxact_run(look_at_all, &all, false);
	if (error && migr_subxact_is_foreign(error))
		ReThrowError(error);
	for (int i = 0; error && i < all.count; i++)
	{
		if (looks[i].script)
			look_alone(&looks[i]);
	}
}

char **
migr_consent_waits_all(const MigrGraph *graph, const int *nodes, int count, const bool *of_tenants)
{
	MemoryContext caller = CurrentMemoryContext;
	char	  **said = palloc0((count + 1) * sizeof(char *));
	MigrBefore *before;
	MemoryContext some;

	if (count == 0 || migr_safeguard_required() == MIGR_REQUIRED_NONE)
		return said;
	before = migr_before_create();
	some = AllocSetContextCreate(caller, "migr consent", ALLOCSET_DEFAULT_SIZES);
	for (int first = 0; first < count; first += CHUNK)
	{
		Look		looks[CHUNK] = {{0}};
		List	   *revisions = NIL;

		MemoryContextSwitchTo(some);
		for (int i = first; i < count && i < first + CHUNK; i++)
		{
			looks[i - first].direction = MIGR_UPGRADE;
			looks[i - first].of_tenant = of_tenants && of_tenants[nodes[i]];
			revisions = lappend(revisions, unconstify(char *, graph->nodes[nodes[i]].id));
		}
		look_at_some(looks, revisions, before);
		for (int i = 0; i < list_length(revisions); i++)
			said[first + i] = looks[i].said ? MemoryContextStrdup(caller, looks[i].said) : NULL;
		MemoryContextSwitchTo(caller);
		MemoryContextReset(some);
	}
	MemoryContextDelete(some);
	return said;
}
