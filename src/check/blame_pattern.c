/*
 * blame_pattern.c
 *		What a user calls an object when he asks who made it.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include <fnmatch.h>

#include "lib/stringinfo.h"
#include "parser/scansup.h"

#include "base/ident.h"
#include "base/scan.h"
#include "check/blame_pattern.h"

/* --- reading ---------------------------------------------------------------------- */

static char *
trim(const char *text, int len)
{
	while (len > 0 && migr_scan_isspace(*text))
		text++, len--;
	while (len > 0 && migr_scan_isspace(text[len - 1]))
		len--;
	return pnstrdup(text, len);
}

/* Does a pattern mean more than one name?  Escaped is what was quoted. */
static bool
is_plain(const char *pattern)
{
	for (; *pattern; pattern++)
	{
		if (*pattern == '\\' && pattern[1])
			pattern++;
		else if (strchr("*?[", *pattern))
			return false;
	}
	return true;
}

/* The name that a plain pattern means. */
static char *
unescape(const char *pattern)
{
	StringInfoData name;

	initStringInfo(&name);
	for (; *pattern; pattern++)
	{
		if (*pattern == '\\' && pattern[1])
			pattern++;
		appendStringInfoChar(&name, *pattern);
	}
	return name.data;
}

/* A part as it stands, and as an identifier is read. */
static List *
spellings_of(const char *text, bool quoted)
{
	char	   *folded = quoted ? NULL : downcase_identifier(text, strlen(text), false, false);

	if (folded == NULL || strcmp(folded, text) == 0)
		return list_make1(pstrdup(text));
	return list_make2(folded, pstrdup(text));
}

/* Read a part, and go to the dot behind it, to a parenthesis or to the end. */
static List *
read_part(const char **at)
{
	StringInfoData part;
	bool		quoted = **at == '"';
	bool		inside = false;
	const char *c;

	initStringInfo(&part);
	for (c = *at; *c && (inside || (*c != '.' && (*c != '(' || part.len == 0))); c++)
	{
		if (*c == '"' && quoted && !(inside && c[1] == '"'))
			inside = !inside;
		else
		{
			if (*c == '"' && inside)
				c++;
			if (inside && strchr("*?[\\", *c))
				appendStringInfoChar(&part, '\\');
			appendStringInfoChar(&part, *c);
		}
	}
	*at = c;
	return spellings_of(quoted ? part.data : trim(part.data, part.len), quoted);
}

/* The names that spellings mean, or NIL if one of them means more than one. */
static List *
plain_names(const List *spellings)
{
	List	   *names = NIL;
	ListCell   *lc;

	foreach(lc, spellings)
	{
		if (!is_plain(lfirst(lc)))
			return NIL;
		names = lappend(names, unescape(lfirst(lc)));
	}
	return names;
}

MigrBlamePattern
migr_blame_pattern(const char *text)
{
	MigrBlamePattern pattern = {.whole = trim(text, strlen(text))};
	const char *at = pattern.whole;
	int			count;

	/* What begins with a parenthesis is a cast, and is called as a whole. */
	while (*at && *at != '(')
	{
		pattern.parts = lappend(pattern.parts, read_part(&at));
		if (*at == '.')
			at++;
	}
	if (*at == '(')
	{
		const char *end = strrchr(at, ')');

		pattern.arguments = end ? trim(at + 1, end - at - 1) : trim(at + 1, strlen(at + 1));
	}
	count = list_length(pattern.parts);
	if (count > 0)
		pattern.names = plain_names(llast(pattern.parts));
	if (count > 1)
		pattern.around = plain_names(list_nth(pattern.parts, count - 2));
	return pattern;
}

/* --- matching ---------------------------------------------------------------------- */

static bool
is_called(const List *spellings, const char *name)
{
	ListCell   *lc;

	foreach(lc, spellings)
	{
		if (fnmatch(lfirst(lc), name, 0) == 0)
			return true;
	}
	return false;
}

/* Do the parts of the pattern name this, part by part?  A name may be NULL: no such. */
static bool
are_called(const MigrBlamePattern *pattern, const char *const *names, int count)
{
	int			i = 0;
	ListCell   *lc;

	if (list_length(pattern->parts) != count)
		return false;
	foreach(lc, pattern->parts)
	{
		const char *name = names[i++];

		if (name == NULL || !is_called(lfirst(lc), name))
			return false;
	}
	return true;
}

