/*
 * verify_subject.c
 *		What the checks of a database look at.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "check/verify_subject.h"
#include "graph/replace.h"

static char *
revision_object(const char *revision)
{
	return psprintf("revision %s", revision);
}

void
migr_subject_add(MigrSubject *subject, const char *check, const char *revision,
				 MigrStatus status, const char *detail)
{
	migr_report_add(subject->report, check,
					revision ? revision_object(revision) : NULL, status, detail);
}

MigrSubject
migr_subject_read(MigrReport *report, bool read_only)
{
	MigrSubject subject = {.report = report};
	MigrGraph  *graph;
	MigrNode   *nodes;
	List	   *versions;
	int			count;
	ListCell   *lc;
	MigrDb		db;

	migr_db_begin(&db, read_only);
	nodes = migr_store_read_nodes(&db, &count);
	versions = migr_store_read_versions(&db);
	migr_db_end(&db);
	subject.stored = migr_replace_create(nodes, count);
	subject.state = migr_store_state(subject.stored, versions);
	graph = subject.state->graph;
	subject.versions = palloc0((graph->count + 1) * sizeof(MigrVersion *));
	foreach(lc, versions)
	{
		const MigrVersion *version = lfirst(lc);
		int			node = migr_graph_find(graph, version->revision);

		if (node >= 0)
			subject.versions[node] = version;
	}
	migr_validate_graph(&subject.findings, subject.stored, false);
	subject.sound = subject.stored->problems == NIL;
	return subject;
}
