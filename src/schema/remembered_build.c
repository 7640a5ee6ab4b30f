/*
 * remembered_build.c
 *		What there is to say of a build besides its schema.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "utils/hsearch.h"

#include "base/wire.h"
#include "schema/remembered_build.h"

/* --- who has made what -------------------------------------------------------- */

typedef struct Maker
{
	MigrAddress address;		/* the hash key */
	int			statement;
} Maker;

static HTAB *
collect_makers(const MigrScratchSeen *seen, const int *script_firsts, int scripts)
{
	HASHCTL		control = {.keysize = sizeof(MigrAddress), .entrysize = sizeof(Maker)};
	HTAB	   *makers;

	control.hcxt = CurrentMemoryContext;
	makers = hash_create("migr makers", seen->made_count + 16, &control,
						 HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	for (int i = 0; i < seen->made_count; i++)
	{
		const MigrScratchMade *made = &seen->made[i];
		Maker	   *maker;

		if (made->script < 0 || made->script >= scripts)
			continue;
		maker = hash_search(makers, &made->address, HASH_ENTER, NULL);
		maker->statement = script_firsts[made->script] + made->statement;
	}
	return makers;
}

/* What is no row of a catalog by itself is its parent's. */
static int
maker_of(HTAB *makers, const MigrObject *object)
{
	for (; object; object = object->parent)
	{
		const Maker *maker = hash_search(makers, &object->address, HASH_FIND, NULL);

		if (maker)
			return maker->statement;
	}
	return -1;
}

int *
migr_remembered_makers(const MigrScratchSeen *seen, const int *script_firsts, int scripts)
{
	HTAB	   *makers = collect_makers(seen, script_firsts, scripts);
	int		   *result = palloc_extended((list_length(seen->schema->objects) + 1) * sizeof(int),
										 MCXT_ALLOC_HUGE);
	int			count = 0;
	ListCell   *lc;

	foreach(lc, seen->schema->objects)
		result[count++] = maker_of(makers, lfirst(lc));
	hash_destroy(makers);
	return result;
}

int *
migr_remembered_firsts(const MigrText *text)
{
	int			parts = list_length(text->parts);
	int		   *firsts = palloc0((parts + 1) * sizeof(int));

	for (int i = 0; i < text->count; i++)
		firsts[text->statements[i].part + 1]++;
	for (int i = 0; i < parts; i++)
		firsts[i + 1] += firsts[i];
	return firsts;
}

/* --- as bytes ------------------------------------------------------------------- */

static void
put_statements(StringInfo out, const MigrScratchSeen *seen, const MigrText *text)
{
	int			objects = list_length(seen->schema->objects);
	int		   *makers = migr_remembered_makers(seen, migr_remembered_firsts(text),
												list_length(text->parts));

	migr_wire_put_int(out, text->spreads);
	migr_wire_put_int(out, text->count);
	for (int i = 0; i < text->count; i++)
	{
		const MigrTextStatement *statement = &text->statements[i];

		migr_wire_put_text(out, statement->digest);
		migr_wire_put_int(out, statement->said.sort);
		migr_wire_put_int(out, statement->said.is_weak);
		migr_wire_put_int(out, statement->said.creates);
		migr_wire_put_texts(out, statement->said.targets);
	}
	migr_wire_put_int(out, objects);
	for (int i = 0; i < objects; i++)
		migr_wire_put_int(out, makers[i]);
	pfree(makers);
}

void
migr_remembered_put_build(StringInfo out, const MigrScratchSeen *seen, const MigrText *text,
						  bool is_plain)
{
	migr_wire_put_int(out, seen->schema->said);
	migr_wire_put_int(out, seen->untouched);
	migr_wire_put_texts(out, seen->schema->unmanaged);
	migr_wire_put_int(out, is_plain);
	if (is_plain)
		put_statements(out, seen, text);
}

static void
get_statements(StringInfo in, MigrRememberedBuild *build)
{
	build->spreads = migr_wire_get_int(in);
	build->count = migr_wire_get_count(in, sizeof(int));
	build->statements = palloc_extended((build->count + 1) * sizeof(MigrRememberedStatement),
										MCXT_ALLOC_HUGE);
	for (int i = 0; i < build->count; i++)
	{
		MigrRememberedStatement *statement = &build->statements[i];

		statement->digest = migr_wire_get_name(in);
		statement->sort = migr_wire_get_int(in);
		statement->is_weak = migr_wire_get_int(in);
		statement->creates = migr_wire_get_int(in);
		statement->targets = migr_wire_get_texts(in);
	}
	build->object_count = migr_wire_get_count(in, sizeof(int));
	build->makers = palloc_extended((build->object_count + 1) * sizeof(int), MCXT_ALLOC_HUGE);
	for (int i = 0; i < build->object_count; i++)
		build->makers[i] = migr_wire_get_index(in, build->count);
}

void
migr_remembered_get_build(StringInfo in, bool with_statements, MigrRememberedBuild *build)
{
	memset(build, 0, sizeof(*build));
	build->said = migr_wire_get_int(in);
	build->untouched = migr_wire_get_int(in);
	build->unmanaged = migr_wire_get_texts(in);
	build->is_plain = migr_wire_get_int(in);
	if (build->is_plain && with_statements)
		get_statements(in, build);
}
