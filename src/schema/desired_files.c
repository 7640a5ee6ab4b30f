/*
 * desired_files.c
 *		The files of a desired schema, and the order that they ask for.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "miscadmin.h"

#include "base/scan.h"
#include "schema/desired_files.h"

#define DIRECTIVE "-- migr:"

char *
migr_desired_file_name(const char *file)
{
	return psprintf("schema file \"%s\"", file);
}

/* The value of a directive of this name, or NULL if the line is another one. */
static char *
value_of(const MigrScan *scan, const MigrToken *line, const char *name)
{
	const char *from = scan->text + line->start + strlen(DIRECTIVE);
	const char *end = scan->text + line->end;
	int			len = strlen(name);

	if (end - from <= len || strncmp(from, name, len) != 0 ||
		!migr_scan_isspace(from[len]))
		return NULL;
	from += len;
	while (from < end && migr_scan_isspace(*from))
		from++;
	while (end > from && migr_scan_isspace(end[-1]))
		end--;
	return end > from ? pnstrdup(from, end - from) : NULL;
}

/* Is a line a directive of this name, and nothing else? */
static bool
is_alone(const MigrScan *scan, const MigrToken *line, const char *name)
{
	const char *from = scan->text + line->start + strlen(DIRECTIVE);
	const char *end = scan->text + line->end;

	while (end > from && migr_scan_isspace(end[-1]))
		end--;
	return end - from == strlen(name) && strncmp(from, name, end - from) == 0;
}

static MigrDesiredFile *
make_file(const char *file, const char *name)
{
	MigrDesiredFile *made = palloc0(sizeof(MigrDesiredFile));

	made->file = file;
	made->name = name;
	return made;
}

/* Is there anything but white space? */
static bool
has_text(const char *text, int len)
{
	for (int i = 0; i < len; i++)
	{
		if (!migr_scan_isspace(text[i]))
			return true;
	}
	return false;
}

/* The text that belongs to a file ends here. */
static List *
end_file(List *files, MigrDesiredFile *file, const char *text, int len,
		 bool is_named)
{
	if (!is_named && files == NIL && !has_text(text, len))
		return files;
	file->sql = pnstrdup(text, len);
	return lappend(files, file);
}

static void
come_after(MigrDesiredFile *file, char *value)
{
	if (strcmp(value, MIGR_AFTER_ALL) == 0)
		file->is_last = true;
	else
		file->after = lappend(file->after, value);
}

List *
migr_desired_files_split(const char *text, const char *file, const char *name)
{
	char	   *copy = pstrdup(text);
	MigrDesiredFile *current = make_file(file, name);
	List	   *files = NIL;
	int			start = 0;
	bool		is_named = false;
	MigrScan	scan;
	MigrToken	token;

	/* Most texts have none. */
	migr_scan_begin(&scan, text, strstr(text, DIRECTIVE) ? strlen(text) : 0);
	while (migr_scan_next(&scan, &token) != MIGR_TOKEN_END &&
		   token.kind != MIGR_TOKEN_UNTERMINATED)
	{
		char	   *value;

		CHECK_FOR_INTERRUPTS();
		if (token.kind != MIGR_TOKEN_DIRECTIVE)
			continue;
		if ((value = value_of(&scan, &token, MIGR_FILE_DIRECTIVE)) != NULL)
		{
			files = end_file(files, current, copy + start, token.start - start, is_named);
			current = make_file(value, migr_desired_file_name(value));
			start = token.start;
			is_named = true;
		}
		else if ((value = value_of(&scan, &token, MIGR_AFTER_DIRECTIVE)) != NULL)
			come_after(current, value);
		else if (is_alone(&scan, &token, MIGR_EMPTY_DIRECTIVE))
			current->says_empty = true;
		else
			continue;			/* said of it where it is parsed */
		memset(copy + token.start, ' ', token.end - token.start);
	}
	/* A text without anything is a file all the same. */
	return end_file(files, current, copy + start, strlen(copy + start), true);
}

/* Files, by number, and which of them need each other (Tarjan). */
typedef struct Sorting
{
	int			count;
	MigrDesiredFile **files;
	MigrDesiredFile **by_name;
	List	  **needs;			/* int */
	int		   *reached;		/* in which order; 0: not yet */
	int		   *low;			/* the first one that can be reached from here */
	int		   *circle;			/* who need each other; 0: not known yet */
	int		   *place;			/* in the result */
	int			next;
	int			circles;
	List	   *stack;			/* int */
	List	   *result;
} Sorting;

