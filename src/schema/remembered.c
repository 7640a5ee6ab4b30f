/*
 * remembered.c
 *		Desired DDL that was built before, and what came of it.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "access/xact.h"
#include "access/xlog.h"
#include "miscadmin.h"
#include "utils/guc.h"

#include "base/subxact.h"
#include "base/text.h"
#include "base/wire.h"
#include "schema/remembered.h"
#include "schema/remembered_build.h"
#include "schema/remembered_change.h"

static bool remember;

void
migr_remembered_init(void)
{
	DefineCustomBoolVariable("migr.remember_statements",
							 "Remember what desired schemas came to, so that only what is new in them is built.",
							 NULL, &remember, true, PGC_USERSET, 0, NULL, NULL, NULL);
}

/*
 * A build sees what is committed: what this transaction has written of roles or
 * extensions, or no longer sees, is not what the build goes by.
 */
static bool
may_be_used(void)
{
	return remember && !RecoveryInProgress() && !InSecurityRestrictedOperation() &&
		!IsolationUsesXactSnapshot() && !TransactionIdIsValid(GetTopTransactionIdIfAny());
}

static char *
digest(const List *parts)
{
	StringInfoData all;

	initStringInfo(&all);
	migr_wire_put_texts(&all, parts);
	return migr_text_sha256(all.data, all.len);
}

void
migr_remembered_begin(MigrRemembering *what, const MigrScratchJob *job, const List *parts)
{
	what->job = job;
	what->parts = parts;
	what->in_use = may_be_used();
	if (!what->in_use)
		return;
	what->key.role = job->role;
	what->key.environment = migr_scratch_environment(job);
	what->key.desired = digest(parts);
	what->in_use = what->key.environment != NULL;
}

/* Something to do with the memory: whatever is wrong with that, there is the build. */
typedef struct Attempt
{
	MigrRemembering *what;
	MigrScratchSeen *seen;
	MigrText   *text;
	bool		in_order;
	bool		done;
} Attempt;

static bool
try(MigrWork work, MigrRemembering *what, MigrScratchSeen *seen, MigrText *text, bool in_order)
{
	/* Not on the stack: an error comes back by longjmp(). */
	Attempt    *attempt = palloc0(sizeof(Attempt));
	ErrorData  *error;

	attempt->what = what;
	attempt->seen = seen;
	attempt->text = text;
	attempt->in_order = in_order;
	error = migr_subxact_run(work, attempt, true);
	if (error && migr_subxact_is_foreign(error))
		ReThrowError(error);
	if (error)
		elog(DEBUG1, "migr could not use what it remembers: %s", error->message);
	return error == NULL && attempt->done;
}

static void
find(void *arg)
{
	Attempt    *attempt = arg;
	MigrScratchSeen *seen = attempt->seen;
	MigrRememberedRow row;
	MigrRememberedBuild build;

	if (!migr_remembered_read(&attempt->what->key, false, &row))
		return;
	migr_remembered_get_build(row.head, false, &build);
	memset(seen, 0, sizeof(*seen));
	seen->schema = migr_remembered_read_schema(&row);
	if (seen->schema == NULL)
		return;
	seen->role = attempt->what->job->role;
	seen->untouched = build.untouched;
	seen->schema->said = build.said;
	seen->schema->unmanaged = build.unmanaged;
	attempt->done = true;
	elog(DEBUG1, "migr remembers all of the desired schema");
}

bool
migr_remembered_find(MigrRemembering *what, MigrScratchSeen *seen)
{
	return what->in_use && try(find, what, seen, NULL, false);
}

/* The SQL of the parts. */
static List *
texts_of(const List *parts)
{
	List	   *texts = NIL;

	for (int i = 1; i < list_length(parts); i += 2)
		texts = lappend(texts, list_nth(parts, i));
	return texts;
}

static void
find_changed(void *arg)
{
	Attempt    *attempt = arg;
	MigrRememberedRow row;
	MigrRememberedBuild build;
	MigrText   *text;

	if (!migr_remembered_read(&attempt->what->key, true, &row))
		return;
	migr_remembered_get_build(row.head, true, &build);
	if (!build.is_plain || build.unmanaged != NIL)
		return;
	text = migr_text_read(texts_of(attempt->what->parts));
	attempt->done = text->lasts && text->is_plain &&
		migr_remembered_change(attempt->what->job, &row, &build, text, attempt->seen);
}

bool
migr_remembered_find_changed(MigrRemembering *what, MigrScratchSeen *seen)
{
	return what->in_use && try(find_changed, what, seen, NULL, false);
}

static void
write_build(void *arg)
{
	Attempt    *attempt = arg;
	StringInfoData head;

	initStringInfo(&head);
	migr_remembered_put_build(&head, attempt->seen, attempt->text,
							  attempt->in_order && attempt->text->is_plain);
	migr_remembered_write(&attempt->what->key, &head, attempt->seen->schema);
}

void
migr_remembered_keep(MigrRemembering *what, MigrScratchSeen *seen, bool in_order)
{
	MigrText   *text;
	char	   *environment;

	if (!what->in_use || XactReadOnly || seen->is_told || seen->denied != NIL || seen->commits)
		return;
	text = migr_text_read(texts_of(what->parts));
	environment = text->lasts && text->count > 0 ? migr_scratch_environment(what->job) : NULL;
	/* What has changed meanwhile may have come before the build, or behind it. */
	if (environment && strcmp(environment, what->key.environment) == 0)
		(void) try(write_build, what, seen, text, in_order);
}
