/*
 * overview.c
 *		The stored revisions at a glance, for people to read.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "pgtime.h"
#include "utils/timestamp.h"

#include "base/display.h"
#include "graph/lanes.h"
#include "graph/marks.h"
#include "graph/picture.h"
#include "store/overview.h"
#include "store/store.h"

/* A graph that is wider is cut, so that there is room for what is said. */
#define GRAPH_WIDTH 20

/* A message is not to lose more to a long id than it has to. */
#define MESSAGE_WIDTH 20
#define REVISION_WIDTH 12

/* Between two columns. */
#define GAP 2

typedef enum Column
{
	MARK,
	REVISION,
	APPLIED_AT,
	APPLIED_BY,
	DURATION,
	MESSAGE
} Column;

#define COLUMNS (MESSAGE + 1)

/* How wide a column gets at most. */
static const int max_widths[COLUMNS] = {7, PG_INT32_MAX, 16, 12, 9, PG_INT32_MAX};

/* A line before it is known how wide its columns are. */
typedef struct Line
{
	const char *graph;
	const char *cells[COLUMNS]; /* all NULL where there are only lines */
} Line;

typedef struct Table
{
	Line	   *lines;
	int			count;
	int			graph_width;
	int			widths[COLUMNS];	/* 0: nobody has any */
} Table;

/* What is stored. */
typedef struct Stored
{
	MigrState  *state;
	List	   *versions;
	const MigrVersion **version_of; /* by node, NULL where there is no row */
	int		   *order;			/* of drawing */
} Stored;

/* What waits is the newest, then what was applied last. */
static int *
newest_first(const MigrState *state)
{
	int			count = state->graph->count;
	int64	   *rank = palloc0((count + 1) * sizeof(int64));
	int		   *order = palloc((count + 1) * sizeof(int));

	for (int i = 0; i < count; i++)
		rank[i] = !state->applied[i] ? PG_INT64_MAX
			: state->applied[i] ? state->ordinal[i] : PG_INT64_MIN;
	migr_lanes_order(state->graph, rank, order);
	return order;
}

static Stored
read_stored(void)
{
	Stored		stored;
	ListCell   *lc;
	MigrDb		db;

	migr_db_begin(&db, true);
	stored.state = migr_store_read_state(&db);
	stored.versions = migr_store_read_versions(&db);
	migr_db_end(&db);
	stored.version_of = palloc0((stored.state->graph->count + 1) * sizeof(MigrVersion *));
	foreach(lc, stored.versions)
	{
		const MigrVersion *version = lfirst(lc);
		int			node = migr_graph_find(stored.state->graph, version->revision);

		if (node >= 0)
			stored.version_of[node] = version;
	}
	stored.order = newest_first(stored.state);
	return stored;
}

/* --- lines --------------------------------------------------------------- */

/* A time to the minute, in the session's zone; "" for what is none. */
static const char *
minute_of(TimestampTz when)
{
	struct pg_tm tm;
	fsec_t		fsec;
	int			zone;

	if (TIMESTAMP_NOT_FINITE(when) ||
		timestamp2tm(when, &zone, &tm, &fsec, NULL, NULL) != 0)
		return "";
	return psprintf("%04d-%02d-%02d %02d:%02d", tm.tm_year, tm.tm_mon, tm.tm_mday,
					tm.tm_hour, tm.tm_min);
}

static const char *
duration_of(const MigrVersion *version)
{
	if (version->stamped)
		return "stamped";
	return version->microseconds < 0 ? "" : migr_display_duration(version->microseconds);
}

/* A line for a revision; version may be NULL. */
static void
add_revision(Table *table, const char *graph, const char *mark, const char *revision,
			 const MigrVersion *version, const char *message)
{
	Line	   *line = &table->lines[table->count++];

	line->graph = graph;
	line->cells[MARK] = mark;
	line->cells[REVISION] = migr_display_line(revision);
	line->cells[APPLIED_AT] = version ? minute_of(version->applied_at) : "";
	line->cells[APPLIED_BY] = version ? migr_display_line(version->applied_by) : "";
	line->cells[DURATION] = version ? duration_of(version) : "";
	line->cells[MESSAGE] = migr_display_line(message);
}

/* What is applied and has no script, newest first. */
static void
add_missing(Table *table, const Stored *stored, int limit)
{
	for (int i = list_length(stored->versions) - 1; i >= 0 && table->count < limit; i--)
	{
		const MigrVersion *version = list_nth(stored->versions, i);

		if (migr_graph_find(stored->state->graph, version->revision) < 0)
			add_revision(table, "?", "missing", version->revision, version,
						 "its script is not in the store");
	}
}

