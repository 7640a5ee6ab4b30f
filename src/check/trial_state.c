/*
 * trial_state.c
 *		What a scratch build has made, object by object, as its steps go.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "utils/memutils.h"

#include "check/trial_state.h"
#include "check/wholes.h"

/* How many things there are. */
static int
count_all(const MigrTrialState *state)
{
	return state->before ? hash_get_num_entries(state->before) : 0;
}

/*
 * Read what has been touched since a mark into a table, and set another one; returns
 * whether it has all.
 */
static bool
read_touched(MigrTrialState *state, int since, int mark, HTAB *table)
{
	return migr_wholes_read(table, since, mark, count_all(state), MIGR_WHOLE_ALL,
							&state->is_partial);
}

/* --- comparing ------------------------------------------------------------------- */

static int
compare_digests(const void *a, const void *b)
{
	return memcmp(a, b, MIGR_DIGEST_BYTES);
}

/* Digests of objects, one behind the other. */
typedef struct Digests
{
	StringInfoData bytes;
} Digests;

static void
add_digest(Digests *digests, const MigrWhole *whole)
{
	if (whole && whole->is_there)
		appendBinaryStringInfo(&digests->bytes, (const char *) whole->digest, MIGR_DIGEST_BYTES);
}

static void
add_all(Digests *digests, HTAB *table)
{
	HASH_SEQ_STATUS status;
	MigrWhole  *whole;

	hash_seq_init(&status, table);
	while ((whole = hash_seq_search(&status)) != NULL)
		add_digest(digests, whole);
}

static void
sort_digests(Digests *digests)
{
	qsort(digests->bytes.data, digests->bytes.len / MIGR_DIGEST_BYTES, MIGR_DIGEST_BYTES,
		  compare_digests);
}

/* What a state has at an address. */
static const MigrWhole *
look_up(const MigrTrialState *state, bool after, MigrAddress address)
{
	const MigrWhole *whole = after ? hash_search(state->step, &address, HASH_FIND, NULL) : NULL;

	return whole || (after && state->step_is_all) ? whole
		: hash_search(state->before, &address, HASH_FIND, NULL);
}

/* All that a state has: of what a step has touched, what that has left. */
static void
add_state(Digests *digests, const MigrTrialState *state, bool after)
{
	HASH_SEQ_STATUS status;
	MigrWhole  *whole;

	if (after)
		add_all(digests, state->step);
	if (after && state->step_is_all)
		return;
	hash_seq_init(&status, state->before);
	while ((whole = hash_seq_search(&status)) != NULL)
	{
		if (!after || hash_search(state->step, &whole->address, HASH_FIND, NULL) == NULL)
			add_digest(digests, whole);
	}
}

/* What is at the addresses that now are touched, in a state. */
static void
add_touched(Digests *digests, const MigrTrialState *state, bool after, HTAB *now)
{
	HASH_SEQ_STATUS status;
	MigrWhole  *whole;

	hash_seq_init(&status, now);
	while ((whole = hash_seq_search(&status)) != NULL)
		add_digest(digests, look_up(state, after, whole->address));
}

/* What is dropped and made again has another address. */
static bool
is_state(MigrTrialState *state, bool after)
{
	MemoryContext caller = CurrentMemoryContext;
	MemoryContext context = AllocSetContextCreate(caller, "migr trial", ALLOCSET_DEFAULT_SIZES);
	HTAB	   *now = migr_wholes_create(context);
	Digests		is;
	Digests		wanted;
	bool		same;

	MemoryContextSwitchTo(context);
	initStringInfo(&is.bytes);
	initStringInfo(&wanted.bytes);
	if (read_touched(state, after ? !state->mark : state->mark, -1, now))
		add_state(&wanted, state, after);
	else
		add_touched(&wanted, state, after, now);
	add_all(&is, now);
	sort_digests(&is);
	sort_digests(&wanted);
	same = !state->is_partial && is.bytes.len == wanted.bytes.len &&
		memcmp(is.bytes.data, wanted.bytes.data, is.bytes.len) == 0;
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(context);
	return same;
}

bool
migr_trial_state_is_before(MigrTrialState *state)
{
	return is_state(state, false);
}

bool
migr_trial_state_is_after(MigrTrialState *state)
{
	return is_state(state, true);
}

/* --- steps ------------------------------------------------------------------------ */

void
migr_trial_state_begin(MigrTrialState *state)
{
	if (state->context == NULL)
		state->context = AllocSetContextCreate(CurrentMemoryContext, "migr trial",
											   ALLOCSET_DEFAULT_SIZES);
	MemoryContextReset(state->context);
	state->step_context = AllocSetContextCreate(state->context, "migr trial step",
												ALLOCSET_DEFAULT_SIZES);
	state->step = NULL;
	state->before = migr_wholes_create(state->context);
	state->mark = 0;
	(void) read_touched(state, -1, state->mark, state->before);
}

void
migr_trial_state_step(MigrTrialState *state)
{
	MemoryContextReset(state->step_context);
	state->step = migr_wholes_create(state->step_context);
	state->step_is_all = read_touched(state, state->mark, !state->mark, state->step);
}

/* The mark behind the step is good for the next: what was taken back is not touched. */
void
migr_trial_state_keep(MigrTrialState *state)
{
	HASH_SEQ_STATUS status;
	MigrWhole  *whole;

	if (state->step_is_all)
	{
		hash_destroy(state->before);
		state->before = migr_wholes_create(state->context);
	}
	hash_seq_init(&status, state->step);
	while ((whole = hash_seq_search(&status)) != NULL)
	{
		if (whole->is_there)
			*migr_wholes_at(state->before, whole->address) = *whole;
		else
			(void) hash_search(state->before, &whole->address, HASH_REMOVE, NULL);
	}
	state->mark = !state->mark;
}
