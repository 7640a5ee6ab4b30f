/*
 * verify_database.c
 *		Everything that can be known to be wrong with this database.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "base/ident.h"
#include "check/rule.h"
#include "check/verify_database.h"
#include "check/verify_subject.h"
#include "store/tenant.h"

/* The one that is only made where there is something for it to look at. */
#define TENANTS_CHECK "tenants"

typedef void (*GroupCheck) (MigrSubject *subject, const char *check);

static const char *
id_of(const MigrSubject *subject, int node)
{
	return subject->state->graph->nodes[node].id;
}

/* --- chain, scripts, versions -------------------------------------------- */

/* Say what was found; if applied is not NULL, of these revisions alone. */
static void
add_findings(MigrSubject *subject, const char *check, const MigrFlawFindings *findings,
			 MigrFlaw flaw, MigrStatus status, const bool *applied)
{
	ListCell   *lc;

	foreach(lc, findings->by_flaw[flaw])
	{
		const MigrFlawFinding *finding = lfirst(lc);
		int			node = finding->revision && applied
			? migr_graph_find(subject->state->graph, finding->revision) : -1;

		/* A repeatable script whose file was edited is only to be run again. */
		if (node < 0 && finding->revision && flaw == MIGR_FLAW_DIFFERS)
			continue;
		if (finding->revision == NULL || applied == NULL || (node >= 0 && applied[node]))
			migr_subject_add(subject, check, finding->revision, status, finding->detail);
	}
}

static void
check_chain(MigrSubject *subject, const char *check)
{
	for (int flaw = 0; flaw < MIGR_FLAWS; flaw++)
		add_findings(subject, check, &subject->findings, flaw,
					 MIGR_STATUS_FAIL, NULL);
	migr_report_end(subject->report, check,
					psprintf("revisions: %d", subject->stored->count));
}

/* What was applied, what is stored, and the files, are the same. */
static void
check_scripts(MigrSubject *subject, const char *check)
{
	const MigrState *state = subject->state;
	MigrFlawFindings findings = {{NIL}};
	int			count = 0;

	for (int i = 0; i < state->graph->count; i++)
	{
		const MigrVersion *version = subject->versions[i];
		const MigrRevision *info = state->graph->nodes[i].info;

		if (version == NULL || version->checksum == NULL)
			continue;
		count++;
		if (strcmp(version->checksum, info->checksum) != 0)
			migr_subject_add(subject, check, version->revision, MIGR_STATUS_FAIL,
				"its script in the store is not the one that was applied");
	}
	migr_validate_scripts(&findings, subject->stored);
	migr_validate_repeatables(&findings, subject->stored);
	migr_validate_files(&findings, subject->stored);
	add_findings(subject, check, &findings, MIGR_FLAW_ALTERED, MIGR_STATUS_FAIL,
				 state->applied);
	add_findings(subject, check, &findings, MIGR_FLAW_MALFORMED, MIGR_STATUS_FAIL,
				 state->applied);
	add_findings(subject, check, &findings, MIGR_FLAW_DIFFERS, MIGR_STATUS_FAIL,
				 state->applied);
	add_findings(subject, check, &findings, MIGR_FLAW_NOT_COMPARED,
				 MIGR_STATUS_SKIPPED, NULL);
	migr_report_end(subject->report, check, psprintf("applied scripts: %d", count));
}

static void
check_versions(MigrSubject *subject, const char *check)
{
	const MigrState *state = subject->state;
	List	   *heads = migr_set_ids(state->graph, migr_state_heads(state));
	const bool *gaps = migr_state_gaps(state);
	ListCell   *lc;

	foreach(lc, state->unknown)
		migr_subject_add(subject, check, lfirst(lc), MIGR_STATUS_FAIL,
			"it is recorded as applied, but its script is not in the store");
	for (int i = 0; i < state->graph->count; i++)
	{
		if (gaps[i])
			migr_subject_add(subject, check, id_of(subject, i), MIGR_STATUS_FAIL,
				"a gap: it has no row in migr.version, though a revision that stands on it has one");
	}
	migr_check_interrupted(subject, check);
	migr_report_end(subject->report, check,
					heads == NIL ? "current: base"
					: psprintf("current: %s", migr_ident_join(heads)));
}

/* --- all ----------------------------------------------------------------- */

static void
check_integrity(MigrSubject *subject, const char *check)
{
	int			before = list_length(subject->report->verdicts);

	migr_rule_verify(subject->report, NULL);
	if (list_length(subject->report->verdicts) == before)
		migr_subject_add(subject, check, NULL, MIGR_STATUS_SKIPPED, "no rule is switched on");
}

static const struct
{
	const char *name;
	GroupCheck	run;
}			groups[] =
{
	{"chain", check_chain},
	{"scripts", check_scripts},
	{"versions", check_versions},
	{"log", migr_check_log},
	{"sections", migr_check_sections},
	{"drift", migr_check_drift},
	{"built", migr_check_built},
	{TENANTS_CHECK, migr_check_tenants},
	{MIGR_RULE_CHECK, check_integrity}
};

List *
migr_check_names(void)
{
	List	   *names = NIL;
	ListCell   *lc;

	for (int i = 0; i < (int) lengthof(groups); i++)
		names = lappend(names, unconstify(char *, groups[i].name));
	foreach(lc, migr_rule_all_names())
		names = lappend(names, psprintf(MIGR_RULE_CHECK ".%s", (char *) lfirst(lc)));
	return names;
}

List *
migr_check_usual_names(void)
{
	List	   *names = migr_check_names();
	bool		any;
	ListCell   *lc;
	MigrDb		db;

	migr_db_begin(&db, true);
	any = migr_tenant_any(&db);
	migr_db_end(&db);
	foreach(lc, any ? NIL : names)
	{
		if (strcmp(lfirst(lc), TENANTS_CHECK) == 0)
			names = foreach_delete_current(names, lc);
	}
	return names;
}

void
migr_check_names_known(const List *names)
{
	List	   *known = migr_check_names();
	ListCell   *lc;

	foreach(lc, names)
	{
		if (!migr_ident_is_in(known, lfirst(lc)))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("there is no check \"%s\"", (char *) lfirst(lc)),
					 errdetail("The checks are %s.", migr_ident_join(known))));
	}
}

void
migr_check_run(MigrReport *report, const List *names)
{
	MigrSubject subject = migr_subject_read(report, true);
	ListCell   *lc;

	for (int i = 0; i < (int) lengthof(groups); i++)
	{
		if (!migr_ident_is_in(names, groups[i].name))
			continue;
		migr_report_begin(report);
		groups[i].run(&subject, groups[i].name);
	}
	if (migr_ident_is_in(names, MIGR_RULE_CHECK))
		return;
	foreach(lc, migr_rule_all_names())
	{
		if (migr_ident_is_in(names, psprintf(MIGR_RULE_CHECK ".%s", (char *) lfirst(lc))))
			migr_rule_verify(report, lfirst(lc));
	}
}
