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
#include "graph/replace_ranges.h"
#include "store/applied.h"
#include "store/head_marks.h"
#include "store/kept.h"
#include "store/load_files.h"
#include "store/load_near.h"
#include "store/load_report.h"
#include "store/loader.h"
#include "store/log.h"
#include "store/mutex.h"
#include "store/prune.h"
#include "store/rebase.h"
#include "store/repeatable_load.h"
#include "store/standing.h"
#include "store/tenant_applied.h"
#include "store/tenant_state.h"
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
	MigrLoadFiles input;		/* if it is files */
	bool		lost;			/* it takes what is not remembered of them */
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

/* What is known to be stored has no text here. */
static MigrLoaded *
add_row(Load *load, MigrScript *script, const char *file)
{
	MigrLoaded *row = palloc0(sizeof(MigrLoaded));

	script->loader = load->loader;
	if (!migr_text_is_allowed(script->text_len))
		migr_text_check_size(psprintf("\"%s\"", script->revision), script->text_len);
	row->file = file;
	row->revision = script->revision;
	load->rows = lappend(load->rows, row);
	return row;
}

/* Scripts of a file, or with NULL of a text. */
static void
add_scripts(Load *load, const List *scripts, const char *file)
{
	ListCell   *lc;

	if (scripts == NIL && !load->input.again)
		ereport(NOTICE,
				(file ? errmsg("file \"%s\" holds no revision", file)
				 : errmsg("the text holds no revision")));
	foreach(lc, scripts)
	{
		MigrScript *script = lfirst(lc);
		MigrLoaded *row = add_row(load, script, file);
		Candidate  *candidate;

		load->near.scripts = lappend(load->near.scripts, script);
		if (script->repeatable)
		{
			migr_repeatable_load_add(&load->repeatables, script, row);
			continue;
		}
		candidate = palloc0(sizeof(Candidate));
		candidate->script = script;
		candidate->row = row;
		load->candidates = lappend(load->candidates, candidate);
	}
}

static void
add_files(Load *load)
{
	ListCell   *lc;

	foreach(lc, load->input.files)
	{
		const MigrFile *file = lfirst(lc);
		List	   *scripts = migr_source_scripts(file);

		load->input.has_empty |= scripts == NIL;
		add_scripts(load, scripts, file->name);
	}
}

/* All files, whatever is remembered of them. */
static void
read_anew(Load *load)
{
	load->rows = load->candidates = load->near.scripts = NIL;
	memset(&load->repeatables, 0, sizeof(load->repeatables));
	migr_load_files_read(&load->input);
	add_files(load);
}

/* Raise MG007 if one that is applied was edited. */
static void
check_applied(const Load *load, const Candidate *candidate)
{
	migr_applied_check(migr_version_index_find(&load->index, candidate->script->revision),
					   candidate->script,
					   candidate->stored < 0 ? NULL : &load->stored->nodes[candidate->stored],
					   candidate->row->file);
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
	if (load->prune != MIGR_PRUNE_NOTHING && migr_replace_ranges_any(nodes, count))
		all = migr_replace_ranges_graph(nodes, count);
	load->beyond = migr_prune_find(db, load->stored, all, load->index.versions, given,
								   load->prune);
}

/* Write out the ranges that candidates replace. */
static void
expand_ranges(const Load *load, MigrNode *nodes, int count)
{
	List	   *ids = NIL;
	ListCell   *lc;

	foreach(lc, load->candidates)
	{
		const MigrScript *script = ((Candidate *) lfirst(lc))->script;

		if (script->replaces != NIL)
			ids = lappend(ids, script->revision);
	}
	migr_replace_ranges_expand(nodes, count, ids);
}

/* Find what is stored of the candidates and merge them with the rest. */
static void
merge(MigrDb *db, Load *load)
{
	int			count;
	MigrNode   *nodes;
	MigrNode   *merged;
	int			total;
	bool	   *given;
	ListCell   *lc;

	load->lost = false;
	load->generation = migr_generation_read(db);
	nodes = migr_store_read_nodes(db, &count);
	load->stored = migr_graph_create(nodes, count);
	given = migr_set_create(load->stored);
	load->index = migr_version_index_read(db);

	total = load->stored->count;
	merged = palloc((total + list_length(load->candidates) + 1) * sizeof(MigrNode));
	memcpy(merged, load->stored->nodes, total * sizeof(MigrNode));
	foreach(lc, load->candidates)
	{
		Candidate  *candidate = lfirst(lc);
		MigrNode	node = migr_store_node(candidate->script);
		const MigrNode *stored;

		candidate->stored = migr_graph_find(load->stored, node.id);
		if (candidate->stored < 0)
		{
			load->lost |= candidate->script->remembered;
			merged[total++] = node;
			continue;
		}
		stored = &load->stored->nodes[candidate->stored];
		candidate->changed = strcmp(((MigrRevision *) stored->info)->checksum,
									candidate->script->checksum) != 0;
		load->lost |= candidate->changed && candidate->script->remembered;

		/* The same checksum: the same text, which says the same. */
		if (candidate->script->remembered)
			node = *stored;
		/* What a range was when it was loaded is in its row. */
		if (!candidate->changed)
			node.replaces = stored->replaces;

		/* The second of one id in the input: let the graph complain. */
		if (given[candidate->stored])
			merged[total++] = node;
		else
			merged[candidate->stored] = node;
		given[candidate->stored] = true;
	}
	if (load->lost)
		return;
	expand_ranges(load, merged, total);
	find_beyond(db, load, merged, total);
	load->merged = migr_replace_create(merged, migr_prune_leave_out(&load->beyond, load->stored->count,
																		merged, total));
	migr_prune_check_rest(&load->beyond, load->merged, load->prune);
	migr_graph_check(load->merged);
	load->heads = migr_replace_heads(load->merged);
	if (load->prune == MIGR_PRUNE_ALL)
		migr_prune_add_unknown(&load->beyond, load->merged, load->index.versions);
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

	if (load->candidates == NIL)
		return;
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
	{
		Candidate  *candidate = lfirst(lc);

		candidate->vouched = migr_vouch_takes_over(&load->loader, &loaders[count++]);
		load->lost |= candidate->vouched && candidate->script->remembered;
	}
}