static int
compare_names(const void *a, const void *b)
{
	const char *left = (*(MigrDesiredFile *const *) a)->file;
	const char *right = (*(MigrDesiredFile *const *) b)->file;

	return strcmp(left ? left : "", right ? right : "");
}

/* The number of the file of a name, or -1. */
static int
find(const Sorting *sorting, const char *name)
{
	MigrDesiredFile key = {.file = name};
	MigrDesiredFile *wanted = &key;
	MigrDesiredFile **found = bsearch(&wanted, sorting->by_name, sorting->count,
									  sizeof(MigrDesiredFile *), compare_names);

	/* Its number was put there. */
	return found ? linitial_int((*found)->waits) : -1;
}

static void
collect(Sorting *sorting, const List *files)
{
	ListCell   *lc;

	sorting->count = list_length(files);
	sorting->files = palloc((sorting->count + 1) * sizeof(MigrDesiredFile *));
	sorting->by_name = palloc((sorting->count + 1) * sizeof(MigrDesiredFile *));
	sorting->needs = palloc0((sorting->count + 1) * sizeof(List *));
	sorting->reached = palloc0((sorting->count + 1) * sizeof(int));
	sorting->low = palloc0((sorting->count + 1) * sizeof(int));
	sorting->circle = palloc0((sorting->count + 1) * sizeof(int));
	sorting->place = palloc0((sorting->count + 1) * sizeof(int));
	foreach(lc, files)
	{
		MigrDesiredFile *file = lfirst(lc);

		file->waits = list_make1_int(foreach_current_index(lc));
		sorting->files[foreach_current_index(lc)] = file;
		sorting->by_name[foreach_current_index(lc)] = file;
	}
	qsort(sorting->by_name, sorting->count, sizeof(MigrDesiredFile *), compare_names);
}

static void
find_needs(Sorting *sorting, int i)
{
	const MigrDesiredFile *file = sorting->files[i];
	ListCell   *lc;

	foreach(lc, file->after)
	{
		int			needed = find(sorting, lfirst(lc));

		if (needed >= 0 && needed != i)
			sorting->needs[i] = lappend_int(sorting->needs[i], needed);
	}
	for (int j = 0; file->is_last && j < sorting->count; j++)
	{
		if (!sorting->files[j]->is_last)
			sorting->needs[i] = lappend_int(sorting->needs[i], j);
	}
}

/* Nobody below can reach what is above: the top of the stack is a circle. */
static void
end_circle(Sorting *sorting, int first)
{
	List	   *members = NIL;
	int			member;
	ListCell   *lc;

	sorting->circles++;
	do
	{
		member = llast_int(sorting->stack);
		sorting->stack = list_delete_last(sorting->stack);
		sorting->circle[member] = sorting->circles;
		members = lcons_int(member, members);
	} while (member != first);
	foreach(lc, members)
	{
		sorting->place[lfirst_int(lc)] = list_length(sorting->result);
		sorting->result = lappend(sorting->result, sorting->files[lfirst_int(lc)]);
	}
}

static void
visit(Sorting *sorting, int i)
{
	ListCell   *lc;

	check_stack_depth();
	sorting->reached[i] = sorting->low[i] = ++sorting->next;
	sorting->stack = lappend_int(sorting->stack, i);
	foreach(lc, sorting->needs[i])
	{
		int			needed = lfirst_int(lc);

		if (sorting->reached[needed] == 0)
			visit(sorting, needed);
		if (sorting->circle[needed] == 0)
			sorting->low[i] = Min(sorting->low[i], sorting->low[needed]);
	}
	if (sorting->low[i] == sorting->reached[i])
		end_circle(sorting, i);
}

static void
set_waits(Sorting *sorting, int i)
{
	List	   *waits = NIL;
	ListCell   *lc;

	foreach(lc, sorting->needs[i])
	{
		if (sorting->circle[lfirst_int(lc)] != sorting->circle[i])
			waits = lappend_int(waits, sorting->place[lfirst_int(lc)]);
	}
	sorting->files[i]->waits = waits;
}

List *
migr_desired_files_sort(const List *files)
{
	Sorting		sorting = {0};

	collect(&sorting, files);
	for (int i = 0; i < sorting.count; i++)
		find_needs(&sorting, i);
	for (int i = 0; i < sorting.count; i++)
	{
		if (sorting.reached[i] == 0)
			visit(&sorting, i);
	}
	for (int i = 0; i < sorting.count; i++)
		set_waits(&sorting, i);
	return sorting.result;
}
