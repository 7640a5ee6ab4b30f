/*
 * renamed_from_read.c
 *		The lines of desired DDL that say what got another name.
 *
 * Read by tokens: only as much of a statement is understood as says what it
 * makes.  Whether the rest is right, the server says when it runs.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "miscadmin.h"
#include "parser/scansup.h"

#include "base/errors.h"
#include "base/scan.h"
#include "schema/renamed_from.h"

#define MARK "-- migr:renamed_from"
#define MARK_LEN ((int) strlen(MARK))

#define WHERE_IT_STANDS \
	"It stands in a line of its own, before CREATE, before a column, an attribute or a label" \
	" in parentheses, or before CONSTRAINT or ADD."

/* A text that is being read. */
typedef struct Reading
{
	char	   *sql;
	const char *name;
	MigrScan	scan;
	MigrToken	token;			/* the one that was read last */
	int			depth;			/* of parentheses */
	bool		begins;			/* is an entry of a list, or a statement, to begin? */
	bool		is_altered;		/* ALTER TABLE, which has no list */
	const char *noun;			/* of what the statement makes or changes; NULL */
	List	   *names;
	List	   *pending;		/* MigrRenamedFrom *: about what comes next */
	int			line;			/* of the last of these */
	List	   *marks;
} Reading;

/* --- words ---------------------------------------------------------------- */

static bool
is_word(const MigrScan *scan, const MigrToken *token, const char *word)
{
	int			len = strlen(word);

	return token->kind == MIGR_TOKEN_WORD && token->end - token->start == len &&
		pg_strncasecmp(scan->text + token->start, word, len) == 0;
}

static bool
is_sign(const MigrScan *scan, const MigrToken *token, char sign)
{
	return token->kind == MIGR_TOKEN_OTHER && scan->text[token->start] == sign;
}

/* Go on if the next token is this word. */
static bool
skip_word(MigrScan *scan, const char *word)
{
	MigrScan	next = *scan;
	MigrToken	token;

	next.comments = false;
	if (migr_scan_next(&next, &token) == MIGR_TOKEN_DIRECTIVE ||
		!is_word(&next, &token, word))
		return false;
	next.comments = scan->comments;
	*scan = next;
	return true;
}

static void
skip_words(MigrScan *scan, const char *const *words)
{
	for (int i = 0; words[i] != NULL; i++)
	{
		if (skip_word(scan, words[i]))
			i = -1;
	}
}

/* What a quoted name or string says, between its quotes. */
static char *
unquote(const char *from, const char *end)
{
	char		quote = *from++;
	char	   *result = palloc(end - from + 1);
	int			len = 0;

	for (; from < end - 1; from++)
	{
		result[len++] = *from;
		if (*from == quote)
			from++;
	}
	result[len] = '\0';
	return result;
}

/* The identifier, or with labels the string, that a token is; or NULL. */
static char *
name_of(const MigrScan *scan, const MigrToken *token, bool labels)
{
	const char *from = scan->text + token->start;

	if (token->kind == MIGR_TOKEN_WORD)
		return labels ? NULL : downcase_truncate_identifier(from, token->end - token->start, false);
	if (token->kind == MIGR_TOKEN_QUOTED && *from == (labels ? '\'' : '"'))
		return unquote(from, scan->text + token->end);
	return NULL;
}

/* A name with what it is qualified by (char *); NIL if there is none. */
static List *
read_names(MigrScan *scan)
{
	List	   *names = NIL;
	MigrToken	token;

	do
	{
		MigrScan	dot;
		char	   *name;

		migr_scan_next(scan, &token);
		name = name_of(scan, &token, false);
		if (name == NULL)
			return NIL;
		names = lappend(names, name);
		dot = *scan;
		migr_scan_next(&dot, &token);
		if (is_sign(&dot, &token, '.'))
			*scan = dot;
	} while (is_sign(scan, &token, '.'));
	return names;
}

/* --- heads of statements -------------------------------------------------- */

static const struct
{
	const char *words[3];
	const char *noun;
	const char *behind;			/* of a part: before what it hangs on */
}			nouns[] =
{
	{{"table"}, "TABLE"},
	{{"foreign", "table"}, "FOREIGN TABLE"},
	{{"foreign", "data", "wrapper"}, "FOREIGN DATA WRAPPER"},
	{{"view"}, "VIEW"},
	{{"materialized", "view"}, "MATERIALIZED VIEW"},
	{{"index"}, "INDEX"},
	{{"sequence"}, "SEQUENCE"},
	{{"type"}, "TYPE"},
	{{"domain"}, "DOMAIN"},
	{{"function"}, "FUNCTION"},
	{{"procedure"}, "PROCEDURE"},
	{{"aggregate"}, "AGGREGATE"},
	{{"schema"}, "SCHEMA"},
	{{"collation"}, "COLLATION"},
	{{"conversion"}, "CONVERSION"},
	{{"statistics"}, "STATISTICS"},
	{{"publication"}, "PUBLICATION"},
	{{"server"}, "SERVER"},
	{{"event", "trigger"}, "EVENT TRIGGER"},
	{{"text", "search", "configuration"}, "TEXT SEARCH CONFIGURATION"},
	{{"text", "search", "dictionary"}, "TEXT SEARCH DICTIONARY"},
	{{"text", "search", "parser"}, "TEXT SEARCH PARSER"},
	{{"text", "search", "template"}, "TEXT SEARCH TEMPLATE"},
	{{"trigger"}, "TRIGGER", "on"},
	{{"policy"}, "POLICY", "on"},
	{{"rule"}, "RULE", "to"},
};

