/*
 * resolve.c
 *		Names of revisions to revisions.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"

#include "base/errors.h"
#include "base/ident.h"
#include "graph/graph_apart.h"
#include "graph/replace.h"
#include "graph/resolve.h"
#include "graph/suggest.h"

/* Names as short as this are found by their full text only. */
#define PREFIX_MIN_NAME 4

/* How many candidates an error names. */
#define CANDIDATES_SHOWN 10

/* Two ids and a step, with room to spare. */
#define NAME_MAX_LENGTH (3 * MIGR_IDENT_MAX)

/* No database has that many revisions; more digits would overflow. */
#define OFFSET_MAX_DIGITS 9

/* Raise MG001; detail and hint may be NULL. */
static void
raise_unknown(const char *text, const char *detail, const char *hint)
{
	ereport(ERROR,
			(errcode(ERRCODE_MIGR_UNKNOWN_REVISION),
			 errmsg("can't locate revision identified by \"%s\"", text),
			 detail ? errdetail("%s", detail) : 0,
			 hint ? errhint("%s", hint) : 0));
}

/* The members of a set for a message: not more than a few. */
static char *
show_set(const MigrGraph *graph, const bool *set)
{
	StringInfoData shown;
	int			count = 0;

	initStringInfo(&shown);
	for (int i = 0; i < graph->count; i++)
	{
		if (!set[i])
			continue;
		if (count++ < CANDIDATES_SHOWN)
			appendStringInfo(&shown, "%s%s", count > 1 ? ", " : "",
							 graph->nodes[i].id);
	}
	if (count > CANDIDATES_SHOWN)
		appendStringInfo(&shown, " and %d more", count - CANDIDATES_SHOWN);
	return shown.data;
}

/* Are these names, separated by something else than is expected? */
static bool
looks_like_names(const char *text, const char *separators)
{
	bool		separated = false;

	for (; *text; text++)
	{
		separated = separated || strchr(separators, *text);
		if (!migr_ident_char(*text) && !strchr("@+-", *text) && !strchr(separators, *text))
			return false;
	}
	return separated;
}

List *
migr_name_split(const char *text)
{
	List	   *names = NIL;

	for (;;)
	{
		int			len;

		text += strspn(text, " ");
		len = strcspn(text, ",");
		while (len > 0 && text[len - 1] == ' ')
			len--;
		names = lappend(names, pnstrdup(text, len));
		if (looks_like_names(llast(names), " "))
			raise_unknown(llast(names), "This can't be the name of a revision.",
						  "Separate several names by commas.");
		text = strchr(text, ',');
		if (text == NULL)
			return names;
		text++;
	}
}

MigrName
migr_name_parse(const char *text)
{
	MigrName	name = {.text = text};
	const char *at = strchr(text, '@');
	const char *symbol = at ? at + 1 : text;
	const char *end = symbol;

	if (*text == '\0')
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a revision's name can't be empty"),
				 errhint("Use \"base\" for the state before the first revision.")));
	if (strlen(text) > NAME_MAX_LENGTH)
		raise_unknown(psprintf("%.*s...", pg_mbcliplen(text, strlen(text), MIGR_IDENT_MAX), text),
					  "This is longer than any name of a revision.", NULL);
	if (strchr(text, ':'))
		ereport(ERROR,
				(errcode(ERRCODE_MIGR_NO_SUCH_WALK),
				 errmsg("range \"%s\" is not allowed here", text),
				 errhint("Name one revision.")));

	if (at)
		name.label = pnstrdup(text, at - text);
	while (migr_ident_char(*end))
		end++;
	name.symbol = pnstrdup(symbol, end - symbol);
	if (*end == '+' || *end == '-')
	{
		int			digits = strspn(end + 1, "0123456789");

		name.relative = true;
		if (digits > 0 && digits <= OFFSET_MAX_DIGITS)
			name.offset = atoi(end);
		else if (digits > 0)
			name.offset = *end == '-' ? -PG_INT32_MAX : PG_INT32_MAX;
		else
			raise_unknown(text, NULL, "A relative step is a sign and a number, as in \"+2\" or \"head-1\".");
		end += 1 + digits;
	}
	if (*end != '\0' || (at && at == text) ||
		(*name.symbol == '\0' && !name.relative))
		raise_unknown(text, "This can't be the name of a revision.",
					  looks_like_names(text, ", ") ? "One name is expected here."
					  : MIGR_IDENT_RULE);
	return name;
}

/*
 * Collect the nodes that have an id or a label beginning with prefix, within
 * lineage unless that is NULL.  Returns how many there are.
 */
