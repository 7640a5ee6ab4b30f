/*
 * consent.h
 *		Runs of what loses data, or of all, that somebody else has approved before.
 *
 * As migr.require_approval says, a script runs only when a role has approved it that is
 * not the one whose session brought its text.  An approval is good for that text, for what its
 * statements name as it was then, and for one run.  What revisions change of that which were
 * to run before it is no reason to refuse.  Each direction is approved by itself.
 *
 * What is for tenants is approved for all of them, those to come included, until that is
 * taken back: for its text alone, as what it names is each tenant's own.
 *
 * What is known to be refused is before the first statement of a run; a script that nobody has
 * approved, as its text loses nothing, is refused when it does so all the same.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_CONSENT_H
#define MIGR_CONSENT_H

#include "base/strict_setting.h"
#include "graph/plan.h"
#include "script/script.h"
#include "snapshot/touched.h"

/* Of a run. */
typedef struct MigrConsent
{
	MigrRequired required;
	MigrDirection direction;
	bool		of_tenant;		/* one of those that have a state of their own */
	MigrTouchMark mark;			/* where its transaction stood before the first script */
	List	   *ran;			/* char *: revisions that have run in it since */
	const char *note;			/* of the approval that the script has which runs; or NULL */
	List	   *notes;			/* char *: of those that have been used up in it */
} MigrConsent;

extern void migr_consent_begin(MigrConsent *consent, MigrDirection direction, bool of_tenant);

/* Before the run: raise MG015 if a script (its statements: MigrStatement *) may not run. */
extern void migr_consent_check(MigrConsent *consent, const MigrScript *script, const List *statements);

/*
 * Before its first statement, in the transaction of that: the same, and until
 * migr_consent_rest() MG015 is raised when it loses data without being approved.  Apart: its
 * statements are in transactions of their own.
 */
extern void migr_consent_step(MigrConsent *consent, const MigrScript *script, const List *statements,
							  bool apart);
extern void migr_consent_rest(void);

/* Behind its last one: its approval is used up, unless other tenants are to come. */
extern void migr_consent_done(MigrConsent *consent, const MigrScript *script);

/* Raise MG015 if anything has to be approved: for what can't be; command is for the message. */
extern void migr_consent_refuse_command(const char *command);

/*
 * For whom a script waits, or who has approved it, in words; NULL: it runs without.  What
 * hinders a look is said as well.
 */
extern char *migr_consent_waits(const MigrScript *script, MigrDirection direction, bool of_tenant);

/*
 * The same of revisions, read together: by place; NULL as well for one that is in a file only.
 * Of tenants: by node, or NULL.
 */
extern char **migr_consent_waits_all(const MigrGraph *graph, const int *nodes, int count,
									 const bool *of_tenants);

/*
 * Approve the run of the script that a name means.  Checksum is NULL, or that which the caller
 * has read, or its beginning.  Returns the name.  Raises MG001 to MG004 for the name, 42501 to the
 * role that brought it, and 55000 for what another one does, or can't run now.
 */
extern const char *migr_consent_give(const char *name, const char *comment, const char *checksum,
									 MigrDirection direction);

/* Take an approval back; 55000 if there is none. */
extern const char *migr_consent_withdraw(const char *name, const char *comment, MigrDirection direction);

#endif							/* MIGR_CONSENT_H */
