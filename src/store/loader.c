/*
 * loader.c
 *		Scripts into the store: all of them or none.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/timestamp.h"

#include "base/errors.h"
#include "base/strict_setting.h"
#include "base/text.h"
#include "graph/replace.h"
#include "script/script_files.h"
#include "store/head_marks.h"
#include "store/kept.h"
#include "store/load_near.h"
#include "store/loader.h"
#include "store/log.h"
#include "store/mutex.h"
#include "store/prune.h"
#include "store/rebase.h"
#include "store/repeatable_load.h"
#include "store/standing.h"
#include "store/version_index.h"
#include "store/vouch.h"

/* A script on its way into the store. */
typedef struct Candidate
{
	MigrScript *script;
	MigrLoaded *row;			/* of the report */
	int			stored;			/* node in the stored graph, or -1 */
	bool		changed;		/* stored with another checksum */
	bool		vouched;		/* stored, and from now on another loader's */
} Candidate;

/* One load. */
typedef struct Load
{
	List	   *rows;			/* MigrLoaded *, of all that the input has */
	MigrNearLoad near;			/* the scripts of these, to be looked at by themselves */
	List	   *candidates;		/* Candidate *, the revisions in it */
	MigrRepeatableLoad repeatables;
	MigrGraph  *stored;
	MigrVersionIndex index;
	MigrGraph  *merged;			/* stored with the candidates in place */
	bool	   *heads;			/* of that: where nothing is applied */
	MigrLoader	loader;			/* of the candidates */
	bool		replace;		/* applied ones may be others than ran */
	bool		rebase;			/* and may come to stand on what is not applied */
	MigrPrune	prune;
	MigrBeyond	beyond;			/* what the candidates lack */
	MigrGeneration generation;	/* of what was stored */
} Load;

static void
add_candidate(Load *load, MigrScript *script, MigrLoaded *row)
{
	Candidate  *candidate = palloc0(sizeof(Candidate));

	candidate->script = script;
	candidate->row = row;
	load->candidates = lappend(load->candidates, candidate);
}

static MigrLoaded *
add_row(Load *load, MigrScript *script, const char *file)
{
	MigrLoaded *row = palloc0(sizeof(MigrLoaded));

	script->loader = load->loader;
	/* What is known to be stored has no text here. */
	if (script->text)
		migr_text_check_size(psprintf("\"%s\"", script->revision), strlen(script->text));
	row->file = file;
	row->revision = script->revision;
	load->rows = lappend(load->rows, row);
	return row;
}

static void
add_scripts(Load *load, const char *text, const char *file)
{
	List	   *scripts = migr_script_parse(text, file);
	ListCell   *lc;

	if (scripts == NIL)
		ereport(NOTICE,
				(file ? errmsg("file \"%s\" holds no revision", file)
				 : errmsg("the text holds no revision")));
	foreach(lc, scripts)
	{
		MigrScript *script = lfirst(lc);
		MigrLoaded *row = add_row(load, script, file);

		load->near.scripts = lappend(load->near.scripts, script);
		if (script->repeatable)
			migr_repeatable_load_add(&load->repeatables, script, row);
		else
			add_candidate(load, script, row);
	}
}

/* NULL: those of migr.script_location. */
static void
add_directory(Load *load, const char *path)
{
	ListCell   *lc;

	foreach(lc, migr_source_read(path, false))
	{
		MigrFile   *file = lfirst(lc);

		add_scripts(load, file->text, file->name);
	}
}

/* Raise MG007 unless it may replace what is applied. */
static void
check_applied(const Load *load, const Candidate *candidate, bool replace)
{
	const MigrScript *script = candidate->script;
	const MigrVersion *version = migr_version_index_find(&load->index, script->revision);
	const char *file = candidate->row->file;

	if (version == NULL || replace)
		return;

	/* What once ran may always come back; of a stamp nothing is known. */
	if (version->checksum ? strcmp(version->checksum, script->checksum) == 0
		: candidate->stored < 0)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_MIGR_SCRIPT_MODIFIED),
			 errmsg("revision \"%s\" was edited after it was applied",
					script->revision),
			 file ? errdetail("The script in file \"%s\" is not the one that was applied.", file)
			 : errdetail("The script is not the one that was applied."),
			 candidate->stored >= 0 &&
			 migr_rebase_moves(&load->stored->nodes[candidate->stored], script)
			 ? errhint("If a branch was rebased, leave it on what it revised, and join the two heads with migr_merge(). With replace => true it moves if all that it then stands on is applied.")
			 : errhint("Undo the edit and write a new revision. In development, downgrade below it, load it and upgrade again: migr_redo('%s'%s) does so. If the edit changes nothing that was run, load it with replace => true.",
					   script->revision, file ? "" : ", scripts")));
}

