/*
 * range.c
 *		Ranges of revisions, as history takes them.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "base/errors.h"
#include "base/ident.h"
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

/* The only lower end, from which a bare +N counts: MG004 if there are several. */
static int
only_lower(const MigrState *state, const Range *range, const bool *lower)
{
	List	   *ids = migr_set_ids(state->graph, lower);

	if (list_length(ids) > 1)
		ereport(ERROR,
				(errcode(ERRCODE_MIGR_NO_SUCH_WALK),
				 errmsg("ambiguous walk for \"%s\"", range->text),
				 errdetail("\"%s\" could count from %s.", range->upper, migr_ident_join(ids)),
				 errhint("Name one of them, as in \"%s:%s\".", (char *) linitial(ids), range->upper)));
	return migr_set_member(state->graph, lower);
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
			upper = migr_set_of(state->graph,
								migr_resolve_walk(state, &name,
												  only_lower(state, range, lower),
												  name.label ? migr_resolve_lineage(state, name.label) : NULL,
												  NULL, true));
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

/* With "label@base" at the lower end, the upper one is what is of the branch. */
static void
restrict_to_branch(const MigrState *state, const Range *range, bool *upper)
{
	MigrName	name;

	if (*range->lower == '\0')
		return;
	name = migr_name_parse(range->lower);
	if (name.label && !name.relative && strcmp(name.symbol, "base") == 0)
		migr_set_restrict(state->graph, upper, migr_resolve_branch(state, name.label),
						  true);
}

bool *
migr_range_resolve(const MigrState *state, const char *text)
{
	const MigrGraph *graph = state->graph;
	Range		range = {.text = text};
	bool	   *lower;
	bool	   *result;
	bool	   *below;

	migr_range_split(text, &range.lower, &range.upper);
	lower = *range.lower == '\0' ? migr_set_create(graph)
		: migr_resolve(state, range.lower, true);
	result = upper_end(state, &range, lower);
	restrict_to_branch(state, &range, result);

	below = migr_set_copy(graph, lower);
	migr_graph_close(graph, below, MIGR_DOWN_ALL);
	migr_graph_close(graph, result, MIGR_DOWN_ALL);
	check_ancestor(state, &range, lower, result);
	migr_set_restrict(graph, result, below, false);
	migr_set_unite(graph, result, lower);
	if (migr_set_count(graph, lower) > 0)
	{
		bool	   *line = migr_set_copy(graph, lower);

		migr_graph_close(graph, line, MIGR_UP);
		migr_set_restrict(graph, result, line, true);
	}
	return result;
}
