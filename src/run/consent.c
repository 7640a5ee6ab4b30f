/*
 * consent.c
 *		Runs of what loses data, or of all, that somebody else has approved before.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "commands/dbcommands.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "base/compat.h"
#include "base/errors.h"
#include "base/ident.h"
#include "base/subxact.h"
#include "exec/statement.h"
#include "run/consent.h"
#include "run/consent_case.h"
#include "run/consent_watch.h"

void
migr_consent_begin(MigrConsent *consent, MigrDirection direction, bool of_tenant)
{
	memset(consent, 0, sizeof(MigrConsent));
	consent->required = migr_safeguard_required();
	consent->direction = direction;
	consent->of_tenant = of_tenant;
	migr_consent_watch(NULL, NULL, NULL);
}

static bool
is_needed(MigrRequired required, const MigrConsentCase *which)
{
	return required == MIGR_REQUIRED_ALL ||
		(required == MIGR_REQUIRED_DESTRUCTIVE && which->losses != NIL);
}

static const char *
bringer_of(const MigrConsentCase *which)
{
	return which->bringer.name ? which->bringer.name : "?";
}

/* Raise if it needs an approval and has none that is good.  Returns whether it has one. */
static bool
judge(const MigrConsent *consent, const MigrConsentCase *which, bool in_run)
{
	bool		needed = is_needed(consent->required, which);
	const char *fault;

	if (!needed && which->approval == NULL)
		return false;
	fault = migr_consent_fault(which, in_run ? consent : NULL);
	if (fault && needed)
		migr_consent_refuse(migr_script_noun(which->script), which->script->revision,
							migr_consent_direction(which->direction), bringer_of(which), fault);
	return fault == NULL;
}

void
migr_consent_check(MigrConsent *consent, const MigrScript *script, const List *statements)
{
	MemoryContext caller = CurrentMemoryContext;
	MemoryContext context;
	MigrConsentCase which;

	if (consent->required == MIGR_REQUIRED_NONE)
		return;
	context = AllocSetContextCreate(caller, "migr consent", ALLOCSET_DEFAULT_SIZES);
	MemoryContextSwitchTo(context);
	migr_consent_look(&which, script, consent->direction, statements, consent->of_tenant, false);
	(void) judge(consent, &which, false);
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(context);
}

/* What has run before in this transaction. */
static void
follow_transaction(MigrConsent *consent)
{
	if (consent->mark.transaction == migr_compat_local_transaction())
		return;
	migr_touch_mark(&consent->mark);
	consent->ran = NIL;
	consent->notes = NIL;
}

static void
begin_apart(const MigrConsentCase *which)
{
	MigrDb		db;

	migr_db_begin(&db, false);
	migr_approved_begin(&db, which->approval);
	migr_db_end(&db);
}

void
migr_consent_step(MigrConsent *consent, const MigrScript *script, const List *statements, bool apart)
{
	MemoryContext caller = CurrentMemoryContext;
	MemoryContext context;
	MigrConsentCase which;
	bool		approved;

	consent->note = NULL;
	if (consent->required == MIGR_REQUIRED_NONE)
		return;
	follow_transaction(consent);
	context = AllocSetContextCreate(caller, "migr consent", ALLOCSET_DEFAULT_SIZES);
	MemoryContextSwitchTo(context);
	migr_consent_look(&which, script, consent->direction, statements, consent->of_tenant, !apart);
	approved = judge(consent, &which, true);
	if (approved && apart)
		begin_apart(&which);
	migr_consent_watch(approved ? NULL : script, migr_consent_direction(consent->direction),
					   bringer_of(&which));
	MemoryContextSwitchTo(caller);
	if (approved)
		consent->note = psprintf("%s of \"%s\" was approved by \"%s\": %s",
								 migr_consent_direction(consent->direction), script->revision,
								 which.approval->by, which.approval->comment);
	MemoryContextDelete(context);
}

void
migr_consent_rest(void)
{
	migr_consent_watch(NULL, NULL, NULL);
}

void
migr_consent_done(MigrConsent *consent, const MigrScript *script)
{
	MigrDb		db;

	if (consent->required == MIGR_REQUIRED_NONE)
		return;
	follow_transaction(consent);
	consent->ran = lappend(consent->ran, script->revision);
	if (consent->note == NULL)
		return;
	consent->notes = lappend(consent->notes, unconstify(char *, consent->note));
	/* Others are to come. */
	if (consent->of_tenant)
		return;
	migr_db_begin(&db, false);
	(void) migr_approved_remove(&db, script->revision, migr_consent_direction(consent->direction));
	migr_db_end(&db);
}

void
migr_consent_refuse_command(const char *command)
{
	if (migr_safeguard_required() != MIGR_REQUIRED_NONE)
		ereport(ERROR,
				(errcode(ERRCODE_MIGR_NOT_APPROVED),
				 errmsg("%s is not allowed while migr.require_approval is on", command),
				 errdetail("It can't be approved: it loses what is there."),
				 errhint("The owner of the database can turn it off: ALTER DATABASE %s SET migr.require_approval = 'none'.",
						 quote_identifier(get_database_name(MyDatabaseId)))));
}

/* --- who looks --------------------------------------------------------------------- */

/* A look that may be hindered, as by a name in a schema that the caller must not use. */
typedef struct Look
{
	const MigrScript *script;
	MigrDirection direction;
	bool		of_tenant;
	char	   *said;
} Look;

static void
look(void *arg)
{
	Look	   *looking = arg;
	MigrSectionKind kind = looking->direction == MIGR_UPGRADE ? MIGR_SECTION_UPGRADE : MIGR_SECTION_DOWNGRADE;
	MigrRequired required = migr_safeguard_required();
	MigrConsentCase which;
	const char *fault;

	migr_consent_look(&which, looking->script, looking->direction,
					  migr_stmt_split(looking->script, kind), looking->of_tenant, false);
	if (!is_needed(required, &which) && which.approval == NULL)
		return;
	fault = migr_consent_fault(&which, NULL);
	if (fault == NULL)
		looking->said = psprintf("approved by \"%s\"", which.approval->by);
	else if (is_needed(required, &which))
		looking->said = psprintf("waits for somebody other than \"%s\". %s", bringer_of(&which), fault);
}

char *
migr_consent_waits(const MigrScript *script, MigrDirection direction, bool of_tenant)
{
	Look		looking = {script, direction, of_tenant, NULL};
	ErrorData  *error;

	if (migr_safeguard_required() == MIGR_REQUIRED_NONE)
		return NULL;
	error = migr_subxact_run(look, &looking, false);
	if (error && migr_subxact_is_foreign(error))
		ReThrowError(error);
	return error ? psprintf("could not be looked at: %s", error->message) : looking.said;
}
