/*
 * remembered_partial.c
 *		Build some statements of a text.
 *
 * Each part as it is, but for the other statements, which are blank: so all stand
 * in their lines, and what is set applies to the same ones.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "base/worker.h"
#include "schema/remembered_change.h"

typedef struct Partial
{
	const MigrChange *change;
	const MigrScratchJob *job;
	MigrScratchSeen *seen;
	ErrorData  *error;
	bool		fits;			/* is each statement what it is taken for? */
	int			count;			/* of statements that are built */
	int		   *numbers;		/* theirs in the text */
	int			scripts;
	int		   *firsts;			/* by script of the build: where its statements begin there */
} Partial;

static void
blank(char *sql, int start, int end)
{
	for (int i = start; i < end; i++)
	{
		if (sql[i] != '\n')
			sql[i] = ' ';
	}
}

/* The statements of a part, from *next on, of which only some are built. */
static char *
part_of(Partial *partial, int part, int *next)
{
	const MigrText *text = partial->change->text;
	char	   *sql = pstrdup(list_nth(text->parts, part));
	int			before = partial->count;

	for (; *next < text->count && text->statements[*next].part == part; (*next)++)
	{
		const MigrTextStatement *statement = &text->statements[*next];

		if (partial->change->is_built[*next])
			partial->numbers[partial->count++] = *next;
		else
			blank(sql, statement->start, statement->end);
	}
	return partial->count > before ? sql : NULL;
}

static void
build(void *arg)
{
	Partial    *partial = arg;
	int			next = 0;

	for (int part = 0; part < list_length(partial->change->text->parts); part++)
	{
		int			first = partial->count;
		char	   *sql = part_of(partial, part, &next);
		int			statements;
		int			reached;
		int			number;

		if (sql == NULL)
			continue;
		number = migr_scratch_load_sql("desired schema", sql, &statements);
		partial->fits = partial->fits && number == partial->scripts &&
			statements == partial->count - first;
		partial->firsts[partial->scripts++] = first;
		migr_scratch_run_sql(number, 0, statements, &reached);
	}
	migr_scratch_settle("desired schema");
	migr_scratch_see(MIGR_LOOK_UNMANAGED | MIGR_LOOK_MADE, partial->seen);
}

static void
build_contained(void *arg)
{
	Partial    *partial = arg;

	migr_scratch_do(partial->job, build, partial);
}

/* In silence: what there is to tell, a whole build will. */
static void
try_build(Partial *partial)
{
	migr_worker_hush(true);
	PG_TRY();
	{
		partial->error = migr_subxact_run(build_contained, partial, true);
	}
	PG_CATCH();
	{
		migr_worker_hush(false);
		PG_RE_THROW();
	}
	PG_END_TRY();
	migr_worker_hush(false);
}

/* Which statement of the text has made each object; -1: none. */
static int *
makers_of(const Partial *partial)
{
	int		   *makers = migr_remembered_makers(partial->seen, partial->firsts, partial->scripts);

	for (int i = 0; i < list_length(partial->seen->schema->objects); i++)
	{
		if (makers[i] >= 0)
			makers[i] = partial->numbers[makers[i]];
	}
	return makers;
}

bool
migr_change_build(const MigrChange *change, const MigrScratchJob *job,
				  MigrScratchSeen *seen, int **makers)
{
	Partial    *partial = palloc0(sizeof(Partial));

	partial->change = change;
	partial->job = job;
	partial->seen = seen;
	partial->fits = true;
	partial->numbers = palloc_extended((change->text->count + 1) * sizeof(int), MCXT_ALLOC_HUGE);
	partial->firsts = palloc0((list_length(change->text->parts) + 1) * sizeof(int));
	try_build(partial);
	if (partial->error && migr_subxact_is_foreign(partial->error))
		ReThrowError(partial->error);
	if (partial->error || !partial->fits || seen->is_told || seen->denied != NIL || seen->commits ||
		seen->schema->unmanaged != NIL)
		return false;
	*makers = makers_of(partial);
	return true;
}
