/*
 * range.c
 *		Ranges of revisions, as history takes them.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "base/errors.h"
#include "graph/range.h"

/* One range, taken apart. */
typedef struct Range
{
	const char *text;
	char	   *lower;			/* "" means base */
	char	   *upper;			/* "" means heads */
} Range;

void
migr_range_split(const char *range, char **lower, char **upper)
{
	const char *colon = strchr(range, ':');

	if (colon == NULL || strchr(colon + 1, ':'))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("\"%s\" is no range of revisions", range),
				 errhint("Write a range as \"start:end\", \"start:\" or \":end\".")));
	*lower = pnstrdup(range, colon - range);
	*upper = pstrdup(colon + 1);
}

/*
 * The upper end.  A bare +N counts from the lower end; nothing, or "current"
 * where nothing is applied, means the heads.
 */
static bool *
upper_end(const MigrState *state, const Range *range, const bool *lower)
{
	bool	   *upper = NULL;

	if (*range->upper != '\0')
	{
		MigrName	name = migr_name_parse(range->upper);

		if (name.relative && *name.symbol == '\0' && name.offset > 0)
		{
			bool	   *lineage = name.label
				? migr_resolve_lineage(state, name.label) : NULL;
			int			start = MIGR_BASE;

			for (int i = 0; i < state->graph->count; i++)
			{
				if (lower[i])
					start = i;
			}
			upper = migr_set_of(state->graph,
								migr_resolve_walk(state, &name, start, lineage, true));
		}
		else
			upper = migr_resolve(state, range->upper, true);
	}
	if (upper == NULL ||
		(strcmp(range->upper, "current") == 0 &&
		 migr_set_count(state->graph, upper) == 0))
		upper = migr_resolve(state, "heads", true);
	return upper;
}

/* Raise MG004 unless every lower end is below an upper one. */
static void
check_ancestor(const MigrState *state, const Range *range, const bool *lower,
			   const bool *below_upper)
{
	for (int i = 0; i < state->graph->count; i++)
	{
		if (lower[i] && !below_upper[i])
			ereport(ERROR,
					(errcode(ERRCODE_MIGR_NO_SUCH_WALK),
					 errmsg("range \"%s\" does not go from an ancestor to a descendant",
							range->text),
					 errdetail("Revision \"%s\" is not an ancestor of \"%s\".",
							   state->graph->nodes[i].id,
							   *range->upper ? range->upper : "heads")));
	}
}

/*
 * The line that "label@base" at the lower end confines the range to, as what
 * stands on the branch's bases; NULL if there is no such confinement.
 */
static bool *
branch_line(const MigrState *state, const Range *range, bool *upper)
{
	const MigrGraph *graph = state->graph;
	MigrName	name;
	bool	   *lineage;
	bool	   *line;

	if (*range->lower == '\0')
		return NULL;
	name = migr_name_parse(range->lower);
	if (name.label == NULL || name.relative || strcmp(name.symbol, "base") != 0)
		return NULL;
	lineage = migr_resolve_lineage(state, name.label);
	for (int i = 0; i < graph->count; i++)
		upper[i] = upper[i] && lineage[i];
	line = migr_resolve_bases(state, lineage);
	migr_graph_close(graph, line, MIGR_UP);
	return line;
}

bool *
migr_range_resolve(const MigrState *state, const char *text)
{
	const MigrGraph *graph = state->graph;
	Range		range = {.text = text};
	bool	   *lower;
	bool	   *result;
	bool	   *line;
	bool	   *below = migr_set_create(graph);

	migr_range_split(text, &range.lower, &range.upper);
	lower = *range.lower == '\0' ? migr_set_create(graph)
		: migr_resolve(state, range.lower, true);
	result = upper_end(state, &range, lower);
	line = branch_line(state, &range, result);

	memcpy(below, lower, graph->count * sizeof(bool));
	migr_graph_close(graph, below, MIGR_DOWN_ALL);
	migr_graph_close(graph, result, MIGR_DOWN_ALL);
	check_ancestor(state, &range, lower, result);

	if (line == NULL && migr_set_count(graph, lower) > 0)
	{
		line = migr_set_create(graph);
		memcpy(line, lower, graph->count * sizeof(bool));
		migr_graph_close(graph, line, MIGR_UP);
	}
	for (int i = 0; i < graph->count; i++)
		result[i] = result[i] && (!below[i] || lower[i]) &&
			(line == NULL || line[i]);
	return result;
}
