/*
 * picture.c
 *		A graph as a picture: of characters, or for programs that draw.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "miscadmin.h"

#include "graph/lanes.h"
#include "graph/picture.h"

/* A picture is text, so nobody has to see all of a graph that is wider. */
#define MAX_WIDTH 200

typedef void (*Draw) (StringInfo out, const MigrPicture *picture);

/* Append a separator in front of all but the first. */
static void
append_word(StringInfo out, const char *word, const char *before, bool *first)
{
	appendStringInfo(out, "%s%s", *first ? before : ", ", word);
	*first = false;
}

/* What else is said of a node behind its id: " (current, billing)". */
static void
append_remarks(StringInfo out, const MigrPicture *picture, int node, bool mark)
{
	bool		first = true;
	ListCell   *lc;

	if (mark && picture->marks[node] != MIGR_MARK_APPLIED)
		append_word(out, migr_mark_names[picture->marks[node]], " (", &first);
	foreach(lc, picture->graph->nodes[node].labels)
		append_word(out, lfirst(lc), " (", &first);
	if (!first)
		appendStringInfoChar(out, ')');
}

/* Is a neighbour below one on which a node merely depends? */
static bool
merely_depends(const MigrGraph *graph, int node, int below)
{
	MigrNeighbours down = migr_graph_neighbours(graph, node, MIGR_DOWN);

	for (int i = 0; i < down.count; i++)
	{
		if (down.nodes[i] == below)
			return false;
	}
	return true;
}

/* --- text ---------------------------------------------------------------- */

/* What the lines alone do not tell: which of them are dependencies. */
static void
append_depends(StringInfo out, const MigrGraph *graph, int node)
{
	MigrNeighbours below = migr_graph_neighbours(graph, node, MIGR_DOWN_ALL);
	bool		first = true;

	for (int i = 0; i < below.count; i++)
	{
		if (merely_depends(graph, node, below.nodes[i]))
			append_word(out, graph->nodes[below.nodes[i]].id, " [depends on ", &first);
	}
	if (!first)
		appendStringInfoChar(out, ']');
}

static void
draw_text(StringInfo out, const MigrPicture *picture)
{
	const MigrGraph *graph = picture->graph;
	MigrDrawing drawing = migr_lanes_draw(graph, picture->order, graph->count, MAX_WIDTH);

	for (int i = 0; i < drawing.count; i++)
	{
		int			node = drawing.rows[i].node;

		appendStringInfoString(out, drawing.rows[i].text);
		if (node >= 0)
		{
			appendStringInfo(out, " %s", graph->nodes[node].id);
			append_remarks(out, picture, node, true);
			append_depends(out, graph, node);
			if (*picture->messages[node] != '\0')
				appendStringInfo(out, " %s", picture->messages[node]);
		}
		appendStringInfoChar(out, '\n');
	}
}

/* --- Mermaid ------------------------------------------------------------- */

/* Does a character, as part of a word, mean nothing to Mermaid or to Markdown? */
static bool
is_word(char c)
{
	return isalnum((unsigned char) c) || IS_HIGHBIT_SET(c);
}

/* The name of an entity that Mermaid's manual gives a character, or NULL. */
static const char *
entity_of(char c)
{
	switch (c)
	{
		case '"':
			return "quot";
		case '&':
			return "amp";
		case '<':
			return "lt";
		case '>':
			return "gt";
		default:
			return NULL;
	}
}

/*
 * Labels are Markdown: an underscore, a full stop or a hyphen is itself within
 * a word only, and all but a few others never are.
 */
static void
append_mermaid(StringInfo out, const char *text)
{
	for (const char *c = text; *c != '\0'; c++)
	{
		bool		inside = c > text && is_word(c[-1]) && is_word(c[1]);

		if (is_word(*c) || strchr(" ,/()'", *c) || (inside && strchr("_.-:=", *c)))
			appendStringInfoChar(out, *c);
		else if (entity_of(*c))
			appendStringInfo(out, "#%s;", entity_of(*c));
		else
			appendStringInfo(out, "#%d;", (unsigned char) *c);
	}
}

/* Append a class and the nodes that are of it. */
static void
append_class(StringInfo out, const MigrPicture *picture, MigrMark mark, const char *style)
{
	bool		first = true;

	for (int i = 0; i < picture->graph->count; i++)
	{
		if (picture->marks[i] != mark)
			continue;
		if (first)
			appendStringInfo(out, "    classDef %s %s\n    class ", migr_mark_names[mark], style);
		appendStringInfo(out, "%sn%d", first ? "" : ",", i);
		first = false;
	}
	if (!first)
		appendStringInfo(out, " %s\n", migr_mark_names[mark]);
}

