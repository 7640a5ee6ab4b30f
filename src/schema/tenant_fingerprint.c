/*
 * tenant_fingerprint.c
 *		What a tenant's schema is like, its own name left out.
 *
 * The objects of some hundred schemas are read together, as what a query costs by
 * itself is then shared.  Whatever the server remembers of them in its caches is
 * forgotten before the next ones: it would be most of the memory.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

#include "base/text.h"
#include "kind/canonical.h"
#include "kind/kind.h"
#include "kind/sort.h"
#include "schema/tenant_fingerprint.h"
#include "schema/tenant_name.h"
#include "snapshot/snap.h"
#include "snapshot/snap_schema.h"

/* Schemas are read together up to about so many objects, not counting what stands on them. */
#define OBJECTS_AT_ONCE 3000

#define DIGEST_BYTES 32

/* What stands for a tenant's name: no schema is likely to be called so. */
#define ANY_TENANT "<tenant>"

/* The digests of a tenant's objects. */
typedef struct Digests
{
	const char *name;			/* the hash key is what it points to */
	MigrTenantPrint *print;
	MigrTenantName to_any;
	bool		is_there;		/* is any object of it part of the schema? */
	int			count;
	int			room;
	unsigned char (*items)[DIGEST_BYTES];
} Digests;

/* Schemas that are read together, by name. */
typedef struct Batch
{
	List	   *prints;			/* MigrTenantPrint * */
	List	   *addresses;		/* of what is in them */
	MemoryContext workspace;	/* of what is made of one object */
	Digests    *digests;		/* of each, sorted by name */
	int			count;
} Batch;

static int
compare_names(const void *a, const void *b)
{
	return strcmp(((const Digests *) a)->name, ((const Digests *) b)->name);
}

static int
compare_digests(const void *a, const void *b)
{
	return memcmp(a, b, DIGEST_BYTES);
}

/* The name of the schema in which an object is, or which it is; or NULL. */
static const char *
place_of(const MigrObject *object)
{
	while (object->parent)
		object = object->parent;
	return object->kind == MIGR_KIND_SCHEMA ? object->name : object->schema;
}

/* The tenant in which an object is, or which it is; NULL: none of these. */
static Digests *
digests_of(const Batch *batch, const MigrObject *object)
{
	Digests		key = {.name = place_of(object)};

	return key.name == NULL ? NULL
		: bsearch(&key, batch->digests, batch->count, sizeof(Digests), compare_names);
}

/* Make room for one more. */
static unsigned char *
next_digest(Digests *digests)
{
	if (digests->count == digests->room)
	{
		digests->room = digests->room ? 2 * digests->room : 64;
		digests->items = digests->items
			? repalloc(digests->items, digests->room * DIGEST_BYTES)
			: palloc(digests->room * DIGEST_BYTES);
	}
	return digests->items[digests->count++];
}

/* Add what an object is called, and what it is. */
static void
add_digest(Digests *digests, const MigrObject *object, MemoryContext workspace)
{
	unsigned char *digest = next_digest(digests);
	MemoryContext caller = MemoryContextSwitchTo(workspace);
	StringInfoData text;

	initStringInfo(&text);
	appendStringInfo(&text, "%s %s ON %s", migr_canonical_kind(object), migr_canonical_key(object),
					 object->parent ? migr_object_identity(object->parent) : "");
	appendStringInfoChar(&text, '\0');
	appendStringInfoString(&text, migr_canonical_essence(object));
	migr_text_digest(text.data, text.len, digest);
	MemoryContextSwitchTo(caller);
	MemoryContextReset(workspace);
}

/* In whatever order the objects came. */
static char *
sum_of(Digests *digests)
{
	if (digests->count == 0)
		return migr_text_sha256("", 0);
	qsort(digests->items, digests->count, DIGEST_BYTES, compare_digests);
	return migr_text_sha256((const char *) digests->items, digests->count * DIGEST_BYTES);
}

static void
begin_batch(Batch *batch)
{
	ListCell   *lc;

	batch->digests = palloc0((list_length(batch->prints) + 1) * sizeof(Digests));
	foreach(lc, batch->prints)
	{
		Digests    *digests = &batch->digests[batch->count++];

		digests->print = lfirst(lc);
		digests->name = digests->print->name;
		digests->to_any = (MigrTenantName) {digests->name, ANY_TENANT, digests->print->schema};
	}
	qsort(batch->digests, batch->count, sizeof(Digests), compare_names);
}

