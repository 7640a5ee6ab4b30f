/*
 * candidates.c
 *		States that revisions build, held against a schema that is there.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "utils/hsearch.h"
#include "utils/memutils.h"

#include "base/ident.h"
#include "check/candidates.h"
#include "graph/state.h"

/* A state that was looked at. */
typedef struct State
{
	bool	   *set;
	bool		lacks;			/* is something missing, or not as it builds it? */
	MigrFit		fit;			/* its numbers */
	List	   *unexpected;		/* MigrObject *: what is there, and not in it */
} State;

/* An entry of the table of what states do not have. */
typedef struct Absent
{
	const MigrObject *object;	/* the hash key */
	int			states;			/* what stands on it is not counted in these */
} Absent;

MigrCandidates
migr_candidates_begin(MigrSchema *is, const MigrGraph *graph)
{
	MigrCandidates candidates = {.is = is, .graph = graph, .context = CurrentMemoryContext};
	HASHCTL		control = {0};

	control.keysize = sizeof(MigrObject *);
	control.entrysize = sizeof(Absent);
	control.hcxt = CurrentMemoryContext;
	candidates.absent = hash_create("migr strangers", 256, &control,
									HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	return candidates;
}

static bool
is_same_set(const MigrCandidates *candidates, const bool *a, const bool *b)
{
	return memcmp(a, b, candidates->graph->count * sizeof(bool)) == 0;
}

bool
migr_candidates_have(const MigrCandidates *candidates, const bool *set)
{
	ListCell   *lc;

	foreach(lc, candidates->states)
	{
		if (is_same_set(candidates, ((State *) lfirst(lc))->set, set))
			return true;
	}
	return false;
}

static int
count_lines(const char *sql)
{
	int			lines = 1;

	for (; *sql; sql++)
		lines += *sql == '\n';
	return lines;
}

/* A table that is missing is more than a column that is. */
static int
measure(const MigrFit *fit)
{
	int			lines = 0;
	ListCell   *lc;

	foreach(lc, fit->lacking)
	{
		const MigrDrift *drift = lfirst(lc);

		lines += drift->kind == MIGR_DRIFT_MISSING ? count_lines(drift->wanted) : 1;
	}
	foreach(lc, fit->unexpected)
		lines += count_lines(((MigrDrift *) lfirst(lc))->is);
	return lines;
}

/* Note what a state does not have. */
static void
note_absent(MigrCandidates *candidates, State *state, const MigrFit *fit)
{
	ListCell   *lc;

	foreach(lc, fit->unexpected)
	{
		const MigrObject *object = ((MigrDrift *) lfirst(lc))->is_object;
		bool		found;
		Absent	   *absent = hash_search(candidates->absent, &object, HASH_ENTER, &found);

		absent->states = found ? absent->states + 1 : 1;
		state->unexpected = lappend(state->unexpected, unconstify(MigrObject *, object));
	}
}

/* What is kept of a state, and what it does not have. */
static State *
make_state(MigrCandidates *candidates, const bool *set, const MigrFit *fit)
{
	MemoryContext caller = MemoryContextSwitchTo(candidates->context);
	State	   *state = palloc0(sizeof(State));

	state->set = migr_set_copy(candidates->graph, set);
	state->lacks = fit->lacking != NIL;
	state->fit = *fit;
	state->fit.lacking = state->fit.unexpected = NIL;
	note_absent(candidates, state, fit);
	candidates->states = lappend(candidates->states, state);
	MemoryContextSwitchTo(caller);
	return state;
}

void
migr_candidates_add(MigrCandidates *candidates, const bool *set, MigrSchema *schema,
					MemoryContext context)
{
	MemoryContext caller = MemoryContextSwitchTo(context);
	MigrFit		fit = migr_fit_find(candidates->is, schema);
	int			lines = measure(&fit);
	State	   *state = make_state(candidates, set, &fit);

	MemoryContextSwitchTo(caller);
	if (candidates->nearest && lines > candidates->lines)
	{
		MemoryContextDelete(context);
		return;
	}
	if (candidates->nearest_context)
		MemoryContextDelete(candidates->nearest_context);
	candidates->nearest_context = context;
	candidates->lines = lines;
	candidates->nearest = state->set;
	candidates->nearest_schema = schema;
}

static int
count_besides(const State *state)
{
	return list_length(state->unexpected) + state->fit.grants + state->fit.comments +
		state->fit.settings;
}

bool
migr_candidates_any(const MigrCandidates *candidates, bool besides)
{
	ListCell   *lc;

	foreach(lc, candidates->states)
	{
		const State *state = lfirst(lc);

		if (!state->lacks && (besides || count_besides(state) == 0))
			return true;
	}
	return false;
}

/* How many of the states do not have an object, or what it stands on? */
static int
count_absent(const MigrCandidates *candidates, const MigrObject *object)
{
	int			states = 0;

	for (; object; object = object->parent)
	{
		const Absent *absent = hash_search(candidates->absent, &object, HASH_FIND, NULL);

		if (absent)
			states += absent->states;
	}
	return states;
}

bool
migr_candidates_make(const MigrCandidates *candidates, const MigrObject *object)
{
	return count_absent(candidates, object) < list_length(candidates->states) ||
		(object->kind == MIGR_KIND_TABLE && migr_ident_is_in(candidates->made, object->identity));
}

/* Is all there of a state, and nothing of others? */
static bool
fits(const MigrCandidates *candidates, const State *state)
{
	ListCell   *lc;

	if (state->lacks)
		return false;
	foreach(lc, state->unexpected)
	{
		if (migr_candidates_make(candidates, lfirst(lc)))
			return false;
	}
	return true;
}

/* Is a state that fits a better one?  Of two as good, the later, larger one is. */
static bool
is_better(const MigrCandidates *candidates, const State *state, const State *best)
{
	int			fewer = best ? count_besides(best) - count_besides(state) : 1;

	return fewer > 0 ||
		(fewer == 0 && migr_set_count(candidates->graph, state->set) >=
		 migr_set_count(candidates->graph, best->set));
}

/* The objects that are not in a state, and in no other one. */
static List *
strangers_to(const MigrCandidates *candidates, const State *state)
{
	List	   *strangers = NIL;
	ListCell   *lc;

	foreach(lc, state->unexpected)
	{
		if (!migr_candidates_make(candidates, lfirst(lc)))
			strangers = lappend(strangers, lfirst(lc));
	}
	return strangers;
}

static const State *
find_state(const MigrCandidates *candidates, const bool *set)
{
	ListCell   *lc;

	foreach(lc, candidates->states)
	{
		const State *state = lfirst(lc);

		Assert(state);
		if (state->set == set)
			return state;
	}
	return NULL;
}

/* The sets of other states that fit, and leave no more over. */
static List *
others_like(const MigrCandidates *candidates, const State *best)
{
	List	   *sets = NIL;
	ListCell   *lc;

	foreach(lc, candidates->states)
	{
		const State *state = lfirst(lc);

		if (state != best && fits(candidates, state) &&
			count_besides(state) == count_besides(best))
			sets = lappend(sets, state->set);
	}
	return sets;
}

MigrMatch
migr_candidates_end(MigrCandidates *candidates)
{
	MigrMatch	match = {.nearest = candidates->nearest, .schema = candidates->nearest_schema};
	const State *best = NULL;
	const State *of;
	ListCell   *lc;

	foreach(lc, candidates->states)
	{
		if (fits(candidates, lfirst(lc)) && is_better(candidates, lfirst(lc), best))
			best = lfirst(lc);
	}
	if (best)
	{
		match.found = best->set;
		match.others = others_like(candidates, best);
	}
	of = best ? best : find_state(candidates, candidates->nearest);
	if (of)
	{
		match.fit = of->fit;
		match.strangers = strangers_to(candidates, of);
	}
	return match;
}

int
migr_match_besides(const MigrMatch *match)
{
	return list_length(match->strangers) + match->fit.grants + match->fit.comments +
		match->fit.settings;
}