/* The graph of all nodes, which stay as they are. */
static MigrGraph *
side_by_side(const MigrNode *nodes, int count)
{
	MigrNode   *copy = palloc((count + 1) * sizeof(MigrNode));

	memcpy(copy, nodes, count * sizeof(MigrNode));
	return migr_graph_create(copy, count);
}

static bool
any_squash(const MigrNode *nodes, int count)
{
	for (int i = 0; i < count; i++)
	{
		if (nodes[i].replaces != NIL)
			return true;
	}
	return false;
}

/* Of what is stored, what do the candidates lack?  Nodes are of both. */
static void
find_beyond(MigrDb *db, Load *load, const MigrNode *nodes, int count)
{
	const MigrGraph *all = NULL;
	bool	   *given;
	ListCell   *lc;

	/* A directory that is empty is one that was not mounted, as a rule. */
	if (load->rows == NIL)
		load->prune = MIGR_PRUNE_NOTHING;
	given = migr_set_create(load->stored);
	foreach(lc, load->candidates)
	{
		const Candidate *candidate = lfirst(lc);

		if (candidate->stored >= 0)
			given[candidate->stored] = true;
	}
	if (load->prune != MIGR_PRUNE_NOTHING && any_squash(nodes, count))
		all = side_by_side(nodes, count);
	load->beyond = migr_prune_find(db, load->stored, all, load->index.versions, given,
								   load->prune);
}

/* What is applied and has no script anywhere is missing as well. */
static void
add_unknown(Load *load)
{
	ListCell   *lc;

	if (load->prune != MIGR_PRUNE_ALL)
		return;
	foreach(lc, load->index.versions)
	{
		const MigrVersion *version = lfirst(lc);

		/* A squash may stand for it. */
		if (migr_graph_find(load->merged, version->revision) < 0 &&
			migr_graph_find_alias(load->merged, version->revision) < 0)
			load->beyond.missing = lappend(load->beyond.missing,
										   unconstify(char *, version->revision));
	}
}

/* Take what goes out of the nodes; returns how many are left. */
static int
leave_out(const Load *load, MigrNode *nodes, int count)
{
	int			kept = 0;

	for (int i = 0; i < count; i++)
	{
		if (i >= load->stored->count || !load->beyond.gone[i])
			nodes[kept++] = nodes[i];
	}
	return kept;
}

/* Write out the ranges that candidates replace. */
static void
expand_ranges(const Load *load, MigrNode *nodes, int count)
{
	MigrGraph  *all = NULL;
	ListCell   *lc;

	foreach(lc, load->candidates)
	{
		MigrScript *script = ((Candidate *) lfirst(lc))->script;

		for (int i = 0; script->replaces != NIL && i < count; i++)
		{
			if (strcmp(nodes[i].id, script->revision) != 0)
				continue;
			if (all == NULL)
				all = side_by_side(nodes, count);
			nodes[i].replaces = migr_replace_expand(all, &nodes[i]);
		}
	}
}

/* Find what is stored of the candidates and merge them with the rest. */
static void
merge(MigrDb *db, Load *load)
{
	int			count;
	MigrNode   *nodes;
	MigrNode   *merged;
	int			total;
	ListCell   *lc;

	load->generation = migr_generation_read(db);
	nodes = migr_store_read_nodes(db, &count);
	load->stored = migr_graph_create(nodes, count);
	load->index = migr_version_index_read(db);

	total = load->stored->count;
	merged = palloc((total + list_length(load->candidates) + 1) * sizeof(MigrNode));
	memcpy(merged, load->stored->nodes, total * sizeof(MigrNode));
	foreach(lc, load->candidates)
	{
		Candidate  *candidate = lfirst(lc);
		MigrNode	node = migr_store_node(candidate->script);

		candidate->stored = migr_graph_find(load->stored, node.id);
		if (candidate->stored < 0)
			merged[total++] = node;
		else
		{
			MigrRevision *stored = load->stored->nodes[candidate->stored].info;
			MigrNode   *place = &merged[candidate->stored];

			candidate->changed =
				strcmp(stored->checksum, candidate->script->checksum) != 0;

			/* What a range was when it was loaded is in its row. */
			if (!candidate->changed)
				node.replaces = load->stored->nodes[candidate->stored].replaces;

			/* The second of one id in the input: let the graph complain. */
			if (place->info != stored)
				merged[total++] = node;
			else
				*place = node;
		}
	}
	expand_ranges(load, merged, total);
	find_beyond(db, load, merged, total);
	load->merged = migr_replace_create(merged, leave_out(load, merged, total));
	migr_prune_check_rest(&load->beyond, load->merged, load->prune);
	migr_graph_check(load->merged);
	load->heads = migr_replace_heads(load->merged);
	add_unknown(load);
}