static int
match_prefix(const MigrGraph *graph, const char *prefix, const bool *lineage,
			 bool *matches)
{
	int			len = strlen(prefix);
	int			count = 0;

	for (int i = 0; i < graph->count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		matches[i] = strncmp(graph->nodes[i].id, prefix, len) == 0 &&
			strlen(graph->nodes[i].id) >= PREFIX_MIN_NAME;
	}
	for (int i = 0; i < graph->nlabels; i++)
	{
		if (strncmp(graph->labels[i].name, prefix, len) == 0 &&
			strlen(graph->labels[i].name) >= PREFIX_MIN_NAME)
			matches[graph->labels[i].node] = true;
	}
	for (int i = 0; i < graph->count; i++)
	{
		if (lineage && !lineage[i])
			matches[i] = false;
		count += matches[i];
	}
	return count;
}

/* The node with this id, label or prefix, or MIGR_BASE if there is none. */
static int
find_symbol(const MigrState *state, const char *symbol, const bool *lineage)
{
	const MigrGraph *graph = state->graph;
	int			node = migr_graph_find(graph, symbol);
	bool	   *matches;
	int			count;

	if (node < 0)
		node = migr_graph_find_label(graph, symbol);
	if (node < 0)
		node = migr_replace_find(graph, symbol);
	if (node >= 0)
		return node;

	matches = migr_set_create(graph);
	count = match_prefix(graph, symbol, lineage, matches);
	if (count > 1)
		ereport(ERROR,
				(errcode(ERRCODE_MIGR_AMBIGUOUS_REVISION),
				 errmsg("revision \"%s\" matches several revisions: %s",
						symbol, show_set(graph, matches)),
				 errhint("Write more of the id.")));
	for (int i = 0; i < graph->count && node < 0; i++)
	{
		if (matches[i])
			node = i;
	}
	pfree(matches);
	return node;
}

/* Raise MG001 for what is there, but only where a tenant is named. */
static void
raise_if_apart(const MigrGraph *graph, const char *symbol)
{
	const char *id = migr_apart_find(graph, symbol);

	if (id)
		raise_unknown(symbol,
					  "It is for tenants, each by itself, and no tenant is named.",
					  psprintf("Name one where that can be, as in migr_upgrade('%s', tenant => '...').", id));
}

/* Raise MG001 for a symbol that find_symbol() did not find. */
static void
raise_not_found(const MigrState *state, const char *symbol)
{
	raise_if_apart(state->graph, symbol);
	if (migr_ident_is_in(state->unknown, symbol))
		raise_unknown(symbol,
					  "It is recorded as applied, but its script is not in the store.",
					  "Load its script again with migr_load().");
	raise_unknown(symbol, NULL,
				  psprintf("%smigr_history() lists the revisions that are in the store.",
						   migr_suggest_name(state->graph, symbol, true)));
}

/* The node that a label, or whatever else names a branch, stands for. */
static int
find_branch(const MigrState *state, const char *label)
{
	int			node = find_symbol(state, label, NULL);

	if (node < 0)
		raise_if_apart(state->graph, label);
	if (node < 0)
		raise_unknown(label, "There is no such branch.",
					  psprintf("%sA branch is named by a label, or by the id of a revision in it.",
							   migr_suggest_name(state->graph, label, false)));
	return node;
}

bool *
migr_resolve_branch(const MigrState *state, const char *label)
{
	bool	   *branch = migr_set_create(state->graph);

	migr_graph_branch(state->graph, find_branch(state, label), branch);
	return branch;
}

bool *
migr_resolve_lineage(const MigrState *state, const char *label)
{
	const MigrGraph *graph = state->graph;
	int			node = find_branch(state, label);
	bool	   *lineage = migr_set_of(graph, node);
	bool	   *below = migr_set_of(graph, node);

	migr_graph_close(graph, lineage, MIGR_UP);
	migr_graph_close(graph, below, MIGR_DOWN);
	migr_set_unite(graph, lineage, below);
	pfree(below);
	return lineage;
}

/*
 * The heads (in lineage, unless that is NULL).  With several, one that
 * another depends on, even by way of others, is none: the database would
 * have no version row for it.
 */
static bool *
script_heads(const MigrState *state, const bool *lineage, bool effective)
{
	const MigrGraph *graph = state->graph;
	bool	   *heads = migr_set_create(graph);

	for (int i = 0; i < graph->count; i++)
	{
		heads[i] = (lineage == NULL || lineage[i]) &&
			!migr_graph_has_neighbour(graph, i, MIGR_UP, NULL);
	}
	return effective ? migr_set_topmost(graph, heads, MIGR_DOWN_ALL) : heads;
}

