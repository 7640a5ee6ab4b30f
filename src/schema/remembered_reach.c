/*
 * remembered_reach.c
 *		How far a change of a text reaches, and what it takes to build that.
 *
 * Up: a statement that has a word of the name of what has changed may see another
 * thing, and what it makes counts as changed as well.  What is only said of an object,
 * or hangs on it, others do not see: a comment, a foreign key.  Then all statements that
 * act on the object are run again, and no more.
 *
 * Down: what is built takes all statements that act on what it names, and so on, and
 * those that may act on anything.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "miscadmin.h"

#include "kind/kind.h"
#include "model/attributes.h"
#include "schema/remembered_change.h"

/* So often all statements are looked at; each time it goes from a name to those behind it. */
#define ROUNDS 100

/* --- names ------------------------------------------------------------------------ */

/* What has changed of the words of a name; those that nobody has known need no mark. */
static void
mark(MigrChange *change, int word, MigrChangeGrade grade)
{
	if (word < change->words && change->marks[word] < grade)
		change->marks[word] = grade;
}

/* Of what statements have made, names may stand elsewhere that they do not spell. */
static void
read_names(MigrChange *change)
{
	int			number = 0;
	ListCell   *lc;

	foreach(lc, change->schema->objects)
	{
		const MigrObject *object = lfirst(lc);
		int			maker = change->build->makers[number++];
		int			is = maker >= 0 ? change->is[maker] : -1;

		if (is >= 0 && object->kind != MIGR_KIND_COLUMN && object->name)
			change->names[is] = migr_text_words_of(change->text, change->names[is], object->name);
	}
}

/* The names of what is gone with the statements that are no more: their words (int). */
static List *
mark_gone_objects(MigrChange *change)
{
	List	   *gone = NIL;
	int			number = 0;
	ListCell   *lc;

	foreach(lc, change->schema->objects)
	{
		const MigrObject *object = lfirst(lc);
		int			maker = change->build->makers[number++];

		if (maker >= 0 && change->is[maker] < 0 && object->kind != MIGR_KIND_COLUMN && object->name)
			gone = migr_text_words_of(change->text, gone, object->name);
	}
	foreach(lc, gone)
		mark(change, lfirst_int(lc), MIGR_CHANGE_CHANGED);
	return gone;
}

/* A statement that is no more: what it acted on; false if that is not known. */
static bool
mark_gone_statement(MigrChange *change, const MigrRememberedStatement *statement, const List *gone)
{
	bool		acts = statement->creates;
	List	   *words = NIL;
	ListCell   *lc;

	foreach(lc, statement->targets)
		words = migr_text_words_of(change->text, words, lfirst(lc));
	foreach(lc, words)
	{
		int			word = lfirst_int(lc);

		mark(change, word, statement->is_weak && !change->spreads
			 ? MIGR_CHANGE_TOUCHED : MIGR_CHANGE_CHANGED);
		acts = acts || (word < change->words && change->made[word]) || list_member_int(gone, word);
	}
	return acts && statement->sort == MIGR_STATEMENT_FREE;
}

static bool
mark_gone(MigrChange *change)
{
	List	   *gone = mark_gone_objects(change);

	for (int i = 0; i < change->build->count; i++)
	{
		if (change->is[i] < 0 &&
			!mark_gone_statement(change, &change->build->statements[i], gone))
			return false;
	}
	return true;
}

/* --- up ---------------------------------------------------------------------------- */

static void
mark_statement(MigrChange *change, int number, MigrChangeGrade grade)
{
	const MigrTextStatement *statement = &change->text->statements[number];
	ListCell   *lc;

	change->grades[number] = grade;
	for (int i = 0; i < statement->target_count; i++)
		mark(change, statement->targets[i], grade);
	foreach(lc, change->names[number])
		mark(change, lfirst_int(lc), grade);
}

/* What a change that a statement sees makes of it. */
static MigrChangeGrade
full_grade(const MigrChange *change, const MigrTextStatement *statement)
{
	return statement->said.is_weak && !change->spreads ? MIGR_CHANGE_TOUCHED : MIGR_CHANGE_CHANGED;
}

/* Does a statement act on what is called otherwise now, or is touched? */
static bool
acts_on_marked(const MigrChange *change, int number)
{
	const MigrTextStatement *statement = &change->text->statements[number];
	ListCell   *lc;

	for (int i = 0; i < statement->target_count; i++)
	{
		if (change->marks[statement->targets[i]] != MIGR_CHANGE_NONE)
			return true;
	}
	foreach(lc, change->names[number])
	{
		if (change->marks[lfirst_int(lc)] != MIGR_CHANGE_NONE)
			return true;
	}
	return false;
}

static MigrChangeGrade
grade_of(const MigrChange *change, int number)
{
	const MigrTextStatement *statement = &change->text->statements[number];
	MigrChangeGrade grade = MIGR_CHANGE_NONE;

	if (acts_on_marked(change, number))
		grade = change->spreads ? MIGR_CHANGE_CHANGED : MIGR_CHANGE_TOUCHED;
	for (int i = 0; i < statement->word_count; i++)
	{
		if (change->marks[statement->words[i].number] != MIGR_CHANGE_CHANGED)
			continue;
		/* To whom it only refers by a foreign key, he does not look like. */
		if (!statement->words[i].is_referenced || change->spreads)
			return full_grade(change, statement);
		grade = Max(grade, MIGR_CHANGE_TOUCHED);
	}
	return grade;
}

/* Is it one that can be left as it is, and built again? */
static bool
may_be_built(const MigrTextStatement *statement)
{
	return statement->said.sort == MIGR_STATEMENT_FIXED ||
		statement->said.sort == MIGR_STATEMENT_FREE;
}