/* Of all objects, in their order, the tenants. */
static Digests **
find_tenants(const Batch *batch, const MigrSchema *schema)
{
	Digests   **tenants = palloc((list_length(schema->objects) + 1) * sizeof(Digests *));
	int			count = 0;
	ListCell   *lc;

	foreach(lc, schema->objects)
		tenants[count++] = digests_of(batch, lfirst(lc));
	return tenants;
}

/* Whose an object is has to be found before what it is a part of gets another name. */
static void
digest_objects(void *arg)
{
	Batch	   *batch = arg;
	MigrScope	scope = {.only = batch->addresses, .tenants = true};
	MigrSchema *schema = migr_snap_model(&scope);
	Digests   **tenants;
	ListCell   *lc;

	begin_batch(batch);
	tenants = find_tenants(batch, schema);
	foreach(lc, schema->objects)
	{
		MigrObject *object = lfirst(lc);
		Digests    *tenant = tenants[foreach_current_index(lc)];

		CHECK_FOR_INTERRUPTS();
		if (tenant == NULL)
			continue;
		tenant->is_there = true;
		migr_tenant_rename(&tenant->to_any, object);
		if (migr_kind_is_there(object) && migr_sort_compared(object))
			add_digest(tenant, object, batch->workspace);
	}
}

/* Take schemas of a list from the one at i on; returns the one behind the last. */
static int
fill_batch(Batch *batch, const List *prints, int i)
{
	while (i < list_length(prints) && list_length(batch->addresses) < OBJECTS_AT_ONCE)
	{
		MigrTenantPrint *print = list_nth(prints, i++);

		CHECK_FOR_INTERRUPTS();
		batch->prints = lappend(batch->prints, print);
		batch->addresses = list_concat(batch->addresses, migr_snap_schema_addresses(print->schema));
	}
	return i;
}

/* The schema is an object itself: without any it has gone, or is excluded. */
static void
set_fingerprint(Digests *digests, MemoryContext result)
{
	if (digests->is_there)
		digests->print->fingerprint = MemoryContextStrdup(result, sum_of(digests));
	else
		digests->print->is_excluded = get_namespace_name(digests->print->schema) != NULL;
}

/* The fingerprints of those from the one at i on; returns the first that is left. */
static int
print_batch(const List *prints, int i, MemoryContext result)
{
	Batch		batch = {NIL};

	batch.workspace = AllocSetContextCreate(CurrentMemoryContext, "migr tenant's object",
											ALLOCSET_DEFAULT_SIZES);
	i = fill_batch(&batch, prints, i);
	migr_snap_pinned_some(digest_objects, &batch);
	for (int j = 0; j < batch.count; j++)
		set_fingerprint(&batch.digests[j], result);
	return i;
}

void
migr_tenant_fingerprints(const List *prints)
{
	MemoryContext result = CurrentMemoryContext;
	MemoryContext memory = AllocSetContextCreate(result, "migr tenants", ALLOCSET_DEFAULT_SIZES);
	int			i = 0;

	MemoryContextSwitchTo(memory);
	while (i < list_length(prints))
	{
		i = print_batch(prints, i, result);
		MemoryContextReset(memory);
		if (i < list_length(prints))
			InvalidateSystemCaches();
	}
	MemoryContextSwitchTo(result);
	MemoryContextDelete(memory);
}

char *
migr_tenant_fingerprint(Oid schema)
{
	MigrTenantPrint print = {.schema = schema, .name = get_namespace_name(schema)};

	if (print.name == NULL)
		return NULL;
	migr_tenant_fingerprints(list_make1(&print));
	return unconstify(char *, print.fingerprint);
}

/* --- a model ------------------------------------------------------------------------ */

static bool
is_outside(const MigrObject *object, void *arg)
{
	const char *name = place_of(object);

	return name == NULL || strcmp(name, arg) != 0;
}

MigrSchema *
migr_tenant_model(Oid schema, const char *as)
{
	MigrTenantName name = {get_namespace_name(schema), as, schema};
	MigrScope	scope = {.needs = true, .tenants = true};
	MigrSchema *model;
	ListCell   *lc;

	if (name.from == NULL)
		return NULL;
	scope.only = migr_snap_schema_addresses(schema);
	model = migr_snap_model(&scope);
	migr_schema_remove(model, is_outside, unconstify(char *, name.from));
	if (strcmp(name.from, as) == 0)
		return model;
	foreach(lc, model->objects)
		migr_tenant_rename(&name, lfirst(lc));
	return model;
}
