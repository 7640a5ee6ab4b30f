/*
 * schema_files.c
 *		The live schema as files, one for each object.
 *
 * A table has a file with all that stands on it: constraints and foreign keys,
 * indexes, triggers, policies, the sequences of its columns.  Its partitions are
 * there as well, and tables that inherit from it: what a constraint finds when it
 * is made, and takes for its own, is no matter of chance then.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"

#include "base/ident.h"
#include "base/text.h"
#include "diff/diff.h"
#include "kind/ddl.h"
#include "schema/desired_files.h"
#include "schema/public.h"
#include "schema/schema_files.h"
#include "snapshot/snap.h"

/* What file systems admit is 255 bytes; versioning and copying add to it. */
#define MAX_NAME 180
#define DIGITS 16

/* SQL of an object, and the file that it goes into. */
typedef struct Entry
{
	char	   *path;
	int			place;			/* in the order of creation */
	MigrPiece  *piece;
} Entry;

/* A file with something in it. */
typedef struct Part
{
	char	   *path;
	List	   *pieces;			/* MigrPiece *, in the order of creation */
} Part;

typedef struct Splitting
{
	int			entry_count;
	Entry	   *entries;		/* by path, then place */
	int			count;
	Part	   *parts;			/* by path */
	List	   *files;			/* MigrSchemaFile * */
} Splitting;

/* Append a name as a part of a file's. */
static void
append_name(StringInfo out, const char *name)
{
	const char *utf8 = pg_server_to_any(name, strlen(name), PG_UTF8);

	for (; *utf8 != '\0'; utf8++)
	{
		if ((*utf8 >= 'a' && *utf8 <= 'z') || (*utf8 >= '0' && *utf8 <= '9') ||
			*utf8 == '_' || *utf8 == '-')
			appendStringInfoChar(out, *utf8);
		else
			appendStringInfo(out, "%%%02X", (unsigned char) *utf8);
	}
}

/* Append a kind's noun as a part of a file's name. */
static void
append_noun(StringInfo out, const char *noun)
{
	for (; *noun != '\0'; noun++)
		appendStringInfoChar(out, *noun == ' ' ? '_' : pg_ascii_tolower(*noun));
}

/*
 * The file of an object that has one of its own.  The kind comes first: some
 * systems take what begins with "con." or "aux." for a device.
 */
static char *
path_of(const MigrObject *object)
{
	StringInfoData path;

	initStringInfo(&path);
	append_noun(&path, migr_ddl_noun(object));
	if (object->kind != MIGR_KIND_DEFAULT_PRIVILEGES)
	{
		if (object->schema)
		{
			appendStringInfoChar(&path, '.');
			append_name(&path, object->schema);
		}
		appendStringInfoChar(&path, '.');
		append_name(&path, object->name);
	}
	if (path.len > MAX_NAME)
	{
		char	   *digest = migr_text_sha256(path.data, path.len);

		path.len = MAX_NAME - DIGITS;
		appendStringInfo(&path, "%%%.*s", DIGITS, digest);
	}
	appendStringInfoString(&path, ".sql");
	return path.data;
}

/* The object whose file this one is in. */
static MigrObject *
owner_of_file(const MigrObject *object)
{
	while (object->parent)
		object = object->parent;
	return unconstify(MigrObject *, object);
}

static bool
is_partition(const MigrObject *table)
{
	ListCell   *lc;

	foreach(lc, table->children)
	{
		if (((MigrObject *) lfirst(lc))->kind == MIGR_KIND_PARTITION)
			return true;
	}
	return false;
}

/* Make a table with parents, which come before it, a part of theirs. */
static void
join_parents(MigrObject *table)
{
	MigrObject *owner = NULL;
	ListCell   *lc;

	if (!is_partition(table) && !migr_object_has(table, MIGR_ATTR_INHERITS))
		return;
	foreach(lc, table->depends)
	{
		MigrObject *other = owner_of_file(lfirst(lc));

		if (other->kind != MIGR_KIND_TABLE || other == table || other == owner)
			continue;
		if (owner == NULL)
			owner = other;
		else if (strcmp(owner->identity, other->identity) < 0)
			other->parent = owner;
		else
		{
			owner->parent = other;
			owner = other;
		}
	}
	table->parent = owner;
}

static int
compare_entries(const void *a, const void *b)
{
	const Entry *left = a;
	const Entry *right = b;
	int			order = strcmp(left->path, right->path);

	return order != 0 ? order : left->place - right->place;
}

static int
compare_path(const void *key, const void *part)
{
	return strcmp(key, ((const Part *) part)->path);
}

static int
compare_identities(const void *a, const void *b)
{
	return strcmp((*(MigrObject *const *) a)->identity, (*(MigrObject *const *) b)->identity);
}

/* Make the sequences that belong to columns parts of the tables. */
static void
own_sequences(const List *objects)
{
	MigrObject **owners = palloc((list_length(objects) + 1) * sizeof(MigrObject *));
	int			count = 0;
	ListCell   *lc;

	foreach(lc, objects)
	{
		if (((MigrObject *) lfirst(lc))->kind == MIGR_KIND_SEQUENCE_OWNER)
			owners[count++] = lfirst(lc);
	}
	qsort(owners, count, sizeof(MigrObject *), compare_identities);
	foreach(lc, objects)
	{
		MigrObject *sequence = lfirst(lc);
		MigrObject **owner = sequence->kind != MIGR_KIND_SEQUENCE ? NULL
			: bsearch(&sequence, owners, count, sizeof(MigrObject *), compare_identities);

		if (owner)
			sequence->parent = (*owner)->parent;
	}
}