/*
 * Find the scripts that are as they are stored, but get somebody else who
 * vouches for them.
 */
static void
find_vouched(MigrDb *db, Load *load)
{
	List	   *same = NIL;
	int		   *nodes = palloc((list_length(load->candidates) + 1) * sizeof(int));
	int			count = 0;
	MigrLoader *loaders;
	ListCell   *lc;

	foreach(lc, load->candidates)
	{
		Candidate  *candidate = lfirst(lc);

		if (candidate->stored < 0 || candidate->changed)
			continue;
		nodes[count++] = candidate->stored;
		same = lappend(same, candidate);
	}
	loaders = migr_store_read_loaders(db, load->stored, nodes, count);
	count = 0;
	foreach(lc, same)
		((Candidate *) lfirst(lc))->vouched =
			migr_vouch_takes_over(&load->loader, &loaders[count++]);
}

/* What will the load do to what is stored now? */
static void
compare(MigrDb *db, Load *load)
{
	merge(db, load);
	find_vouched(db, load);
	migr_repeatable_load_compare(db, &load->repeatables, load->merged, load->prune);
}

/* Is there a script that the store does not have, or not so, or has to forget? */
static bool
any_news(const Load *load)
{
	ListCell   *lc;

	if (load->beyond.removed != NIL || load->repeatables.news)
		return true;
	foreach(lc, load->candidates)
	{
		const Candidate *candidate = lfirst(lc);

		if (candidate->stored < 0 || candidate->changed || candidate->vouched)
			return true;
	}
	return false;
}

/* Is there a stored script that will not stay as it is? */
static bool
any_changed(const Load *load)
{
	ListCell   *lc;

	if (load->beyond.removed != NIL || load->repeatables.changed)
		return true;
	foreach(lc, load->candidates)
	{
		if (((Candidate *) lfirst(lc))->changed)
			return true;
	}
	return false;
}

/* Write the candidates; returns the revisions written. */
static List *
write_candidates(MigrDb *db, Load *load)
{
	List	   *written = NIL;
	ListCell   *lc;

	foreach(lc, load->candidates)
	{
		Candidate  *candidate = lfirst(lc);
		MigrScript *script = candidate->script;
		int			node = migr_graph_find(load->merged, script->revision);
		bool		head = load->heads[node];

		CHECK_FOR_INTERRUPTS();
		if (candidate->stored >= 0 && !candidate->changed && !candidate->vouched)
			continue;
		if (!candidate->vouched)
			check_applied(load, candidate, load->replace);
		script->replaces = load->merged->nodes[node].replaces;
		if (candidate->stored < 0)
			migr_store_insert(db, script, head);
		else
		{
			/* Who vouches does so for the bytes that he has loaded. */
			migr_store_update(db, script, head);
			((MigrRevision *) load->stored->nodes[candidate->stored].info)->is_head = head;
		}
		written = lappend(written, script->revision);
	}
	return written;
}

static List *
report_beyond(List *result, const List *revisions, const char *action)
{
	ListCell   *lc;

	foreach(lc, revisions)
	{
		MigrLoaded *loaded = palloc(sizeof(MigrLoaded));

		loaded->file = NULL;
		loaded->revision = lfirst(lc);
		loaded->action = action;
		result = lappend(result, loaded);
	}
	return result;
}

static List *
report(const Load *load)
{
	List	   *result = load->rows;
	ListCell   *lc;

	foreach(lc, load->candidates)
	{
		Candidate  *candidate = lfirst(lc);

		candidate->row->action = candidate->stored < 0 ? "added"
			: candidate->changed ? "updated" : "unchanged";
	}
	result = report_beyond(result, load->beyond.removed, "removed");
	result = report_beyond(result, load->repeatables.removed, "removed");
	result = report_beyond(result, load->beyond.missing, "missing");
	return report_beyond(result, load->repeatables.missing, "missing");
}

static void
report_near(const Load *load)
{
	int			place = 0;
	ListCell   *lc;

	foreach(lc, load->rows)
		((MigrLoaded *) lfirst(lc))->action = load->near.is_new[place++] ? "added" : "unchanged";
}

