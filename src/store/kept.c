/*
 * kept.c
 *		What is stored, as it was read last, kept for the session.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "graph/replace.h"
#include "store/kept.h"
#include "store/tenant_state.h"

/* A larger one is not worth its memory, which each session would have. */
#define SIZE_MAX_KEPT ((Size) 64 * 1024 * 1024)

typedef struct Holder
{
	MigrKept	kept;
	const char *name;			/* of its content; NULL: that is not known */
	MemoryContext context;		/* of all of it, this included */
	int			users;			/* contexts that refer to it */
	bool		outdated;		/* and goes with the last of them */
} Holder;

static Holder *latest;

static void
drop_unused(Holder *holder)
{
	if (holder->outdated && holder->users == 0)
		MemoryContextDelete(holder->context);
}

static void
leave(void *holder)
{
	((Holder *) holder)->users--;
	drop_unused(holder);
}

/* Refer to it from the current context, as long as that is there. */
static const MigrKept *
hand_out(Holder *holder)
{
	MemoryContextCallback *callback = palloc0(sizeof(MemoryContextCallback));

	callback->func = leave;
	callback->arg = holder;
	MemoryContextRegisterResetCallback(CurrentMemoryContext, callback);
	holder->users++;
	return &holder->kept;
}

static void
forget_latest(void)
{
	Holder	   *old = latest;

	latest = NULL;
	if (old == NULL)
		return;
	old->outdated = true;
	drop_unused(old);
}

/* False if the graph is broken, and that is not to be raised. */
static bool
read_stored(MigrDb *db, MigrKept *kept, bool raise)
{
	MigrGraph  *graph;
	MigrNode   *nodes;
	int			count;

	nodes = migr_store_read_nodes(db, &count);
	graph = migr_replace_create(nodes, count);
	if (graph->problems != NIL && !raise)
		return false;
	migr_graph_check(graph);
	kept->plain = graph->nlabels == 0 && graph->naliases == 0;
	kept->versions = migr_store_read_versions(db);
	kept->repeatables = migr_repeatable_read(db);
	kept->all = graph;
	kept->view = migr_view_create(migr_tenant_shared_state(graph, kept->versions), kept->versions);
	return true;
}

static Holder *
read_anew(MigrDb *db, bool raise)
{
	MemoryContext caller = CurrentMemoryContext;
	MemoryContext context = AllocSetContextCreate(caller, "migr kept", ALLOCSET_DEFAULT_SIZES);
	Holder	   *holder;
	bool		sound;

	MemoryContextSwitchTo(context);
	holder = palloc0(sizeof(Holder));
	holder->context = context;
	sound = read_stored(db, &holder->kept, raise);
	MemoryContextSwitchTo(caller);
	return sound ? holder : NULL;
}

static const MigrKept *
read_kept(MigrDb *db, MigrGeneration *generation, bool raise)
{
	MigrGeneration before = migr_generation_read(db);
	Holder	   *holder;

	*generation = before;
	if (latest && migr_generation_equal(before.now, latest->name))
		return hand_out(latest);
	forget_latest();
	holder = read_anew(db, raise);
	if (holder == NULL)
		return NULL;
	/* Each query may have had a snapshot of its own. */
	if (!migr_generation_equal(before.now, migr_generation_read(db).now))
	{
		generation->now = generation->others = NULL;
		return &holder->kept;
	}
	if (MemoryContextMemAllocated(holder->context, true) > SIZE_MAX_KEPT)
		return &holder->kept;
	holder->name = MemoryContextStrdup(holder->context, before.now);
	MemoryContextSetParent(holder->context, CacheMemoryContext);
	latest = holder;
	return hand_out(holder);
}

const MigrKept *
migr_kept_read(MigrDb *db, MigrGeneration *generation)
{
	MigrGeneration unused;

	return read_kept(db, generation ? generation : &unused, true);
}

const MigrKept *
migr_kept_read_sound(MigrDb *db, MigrGeneration *generation)
{
	return read_kept(db, generation, false);
}

MigrState *
migr_kept_state(const MigrKept *kept)
{
	const MigrState *from = kept->view.state;
	MigrState  *state = palloc(sizeof(MigrState));

	*state = *from;
	state->applied = migr_set_copy(from->graph, from->applied);
	state->ordinal = palloc((from->graph->count + 1) * sizeof(int64));
	memcpy(state->ordinal, from->ordinal, (from->graph->count + 1) * sizeof(int64));
	state->unknown = list_copy(from->unknown);
	return state;
}

MigrState *
migr_kept_read_state(List **versions, List **repeatables)
{
	const MigrKept *kept;
	MigrDb		db;

	migr_db_begin(&db, true);
	kept = migr_kept_read(&db, NULL);
	migr_db_end(&db);
	if (versions)
		*versions = unconstify(List *, kept->versions);
	if (repeatables)
		*repeatables = unconstify(List *, kept->repeatables);
	return migr_kept_state(kept);
}
