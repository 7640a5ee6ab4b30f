/*
 * load_known.c
 *		Scripts of a long text that are stored as they are: found without being parsed.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "miscadmin.h"
#include "parser/parser.h"

#include "base/ident.h"
#include "base/scan.h"
#include "base/text.h"
#include "store/load_known.h"
#include "store/vouch.h"

/* The loader is mostly who loads now. */
#define KNOWN_COLUMNS \
	"SELECT revision, checksum, loader, loaded_by, loaded_in," \
	"       coalesce(loader = $1 AND loaded_by = $2 AND loaded_in = $3, false)" \
	"  FROM migr.revision"

static MigrQuery read_all = {KNOWN_COLUMNS, 3, {OIDOID, TEXTOID, TEXTOID}};

static MigrQuery read_some = {
	KNOWN_COLUMNS " WHERE revision = ANY ($4)", 4, {OIDOID, TEXTOID, TEXTOID, TEXTARRAYOID}
};

/* --- what is stored -------------------------------------------------------------------- */

static uint32
hash_name(const char *name)
{
	return hash_bytes((const unsigned char *) name, strlen(name));
}

/* Where a revision is, or would be. */
static int *
find_slot(const MigrKnown *known, const char *revision)
{
	uint32		at = hash_name(revision) & known->mask;

	while (known->slots[at] >= 0 &&
		   strcmp(known->scripts[known->slots[at]].revision, revision) != 0)
		at = (at + 1) & known->mask;
	return &known->slots[at];
}

static MigrKnown
known_of(uint64 rows, const MigrLoader *loader)
{
	MigrKnown	known = {.count = (int) rows};
	bool		own = migr_vouch_takes_over(loader, loader);
	uint32		slots = 4;

	while (slots < 2 * rows)
		slots *= 2;
	known.mask = slots - 1;
	known.slots = palloc(slots * sizeof(int));
	memset(known.slots, -1, slots * sizeof(int));
	known.scripts = palloc((rows + 1) * sizeof(MigrKnownScript));
	for (uint64 i = 0; i < rows; i++)
	{
		MigrKnownScript *script = &known.scripts[i];

		CHECK_FOR_INTERRUPTS();
		script->revision = migr_db_text(i, 1);
		script->checksum = migr_db_text(i, 2);
		script->takes_over = own;
		if (!DatumGetBool(migr_db_datum(i, 6)))
		{
			MigrLoader	stored = migr_store_loader_of(i, 3);

			script->takes_over = migr_vouch_takes_over(loader, &stored);
		}
		*find_slot(&known, script->revision) = (int) i;
	}
	return known;
}

static void
loader_arguments(const MigrLoader *loader, Datum *values)
{
	values[0] = ObjectIdGetDatum(loader->role);
	values[1] = migr_db_text_datum(loader->name);
	values[2] = migr_db_text_datum(loader->installation);
}

MigrKnown
migr_known_read(MigrDb *db, const MigrLoader *loader)
{
	Datum		values[3];

	loader_arguments(loader, values);
	return known_of(migr_db_run(db, &read_all, values, NULL), loader);
}

MigrKnown
migr_known_read_some(MigrDb *db, const MigrLoader *loader, const List *revisions)
{
	Datum		values[4];

	loader_arguments(loader, values);
	values[3] = migr_db_texts_datum(revisions);
	return known_of(migr_db_run(db, &read_some, values, NULL), loader);
}

const MigrKnownScript *
migr_known_find(const MigrKnown *known, const char *revision)
{
	int			place = *find_slot(known, revision);

	return place < 0 ? NULL : &known->scripts[place];
}

/* --- where scripts begin ----------------------------------------------------------------- */

static const char beginning[] = "-- migr:re";
static const char revision_line[] = "-- migr:revision ";
static const char repeatable_line[] = "-- migr:repeatable ";

static bool
starts_with(const char *line, const char *start)
{
	return strncmp(line, start, strlen(start)) == 0;
}

/* The next line from here on that looks as if it began a script; NULL if there is none. */
static const char *
next_beginning(const char *line)
{
	for (const char *at = line; (at = strstr(at, beginning)) != NULL; at++)
	{
		if ((at == line || at[-1] == '\n') &&
			(starts_with(at, revision_line) || starts_with(at, repeatable_line)))
			return at;
	}
	return NULL;
}

/* Is a line blank, or a comment that says nothing to us? */
static bool
is_passive(const char *line, const char *end)
{
	while (line < end && migr_scan_isspace(*line))
		line++;
	return line == end || (end - line >= 2 && line[0] == '-' && line[1] == '-' &&
						   !starts_with(line, "-- migr:"));
}

/* Before `end`, where lines end that do not only lead to what follows. */
static const char *
last_active(const char *start, const char *end)
{
	while (end > start)
	{
		const char *line = end;

		while (line > start && line[-1] != '\n')
			line--;
		if (!is_passive(line, end))
			return end;
		end = line > start ? line - 1 : start;
	}
	return start;
}