/* One id, label or prefix, which must be in the lineage if there is one. */
static bool *
resolve_plain(const MigrState *state, const MigrName *name, const bool *lineage)
{
	int			node = find_symbol(state, name->symbol, lineage);

	if (node < 0)
		raise_not_found(state, name->symbol);
	if (lineage && !lineage[node])
		raise_unknown(name->text,
					  psprintf("Revision \"%s\" is not a member of branch \"%s\".",
							   state->graph->nodes[node].id, name->label),
					  NULL);
	return migr_set_of(state->graph, node);
}

/* What to do about several heads; does whoever asks take several revisions? */
static const char *
hint_for_heads(const MigrName *name, bool many)
{
	if (strcmp(name->symbol, "head") != 0)
		return "Name one of them.";
	if (!many)
		return "Name one of them, or merge them with migr_merge().";
	if (name->label)
		return psprintf("Name one of them, use \"%s@heads\" for all, or merge them with migr_merge().",
						name->label);
	return "Name one of them, or its branch as in label@head; use \"heads\" for all; or merge them with migr_merge().";
}

/* Raise MG003 if a set that shall have one member has more. */
static void
check_single(const MigrState *state, const MigrName *name, const bool *set, bool many)
{
	if (migr_set_count(state->graph, set) <= 1)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_MIGR_MULTIPLE_HEADS),
			 errmsg("multiple heads are present for \"%s\"", name->text),
			 errdetail("The heads are %s.", show_set(state->graph, set)),
			 errhint("%s", hint_for_heads(name, many))));
}

/* Without a relative step; many: whoever asks takes several revisions. */
static bool *
resolve_symbol(const MigrState *state, const MigrName *name, bool many)
{
	bool	   *lineage = name->label
		? migr_resolve_lineage(state, name->label) : NULL;
	bool	   *result;

	if (strcmp(name->symbol, "heads") == 0)
		result = script_heads(state, lineage, lineage == NULL);
	else if (strcmp(name->symbol, "head") == 0)
	{
		result = script_heads(state, lineage, true);
		check_single(state, name, result, many);
	}
	else if (strcmp(name->symbol, "base") == 0)
		result = migr_set_create(state->graph);
	else if (strcmp(name->symbol, "current") == 0)
	{
		result = migr_state_heads(state);
		if (lineage)
			migr_set_restrict(state->graph, result, lineage, true);
	}
	else
		result = resolve_plain(state, name, lineage);

	if (lineage)
		pfree(lineage);
	return result;
}

bool *
migr_resolve_symbol(const MigrState *state, const MigrName *name)
{
	return resolve_symbol(state, name, true);
}

/* The only member of a set, or MIGR_BASE. */
static int
single(const MigrState *state, const MigrName *name, const bool *set)
{
	check_single(state, name, set, false);
	return migr_set_member(state->graph, set);
}

int
migr_resolve_symbol_one(const MigrState *state, const MigrName *name)
{
	return single(state, name, resolve_symbol(state, name, false));
}

/* Where a walk that can go no further is. */
#define OFF_THE_END (-2)

/* Raise MG004: from node, each of the next ones would do. */
static void
raise_ambiguous_walk(const MigrState *state, const MigrName *name, int node,
					 const bool *next)
{
	/* Only on the way up does a label choose, and one that is there has not. */
	bool		label = name->offset > 0 && name->label == NULL;

	ereport(ERROR,
			(errcode(ERRCODE_MIGR_NO_SUCH_WALK),
			 errmsg("ambiguous walk for \"%s\"", name->text),
			 errdetail("From %s it could go on to %s.",
					   node == MIGR_BASE ? "base"
					   : psprintf("revision \"%s\"", state->graph->nodes[node].id),
					   show_set(state->graph, next)),
			 label ? errhint("Name the revision, or its branch as in label@%s.", name->text)
			 : errhint("Name the revision.")));
}

bool *
migr_resolve_bases(const MigrState *state, const bool *lineage)
{
	bool	   *bases = migr_set_create(state->graph);

	for (int i = 0; i < state->graph->count; i++)
		bases[i] = (lineage == NULL || lineage[i]) &&
			!migr_graph_has_neighbour(state->graph, i, MIGR_DOWN, NULL);
	return bases;
}