/*
 * Let objects have parents that share a file with others though they are no
 * parts of them.  Whatever order there is among the statements of one file is
 * kept; between files, only what an error tells is.
 */
static void
share_files(const List *objects)
{
	ListCell   *lc;

	own_sequences(objects);
	foreach(lc, objects)
	{
		if (((MigrObject *) lfirst(lc))->kind == MIGR_KIND_TABLE)
			join_parents(lfirst(lc));
	}
}

static void
collect(Splitting *splitting, MigrSchema *schema)
{
	List	   *pieces = migr_diff_pieces(schema);
	ListCell   *lc;

	share_files(schema->objects);
	splitting->entries = palloc((list_length(pieces) + 1) * sizeof(Entry));
	foreach(lc, pieces)
	{
		Entry	   *entry = &splitting->entries[splitting->entry_count];

		entry->piece = lfirst(lc);
		entry->place = splitting->entry_count++;
		entry->path = path_of(owner_of_file(entry->piece->object));
	}
	qsort(splitting->entries, splitting->entry_count, sizeof(Entry), compare_entries);
}

/* The file of what is needed, if that is another one, which is there. */
static List *
add_need(const Splitting *splitting, List *needs, const char *path,
		 const MigrObject *needed)
{
	char	   *other = path_of(owner_of_file(needed));

	if (strcmp(other, path) == 0 || migr_ident_is_in(needs, other) ||
		!bsearch(other, splitting->parts, splitting->count, sizeof(Part), compare_path))
		return needs;
	return lappend(needs, other);
}

/* The files of what an object needs, and what is printed with it. */
static List *
add_needs(const Splitting *splitting, List *needs, const char *path, const MigrObject *object)
{
	ListCell   *lc;

	if (object->parent)
		needs = add_need(splitting, needs, path, object->parent);
	foreach(lc, object->depends)
		needs = add_need(splitting, needs, path, lfirst(lc));
	foreach(lc, object->children)
	{
		if (((MigrObject *) lfirst(lc))->is_inside)
			needs = add_needs(splitting, needs, path, lfirst(lc));
	}
	return needs;
}

/* The files that those in a file need, sorted. */
static List *
needs_of(const Splitting *splitting, const Part *part)
{
	List	   *needs = NIL;
	ListCell   *lc;

	foreach(lc, part->pieces)
		needs = add_needs(splitting, needs, part->path, ((MigrPiece *) lfirst(lc))->object);
	list_sort(needs, migr_ident_compare);
	return needs;
}

/* Does it change what others do that come later? */
static bool
comes_last(const MigrObject *object)
{
	return object->kind == MIGR_KIND_DEFAULT_PRIVILEGES ||
		object->kind == MIGR_KIND_EVENT_TRIGGER;
}

static void
append_directive(StringInfo out, const char *name, const char *value)
{
	appendStringInfo(out, "-- migr:%s %s\n", name, value);
}

static MigrSchemaFile *
make_file(const Splitting *splitting, const Part *part)
{
	MigrSchemaFile *file = palloc(sizeof(MigrSchemaFile));
	StringInfoData out;
	ListCell   *lc;

	initStringInfo(&out);
	append_directive(&out, MIGR_FILE_DIRECTIVE, part->path);
	if (comes_last(((MigrPiece *) linitial(part->pieces))->object))
		append_directive(&out, MIGR_AFTER_DIRECTIVE, MIGR_AFTER_ALL);
	else
	{
		foreach(lc, needs_of(splitting, part))
			append_directive(&out, MIGR_AFTER_DIRECTIVE, lfirst(lc));
	}
	appendStringInfo(&out, "\n%s", migr_diff_join(part->pieces));
	file->path = part->path;
	file->ddl = out.data;
	return file;
}

/* Put the SQL of each file together. */
static void
make_parts(Splitting *splitting)
{
	int			end;

	splitting->parts = palloc((splitting->entry_count + 1) * sizeof(Part));
	for (int start = 0; start < splitting->entry_count; start = end)
	{
		Part	   *part = &splitting->parts[splitting->count++];

		part->path = splitting->entries[start].path;
		part->pieces = NIL;
		for (end = start; end < splitting->entry_count &&
			 strcmp(splitting->entries[end].path, part->path) == 0; end++)
			part->pieces = lappend(part->pieces, splitting->entries[end].piece);
	}
}

static void
split(void *arg)
{
	Splitting  *splitting = arg;
	MigrSchema *schema = migr_snap_model(NULL);

	migr_public_settle(schema, true);
	collect(splitting, schema);
	make_parts(splitting);
	for (int i = 0; i < splitting->count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		splitting->files = lappend(splitting->files,
								   make_file(splitting, &splitting->parts[i]));
	}
}

List *
migr_schema_split(void)
{
	Splitting	splitting = {0};

	migr_snap_pinned(split, &splitting);
	return splitting.files;
}