static void
add_drawing(Table *table, const Stored *stored, const MigrDrawing *drawing)
{
	const MigrGraph *graph = stored->state->graph;
	MigrMark   *marks = migr_marks(stored->state);

	for (int i = 0; i < drawing->count; i++)
	{
		const MigrLaneRow *row = &drawing->rows[i];

		CHECK_FOR_INTERRUPTS();
		if (row->node < 0)
			table->lines[table->count++].graph = row->text;
		else
			add_revision(table, row->text, migr_mark_names[marks[row->node]],
						 graph->nodes[row->node].id, stored->version_of[row->node],
						 ((MigrRevision *) graph->nodes[row->node].info)->message);
	}
}

static Table
make_table(const Stored *stored, int limit)
{
	const MigrState *state = stored->state;
	int			missing = Min(list_length(state->unknown), limit);
	int			count = Min(state->graph->count, limit - missing);
	MigrDrawing drawing = migr_lanes_draw(state->graph, stored->order, count, GRAPH_WIDTH);
	Table		table = {0};

	table.lines = palloc_extended((missing + drawing.count + 1) * sizeof(Line),
								  MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	add_missing(&table, stored, missing);
	add_drawing(&table, stored, &drawing);
	table.graph_width = Max(drawing.width, missing > 0 ? 1 : 0);
	return table;
}

/* --- widths -------------------------------------------------------------- */

/* How much a column takes, with the gap in front of it. */
static int
room_of(int width)
{
	return width > 0 ? width + GAP : 0;
}

/* The widths that columns have by themselves. */
static void
measure(Table *table)
{
	for (int i = 0; i < table->count; i++)
	{
		for (int c = 0; c < COLUMNS && table->lines[i].cells[c]; c++)
		{
			int			width = migr_display_width(table->lines[i].cells[c]);

			table->widths[c] = Max(table->widths[c], Min(width, max_widths[c]));
		}
	}
	/* Most durations take this much, and it is not to depend on them. */
	if (table->widths[DURATION] > 0)
		table->widths[DURATION] = Max(table->widths[DURATION], (int) strlen("stamped"));
}

/* What is left for ids and messages. */
static void
share_room(Table *table)
{
	int		   *widths = table->widths;
	int			room = MIGR_OVERVIEW_WIDTH - table->graph_width - 1 - widths[MARK] - GAP;
	int			message = room_of(Min(widths[MESSAGE], MESSAGE_WIDTH));

	for (int c = APPLIED_AT; c <= DURATION; c++)
		room -= room_of(widths[c]);
	widths[REVISION] = Min(widths[REVISION], Max(room - message, REVISION_WIDTH));
	widths[MESSAGE] = Min(widths[MESSAGE], Max(room - widths[REVISION] - GAP, 0));
}

/* --- text ---------------------------------------------------------------- */

static void
append_blanks(StringInfo out, int count)
{
	appendStringInfo(out, "%*s", Max(count, 0), "");
}

static char *
print_line(const Table *table, const Line *line)
{
	StringInfoData out;
	int			gap = 1;

	initStringInfo(&out);
	appendStringInfoString(&out, line->graph);
	append_blanks(&out, table->graph_width - (int) strlen(line->graph));
	for (int c = 0; c < COLUMNS && line->cells[c]; c++)
	{
		char	   *cell = migr_display_cut(line->cells[c], table->widths[c]);
		int			blanks = table->widths[c] - migr_display_width(cell);

		if (table->widths[c] == 0)
			continue;
		append_blanks(&out, gap + (c == DURATION ? blanks : 0));
		appendStringInfoString(&out, cell);
		append_blanks(&out, c == DURATION ? 0 : blanks);
		gap = GAP;
	}
	while (out.len > 0 && out.data[out.len - 1] == ' ')
		out.data[--out.len] = '\0';
	return out.data;
}

List *
migr_overview_lines(int limit)
{
	Stored		stored = read_stored();
	Table		table = make_table(&stored, limit < 0 ? PG_INT32_MAX : limit);
	List	   *lines = NIL;

	measure(&table);
	share_room(&table);
	for (int i = 0; i < table.count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		lines = lappend(lines, print_line(&table, &table.lines[i]));
	}
	return lines;
}

char *
migr_overview_picture(const char *format)
{
	Stored		stored = read_stored();
	const MigrGraph *graph = stored.state->graph;
	MigrPicture picture = {.graph = graph, .order = stored.order};

	picture.marks = migr_marks(stored.state);
	picture.messages = palloc((graph->count + 1) * sizeof(char *));
	for (int i = 0; i < graph->count; i++)
		picture.messages[i] = migr_display_line(((MigrRevision *) graph->nodes[i].info)->message);
	return migr_picture_draw(&picture, format);
}
