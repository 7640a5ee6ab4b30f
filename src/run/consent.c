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

/* Raise if it needs an approval and has none that is good.  Returns whether it has one. */
static bool
judge(const MigrConsent *consent, const MigrConsentCase *which, bool in_run)
{
	bool		needed = migr_consent_is_needed(consent->required, which);
	const char *fault;

	if (!needed && which->approval == NULL)
		return false;
	fault = migr_consent_fault(which, in_run ? consent : NULL);
	if (fault && needed)
		migr_consent_refuse(migr_script_noun(which->script), which->script->revision,
							migr_consent_direction(which->direction), migr_consent_bringer(which), fault);
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
					   migr_consent_bringer(&which));
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