/* The noun that follows, behind what may stand before it; -1 if none does. */
static int
read_noun(MigrScan *scan)
{
	static const char *const before[] = {
		"or", "replace", "temp", "temporary", "local", "global", "unlogged", "recursive",
		"unique", "default", "constraint", NULL
	};

	skip_words(scan, before);
	for (int i = 0; i < (int) lengthof(nouns); i++)
	{
		MigrScan	next = *scan;
		int			count = 0;

		while (count < 3 && nouns[i].words[count] && skip_word(&next, nouns[i].words[count]))
			count++;
		if (count < 3 && nouns[i].words[count])
			continue;
		*scan = next;
		return i;
	}
	return -1;
}

/* Go behind a word outside of parentheses. */
static bool
find_word(MigrScan *scan, const char *word)
{
	MigrToken	token;
	int			depth = 0;

	do
	{
		migr_scan_next(scan, &token);
		depth += is_sign(scan, &token, '(') - is_sign(scan, &token, ')');
		if (depth == 0 && is_word(scan, &token, word))
			return true;
	} while (token.kind != MIGR_TOKEN_END && token.kind != MIGR_TOKEN_SEMICOLON &&
			 token.kind != MIGR_TOKEN_UNTERMINATED);
	return false;
}

/* --- marks ---------------------------------------------------------------- */

static void
raise_misplaced(const Reading *reading, const char *what)
{
	ereport(ERROR,
			(errcode(ERRCODE_MIGR_MALFORMED_SCRIPT),
			 errmsg("malformed %s at line %d: %s", reading->name, reading->line, what),
			 errhint(WHERE_IT_STANDS)));
}

static bool
is_own_line(const char *text, int start)
{
	while (start > 0 && (text[start - 1] == ' ' || text[start - 1] == '\t'))
		start--;
	return start == 0 || text[start - 1] == '\n' || text[start - 1] == '\r' ||
		(start == 3 && strncmp(text, "\xEF\xBB\xBF", 3) == 0);
}

/* Take a comment if it is one of these lines; others are none of our business. */
static void
read_comment(Reading *reading)
{
	const char *from = reading->sql + reading->token.start;
	const char *end = reading->sql + reading->token.end;
	MigrRenamedFrom *mark;

	if (end - from < MARK_LEN || strncmp(from, MARK, MARK_LEN) != 0 ||
		(end - from > MARK_LEN && !migr_scan_isspace(from[MARK_LEN])) ||
		!is_own_line(reading->sql, reading->token.start))
		return;
	from += MARK_LEN;
	while (from < end && migr_scan_isspace(*from))
		from++;
	while (end > from && migr_scan_isspace(end[-1]))
		end--;
	reading->line = reading->token.line;
	if (from == end)
		raise_misplaced(reading, "\"renamed_from\" needs the old name");
	mark = palloc0(sizeof(MigrRenamedFrom));
	mark->old = pnstrdup(from, end - from);
	reading->pending = lappend(reading->pending, mark);
	memset(reading->sql + reading->token.start, ' ', reading->token.end - reading->token.start);
}

/* The lines that wait are about this. */
static void
settle(Reading *reading, const char *part, const char *part_noun)
{
	ListCell   *lc;

	if (reading->noun == NULL || reading->names == NIL)
		raise_misplaced(reading, "\"renamed_from\" stands before nothing that has a name");
	foreach(lc, reading->pending)
	{
		MigrRenamedFrom *mark = lfirst(lc);

		mark->noun = reading->noun;
		mark->names = reading->names;
		mark->part = part;
		mark->part_noun = part_noun;
		reading->marks = lappend(reading->marks, mark);
	}
	reading->pending = NIL;
}

/* The name of a constraint, or of what is added, that comes next. */
static void
settle_next(Reading *reading, const char *part_noun)
{
	MigrScan	next = reading->scan;
	MigrToken	token;
	char	   *name;

	next.comments = false;
	migr_scan_next(&next, &token);
	name = name_of(&next, &token, false);
	if (name == NULL)
		raise_misplaced(reading, "\"renamed_from\" stands before nothing that has a name");
	settle(reading, name, part_noun);
}