/* Raise the grades of all statements as far as it goes; false if that is too far. */
static bool
go_up(MigrChange *change)
{
	bool		more = true;

	for (int round = 0; more; round++)
	{
		more = false;
		CHECK_FOR_INTERRUPTS();
		if (round == ROUNDS)
			return false;
		for (int i = 0; i < change->text->count; i++)
		{
			MigrChangeGrade grade = change->grades[i] == MIGR_CHANGE_CHANGED
				? MIGR_CHANGE_NONE : grade_of(change, i);

			if (grade <= change->grades[i])
				continue;
			if (!may_be_built(&change->text->statements[i]))
				return false;
			mark_statement(change, i, grade);
			more = true;
		}
	}
	return true;
}

/* --- what acts on what is not made here --------------------------------------------- */

/*
 * A statement that acts on nothing that the text makes, such as schema public, is
 * never left out: nobody knows who else does.
 */
static void
find_standing(MigrChange *change)
{
	bool	   *made = change->made;
	ListCell   *lc;

	for (int i = 0; i < change->text->count; i++)
	{
		const MigrTextStatement *statement = &change->text->statements[i];

		for (int j = 0; statement->said.creates && j < statement->target_count; j++)
			made[statement->targets[j]] = true;
		foreach(lc, change->names[i])
			made[lfirst_int(lc)] = true;
	}
	for (int i = 0; i < change->text->count; i++)
	{
		MigrTextStatement *statement = &change->text->statements[i];
		bool		acts = statement->said.creates;

		for (int j = 0; j < statement->target_count; j++)
			acts = acts || made[statement->targets[j]];
		if (!acts && may_be_built(statement))
			statement->said.sort = MIGR_STATEMENT_STANDING;
	}
}

/* --- down ---------------------------------------------------------------------------- */

/* Who acts on what is called by a word. */
typedef struct Actors
{
	int		   *first;			/* by word: the first place in the list, and behind the last */
	int		   *statements;
} Actors;

/* Call for each word of the names that a statement acts on. */
static void
each_target(const MigrChange *change, int number, int *count, int *list)
{
	const MigrTextStatement *statement = &change->text->statements[number];
	ListCell   *lc;

	for (int i = 0; i < statement->target_count; i++)
	{
		int			place = count[statement->targets[i]]++;

		if (list)
			list[place] = number;
	}
	foreach(lc, change->names[number])
	{
		int			place = count[lfirst_int(lc)]++;

		if (list)
			list[place] = number;
	}
}

static Actors
collect_actors(const MigrChange *change)
{
	int		   *count = palloc0((change->words + 1) * sizeof(int));
	Actors		actors;
	int			total = 0;

	actors.first = palloc0((change->words + 1) * sizeof(int));
	for (int i = 0; i < change->text->count; i++)
		each_target(change, i, count, NULL);
	for (int i = 0; i < change->words; i++)
	{
		actors.first[i] = total;
		total += count[i];
		count[i] = actors.first[i];
	}
	actors.first[change->words] = total;
	actors.statements = palloc_extended((total + 1) * sizeof(int), MCXT_ALLOC_HUGE);
	for (int i = 0; i < change->text->count; i++)
		each_target(change, i, count, actors.statements);
	pfree(count);
	return actors;
}

/* What nobody misses who only builds on an object. */
static bool
is_spared(const MigrChange *change, int number)
{
	const MigrTextStatement *statement = &change->text->statements[number];

	return !change->spreads && change->grades[number] == MIGR_CHANGE_NONE &&
		statement->said.is_weak && statement->said.sort == MIGR_STATEMENT_FREE;
}

static List *
take_actors(MigrChange *change, const Actors *actors, int word, List *waiting)
{
	for (int i = actors->first[word]; i < actors->first[word + 1]; i++)
	{
		int			number = actors->statements[i];

		if (change->is_built[number] || is_spared(change, number))
			continue;
		change->is_built[number] = true;
		waiting = lappend_int(waiting, number);
	}
	return waiting;
}

static bool
go_down(MigrChange *change)
{
	Actors		actors = collect_actors(change);
	List	   *waiting = NIL;
	int			built = 0;
	ListCell   *lc;

	for (int i = 0; i < change->text->count; i++)
	{
		change->is_built[i] = change->grades[i] != MIGR_CHANGE_NONE ||
			change->text->statements[i].said.sort == MIGR_STATEMENT_STANDING;
		if (change->is_built[i])
			waiting = lappend_int(waiting, i);
	}
	while (waiting != NIL)
	{
		int			number = llast_int(waiting);
		const MigrTextStatement *statement = &change->text->statements[number];

		waiting = list_truncate(waiting, list_length(waiting) - 1);
		built++;
		for (int i = 0; i < statement->word_count; i++)
			waiting = take_actors(change, &actors, statement->words[i].number, waiting);
		foreach(lc, change->names[number])
			waiting = take_actors(change, &actors, lfirst_int(lc), waiting);
	}
	/* Where most is built, all is. */
	return change->text->count < 1000 || built < change->text->count / 2;
}

bool
migr_change_reach(MigrChange *change)
{
	migr_text_read_words(change->text);
	if (!change->text->is_plain)
		return false;
	read_names(change);
	change->words = change->text->word_count;
	change->marks = palloc0((change->words + 1) * sizeof(MigrChangeGrade));
	change->made = palloc0((change->words + 1) * sizeof(bool));
	find_standing(change);
	if (!mark_gone(change))
		return false;
	for (int i = 0; i < change->text->count; i++)
	{
		const MigrTextStatement *statement = &change->text->statements[i];

		if (change->was[i] >= 0)
			continue;
		if (statement->said.sort != MIGR_STATEMENT_FREE)
			return false;
		mark_statement(change, i, full_grade(change, statement));
	}
	return go_up(change) && go_down(change);
}
