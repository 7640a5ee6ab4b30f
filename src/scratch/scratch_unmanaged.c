/*
 * scratch_unmanaged.c
 *		What DDL makes in a build, and migr does not manage.
 *
 * In schemas of others, and what migr.exclude names: a snapshot does not have it,
 * and who wrote the DDL may not know.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "utils/hsearch.h"
#include "utils/memutils.h"

#include "kind/ddl.h"
#include "kind/kind.h"
#include "scratch/scratch_build.h"

/* The schema with the stand-ins, before any DDL has run; NULL: there are none. */
static MigrSchema *before;
static MemoryContext context;

static MigrSchema *
take_all(void)
{
	MigrScope	scope = {0};

	migr_scratch_extensions_scope(&scope);
	scope.left_schemas = NIL;
	scope.everything = true;
	return migr_snap_model(&scope);
}

void
migr_scratch_unmanaged_begin(bool has_stand_ins)
{
	MemoryContext caller;

	if (context)
		MemoryContextDelete(context);
	context = NULL;
	before = NULL;
	if (!has_stand_ins)
		return;
	context = AllocSetContextCreate(TopMemoryContext, "migr stand-ins", ALLOCSET_DEFAULT_SIZES);
	caller = MemoryContextSwitchTo(context);
	before = take_all();
	MemoryContextSwitchTo(caller);
}

/* Is it something by itself that DDL has made? */
static bool
is_made(const MigrSchema *managed, const MigrObject *object)
{
	return OidIsValid(object->address.objid) && object->kind != MIGR_KIND_COLUMN &&
		!migr_kind_has(object->kind, MIGR_KIND_IS_ASPECT) &&
		migr_schema_find(managed, object->address) == NULL &&
		(before == NULL || migr_schema_find(before, object->address) == NULL);
}

List *
migr_scratch_unmanaged(const MigrSchema *managed)
{
	List	   *titles = NIL;
	MigrSchema *all;
	ListCell   *lc;

	if (before == NULL && migr_scope_excluded() == NIL)
		return NIL;
	all = take_all();
	foreach(lc, all->objects)
	{
		const MigrObject *object = lfirst(lc);

		if (is_made(managed, object) && !(object->parent && is_made(managed, object->parent)))
			titles = lappend(titles, unconstify(char *, migr_ddl_title(object)));
	}
	return titles;
}