/* Behind ADD of ALTER TABLE. */
static void
settle_added(Reading *reading)
{
	static const char *const before[] = {"column", "if", "not", "exists", NULL};

	if (skip_word(&reading->scan, "constraint"))
		settle_next(reading, "CONSTRAINT");
	else
	{
		skip_words(&reading->scan, before);
		settle_next(reading, NULL);
	}
}

/* CREATE, and ALTER TABLE: what they are about.  Trailing lists follow. */
static void
read_head(Reading *reading)
{
	static const char *const between[] = {"concurrently", "if", "not", "exists", "only", NULL};
	MigrScan	scan = reading->scan;
	bool		creates = is_word(&reading->scan, &reading->token, "create");
	int			noun;

	reading->noun = NULL;
	reading->names = NIL;
	reading->is_altered = is_word(&reading->scan, &reading->token, "alter");
	scan.comments = false;
	if ((!creates && !reading->is_altered) || (noun = read_noun(&scan)) < 0)
		return;
	reading->noun = nouns[noun].noun;
	skip_words(&scan, between);
	reading->names = read_names(&scan);
	if (creates && nouns[noun].behind && reading->names != NIL)
	{
		const char *part = llast(reading->names);

		reading->names = NIL;
		if (find_word(&scan, nouns[noun].behind))
			reading->names = read_names(&scan);
		reading->noun = "TABLE";
		if (reading->pending != NIL)
			settle(reading, part, nouns[noun].noun);
		reading->noun = NULL;
	}
	else if (creates && reading->pending != NIL)
		settle(reading, NULL, NULL);
}

/* --- texts ---------------------------------------------------------------- */

/* Do words that begin an entry of CREATE TABLE make something without a name? */
static bool
is_nameless(const Reading *reading)
{
	static const char *const words[] = {"primary", "unique", "check", "foreign", "exclude", "like"};

	for (int i = 0; i < (int) lengthof(words); i++)
	{
		if (is_word(&reading->scan, &reading->token, words[i]))
			return true;
	}
	return false;
}

/* A token that lines wait for. */
static void
read_subject(Reading *reading)
{
	const char *name = name_of(&reading->scan, &reading->token,
							   reading->noun && strcmp(reading->noun, "TYPE") == 0 &&
							   reading->token.kind == MIGR_TOKEN_QUOTED &&
							   reading->sql[reading->token.start] == '\'');

	if (is_word(&reading->scan, &reading->token, "constraint"))
		settle_next(reading, "CONSTRAINT");
	else if (reading->is_altered && reading->depth == 0 && is_word(&reading->scan, &reading->token, "add"))
		settle_added(reading);
	else if (reading->depth == 1 && reading->begins && name && !is_nameless(reading))
		settle(reading, name, NULL);
	else if (!reading->is_altered)
		raise_misplaced(reading, "\"renamed_from\" stands before nothing that has a name");
}

static void
read_token(Reading *reading)
{
	const MigrScan *scan = &reading->scan;
	const MigrToken *token = &reading->token;

	if (reading->depth == 0 && reading->begins && token->kind != MIGR_TOKEN_SEMICOLON)
		read_head(reading);
	else if (reading->pending != NIL)
		read_subject(reading);
	reading->depth += is_sign(scan, token, '(') - is_sign(scan, token, ')');
	if (token->kind == MIGR_TOKEN_SEMICOLON)
		reading->depth = 0;
	reading->begins = token->kind == MIGR_TOKEN_SEMICOLON ||
		(reading->depth == 1 && (is_sign(scan, token, '(') || is_sign(scan, token, ',')));
	if (token->kind == MIGR_TOKEN_SEMICOLON && reading->pending != NIL)
		raise_misplaced(reading, "\"renamed_from\" stands before nothing that has a name");
}

List *
migr_renamed_from_read(char *sql, const char *name)
{
	Reading		reading = {.sql = sql, .name = name, .begins = true};

	/* Most texts have none. */
	migr_scan_begin(&reading.scan, sql, strstr(sql, MARK) ? strlen(sql) : 0);
	reading.scan.comments = true;
	for (;;)
	{
		CHECK_FOR_INTERRUPTS();
		migr_scan_next(&reading.scan, &reading.token);
		if (reading.token.kind == MIGR_TOKEN_END || reading.token.kind == MIGR_TOKEN_UNTERMINATED)
			break;
		if (reading.token.kind == MIGR_TOKEN_COMMENT || reading.token.kind == MIGR_TOKEN_DIRECTIVE)
			read_comment(&reading);
		else
			read_token(&reading);
	}
	if (reading.pending != NIL)
		raise_misplaced(&reading, "\"renamed_from\" stands before nothing that has a name");
	return reading.marks;
}
