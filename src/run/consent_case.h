/*
 * consent_case.h
 *		A script as who approves it, or runs it, sees it.
 *
 * Private to run.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_CONSENT_CASE_H
#define MIGR_CONSENT_CASE_H

#include "run/consent.h"
#include "store/approved.h"
#include "store/approved_before.h"

typedef struct MigrConsentCase
{
	const MigrScript *script;
	MigrDirection direction;
	List	   *losses;			/* char *: what its text loses */
	List	   *named;			/* MigrNamed *: what it names, with hashes */
	MigrBringer bringer;
	const MigrApproval *approval;	/* or NULL */
	bool		of_tenants;		/* its approval is for all of them, and for its text alone */
	MigrBefore *before;			/* what is known of others, if several are looked at; or NULL */
} MigrConsentCase;

/* "upgrade", "downgrade". */
extern const char *migr_consent_direction(MigrDirection direction);

/*
 * Look at the statements (MigrStatement *) of a script.  Of tenants: what they
 * name is each tenant's own.  Hold: nobody changes its relations until the end of the
 * transaction, nor takes back its approval.
 */
extern void migr_consent_look(MigrConsentCase *which, const MigrScript *script, MigrDirection direction,
							  const List *statements, bool of_tenants, bool hold);

/* The same, of which bringer, approval and before are set by the caller. */
extern void migr_consent_look_at(MigrConsentCase *which, const MigrScript *script, MigrDirection direction,
								 const List *statements, bool of_tenants);

/* Does it need an approval?  Who brought it, in words. */
extern bool migr_consent_is_needed(MigrRequired required, const MigrConsentCase *which);
extern const char *migr_consent_bringer(const MigrConsentCase *which);

/*
 * Why its approval is not good, as a sentence; NULL: it is.  Consent is of a run, or NULL.
 */
extern const char *migr_consent_fault(const MigrConsentCase *which, const MigrConsent *consent);

#endif							/* MIGR_CONSENT_CASE_H */