static void
append_mermaid_node(StringInfo out, const MigrPicture *picture, int node)
{
	StringInfoData title;

	initStringInfo(&title);
	appendStringInfoString(&title, picture->graph->nodes[node].id);
	append_remarks(&title, picture, node, false);
	appendStringInfo(out, "    n%d[\"", node);
	append_mermaid(out, title.data);
	if (*picture->messages[node] != '\0')
	{
		appendStringInfoString(out, "<br/>");
		append_mermaid(out, picture->messages[node]);
	}
	appendStringInfoString(out, "\"]\n");
	pfree(title.data);
}

static void
draw_mermaid(StringInfo out, const MigrPicture *picture)
{
	const MigrGraph *graph = picture->graph;

	appendStringInfoString(out, "flowchart BT\n");
	for (int i = 0; i < graph->count; i++)
		append_mermaid_node(out, picture, picture->order[i]);
	for (int i = 0; i < graph->count; i++)
	{
		int			node = picture->order[i];
		MigrNeighbours below = migr_graph_neighbours(graph, node, MIGR_DOWN_ALL);

		CHECK_FOR_INTERRUPTS();
		for (int j = 0; j < below.count; j++)
			appendStringInfo(out, "    n%d %s n%d\n", below.nodes[j],
							 merely_depends(graph, node, below.nodes[j]) ? "-.->" : "-->", node);
	}
	append_class(out, picture, MIGR_MARK_CURRENT, "stroke-width:3px");
	append_class(out, picture, MIGR_MARK_PENDING, "stroke-dasharray:5 5");
}

/* --- Graphviz ------------------------------------------------------------ */

/* In a quoted string; a label's backslashes and entities would mean something. */
static void
append_dot(StringInfo out, const char *text)
{
	for (const char *c = text; *c != '\0'; c++)
	{
		if (*c == '"' || *c == '\\')
			appendStringInfo(out, "\\%c", *c);
		else if (*c == '&')
			appendStringInfoString(out, "&amp;");
		else
			appendStringInfoChar(out, *c);
	}
}

static void
append_dot_node(StringInfo out, const MigrPicture *picture, int node)
{
	static const char *const styles[] = {", style = dashed", "", ", style = bold"};
	const char *id = picture->graph->nodes[node].id;

	appendStringInfo(out, "    \"%s\" [label = \"%s", id, id);
	append_remarks(out, picture, node, false);
	if (*picture->messages[node] != '\0')
	{
		appendStringInfoString(out, "\\n");
		append_dot(out, picture->messages[node]);
	}
	appendStringInfo(out, "\"%s];\n", styles[picture->marks[node]]);
}

static void
draw_dot(StringInfo out, const MigrPicture *picture)
{
	const MigrGraph *graph = picture->graph;

	appendStringInfoString(out, "digraph migr {\n    rankdir = BT;\n    node [shape = box];\n");
	for (int i = 0; i < graph->count; i++)
		append_dot_node(out, picture, picture->order[i]);
	for (int i = 0; i < graph->count; i++)
	{
		int			node = picture->order[i];
		MigrNeighbours below = migr_graph_neighbours(graph, node, MIGR_DOWN_ALL);

		CHECK_FOR_INTERRUPTS();
		for (int j = 0; j < below.count; j++)
			appendStringInfo(out, "    \"%s\" -> \"%s\"%s;\n", graph->nodes[below.nodes[j]].id,
							 graph->nodes[node].id,
							 merely_depends(graph, node, below.nodes[j]) ? " [style = dashed]" : "");
	}
	appendStringInfoString(out, "}\n");
}

/* --- all of them --------------------------------------------------------- */

char *
migr_picture_draw(const MigrPicture *picture, const char *format)
{
	static const struct
	{
		const char *name;
		Draw		draw;
	}			formats[] = {{"text", draw_text}, {"mermaid", draw_mermaid}, {"dot", draw_dot}};
	StringInfoData out;

	for (int i = 0; i < lengthof(formats); i++)
	{
		if (strcmp(format, formats[i].name) != 0)
			continue;
		initStringInfo(&out);
		formats[i].draw(&out, picture);
		/* Clients end it themselves. */
		if (out.len > 0)
			out.data[--out.len] = '\0';
		return out.data;
	}
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("\"%s\" is no format of a graph", format),
			 errhint("It is \"text\", \"mermaid\" or \"dot\".")));
}