/* One step up from nothing: to the only base. */
static int
step_from_base(const MigrState *state, const MigrName *name,
			   const bool *lineage)
{
	bool	   *bases = migr_resolve_bases(state, lineage);
	int			result = OFF_THE_END;

	if (migr_set_count(state->graph, bases) > 1)
		raise_ambiguous_walk(state, name, MIGR_BASE, bases);
	for (int i = 0; i < state->graph->count; i++)
	{
		if (bases[i])
			result = i;
	}
	pfree(bases);
	return result;
}

/* One step from a node: to the only neighbour, or to MIGR_BASE below a base. */
static int
step(const MigrState *state, const MigrName *name, int node, MigrEdges edges,
	 const bool *lineage)
{
	MigrNeighbours near = migr_graph_neighbours(state->graph, node, edges);
	int			result = OFF_THE_END;

	if (near.count == 0 && edges == MIGR_DOWN)
		return MIGR_BASE;
	for (int i = 0; i < near.count; i++)
	{
		if (edges == MIGR_UP && lineage && !lineage[near.nodes[i]])
			continue;
		if (result != OFF_THE_END)
		{
			bool	   *next = migr_set_create(state->graph);

			for (int j = 0; j < near.count; j++)
				next[near.nodes[j]] = edges == MIGR_DOWN || lineage == NULL ||
					lineage[near.nodes[j]];
			raise_ambiguous_walk(state, name, node, next);
		}
		result = near.nodes[i];
	}
	return result;
}

int
migr_resolve_walk(const MigrState *state, const MigrName *name, int node,
				  const bool *lineage, const bool *counted, bool clip)
{
	MigrEdges	edges = name->offset > 0 ? MIGR_UP : MIGR_DOWN;
	int			steps = abs(name->offset);
	int			made = name->made;

	while (made < steps)
	{
		int			next;

		CHECK_FOR_INTERRUPTS();
		if (node != MIGR_BASE)
			next = step(state, name, node, edges, lineage);
		else
			next = edges == MIGR_UP
				? step_from_base(state, name, lineage) : OFF_THE_END;
		if (next == OFF_THE_END && clip)
			break;
		if (next == OFF_THE_END)
			ereport(ERROR,
					(errcode(ERRCODE_MIGR_NO_SUCH_WALK),
					 errmsg("relative step \"%s\" is too long", name->text),
					 errdetail("Only %d of %d steps can be made.",
							   made, steps)));
		node = next;
		if (node == MIGR_BASE || counted == NULL || counted[node])
			made++;
	}
	return node;
}

bool *
migr_resolve(const MigrState *state, const char *text, bool clip)
{
	MigrName	name = migr_name_parse(text);
	bool	   *lineage;
	bool	   *from;
	bool	   *result;

	if (!name.relative)
		return migr_resolve_symbol(state, &name);

	lineage = name.label ? migr_resolve_lineage(state, name.label) : NULL;
	if (*name.symbol != '\0')
		return migr_set_of(state->graph,
						   migr_resolve_walk(state, &name,
											 migr_resolve_symbol_one(state, &name),
											 lineage, NULL, clip));

	/* -N counts down from every head, +N up from what is current. */
	from = name.offset <= 0 ? script_heads(state, lineage, lineage == NULL)
		: migr_state_heads(state);
	if (lineage)
		migr_set_restrict(state->graph, from, lineage, true);
	if (name.offset > 0 && migr_set_count(state->graph, from) == 0)
		return migr_set_of(state->graph,
						   migr_resolve_walk(state, &name, MIGR_BASE, lineage, NULL, clip));
	result = migr_set_create(state->graph);
	for (int i = 0; i < state->graph->count; i++)
	{
		int			node = from[i]
			? migr_resolve_walk(state, &name, i, lineage, NULL, clip) : MIGR_BASE;

		if (node != MIGR_BASE)
			result[node] = true;
	}
	return result;
}

bool *
migr_resolve_applied(const MigrState *state, const char *text)
{
	MigrName	name = migr_name_parse(text);
	bool	   *set = migr_resolve(state, text, false);

	migr_graph_close(state->graph, set, MIGR_DOWN_ALL);
	if (!name.relative && strcmp(name.symbol, "current") == 0)
		migr_set_restrict(state->graph, set, state->applied, true);
	return set;
}

int
migr_resolve_revision(const MigrState *state, const char *text)
{
	MigrName	name = migr_name_parse(text);
	int			node = name.relative
		? single(state, &name, migr_resolve(state, text, false))
		: migr_resolve_symbol_one(state, &name);

	if (node == MIGR_BASE)
		ereport(ERROR,
				(errcode(ERRCODE_MIGR_UNKNOWN_REVISION),
				 errmsg("\"%s\" is no revision", text),
				 errhint("Name one revision by its id, a prefix or a label.")));
	return node;
}
