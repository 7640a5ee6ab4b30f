/*
 * ddl_alter_options.c
 *		Changes of option lists to SQL text.
 *
 * A list is what the snapshot has: name='value', …, or name 'value', …; names
 * are quoted where they need it.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "compat.h"
#include "ddl_alter_columns.h"

typedef struct Option
{
	const char *name;
	const char *value;			/* quoted */
	bool		kept;
} Option;

typedef struct Options
{
	int			count;
	Option	   *items;
} Options;

/* Behind the quoted or plain word at p. */
static const char *
skip_word(const char *p, const char *stop)
{
	char		quote = '\0';

	for (; *p != '\0' && (quote || !strchr(stop, *p)); p++)
	{
		if (quote && *p == quote)
			quote = '\0';
		else if (!quote && (*p == '\'' || *p == '"'))
			quote = *p;
	}
	return p;
}

static Options
read_options(const char *list)
{
	Options		options = {0};

	options.items = palloc((list ? strlen(list) / 2 + 1 : 1) * sizeof(Option));
	while (list && *list != '\0')
	{
		Option	   *option = &options.items[options.count++];
		const char *end = skip_word(list, "= ");

		option->kept = false;
		option->name = pnstrdup(list, end - list);
		list = end + (*end != '\0');
		end = skip_word(list, ",");
		option->value = pnstrdup(list, end - list);
		for (list = end; *list == ',' || *list == ' ' || *list == '\n'; list++)
			 /* to the next one */ ;
	}
	return options;
}

static Option *
find_option(const Options *options, const char *name)
{
	for (int i = 0; i < options->count; i++)
	{
		if (strcmp(options->items[i].name, name) == 0)
			return &options->items[i];
	}
	return NULL;
}

static bool
is_same_list(const char *from, const char *to)
{
	return strcmp(from ? from : "", to ? to : "") == 0;
}

void
migr_ddl_alter_options(StringInfo out, const char *alter, const char *from,
					   const char *to)
{
	Options		old;
	Options		new;
	const char *separator = "SET (";

	if (is_same_list(from, to))
		return;
	old = read_options(from);
	new = read_options(to);
	for (int i = 0; i < new.count; i++)
	{
		Option	   *before = find_option(&old, new.items[i].name);

		if (before)
			before->kept = true;
		if (before && strcmp(before->value, new.items[i].value) == 0)
			continue;
		appendStringInfo(out, "%s%s%s=%s", *separator == 'S' ? alter : "", separator,
						 new.items[i].name, new.items[i].value);
		separator = ", ";
	}
	if (*separator == ',')
		appendStringInfoString(out, ");\n");
	separator = "RESET (";
	for (int i = 0; i < old.count; i++)
	{
		if (old.items[i].kept)
			continue;
		appendStringInfo(out, "%s%s%s", *separator == 'R' ? alter : "", separator,
						 old.items[i].name);
		separator = ", ";
	}
	if (*separator == ',')
		appendStringInfoString(out, ");\n");
}

void
migr_ddl_alter_foreign_options(StringInfo out, const char *alter,
							   const char *from, const char *to)
{
	Options		old;
	Options		new;
	const char *separator = "OPTIONS (";

	if (is_same_list(from, to))
		return;
	old = read_options(from);
	new = read_options(to);
	appendStringInfoString(out, alter);
	for (int i = 0; i < new.count; i++)
	{
		Option	   *before = find_option(&old, new.items[i].name);

		if (before)
			before->kept = true;
		if (before && strcmp(before->value, new.items[i].value) == 0)
			continue;
		appendStringInfo(out, "%s%s %s %s", separator, before ? "SET" : "ADD",
						 new.items[i].name, new.items[i].value);
		separator = ", ";
	}
	for (int i = 0; i < old.count; i++)
	{
		if (old.items[i].kept)
			continue;
		appendStringInfo(out, "%sDROP %s", separator, old.items[i].name);
		separator = ", ";
	}
	appendStringInfoString(out, ");\n");
}
