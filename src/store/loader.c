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
#include "store/loader.h"
#include "store/log.h"
#include "store/mutex.h"
#include "store/rebase.h"
#include "store/vouch.h"

/* A script on its way into the store. */
typedef struct Candidate
{
	MigrScript *script;
	const char *file;
	int			stored;			/* node in the stored graph, or -1 */
	bool		changed;		/* stored with another checksum */
	bool		vouched;		/* stored, and from now on another loader's */
} Candidate;

/* One load. */
typedef struct Load
{
	List	   *candidates;		/* Candidate * */
	MigrGraph  *stored;
	List	   *versions;		/* MigrVersion *, in the order of application */
	const MigrVersion **by_id;	/* the same, sorted by revision */
	MigrGraph  *merged;			/* stored with the candidates in place */
	bool	   *heads;			/* of that: where nothing is applied */
	MigrLoader	loader;			/* of the candidates */
	bool		rebase;			/* applied ones may come to stand on others */
} Load;

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
		Candidate  *candidate = palloc0(sizeof(Candidate));

		candidate->script = lfirst(lc);
		candidate->script->loader = load->loader;
		migr_text_check_size(psprintf("\"%s\"", candidate->script->revision),
							   strlen(candidate->script->text));
		candidate->file = file;
		load->candidates = lappend(load->candidates, candidate);
	}
}

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

static int
compare_versions(const void *a, const void *b)
{
	return strcmp((*(const MigrVersion *const *) a)->revision,
				  (*(const MigrVersion *const *) b)->revision);
}

static void
read_versions(MigrDb *db, Load *load)
{
	int			count = 0;
	ListCell   *lc;

	load->versions = migr_store_read_versions(db);
	load->by_id = palloc((list_length(load->versions) + 1) * sizeof(MigrVersion *));
	foreach(lc, load->versions)
		load->by_id[count++] = lfirst(lc);
	qsort(load->by_id, count, sizeof(MigrVersion *), compare_versions);
}

/* The row of an applied revision, or NULL. */
static const MigrVersion *
find_version(const Load *load, const char *revision)
{
	MigrVersion wanted = {.revision = revision};
	const MigrVersion *key = &wanted;
	const MigrVersion **found = load->versions == NIL ? NULL :
		bsearch(&key, load->by_id, list_length(load->versions),
				sizeof(MigrVersion *), compare_versions);

	return found ? *found : NULL;
}

/* Raise MG007 unless it may replace what is applied. */
static void
check_applied(const Load *load, const Candidate *candidate, bool replace)
{
	const MigrScript *script = candidate->script;
	const MigrVersion *version = find_version(load, script->revision);

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
			 candidate->file ? errdetail("The script in file \"%s\" is not the one that was applied.",
										 candidate->file)
			 : errdetail("The script is not the one that was applied."),
			 candidate->stored >= 0 &&
			 migr_rebase_moves(&load->stored->nodes[candidate->stored], script)
			 ? errhint("If a branch was rebased, leave it on what it revised, and join the two heads with migr_merge(). With replace => true it moves if all that it then stands on is applied.")
			 : errhint("Undo the edit and write a new revision; or load it with replace => true if the edit changes nothing that was run.")));
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
			{
				MigrNode   *copy = palloc((count + 1) * sizeof(MigrNode));

				memcpy(copy, nodes, count * sizeof(MigrNode));
				all = migr_graph_create(copy, count);
			}
			nodes[i].replaces = migr_replace_expand(all, &nodes[i]);
		}
	}
}