static void
compare_once(MigrDb *db, Load *load)
{
	merge(db, load);
	if (!load->lost)
		find_vouched(db, load);
	if (!load->lost)
		migr_repeatable_load_compare(db, &load->repeatables, load->merged, load->prune);
	load->lost |= load->repeatables.lost;
}

/* What will the load do to what is stored now?  If need be, all files are read. */
static void
compare(MigrDb *db, Load *load)
{
	bool		read_only = db->read_only;

	compare_once(db, load);
	if (!load->lost)
		return;
	migr_db_end(db);
	read_anew(load);
	migr_db_begin(db, read_only);
	compare_once(db, load);
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

static void
note_no_news(MigrDb *db, const Load *load)
{
	if (load->input.files != NIL && load->prune != MIGR_PRUNE_ALL)
		migr_load_files_note(db, &load->input, load->prune == MIGR_PRUNE_LOCATION,
							 load->generation.now);
}

/* Write the candidates; returns the revisions written. */
static List *
write_candidates(MigrDb *db, Load *load)
{
	bool	   *tenants = migr_tenant_applied(db, load->stored);
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
		if (!candidate->vouched && !load->replace)
			check_applied(load, candidate);
		if (!load->replace && candidate->stored >= 0)
			migr_tenant_applied_check(tenants, candidate->stored, script,
									  &load->stored->nodes[candidate->stored]);
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
	result = migr_load_report(result, load->beyond.removed, "removed");
	result = migr_load_report(result, load->repeatables.removed, "removed");
	result = migr_load_report(result, load->beyond.missing, "missing");
	return migr_load_report(result, load->repeatables.missing, "missing");
}

/* Without a look at all that is stored.  False if it takes one. */
static bool
load_near(Load *load)
{
	int			place = 0;
	bool		news = false;
	ListCell   *lc;
	MigrDb		db;

	if (load->prune != MIGR_PRUNE_NOTHING || load->rows == NIL)
		return false;
	load->near.loader = load->loader;
	if (!migr_near_run(&load->near, !load->replace))
		return false;
	foreach(lc, load->rows)
	{
		bool		is_new = load->near.is_new[place++];

		((MigrLoaded *) lfirst(lc))->action = is_new ? "added" : "unchanged";
		news |= is_new;
	}
	if (!news && load->input.files)
	{
		load->generation = load->near.generation;
		migr_db_begin(&db, false);
		note_no_news(&db, load);
		migr_db_end(&db);
	}
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

	if (load_near(load))
		return load->rows;
	migr_db_begin(&db, false);
	compare(&db, load);
	if (!any_news(load))
	{
		note_no_news(&db, load);
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
	migr_standing_record(load->generation, migr_tenant_shared_state(load->merged, load->index.versions),
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
	add_scripts(&load, migr_script_parse_headed(text, NULL, options & MIGR_LOAD_HEADED), NULL);
	migr_prune_check_project(load.prune, load.rows == NIL);
	migr_mutex_check_writable();
	return run_load(&load);
}

/* Load files; the usual case of a start-up script is that there is nothing to do. */
static List *
load_files(Load *load, const char *path, bool report_all)
{
	bool		same;
	ListCell   *lc;

	load->loader = migr_vouch_loader(path == NULL);
	load->input = migr_load_files_look(path);
	migr_mutex_check_writable();
	same = load->prune != MIGR_PRUNE_ALL &&
		migr_load_files_same(&load->input, load->prune == MIGR_PRUNE_LOCATION, false);
	if (same && !report_all)
		return NIL;
	add_files(load);
	migr_prune_check_project(load->prune, load->rows == NIL);
	if (!same)
		return run_load(load);
	foreach(lc, load->rows)
		((MigrLoaded *) lfirst(lc))->action = "unchanged";
	return load->rows;
}

List *
migr_loader_load_directory(const char *path, bool prune)
{
	Load		load = {.prune = prune ? MIGR_PRUNE_ALL : MIGR_PRUNE_NOTHING};

	return load_files(&load, path, true);
}

void
migr_loader_load_location(void)
{
	Load		load = {.prune = MIGR_PRUNE_LOCATION};

	if (migr_source_location())
		(void) load_files(&load, NULL, false);
}

MigrState *
migr_loader_read_state(List **versions, List **repeatables)
{
	Load		load = {.prune = MIGR_PRUNE_LOCATION};
	ListCell   *lc;
	MigrDb		db;

	if (migr_source_location() == NULL)
		return migr_kept_read_state(versions, repeatables);
	load.loader = migr_vouch_loader(true);
	load.input = migr_load_files_look(NULL);
	if (migr_load_files_same(&load.input, true, true))
		return migr_kept_read_state(versions, repeatables);
	add_files(&load);
	migr_db_begin(&db, true);
	compare(&db, &load);
	if (!any_news(&load))
		note_no_news(&db, &load);
	migr_db_end(&db);
	foreach(lc, load.candidates)
	{
		const Candidate *candidate = lfirst(lc);

		if (candidate->changed || candidate->stored < 0)
			check_applied(&load, candidate);
	}
	if (versions)
		*versions = load.index.versions;
	if (repeatables)
		*repeatables = load.repeatables.merged;
	return migr_tenant_shared_state(load.merged, load.index.versions);
}
