/*
 * scratch_wire.c
 *		What the messages of a session and its worker have in common.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "base/wire.h"
#include "base/worker.h"
#include "scratch/scratch_build.h"

void
migr_scratch_put_extensions(StringInfo message, const List *extensions)
{
	ListCell   *lc;

	migr_wire_put_int(message, list_length(extensions));
	foreach(lc, extensions)
	{
		const MigrScratchExtension *extension = lfirst(lc);

		migr_wire_put_text(message, extension->name);
		migr_wire_put_text(message, extension->schema);
		migr_wire_put_text(message, extension->version);
	}
}

List *
migr_scratch_get_extensions(StringInfo content)
{
	List	   *extensions = NIL;

	for (int count = migr_wire_get_int(content); count > 0; count--)
	{
		MigrScratchExtension *extension = palloc(sizeof(MigrScratchExtension));

		extension->name = migr_wire_get_text(content);
		extension->schema = migr_wire_get_text(content);
		extension->version = migr_wire_get_text(content);
		extensions = lappend(extensions, extension);
	}
	return extensions;
}

void
migr_scratch_reply_piece(StringInfo piece, void *arg)
{
	migr_worker_reply(MIGR_BUILT_PIECE, piece);
	resetStringInfo(piece);
}