/* A type by the name that the server prints; it is not looked up. */
static char *
type_as_printed(const char *name)
{
	static const struct
	{
		const char *alias;
		const char *name;
	}			types[] = {
		{"bool", "boolean"},
		{"char", "character"},
		{"dec", "numeric"},
		{"decimal", "numeric"},
		{"float", "double precision"},
		{"float4", "real"},
		{"float8", "double precision"},
		{"int", "integer"},
		{"int2", "smallint"},
		{"int4", "integer"},
		{"int8", "bigint"},
		{"time", "time without time zone"},
		{"timestamp", "timestamp without time zone"},
		{"timestamptz", "timestamp with time zone"},
		{"timetz", "time with time zone"},
		{"varbit", "bit varying"},
		{"varchar", "character varying"}
	};
	int			len = strcspn(name, "[");

	while (len > 0 && migr_scan_isspace(name[len - 1]))
		len--;
	for (int i = 0; i < (int) lengthof(types); i++)
	{
		if ((int) strlen(types[i].alias) == len && pg_strncasecmp(types[i].alias, name, len) == 0)
			return psprintf("%s%s", types[i].name, name + strcspn(name, "["));
	}
	return pstrdup(name);
}

/* Arguments, separated by commas that stand in no quotes or parentheses. */
static List *
split_arguments(const char *text)
{
	List	   *arguments = NIL;
	const char *start = text;
	int			depth = 0;
	bool		quoted = false;
	const char *c;

	for (c = text; *c; c++)
	{
		if (*c == '"')
			quoted = !quoted;
		else if (!quoted && *c == '(')
			depth++;
		else if (!quoted && *c == ')')
			depth--;
		else if (!quoted && depth == 0 && *c == ',')
		{
			arguments = lappend(arguments, trim(start, c - start));
			start = c + 1;
		}
	}
	if (arguments != NIL || *text)
		arguments = lappend(arguments, trim(start, c - start));
	return arguments;
}

/* Is an argument, which may have a mode and a name before its type, of such a type? */
static bool
is_of_type(const char *argument, const char *type)
{
	int			rest = (int) strlen(argument) - (int) strlen(type);

	if (rest < 0 || pg_strcasecmp(argument + rest, type) != 0)
		return false;
	return rest == 0 || argument[rest - 1] == ' ' || argument[rest - 1] == '.';
}

/* Where in an identity the arguments are, behind names that may be quoted; or NULL. */
static const char *
find_arguments(const char *identity)
{
	bool		quoted = false;

	for (; *identity && (quoted || *identity != '('); identity++)
	{
		if (*identity == '"')
			quoted = !quoted;
	}
	return *identity ? identity : NULL;
}

/* Has a routine such arguments? */
static bool
has_arguments(const MigrRecordedObject *object, const char *wanted)
{
	const char *open = find_arguments(object->identity);
	const char *end = strrchr(object->identity, ')');
	char	   *has;
	List	   *is;
	List	   *are;
	ListCell   *lc;
	ListCell   *lc2;

	if (open == NULL || end == NULL)
		return false;
	has = pnstrdup(open + 1, end - open - 1);
	if (fnmatch(wanted, has, 0) == 0)
		return true;
	is = split_arguments(has);
	are = split_arguments(wanted);
	if (list_length(is) != list_length(are))
		return false;
	forboth(lc, is, lc2, are)
	{
		if (!is_of_type(lfirst(lc), type_as_printed(lfirst(lc2))))
			return false;
	}
	return true;
}

bool
migr_blame_names(const MigrBlamePattern *pattern, const MigrRecordedObject *object,
				 const MigrRecordedObject *root)
{
	const char *const alone[] = {object->name};
	const char *const in_schema[] = {object->schema, object->name};
	const char *const on_root[] = {root->name, object->name};
	const char *const in_full[] = {object->schema, root->name, object->name};
	bool		is_root = root == object;

	if (fnmatch(pattern->whole, object->object, 0) == 0 ||
		fnmatch(pattern->whole, object->identity, 0) == 0)
		return true;
	if (!are_called(pattern, alone, 1) && !are_called(pattern, in_schema, 2) &&
		(is_root || (!are_called(pattern, on_root, 2) && !are_called(pattern, in_full, 3))))
		return false;
	return pattern->arguments == NULL || has_arguments(object, pattern->arguments);
}
