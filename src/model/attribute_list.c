/*
 * attribute_list.c
 *		Lists in the text of attributes, taken apart.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "base/scan.h"
#include "model/attribute_list.h"

/* The entry from start to end, without blanks around it, as an item. */
static MigrDdlItem *
make_item(const char *text, int start, int end, int key_start, int key_end)
{
	MigrDdlItem *item = palloc(sizeof(MigrDdlItem));
	char	   *rest;

	while (start < end && migr_scan_isspace(text[start]))
		start++;
	while (end > start && migr_scan_isspace(text[end - 1]))
		end--;
	item->text = pnstrdup(text + start, end - start);
	item->key = pnstrdup(text + key_start, key_end - key_start);
	rest = pnstrdup(text + key_end, Max(end - key_end, 0));
	while (migr_scan_isspace(*rest))
		rest++;
	if (*rest == '=')
		rest++;
	while (migr_scan_isspace(*rest))
		rest++;
	item->rest = rest;
	return item;
}

List *
migr_ddl_list_by(const char *text, char separator)
{
	List	   *result = NIL;
	MigrScan	scan;
	MigrToken	token;
	int			start = 0;
	int			key_start = -1;
	int			key_end = -1;
	int			depth = 0;

	if (text == NULL)
		return NIL;
	migr_scan_begin(&scan, text, strlen(text));
	while (migr_scan_next(&scan, &token) != MIGR_TOKEN_END &&
		   token.kind != MIGR_TOKEN_UNTERMINATED)
	{
		char		c = text[token.start];
		bool		plain = token.kind == MIGR_TOKEN_OTHER ||
			token.kind == MIGR_TOKEN_SEMICOLON;

		if (plain && c == separator && depth == 0)
		{
			if (key_start >= 0)
				result = lappend(result, make_item(text, start, token.start,
												   key_start, key_end));
			start = token.end;
			key_start = -1;
			continue;
		}
		if (plain && (c == '(' || c == '['))
			depth++;
		else if (plain && (c == ')' || c == ']'))
			depth--;
		if (key_start < 0)
		{
			key_start = token.start;
			key_end = token.end;
		}
	}
	if (key_start >= 0)
		result = lappend(result, make_item(text, start, strlen(text),
										   key_start, key_end));
	return result;
}

List *
migr_ddl_list(const char *text)
{
	return migr_ddl_list_by(text, ',');
}

const MigrDdlItem *
migr_ddl_list_key(const List *list, const char *key)
{
	ListCell   *lc;

	foreach(lc, list)
	{
		const MigrDdlItem *item = lfirst(lc);

		if (strcmp(item->key, key) == 0)
			return item;
	}
	return NULL;
}

const MigrDdlItem *
migr_ddl_list_text(const List *list, const char *text)
{
	ListCell   *lc;

	foreach(lc, list)
	{
		const MigrDdlItem *item = lfirst(lc);

		if (strcmp(item->text, text) == 0)
			return item;
	}
	return NULL;
}

int
migr_ddl_list_word(const char *text, const char *word)
{
	MigrScan	scan;
	MigrToken	token;
	int			len = strlen(word);

	migr_scan_begin(&scan, text, strlen(text));
	while (migr_scan_next(&scan, &token) != MIGR_TOKEN_END &&
		   token.kind != MIGR_TOKEN_UNTERMINATED)
	{
		if (token.kind == MIGR_TOKEN_WORD && token.end - token.start == len &&
			strncmp(text + token.start, word, len) == 0)
			return token.start;
	}
	return -1;
}

char *
migr_ddl_list_parenthesis(const char *text)
{
	MigrScan	scan;
	MigrToken	token;
	int			depth = 0;
	int			start = 0;

	migr_scan_begin(&scan, text, strlen(text));
	while (migr_scan_next(&scan, &token) != MIGR_TOKEN_END &&
		   token.kind != MIGR_TOKEN_UNTERMINATED)
	{
		if (token.kind != MIGR_TOKEN_OTHER)
			continue;
		if (text[token.start] == '(' && depth++ == 0)
			start = token.start;
		else if (text[token.start] == ')' && --depth == 0)
			return pnstrdup(text + start, token.end - start);
	}
	return "";
}

void
migr_ddl_list_next(StringInfo out, int *count, const char *before,
				   const char *between)
{
	appendStringInfoString(out, (*count)++ == 0 ? before : between);
}

void
migr_ddl_list_end(StringInfo out, bool any, int len)
{
	if (any)
		appendStringInfoString(out, ";\n");
	else
	{
		out->len = len;
		out->data[len] = '\0';
	}
}

bool
migr_ddl_list_options(StringInfo out, const char *from, const char *to)
{
	List	   *old = migr_ddl_list(from);
	List	   *new = migr_ddl_list(to);
	int			count = 0;
	ListCell   *lc;

	foreach(lc, old)
	{
		const MigrDdlItem *item = lfirst(lc);

		if (migr_ddl_list_key(new, item->key))
			continue;
		migr_ddl_list_next(out, &count, " OPTIONS (", ", ");
		appendStringInfo(out, "DROP %s", item->key);
	}
	foreach(lc, new)
	{
		const MigrDdlItem *item = lfirst(lc);
		const MigrDdlItem *was = migr_ddl_list_key(old, item->key);

		if (was && strcmp(was->text, item->text) == 0)
			continue;
		migr_ddl_list_next(out, &count, " OPTIONS (", ", ");
		appendStringInfo(out, "%s %s", was ? "SET" : "ADD", item->text);
	}
	if (count > 0)
		appendStringInfoChar(out, ')');
	return count > 0;
}

bool
migr_ddl_same(const char *from, const char *to)
{
	return strcmp(from ? from : "", to ? to : "") == 0;
}