/* Find what is stored of the candidates and merge them with the rest. */
static void
merge(MigrDb *db, Load *load)
{
	int			count;
	MigrNode   *nodes = migr_store_read_nodes(db, &count);
	MigrNode   *merged;
	int			total;
	ListCell   *lc;

	load->stored = migr_graph_create(nodes, count);
	read_versions(db, load);

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
	load->merged = migr_replace_create(merged, total);
	migr_graph_check(load->merged);
	load->heads = migr_replace_heads(load->merged);
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

/* Is there a script that the store does not have, or not so? */
static bool
any_news(const Load *load)
{
	ListCell   *lc;

	foreach(lc, load->candidates)
	{
		const Candidate *candidate = lfirst(lc);

		if (candidate->stored < 0 || candidate->changed || candidate->vouched)
			return true;
	}
	return false;
}

static bool
any_changed(const Load *load)
{
	ListCell   *lc;

	foreach(lc, load->candidates)
	{
		if (((Candidate *) lfirst(lc))->changed)
			return true;
	}
	return false;
}

/* Write the candidates; returns the revisions written. */
static List *
write_candidates(MigrDb *db, Load *load, bool replace)
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
			check_applied(load, candidate, replace);
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

/* Make the stored marks agree with a graph. */
static void
correct_heads(MigrDb *db, const MigrGraph *stored, const MigrGraph *now, const bool *heads)
{
	for (int i = 0; i < stored->count; i++)
	{
		const MigrRevision *info = stored->nodes[i].info;
		int			node = migr_graph_find(now, stored->nodes[i].id);

		CHECK_FOR_INTERRUPTS();
		if (node >= 0 && info->is_head != heads[node])
			migr_store_set_head(db, stored->nodes[i].id, !info->is_head);
	}
}

static List *
report(const Load *load)
{
	List	   *result = NIL;
	ListCell   *lc;

	foreach(lc, load->candidates)
	{
		Candidate  *candidate = lfirst(lc);
		MigrLoaded *loaded = palloc(sizeof(MigrLoaded));

		loaded->file = candidate->file;
		loaded->revision = candidate->script->revision;
		loaded->action = candidate->stored < 0 ? "added"
			: candidate->changed ? "updated" : "unchanged";
		result = lappend(result, loaded);
	}
	return result;
}

static List *
run_load(Load *load, bool replace)
{
	MigrAudit	audit = {.action = "load", .started = GetCurrentTimestamp()};
	MigrDb		db;

	migr_mutex_check_writable();
	migr_db_begin(&db, false);
	merge(&db, load);
	find_vouched(&db, load);
	if (!any_news(load))
	{
		/* The usual case of a start-up script: nobody has to wait for us. */
		migr_db_end(&db);
		return report(load);
	}
	migr_mutex_lock_store();
	merge(&db, load);
	find_vouched(&db, load);
	if (any_changed(load))
	{
		/* A run may be at what we are about to replace. */
		migr_mutex_acquire_now();
		read_versions(&db, load);
	}
	audit.revisions = write_candidates(&db, load, replace);
	if ((replace || any_changed(load)) && !load->rebase)
		migr_rebase_check(load->stored, load->merged, load->versions);
	correct_heads(&db, load->stored, load->merged, load->heads);
	migr_db_end(&db);

	if (audit.revisions != NIL)
		migr_audit_write(&audit);
	return report(load);
}

List *
migr_loader_load_text(const char *text, bool replace, bool rebase)
{
	Load		load = {.loader = migr_vouch_loader(false), .rebase = rebase};

	if (replace)
		migr_safeguard_check("load with replace");
	add_scripts(&load, text, NULL);
	return run_load(&load, replace);
}

List *
migr_loader_load_directory(const char *path)
{
	bool		by_setting = path == NULL;
	Load		load = {.loader = migr_vouch_loader(by_setting)};

	add_directory(&load, by_setting ? migr_source_location() : path);
	return run_load(&load, false);
}

MigrState *
migr_loader_read_state(List **versions)
{
	const char *location = migr_source_location();
	Load		load = {0};
	ListCell   *lc;
	MigrDb		db;

	if (location)
		add_directory(&load, location);
	migr_db_begin(&db, true);
	merge(&db, &load);
	migr_db_end(&db);
	foreach(lc, load.candidates)
	{
		const Candidate *candidate = lfirst(lc);

		if (candidate->changed || candidate->stored < 0)
			check_applied(&load, candidate, false);
	}
	if (versions)
		*versions = load.versions;
	return migr_store_state(load.merged, load.versions);
}

/* Is a revision one of those for which a squash is in force? */
static bool
is_replaced(const MigrState *state, const char *revision)
{
	return migr_graph_find(state->graph, revision) < 0;
}

/*
 * Raise 2BP01 if others name the revision: not if a squash stands for it, which
 * is what they mean.
 */
static void
check_unreferenced(const MigrGraph *all, int node)
{
	MigrNeighbours above = migr_graph_neighbours(all, node, MIGR_UP_ALL);

	if (above.count > 0)
		ereport(ERROR,
				(errcode(ERRCODE_DEPENDENT_OBJECTS_STILL_EXIST),
				 errmsg("cannot unload revision \"%s\" because others revise or depend on it",
						all->nodes[node].id),
				 errdetail("Revision \"%s\" does.",
						   all->nodes[above.nodes[0]].id),
				 errhint("Unload from the head downwards.")));
}

/* The graph of all that is stored but one. */
static MigrGraph *
without(const MigrGraph *all, int node)
{
	MigrNode   *nodes = palloc(all->count * sizeof(MigrNode));
	int			count = 0;

	for (int i = 0; i < all->count; i++)
	{
		if (i != node)
			nodes[count++] = all->nodes[i];
	}
	return migr_replace_create(nodes, count);
}

/* The node of all that a name means; what a squash stands for has its own id only. */
static int
find_stored(const MigrGraph *all, const MigrState *state, const char *name)
{
	int			node = migr_graph_find(all, name);

	if (node < 0)
		node = migr_graph_find(all, state->graph->nodes[migr_resolve_revision(state, name)].id);
	return node;
}

void
migr_loader_unload(const char *name)
{
	MigrAudit	audit = {.action = "unload", .started = GetCurrentTimestamp()};
	MigrState  *state;
	MigrGraph  *all;
	MigrGraph  *rest;
	const char *revision;
	MigrNode   *nodes;
	MigrDb		db;
	int			count;
	int			node;

	migr_mutex_acquire();
	migr_mutex_lock_store();
	migr_db_begin(&db, false);
	nodes = migr_store_read_nodes(&db, &count);
	all = migr_replace_create(nodes, count);
	migr_graph_check(all);
	state = migr_store_state(all, migr_store_read_versions(&db));
	node = find_stored(all, state, name);
	revision = all->nodes[node].id;
	if (migr_store_is_applied(&db, revision) ||
		(!is_replaced(state, revision) &&
		 state->applied[migr_graph_find(state->graph, revision)]))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("cannot unload revision \"%s\" because it is applied", revision),
				 is_replaced(state, revision)
				 ? errhint("A squash replaces it: run migr_upgrade() first, which puts the squash in its place.")
				 : errhint("Downgrade below it first.")));
	if (!is_replaced(state, revision))
		check_unreferenced(all, node);
	rest = without(all, node);
	migr_graph_check(rest);
	migr_store_delete(&db, revision);
	correct_heads(&db, all, rest, migr_replace_heads(rest));
	migr_db_end(&db);

	audit.target = name;
	audit.revisions = list_make1(unconstify(char *, revision));
	migr_audit_write(&audit);
}
