/*
 * head_marks.c
 *		What is stored of which revisions are heads.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "miscadmin.h"

#include "store/head_marks.h"

void
migr_heads_correct(MigrDb *db, const MigrGraph *stored, const MigrGraph *now,
				   const bool *heads)
{
	for (int i = 0; i < stored->count; i++)
	{
		const MigrRevision *info = stored->nodes[i].info;
		int			node = migr_graph_find(now, stored->nodes[i].id);

		CHECK_FOR_INTERRUPTS();
		if (node >= 0 && info->is_head != heads[node])
			migr_store_set_head(db, stored->nodes[i].id, !info->is_head);
	}
}