/* The same without a look at all that is stored.  False if it takes one. */
static bool
load_near(Load *load)
{
	if (load->prune != MIGR_PRUNE_NOTHING || load->rows == NIL)
		return false;
	load->near.loader = load->loader;
	if (!migr_near_run(&load->near, !load->replace))
		return false;
	report_near(load);
	return true;
}

/* Load a text of which most is stored, without parsing that.  False if it is none. */
static bool
load_stored(Load *load, const char *text)
{
	Load		near = *load;
	ListCell   *lc;

	near.near.loader = load->loader;
	if (load->prune != MIGR_PRUNE_NOTHING || !migr_near_split(&near.near, text))
		return false;
	migr_mutex_check_writable();
	foreach(lc, near.near.scripts)
		add_row(&near, lfirst(lc), NULL);
	if (!load_near(&near))
		return false;
	*load = near;
	return true;
}

static List *
run_load(Load *load)
{
	MigrAudit	audit = {.action = "load", .started = GetCurrentTimestamp()};
	MigrDb		db;

	migr_mutex_check_writable();
	if (load_near(load))
		return load->rows;
	migr_db_begin(&db, false);
	compare(&db, load);
	if (!any_news(load))
	{
		/* The usual case of a start-up script: nobody has to wait for us. */
		migr_db_end(&db);
		return report(load);
	}
	migr_mutex_lock_store();
	compare(&db, load);
	if (any_changed(load))
	{
		/* A run may be at what we are about to replace, or to forget. */
		migr_mutex_acquire_now();
		compare(&db, load);
	}
	audit.revisions = list_concat(write_candidates(&db, load),
								  migr_repeatable_load_write(&db, &load->repeatables));
	if ((load->replace || any_changed(load)) && !load->rebase)
		migr_rebase_check(load->stored, load->merged, load->index.versions);
	migr_prune_remove(&db, &load->beyond);
	migr_heads_correct(&db, load->stored, load->merged, load->heads);
	migr_db_end(&db);
	migr_standing_record(load->generation, migr_store_state(load->merged, load->index.versions),
						 load->merged->nlabels == 0 && load->merged->naliases == 0);

	if (audit.revisions != NIL)
		migr_audit_write(&audit);
	migr_prune_log(load->beyond.removed, load->prune, "revision");
	migr_prune_log(load->repeatables.removed, load->prune, "repeatable script");
	return report(load);
}

List *
migr_loader_load_text(const char *text, int options)
{
	Load		load = {.loader = migr_vouch_loader(false)};

	load.replace = (options & MIGR_LOAD_REPLACE) != 0;
	load.rebase = (options & MIGR_LOAD_REBASE) != 0;
	load.prune = options & MIGR_LOAD_PRUNE ? MIGR_PRUNE_ALL : MIGR_PRUNE_NOTHING;

	if (load.replace)
		migr_safeguard_check("load with replace");
	if (load_stored(&load, text))
		return load.rows;
	add_scripts(&load, text, NULL);
	migr_prune_check_project(load.prune, load.rows == NIL);
	return run_load(&load);
}

List *
migr_loader_load_directory(const char *path, bool prune)
{
	bool		by_setting = path == NULL;
	Load		load = {.loader = migr_vouch_loader(by_setting),
	.prune = prune ? MIGR_PRUNE_ALL : MIGR_PRUNE_NOTHING};

	add_directory(&load, path);
	migr_prune_check_project(load.prune, load.rows == NIL);
	return run_load(&load);
}

void
migr_loader_load_location(void)
{
	Load		load = {.loader = migr_vouch_loader(true),
	.prune = MIGR_PRUNE_LOCATION};

	if (migr_source_location() == NULL)
		return;
	add_directory(&load, NULL);
	(void) run_load(&load);
}

MigrState *
migr_loader_read_state(List **versions, List **repeatables)
{
	Load		load = {.prune = MIGR_PRUNE_LOCATION};
	ListCell   *lc;
	MigrDb		db;

	if (migr_source_location() == NULL)
		return migr_kept_read_state(versions, repeatables);
	add_directory(&load, NULL);
	migr_db_begin(&db, true);
	merge(&db, &load);
	migr_repeatable_load_compare(&db, &load.repeatables, load.merged, load.prune);
	migr_db_end(&db);
	foreach(lc, load.candidates)
	{
		const Candidate *candidate = lfirst(lc);

		if (candidate->changed || candidate->stored < 0)
			check_applied(&load, candidate, false);
	}
	if (versions)
		*versions = load.index.versions;
	if (repeatables)
		*repeatables = load.repeatables.merged;
	return migr_store_state(load.merged, load.index.versions);
}
