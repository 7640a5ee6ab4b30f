/*
 * validate_files.c
 *		What is wrong with the script store: files that say something else.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "miscadmin.h"

#include "base/server_parser.h"
#include "check/validate.h"
#include "script/script.h"
#include "script/script_files.h"
#include "store/store.h"

/* The store and the files being compared. */
typedef struct Comparison
{
	MigrFlawFindings *findings;
	const MigrGraph *graph;
	List	   *files;			/* MigrFile * */
	const MigrFile *file;		/* the one being looked at */
	List	   *scripts;		/* MigrScript *, of that file */
	const char **seen;			/* by node: the file with its script */
} Comparison;

static void
add(const Comparison *comparison, MigrFlaw flaw, const char *revision,
	char *detail)
{
	MigrFlawFinding *finding = palloc(sizeof(MigrFlawFinding));
	List	  **findings = &comparison->findings->by_flaw[flaw];

	finding->revision = revision;
	finding->detail = detail;
	*findings = lappend(*findings, finding);
}

static void
read_files(void *arg)
{
	Comparison *comparison = arg;

	comparison->files = migr_source_read(NULL, false);
}

static void
parse_file(void *arg)
{
	Comparison *comparison = arg;

	comparison->scripts = migr_script_parse(comparison->file->text,
											comparison->file->name);
}

static void
compare_script(Comparison *comparison, const MigrScript *script)
{
	const char *file = comparison->file->name;
	int			node = migr_graph_find(comparison->graph, script->revision);
	const MigrRevision *info;

	if (node < 0)
	{
		add(comparison, MIGR_FLAW_NOT_LOADED, script->revision,
			psprintf("it is in file \"%s\", and not in the store", file));
		return;
	}
	info = comparison->graph->nodes[node].info;
	if (comparison->seen[node])
		add(comparison, MIGR_FLAW_DUPLICATE_REVISION, script->revision,
			psprintf("it is in file \"%s\" and in file \"%s\"",
					 comparison->seen[node], file));
	else if (strcmp(info->checksum, script->checksum) != 0)
		add(comparison, MIGR_FLAW_DIFFERS, script->revision,
			psprintf("its script in file \"%s\" is not the one in the store", file));
	comparison->seen[node] = file;
}

static void
compare_file(Comparison *comparison)
{
	ErrorData  *failure;
	ListCell   *lc;

	comparison->scripts = NIL;
	failure = migr_parse_attempt(parse_file, comparison);
	if (failure)
		add(comparison, MIGR_FLAW_MALFORMED, NULL, failure->message);
	foreach(lc, comparison->scripts)
		compare_script(comparison, lfirst(lc));
}

/* Is there a file with it, or with a squash that replaces it? */
static bool
has_file(const Comparison *comparison, int node)
{
	const MigrGraph *graph = comparison->graph;
	int			squashes = graph->naliases;

	while (node >= 0 && comparison->seen[node] == NULL)
		node = squashes-- > 0 ? migr_graph_find_alias(graph, graph->nodes[node].id) : -1;
	return node >= 0;
}

void
migr_validate_files(MigrFlawFindings *findings, const MigrGraph *graph)
{
	Comparison	comparison = {.findings = findings, .graph = graph};
	ErrorData  *failure;
	ListCell   *lc;

	if (migr_source_location() == NULL)
		return;
	failure = migr_subxact_run(read_files, &comparison, false);
	if (failure && ERRCODE_TO_CATEGORY(failure->sqlerrcode) ==
		ERRCODE_TO_CATEGORY(ERRCODE_OPERATOR_INTERVENTION))
		ReThrowError(failure);
	if (failure)
	{
		add(&comparison, MIGR_FLAW_NOT_COMPARED, NULL, failure->message);
		return;
	}

	comparison.seen = palloc0((graph->count + 1) * sizeof(char *));
	foreach(lc, comparison.files)
	{
		CHECK_FOR_INTERRUPTS();
		comparison.file = lfirst(lc);
		compare_file(&comparison);
	}
	for (int i = 0; i < graph->count; i++)
	{
		if (!has_file(&comparison, i))
			add(&comparison, MIGR_FLAW_MISSING_FILE, graph->nodes[i].id,
				psprintf("no file under migr.script_location holds it"));
	}
}