/* The id in a line that begins a revision; NULL if it is none that is written plainly. */
static char *
id_of(const char *line)
{
	const char *id = line + strlen(revision_line);
	const char *end = id;

	if (!starts_with(line, revision_line))
		return NULL;
	while (migr_ident_char(*end))
		end++;
	return end > id && (*end == '\n' || *end == '\0') ? pnstrdup(id, end - id) : NULL;
}

/* The stored script that stands from `start` to where another one begins; or NULL. */
static MigrScript *
find_stored(const MigrKnown *known, const char *start, const char *end)
{
	char	   *id = id_of(start);
	const MigrKnownScript *stored = id ? migr_known_find(known, id) : NULL;
	const char *last = last_active(start, end);
	MigrScript *script;
	char	   *checksum;

	if (stored == NULL)
		return NULL;
	checksum = migr_text_checksum(start, last - start);
	if (strcmp(checksum, stored->checksum) != 0)
		return NULL;
	migr_text_check_size(psprintf("\"%s\"", id), last - start);
	script = palloc0(sizeof(MigrScript));
	script->revision = id;
	script->checksum = checksum;
	return script;
}

/* --- the rest ------------------------------------------------------------------------------ */

/* Is a text complete in itself, so that what follows it is not a part of it? */
static bool
is_complete(const char *text, int len)
{
	char	   *copy = pnstrdup(text, len);
	MigrScan	scan;
	MigrToken	token;
	bool		complete;

	/* The data of COPY is no SQL, and may hold anything. */
	for (const char *at = copy; *at; at++)
	{
		if (pg_strncasecmp(at, "stdin", 5) == 0)
			return false;
	}
	migr_scan_begin(&scan, copy, len);
	do
		(void) migr_scan_next(&scan, &token);
	while (token.kind != MIGR_TOKEN_END && token.kind != MIGR_TOKEN_UNTERMINATED);
	complete = token.kind == MIGR_TOKEN_END;
	pfree(copy);
	return complete;
}

/*
 * Do lines that only lead to what follows name us?  Then it takes the script that they
 * belong to, as a whole text has it, to tell whether that is a fault.
 */
static bool
names_us(const char *start, const char *end)
{
	for (const char *at = start; at < end; at++)
	{
		if (pg_strncasecmp(at, "migr", 4) == 0)
			return true;
	}
	return false;
}

/* A text that is being taken apart. */
typedef struct Split
{
	const char *text;
	const char *rest;			/* from here on nothing has been read */
	bool		pending;		/* there, scripts have begun that are not stored */
	List	   *scripts;
} Split;

static void
parse(Split *split, const char *end)
{
	int			line = migr_scan_line_at(split->text, split->rest - split->text);
	char	   *part = pnstrdup(split->rest, end - split->rest);

	split->scripts = list_concat(split->scripts, migr_script_parse_part(part, line));
	split->pending = false;
}

/* What is unread ends here, in front of a stored script.  False if that is not sure. */
static bool
read_up_to(Split *split, const char *stored)
{
	const char *end = last_active(split->rest, stored);

	if (names_us(end, stored))
		return false;
	if (!split->pending)
		return end == split->rest;
	if (!is_complete(split->rest, end - split->rest))
		return false;
	parse(split, end);
	return true;
}

/* One begins that is not stored. */
static bool
begin_other(Split *split, const char *at)
{
	if (!split->pending &&
		(last_active(split->rest, at) != split->rest || names_us(split->rest, at)))
		return false;
	split->pending = true;
	return true;
}

static bool
take_apart(Split *split, const MigrKnown *known)
{
	const char *at = next_beginning(split->text);

	while (at)
	{
		const char *next = next_beginning(at + 1);
		const char *end = next ? next : at + strlen(at);
		MigrScript *stored = find_stored(known, at, end);

		CHECK_FOR_INTERRUPTS();
		if (stored ? !read_up_to(split, at) : !begin_other(split, at))
			return false;
		if (stored)
		{
			split->scripts = lappend(split->scripts, stored);
			/* Comments behind it belong to what follows. */
			split->rest = last_active(at, end);
			while (migr_scan_isspace(*split->rest))
				split->rest++;
		}
		at = next;
	}
	if (split->pending)
		parse(split, split->text + strlen(split->text));
	else if (*split->rest != '\0')
		return false;
	return split->scripts != NIL;
}

bool
migr_known_split(const MigrKnown *known, const char *text, List **scripts)
{
	Split		split = {.text = text, .rest = text};

	/* What is not as the store has texts, or can be read in two ways. */
	if (strchr(text, '\r') || strstr(text, "\xEF\xBB\xBF") || !standard_conforming_strings)
		return false;
	if (!take_apart(&split, known))
		return false;
	*scripts = split.scripts;
	return true;
}
