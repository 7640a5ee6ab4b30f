/*
 * remembered_names.c
 *		Names that the server has chosen, in a build of a part.
 *
 * It chooses another name where one is taken: of an index, a constraint, a sequence
 * whose statement does not say one.  Who builds a part does not see who has taken
 * it, nor what is free now, nor who comes first now.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "utils/hsearch.h"

#include "model/attributes.h"
#include "schema/remembered_change.h"

/* A name this long may have been cut to make room for a number. */
#define LONG_NAME (NAMEDATALEN - 6)

typedef struct Spelled
{
	char		text[2 * NAMEDATALEN + 2];	/* the hash key: a schema and a name */
} Spelled;

typedef struct NameEntry
{
	Spelled		name;
	bool		was;
	bool		is;
	bool		moves;			/* its statement is another, or stands elsewhere */
} NameEntry;

typedef struct Names
{
	MigrChange *change;
	HTAB	   *moving;			/* of what comes or goes */
	HTAB	   *bases;			/* of those of them that the server may have chosen */
	bool		clash;
} Names;

/* What an object is called, or the sequence that comes with a column; or NULL. */
static const char *
name_of(const MigrObject *object)
{
	int			sequence;
	const char *identity;
	const char *dot;

	if (object->kind != MIGR_KIND_COLUMN)
		return object->name;
	sequence = migr_object_attribute(object, MIGR_ATTR_SEQUENCE);
	identity = sequence >= 0 && sequence < object->count ? object->values[sequence] : NULL;
	dot = identity ? strrchr(identity, '.') : NULL;
	return dot ? dot + 1 : identity;
}

static const char *
schema_of(const MigrObject *object)
{
	for (; object; object = object->parent)
	{
		if (object->schema)
			return object->schema;
	}
	return "";
}

static Spelled
make_name(const char *schema, const char *name, int len)
{
	Spelled		result = {{0}};
	int			used = Min(strlen(schema), NAMEDATALEN - 1);

	memcpy(result.text, schema, used);
	memcpy(result.text + used + 1, name, Min(len, NAMEDATALEN));
	return result;
}

/* The length of a name without its number, if the server may have made it; or 0. */
static int
chosen_length(const char *name)
{
	static const char *const ends[] = {"_check", "_excl", "_fkey", "_idx", "_key", "_not_null",
	"_pkey", "_seq", "_stat"};
	int			len = strlen(name);

	/* An identifier that is quoted ends with its quote. */
	if (len > 0 && name[len - 1] == '"')
		len--;
	while (len > 0 && name[len - 1] >= '0' && name[len - 1] <= '9')
		len--;
	for (int i = 0; i < (int) lengthof(ends); i++)
	{
		int			end = strlen(ends[i]);

		if (len > end && memcmp(name + len - end, ends[i], end) == 0)
			return len;
	}
	return 0;
}

static HTAB *
make_table(const char *title)
{
	HASHCTL		control = {.keysize = sizeof(Spelled), .entrysize = sizeof(NameEntry)};

	control.hcxt = CurrentMemoryContext;
	return hash_create(title, 256, &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
}

/* Note the names of what comes, or goes, and whose statements are not in both (others: -1). */
static void
collect(Names *names, const MigrSchema *schema, const MigrPatchPart *parts, const int *makers,
		const int *others, bool is)
{
	int			number = 0;
	ListCell   *lc;

	foreach(lc, schema->objects)
	{
		const MigrObject *object = lfirst(lc);
		const char *name = name_of(object);
		int			maker = makers[number];
		NameEntry  *entry;
		Spelled		key;
		bool		found;

		if (parts[number++] != MIGR_PATCH_CHANGED || name == NULL)
			continue;
		key = make_name(schema_of(object), name, strlen(name));
		entry = hash_search(names->moving, &key, HASH_ENTER, &found);
		if (!found)
			entry->was = entry->is = entry->moves = false;
		entry->moves = entry->moves || maker < 0 || others[maker] < 0;
		if (is)
			entry->is = true;
		else
			entry->was = true;
	}
}

/* Does a statement that is not built again speak of a name that is new? */
static bool
is_spoken_of(MigrChange *change, const char *name)
{
	ListCell   *lc;

	foreach(lc, migr_text_words_of(change->text, NIL, name))
	{
		int			word = lfirst_int(lc);

		if (word >= change->words || change->marks[word] != MIGR_CHANGE_NONE)
			continue;
		for (int i = 0; i < change->text->count; i++)
		{
			const MigrTextStatement *statement = &change->text->statements[i];

			for (int j = 0; change->grades[i] == MIGR_CHANGE_NONE && j < statement->word_count; j++)
			{
				if (statement->words[j].number == word)
					return true;
			}
		}
	}
	return false;
}

static void
look_at_moving(Names *names)
{
	HASH_SEQ_STATUS status;
	NameEntry  *entry;

	hash_seq_init(&status, names->moving);
	while ((entry = hash_seq_search(&status)) != NULL)
	{
		const char *schema = entry->name.text;
		const char *name = schema + strlen(schema) + 1;
		int			len = chosen_length(name);
		Spelled		base = make_name(schema, name, len);

		if (entry->was == entry->is && !entry->moves)
			continue;
		if (len > 0 && strlen(name) >= LONG_NAME)
			names->clash = true;
		if (len > 0)
			(void) hash_search(names->bases, &base, HASH_ENTER, NULL);
		if (entry->is && !entry->was && is_spoken_of(names->change, name))
			names->clash = true;
	}
}

/* What stays may have taken a name, or have stepped aside for one. */
static void
look_at_rest(Names *names, const MigrSchema *schema, const MigrPatchPart *parts)
{
	int			number = 0;
	ListCell   *lc;

	foreach(lc, schema->objects)
	{
		const MigrObject *object = lfirst(lc);
		const char *name = name_of(object);
		int			len = parts[number++] == MIGR_PATCH_CHANGED || name == NULL ? 0 : chosen_length(name);
		Spelled		base;

		if (len == 0)
			continue;
		base = make_name(schema_of(object), name, len);
		if (hash_search(names->bases, &base, HASH_FIND, NULL))
			names->clash = true;
	}
}

bool
migr_change_names_clash(MigrChange *change, const MigrPatchPart *was_parts,
						const MigrSchema *built, const MigrPatchPart *built_parts,
						const int *makers)
{
	Names		names = {.change = change};

	names.moving = make_table("migr moving names");
	names.bases = make_table("migr chosen names");
	collect(&names, change->schema, was_parts, change->build->makers, change->is, false);
	collect(&names, built, built_parts, makers, change->was, true);
	look_at_moving(&names);
	if (!names.clash && hash_get_num_entries(names.bases) > 0)
		look_at_rest(&names, change->schema, was_parts);
	return names.clash;
}
