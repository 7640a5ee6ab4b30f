/*
 * suggest.c
 *		What may have been meant by a name that no revision has.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "miscadmin.h"

#include "base/near.h"
#include "graph/suggest.h"

static void
add_names(MigrNear *near, const MigrGraph *graph)
{
	for (int i = 0; i < graph->count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		migr_near_add(near, graph->nodes[i].id);
	}
	for (int i = 0; i < graph->nlabels; i++)
		migr_near_add(near, graph->labels[i].name);
}

char *
migr_suggest_name(const MigrGraph *graph, const char *name, bool words)
{
	static const char *const reserved[] = {"head", "heads", "base", "current"};
	MigrNear	near;

	migr_near_begin(&near, name);
	for (int i = 0; words && i < (int) lengthof(reserved); i++)
		migr_near_add(&near, reserved[i]);
	add_names(&near, graph);
	return migr_near_question(&near);
}

char *
migr_suggest_id(const MigrGraph *graph, const char *name)
{
	const char *whole = NULL;
	int			count = 0;
	MigrNear	near;
	char	   *question;

	for (int i = 0; i < graph->count; i++)
	{
		if (strncmp(graph->nodes[i].id, name, strlen(name)) != 0)
			continue;
		whole = graph->nodes[i].id;
		count++;
	}
	if (count == 1)
		return psprintf("Did you mean \"%s\"? Scripts name others by their ids in full.", whole);

	migr_near_begin(&near, name);
	add_names(&near, graph);
	question = migr_near_question(&near);
	if (count > 1)
		return psprintf("%s%d ids begin so, and scripts name others by their ids in full.",
						question, count);
	if (*question == '\0')
		return NULL;
	question[strlen(question) - 1] = '\0';
	return question;
}
