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
#include "store/repeatable.h"
#include "store/store.h"

/* A script of the store, and where it was seen. */
typedef struct Stored
{
	const char *name;
	const char *checksum;
	const char *file;			/* the one with its script, or NULL */
} Stored;

/* The store and the files being compared. */
typedef struct Comparison
{
	MigrFlawFindings *findings;
	const MigrGraph *graph;
	Stored	   *stored;			/* by node, and then the repeatable scripts */
	int			count;
	List	   *files;			/* MigrFile * */
	const MigrFile *file;		/* the one being looked at */
	List	   *scripts;		/* MigrScript *, of that file */
} Comparison;

static void
read_files(void *arg)
{
	Comparison *comparison = arg;

	comparison->files = migr_source_read(NULL, MIGR_SOURCE_CHANGED);
}

static void
parse_file(void *arg)
{
	Comparison *comparison = arg;

	comparison->scripts = migr_source_scripts(comparison->file);
}

/* What the store has of a script, or NULL. */
static Stored *
find_stored(const Comparison *comparison, const MigrScript *script)
{
	int			node = migr_graph_find(comparison->graph, script->revision);

	if (!script->repeatable)
		return node < 0 ? NULL : &comparison->stored[node];
	for (int i = comparison->graph->count; i < comparison->count; i++)
	{
		if (strcmp(comparison->stored[i].name, script->revision) == 0)
			return &comparison->stored[i];
	}
	return NULL;
}

static void
compare_script(Comparison *comparison, const MigrScript *script)
{
	const char *file = comparison->file->name;
	Stored	   *stored = find_stored(comparison, script);

	if (stored == NULL)
	{
		migr_flaw_add(comparison->findings, MIGR_FLAW_NOT_LOADED, script->revision,
					  psprintf("it is in file \"%s\", and not in the store", file));
		return;
	}
	if (stored->file)
		migr_flaw_add(comparison->findings, MIGR_FLAW_DUPLICATE_REVISION, script->revision,
					  psprintf("it is in file \"%s\" and in file \"%s\"", stored->file, file));
	else if (strcmp(stored->checksum, script->checksum) != 0)
		migr_flaw_add(comparison->findings, MIGR_FLAW_DIFFERS, script->revision,
					  psprintf("its script in file \"%s\" is not the one in the store", file));
	stored->file = file;
}

static void
compare_file(Comparison *comparison)
{
	ErrorData  *failure;
	ListCell   *lc;

	comparison->scripts = NIL;
	failure = migr_parse_attempt(parse_file, comparison);
	if (failure)
		migr_flaw_add(comparison->findings, MIGR_FLAW_MALFORMED, NULL, failure->message);
	foreach(lc, comparison->scripts)
		compare_script(comparison, lfirst(lc));
}

/* Is there a file with it, or with a squash that replaces it? */
static bool
has_file(const Comparison *comparison, int i)
{
	const MigrGraph *graph = comparison->graph;
	int			squashes = i < graph->count ? graph->naliases : 0;

	while (i >= 0 && comparison->stored[i].file == NULL)
		i = squashes-- > 0 ? migr_graph_find_alias(graph, graph->nodes[i].id) : -1;
	return i >= 0;
}

/* Note what is in the store. */
static void
read_stored(Comparison *comparison)
{
	const MigrGraph *graph = comparison->graph;
	List	   *repeatables;
	ListCell   *lc;
	MigrDb		db;

	migr_db_begin(&db, true);
	repeatables = migr_repeatable_read(&db);
	migr_db_end(&db);
	comparison->stored = palloc0((graph->count + list_length(repeatables) + 1) * sizeof(Stored));
	for (int i = 0; i < graph->count; i++)
	{
		Stored	   *stored = &comparison->stored[comparison->count++];

		stored->name = graph->nodes[i].id;
		stored->checksum = ((const MigrRevision *) graph->nodes[i].info)->checksum;
	}
	foreach(lc, repeatables)
	{
		Stored	   *stored = &comparison->stored[comparison->count++];

		stored->name = ((const MigrRepeatable *) lfirst(lc))->name;
		stored->checksum = ((const MigrRepeatable *) lfirst(lc))->checksum;
	}
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
		migr_flaw_add(comparison.findings, MIGR_FLAW_NOT_COMPARED, NULL, failure->message);
		return;
	}

	read_stored(&comparison);
	foreach(lc, comparison.files)
	{
		CHECK_FOR_INTERRUPTS();
		comparison.file = lfirst(lc);
		compare_file(&comparison);
	}
	for (int i = 0; i < comparison.count; i++)
	{
		if (!has_file(&comparison, i))
			migr_flaw_add(comparison.findings, MIGR_FLAW_MISSING_FILE, comparison.stored[i].name,
						  psprintf("no file under migr.script_location holds it"));
	}
}
