/*
 * script_extensions.c
 *		The extensions that stored scripts create.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "nodes/parsenodes.h"

#include "base/server_parser.h"
#include "store/script_extensions.h"

/* Most scripts need not be parsed. */
static MigrQuery candidates_query = {
	"SELECT r.script FROM migr.revision r WHERE r.script ~* 'create\\s+extension'", 0, {0}
};

/* Add the extensions (char *) that a script creates. */
static List *
add_extensions(List *extensions, const char *text)
{
	MigrScript *script = migr_script_parse_stored(text);
	const char *sql = script->sections[MIGR_SECTION_UPGRADE].sql;
	ErrorData  *failure;
	ListCell   *lc;

	foreach(lc, sql ? migr_parse_try(sql, &failure) : NIL)
	{
		Node	   *node = lfirst_node(RawStmt, lc)->stmt;

		if (IsA(node, CreateExtensionStmt))
			extensions = lappend(extensions,
								 ((CreateExtensionStmt *) node)->extname);
	}
	return extensions;
}

List *
migr_script_extensions(MigrDb *db)
{
	List	   *extensions = NIL;
	uint64		rows = migr_db_run(db, &candidates_query, NULL, NULL);
	List	   *scripts = NIL;
	ListCell   *lc;

	for (uint64 i = 0; i < rows; i++)
		scripts = lappend(scripts, migr_db_text(i, 1));
	foreach(lc, scripts)
	{
		CHECK_FOR_INTERRUPTS();
		extensions = add_extensions(extensions, lfirst(lc));
	}
	return extensions;
}
