/*
 * trial_state.c
 *		What a scratch build has made, object by object, as its steps go.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "utils/memutils.h"

#include "base/text.h"
#include "check/trial_state.h"
#include "schema/record.h"
#include "scratch/scratch.h"

/* Where a step touches more, of what there is, it is cheaper to read all. */
#define PARTS_OF_ALL 5
#define ALWAYS_SOME 200

/* What is at an address: an object, with what stands on it. */
typedef struct Whole
{
	MigrAddress address;		/* the hash key */
	List	   *rows;			/* MigrRecordedObject *, while it is read */
	bool		is_there;
	unsigned char digest[MIGR_DIGEST_BYTES];
} Whole;

static HTAB *
make_table(MemoryContext context)
{
	HASHCTL		control = {0};

	control.keysize = sizeof(MigrAddress);
	control.entrysize = sizeof(Whole);
	control.hcxt = context;
	return hash_create("migr trial", 256, &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
}

static Whole *
whole_at(HTAB *table, MigrAddress address)
{
	bool		found;
	Whole	   *whole = hash_search(table, &address, HASH_ENTER, &found);

	if (!found)
	{
		whole->rows = NIL;
		whole->is_there = false;
	}
	return whole;
}

/* --- reading -------------------------------------------------------------------- */

static int
compare_ids(const ListCell *a, const ListCell *b)
{
	return memcmp(((MigrRecordedObject *) lfirst(a))->id, ((MigrRecordedObject *) lfirst(b))->id,
				  MIGR_DIGEST_BYTES);
}

/* The place of a column is none of what it is. */
static void
digest(Whole *whole)
{
	StringInfoData text;
	ListCell   *lc;

	initStringInfo(&text);
	list_sort(whole->rows, compare_ids);
	foreach(lc, whole->rows)
	{
		const MigrRecordedObject *row = lfirst(lc);

		appendBinaryStringInfo(&text, (const char *) row->id, MIGR_DIGEST_BYTES);
		appendBinaryStringInfo(&text, (const char *) row->hash, MIGR_DIGEST_BYTES);
		appendStringInfoString(&text, row->owner ? row->owner : "");
		appendStringInfoChar(&text, '\0');
	}
	migr_text_digest(text.data, text.len, whole->digest);
	pfree(text.data);
	whole->is_there = whole->rows != NIL;
	whole->rows = NIL;
}

/* What is touched is in the table, there or not; and what there is of it. */
static void
enter(HTAB *table, const MigrScratchTouched *touched)
{
	HASH_SEQ_STATUS status;
	Whole	   *whole;
	ListCell   *lc;

	foreach(lc, touched->addresses)
		(void) whole_at(table, *(MigrAddress *) lfirst(lc));
	foreach(lc, migr_record_rows(touched->schema))
	{
		MigrRecordedObject *row = lfirst(lc);

		whole = whole_at(table, row->root);
		whole->rows = lappend(whole->rows, row);
	}
	hash_seq_init(&status, table);
	while ((whole = hash_seq_search(&status)) != NULL)
		digest(whole);
}

/*
 * Read what has been touched since a mark, and set another one.  The table is in a
 * context, and nothing else is left; returns whether it has all.
 */
static bool
read_touched(MigrTrialState *state, int since, int mark, HTAB *table)
{
	MemoryContext caller = CurrentMemoryContext;
	MemoryContext context = AllocSetContextCreate(caller, "migr touched", ALLOCSET_DEFAULT_SIZES);
	MigrScratchTouched touched = {0};
	int			count = state->before ? hash_get_num_entries(state->before) : 0;

	MemoryContextSwitchTo(context);
	migr_scratch_look_touched(since, mark, Max(ALWAYS_SOME, count / PARTS_OF_ALL), &touched);
	state->is_partial = touched.is_partial;
	enter(table, &touched);
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(context);
	return touched.everything;
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
add_digest(Digests *digests, const Whole *whole)
{
	if (whole && whole->is_there)
		appendBinaryStringInfo(&digests->bytes, (const char *) whole->digest, MIGR_DIGEST_BYTES);
}

static void
add_all(Digests *digests, HTAB *table)
{
	HASH_SEQ_STATUS status;
	Whole	   *whole;

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
static const Whole *
look_up(const MigrTrialState *state, bool after, MigrAddress address)
{
	const Whole *whole = after ? hash_search(state->step, &address, HASH_FIND, NULL) : NULL;

	return whole || (after && state->step_is_all) ? whole
		: hash_search(state->before, &address, HASH_FIND, NULL);
}

/* All that a state has: of what a step has touched, what that has left. */
static void
add_state(Digests *digests, const MigrTrialState *state, bool after)
{
	HASH_SEQ_STATUS status;
	Whole	   *whole;

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
	Whole	   *whole;

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
	HTAB	   *now = make_table(context);
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
	state->before = make_table(state->context);
	state->mark = 0;
	(void) read_touched(state, -1, state->mark, state->before);
}

void
migr_trial_state_step(MigrTrialState *state)
{
	MemoryContextReset(state->step_context);
	state->step = make_table(state->step_context);
	state->step_is_all = read_touched(state, state->mark, !state->mark, state->step);
}

/* The mark behind the step is good for the next: what was taken back is not touched. */
void
migr_trial_state_keep(MigrTrialState *state)
{
	HASH_SEQ_STATUS status;
	Whole	   *whole;

	if (state->step_is_all)
	{
		hash_destroy(state->before);
		state->before = make_table(state->context);
	}
	hash_seq_init(&status, state->step);
	while ((whole = hash_seq_search(&status)) != NULL)
	{
		if (whole->is_there)
			*whole_at(state->before, whole->address) = *whole;
		else
			(void) hash_search(state->before, &whole->address, HASH_REMOVE, NULL);
	}
	state->mark = !state->mark;
}
