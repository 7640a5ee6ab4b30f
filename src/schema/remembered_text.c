/*
 * remembered_text.c
 *		The text of desired DDL as statements.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/guc.h"
#include "utils/memutils.h"

#include "base/scan.h"
#include "base/server_parser.h"
#include "base/text.h"
#include "schema/remembered_text.h"
#include "script/script.h"

/* --- words ------------------------------------------------------------------ */

/* A word, filled up with zeros. */
typedef struct Word
{
	char		bytes[NAMEDATALEN];
} Word;

typedef struct WordEntry
{
	Word		word;			/* the hash key */
	int			number;
} WordEntry;

static bool
is_word_byte(unsigned char c)
{
	return IS_HIGHBIT_SET(c) || c == '_' || c == '$' || (c >= '0' && c <= '9') ||
		(c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* The next word from a place on: its end, or NULL if there is none; *from is its start. */
static const char *
next_word(const char **from, const char *end)
{
	const char *at = *from;

	while (at < end && !is_word_byte(*at))
		at++;
	*from = at;
	while (at < end && is_word_byte(*at))
		at++;
	return at > *from ? at : NULL;
}

/* As long as a name can be: what is longer is cut off, and makes a text no plain one. */
static int
number_of(MigrText *text, const char *from, const char *end)
{
	Word		word = {{0}};
	int			len = Min(end - from, NAMEDATALEN - 1);
	WordEntry  *entry;
	bool		found;

	for (int i = 0; i < len; i++)
		word.bytes[i] = from[i] >= 'A' && from[i] <= 'Z' ? from[i] + ('a' - 'A') : from[i];
	entry = hash_search(text->numbers, &word, HASH_ENTER, &found);
	if (!found)
		entry->number = text->word_count++;
	return entry->number;
}

List *
migr_text_words_of(MigrText *text, List *numbers, const char *name)
{
	const char *end = name + strlen(name);
	const char *from = name;
	const char *behind;

	while ((behind = next_word(&from, end)) != NULL)
	{
		numbers = list_append_unique_int(numbers, number_of(text, from, behind));
		from = behind;
	}
	return numbers;
}

/* --- what stands in a statement ------------------------------------------------ */

static bool
is_word(const char *text, const MigrToken *token, const char *word)
{
	return token->kind == MIGR_TOKEN_WORD && token->end - token->start == (int) strlen(word) &&
		pg_strncasecmp(text + token->start, word, strlen(word)) == 0;
}

/* Does a constant have a word that is read as a point in time of today? */
static bool
tells_time(const char *from, const char *end)
{
	static const char *const words[] = {"now", "today", "tomorrow", "yesterday"};
	const char *behind;

	for (; (behind = next_word(&from, end)) != NULL; from = behind)
	{
		for (int i = 0; i < (int) lengthof(words); i++)
		{
			if (behind - from == (int) strlen(words[i]) &&
				pg_strncasecmp(from, words[i], behind - from) == 0)
				return true;
		}
	}
	return false;
}

/* A statement whose tokens are being read. */
typedef struct Looking
{
	MigrText   *text;
	const MigrStatementSaid *said;
	const char *sql;
	bool		behind_as;		/* of a routine: its body comes */
	bool		behind_time;	/* WITH would make it a time that goes by the day's time zone */
	bool		was_string;
} Looking;

/*
 * A constant can be evaluated where it is read: what it says then depends on the
 * time, or is spelled otherwise than it stands there.
 */
static void
look_at_string(Looking *looking, const MigrToken *token)
{
	const char *sql = looking->sql;
	const char *start = sql + token->start;
	bool		escapes = (*start == 'e' || *start == 'E') &&
		memchr(start, '\\', token->end - token->start) != NULL;
	bool		unicode = token->start > 1 && start[-1] == '&' &&
		(start[-2] == 'u' || start[-2] == 'U');

	if (looking->said->is_comment && *start != '"')
		return;
	if (escapes || unicode || looking->was_string)
		looking->text->is_plain = false;
	if (*start == '"')
	{
		if (token->end - token->start >= NAMEDATALEN)
			looking->text->is_plain = false;
		return;
	}
	if (looking->behind_as || looking->said->is_enum)
		return;
	if (escapes || unicode || looking->was_string || tells_time(start, sql + token->end))
		looking->text->lasts = false;
}

static void
look_at_word(Looking *looking, const MigrToken *token)
{
	if (is_word(looking->sql, token, "timetz") ||
		(looking->behind_time && is_word(looking->sql, token, "with")))
		looking->text->lasts = false;
	looking->behind_time = is_word(looking->sql, token, "time") ||
		(looking->behind_time && looking->sql[token->start] >= '0' && looking->sql[token->start] <= '9');
	if (token->end - token->start >= NAMEDATALEN)
		looking->text->is_plain = false;
}

static void
look_at_tokens(MigrText *text, const MigrTextStatement *statement, const char *sql)
{
	Looking		looking = {.text = text, .said = &statement->said, .sql = sql + statement->start};
	MigrScan	scan;
	MigrToken	token;

	migr_scan_begin(&scan, looking.sql, statement->end - statement->start);
	while (migr_scan_next(&scan, &token) != MIGR_TOKEN_END && token.kind != MIGR_TOKEN_UNTERMINATED)
	{
		if (token.kind == MIGR_TOKEN_QUOTED)
			look_at_string(&looking, &token);
		else if (token.kind == MIGR_TOKEN_WORD)
			look_at_word(&looking, &token);
		looking.was_string = token.kind == MIGR_TOKEN_QUOTED && looking.sql[token.start] != '"';
		looking.behind_as = looking.said->is_routine && is_word(looking.sql, &token, "as");
	}
}

/* --- statements ------------------------------------------------------------------ */

static MigrTextStatement *
add_statement(MigrText *text)
{
	MigrTextStatement *statement;

	if (text->count == text->room)
	{
		text->room = Max(64, 2 * text->room);
		text->statements = text->statements == NULL
			? MemoryContextAllocHuge(CurrentMemoryContext, text->room * sizeof(MigrTextStatement))
			: repalloc_huge(text->statements, text->room * sizeof(MigrTextStatement));
	}
	statement = &text->statements[text->count++];
	memset(statement, 0, sizeof(*statement));
	return statement;
}

/* The digest of a statement, and of what was set before. */
static char *
digest(const char *before, const char *sql, int len)
{
	StringInfoData all;
	char	   *result;

	initStringInfo(&all);
	appendStringInfo(&all, "%s ", before);
	appendBinaryStringInfo(&all, sql, len);
	result = migr_text_sha256(all.data, all.len);
	pfree(all.data);
	return result;
}

static void
read_statement(MigrText *text, int part, const char *sql, RawStmt *raw, char **set)
{
	MigrTextStatement *statement = add_statement(text);

	statement->part = part;
	statement->start = migr_parse_start(sql, raw);
	statement->end = migr_parse_end(sql, raw);
	statement->said = migr_statement_said(raw->stmt);
	statement->digest = digest(*set, sql + statement->start, statement->end - statement->start);
	if (statement->said.sets)
		*set = statement->digest;
	if (statement->said.sort == MIGR_STATEMENT_VOLATILE)
		text->lasts = false;
	if (statement->said.sort == MIGR_STATEMENT_WHOLE)
		text->is_plain = false;
	text->spreads = text->spreads || statement->said.has_partitions || statement->said.copies;
	look_at_tokens(text, statement, sql);
}

/* The trees are needed no longer than it takes to read them. */
static void
read_part(MigrText *text, int number, const char *sql)
{
	MigrScript *script = migr_script_of_sql(sql, "desired schema");
	const MigrSection *section = &script->sections[MIGR_SECTION_UPGRADE];
	MemoryContext caller = CurrentMemoryContext;
	MemoryContext trees;
	List	   *parsed;
	ListCell   *lc;
	char	   *set = "";

	if (!section->present)
	{
		text->parts = lappend(text->parts, pstrdup(""));
		return;
	}
	text->parts = lappend(text->parts, section->sql);
	text->lasts = text->lasts && section->copies == NIL && section->options == NIL;
	trees = AllocSetContextCreate(caller, "migr parse trees", ALLOCSET_DEFAULT_SIZES);
	MemoryContextSwitchTo(trees);
	parsed = migr_parse(section->sql, NULL, 0);
	MemoryContextSwitchTo(caller);
	foreach(lc, parsed)
		read_statement(text, number, section->sql, lfirst_node(RawStmt, lc), &set);
	MemoryContextDelete(trees);
}

/* Strings are read as they are by default, and names as they stand there. */
static bool
is_usual(const List *parts)
{
	const char *conforming = GetConfigOption("standard_conforming_strings", false, false);
	ListCell   *lc;

	if (strcmp(conforming, "on") != 0)
		return false;
	foreach(lc, parts)
	{
		static const char usual[] = "standard_conforming_strings = on;";
		const char *said = lfirst(lc);

		for (; (said = strstr(said, "standard_conforming_strings")) != NULL; said++)
		{
			if (strncmp(said, usual, sizeof(usual) - 1) != 0)
				return false;
		}
	}
	return true;
}

/* A text that is being read. */
typedef struct Reading
{
	MigrText   *text;
	const List *parts;
} Reading;

static void
read_parts(void *arg)
{
	const Reading *reading = arg;
	int			number = 0;
	ListCell   *lc;

	foreach(lc, reading->parts)
	{
		if (reading->text->lasts)
			read_part(reading->text, number++, lfirst(lc));
	}
}

MigrText *
migr_text_read(const List *parts)
{
	MigrText   *text = palloc0(sizeof(MigrText));
	Reading		reading = {text, parts};

	text->lasts = text->is_plain = is_usual(parts);
	/* What is wrong with it, the build says. */
	if (migr_parse_attempt(read_parts, &reading))
		text->lasts = false;
	return text;
}

/* --- the words of all statements --------------------------------------------------- */

/* What is counted of one statement at a time, by the number of the word. */
typedef struct Counted
{
	int			room;
	int		   *seen;			/* the last statement that has it, from 1 */
	int		   *total;			/* how often it has it */
	int		   *referenced;		/* how often behind REFERENCES */
} Counted;

static void
make_room(Counted *counted, int number)
{
	int			room = counted->room;

	if (number < room)
		return;
	counted->room = Max(1024, 2 * (number + 1));
	if (room == 0)
	{
		counted->seen = palloc_extended(counted->room * sizeof(int), MCXT_ALLOC_HUGE);
		counted->total = palloc_extended(counted->room * sizeof(int), MCXT_ALLOC_HUGE);
		counted->referenced = palloc_extended(counted->room * sizeof(int), MCXT_ALLOC_HUGE);
	}
	else
	{
		counted->seen = repalloc_huge(counted->seen, counted->room * sizeof(int));
		counted->total = repalloc_huge(counted->total, counted->room * sizeof(int));
		counted->referenced = repalloc_huge(counted->referenced, counted->room * sizeof(int));
	}
	memset(counted->seen + room, 0, (counted->room - room) * sizeof(int));
}

/* Go on to behind the name behind REFERENCES. */
static int
skip_name(const char *sql, int at, int end)
{
	bool		quoted = false;

	while (at < end && (quoted || is_word_byte(sql[at]) || sql[at] == '.' || sql[at] == '"'))
		quoted = quoted != (sql[at++] == '"');
	return at;
}

/* Where the name behind a word ends, if that is REFERENCES; else the place given. */
static int
end_of_reference(const char *sql, int start, int at, int end)
{
	if (at - start != 10 || pg_strncasecmp(sql + start, "references", 10) != 0)
		return at;
	while (at < end && migr_scan_isspace(sql[at]))
		at++;
	return skip_name(sql, at, end);
}

/* Words of one statement. */
typedef struct WordReader
{
	MigrText   *text;
	Counted    *counted;
	int			statement;		/* its number, from 1 */
	List	   *found;			/* int: its words */
} WordReader;

static void
count_word(WordReader *reader, const char *from, const char *end, bool is_referenced)
{
	Counted    *counted = reader->counted;
	int			word = number_of(reader->text, from, end);

	make_room(counted, word);
	Assert(counted->seen);
	if (counted->seen[word] != reader->statement)
	{
		counted->seen[word] = reader->statement;
		counted->total[word] = counted->referenced[word] = 0;
		reader->found = lappend_int(reader->found, word);
	}
	counted->total[word]++;
	counted->referenced[word] += is_referenced;
}

/* The array of a type can be called by the type's name behind a "_". */
static void
count_element(WordReader *reader, const char *from, const char *end, bool is_referenced)
{
	if (*from == '_' && end - from == NAMEDATALEN - 1)
		reader->text->is_plain = false;
	for (; from < end && *from == '_'; from++)
	{
		if (from + 1 < end)
			count_word(reader, from + 1, end, is_referenced);
	}
}

static void
read_words(MigrText *text, MigrTextStatement *statement, int number, Counted *counted)
{
	WordReader	reader = {text, counted, number + 1, NIL};
	const char *sql = list_nth(text->parts, statement->part);
	const char *from = sql + statement->start;
	const char *end = sql + statement->end;
	const char *reference = from;	/* the end of the last one */
	const char *behind;
	ListCell   *lc;

	for (; (behind = next_word(&from, end)) != NULL; from = behind)
	{
		bool		is_referenced = behind <= reference;

		if (behind - from >= NAMEDATALEN)
			text->is_plain = false;
		count_word(&reader, from, behind, is_referenced);
		count_element(&reader, from, behind, is_referenced);
		if (!is_referenced)
			reference = sql + end_of_reference(sql, from - sql, behind - sql, statement->end);
	}
	statement->words = palloc((list_length(reader.found) + 1) * sizeof(MigrTextWord));
	foreach(lc, reader.found)
	{
		MigrTextWord *word = &statement->words[statement->word_count++];

		word->number = lfirst_int(lc);
		word->is_referenced = counted->total[word->number] == counted->referenced[word->number];
	}
	list_free(reader.found);
}

static void
read_targets(MigrText *text, MigrTextStatement *statement)
{
	List	   *numbers = NIL;
	ListCell   *lc;

	foreach(lc, statement->said.targets)
	{
		List	   *words = migr_text_words_of(text, NIL, lfirst(lc));

		/* A name without any is found nowhere. */
		if (words == NIL)
			text->is_plain = false;
		numbers = list_union_int(numbers, words);
	}
	statement->targets = palloc((list_length(numbers) + 1) * sizeof(int));
	foreach(lc, numbers)
		statement->targets[statement->target_count++] = lfirst_int(lc);
	list_free(numbers);
}

void
migr_text_read_words(MigrText *text)
{
	HASHCTL		control = {.keysize = sizeof(Word), .entrysize = sizeof(WordEntry)};
	Counted		counted = {0};

	control.hcxt = CurrentMemoryContext;
	text->numbers = hash_create("migr words", 8192, &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	for (int i = 0; i < text->count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		read_words(text, &text->statements[i], i, &counted);
		read_targets(text, &text->statements[i]);
	}
	/* The server has its own idea of the lower case of letters that are one byte. */
	if (pg_database_encoding_max_length() == 1)
	{
		ListCell   *lc;

		foreach(lc, text->parts)
		{
			for (const char *at = lfirst(lc); *at; at++)
				text->is_plain = text->is_plain && !IS_HIGHBIT_SET(*at);
		}
	}
}
