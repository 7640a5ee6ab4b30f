/*
 * model.c
 *		In-memory model of a schema: objects, attributes, dependencies.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "utils/builtins.h"
#include "utils/memutils.h"

#include "model/model.h"

typedef struct Entry
{
	MigrAddress address;		/* the hash key */
	MigrObject *object;
} Entry;

MigrSchema *
migr_schema_create(void)
{
	MigrSchema *schema = palloc0(sizeof(MigrSchema));
	HASHCTL		control = {0};

	control.keysize = sizeof(MigrAddress);
	control.entrysize = sizeof(Entry);
	control.hcxt = CurrentMemoryContext;
	schema->by_address = hash_create("migr objects", 1024, &control,
									 HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	return schema;
}

void
migr_schema_alias(MigrSchema *schema, MigrAddress address, MigrObject *object)
{
	bool		found;
	Entry	   *entry = hash_search(schema->by_address, &address, HASH_ENTER,
									&found);

	if (!found)
		entry->object = object;
}

void
migr_schema_add(MigrSchema *schema, MigrObject *object)
{
	schema->objects = lappend(schema->objects, object);
	if (object->subid == 0)
		migr_schema_alias(schema, object->address, object);
}

MigrObject *
migr_schema_find(const MigrSchema *schema, MigrAddress address)
{
	Entry	   *entry = hash_search(schema->by_address, &address, HASH_FIND, NULL);

	return entry ? entry->object : NULL;
}

MigrObject *
migr_schema_find_own(const MigrSchema *schema, MigrAddress address)
{
	MigrObject *object = migr_schema_find(schema, address);

	return object && object->address.classid == address.classid &&
		object->address.objid == address.objid ? object : NULL;
}

void
migr_schema_each_address(const MigrSchema *schema, MigrAddressVisitor visit, void *arg)
{
	HASH_SEQ_STATUS status;
	Entry	   *entry;

	hash_seq_init(&status, schema->by_address);
	while ((entry = hash_seq_search(&status)) != NULL)
		visit(entry->address, entry->object, arg);
}

/* Marks of objects while some are taken out. */
#define GONE (-1)

static List *
without_gone(const List *objects)
{
	List	   *rest = NIL;
	ListCell   *lc;

	foreach(lc, objects)
	{
		if (((MigrObject *) lfirst(lc))->unit != GONE)
			rest = lappend(rest, lfirst(lc));
	}
	return rest;
}

static void
remove_gone_address(MigrAddress address, MigrObject *object, void *arg)
{
	MigrSchema *schema = arg;

	/* A scan allows to remove the entry that it is at. */
	if (object->unit == GONE)
		(void) hash_search(schema->by_address, &address, HASH_REMOVE, NULL);
}

void
migr_schema_remove(MigrSchema *schema, MigrObjectTest gone, void *arg)
{
	int			kept = 0;
	ListCell   *lc;

	foreach(lc, schema->objects)
	{
		MigrObject *object = lfirst(lc);

		object->unit = gone(object, arg) ? GONE : 0;
	}
	migr_schema_each_address(schema, remove_gone_address, schema);
	schema->objects = without_gone(schema->objects);
	foreach(lc, schema->objects)
	{
		MigrObject *object = lfirst(lc);

		object->children = without_gone(object->children);
		object->depends = without_gone(object->depends);
		object->for_defaults = without_gone(object->for_defaults);
	}
	for (int i = 0; i < schema->need_count; i++)
	{
		if (schema->needs[i].object->unit != GONE && schema->needs[i].needed->unit != GONE)
			schema->needs[kept++] = schema->needs[i];
	}
	schema->need_count = kept;
}

void
migr_schema_need(MigrSchema *schema, MigrObject *object, MigrObject *needed,
				 bool by_default)
{
	MigrNeed   *need;

	if (schema->need_count == schema->need_room)
	{
		Size		size;

		schema->need_room = Max(schema->need_room * 2, 256);
		size = schema->need_room * sizeof(MigrNeed);
		schema->needs = schema->needs
			? repalloc_huge(schema->needs, size)
			: MemoryContextAllocHuge(CurrentMemoryContext, size);
	}
	need = &schema->needs[schema->need_count++];
	need->object = object;
	need->needed = needed;
	need->by_default = by_default;
}

const char *
migr_object_identity(const MigrObject *object)
{
	return object->identity ? object->identity
		: psprintf("%s.%s", object->parent->identity,
				   quote_identifier(object->name));
}

int
migr_object_attribute(const MigrObject *object, MigrAttribute attribute)
{
	const MigrColumns *columns = object->columns;

	for (int i = 0; i < columns->count; i++)
	{
		if (columns->attributes[i] == attribute)
			return i;
	}
	return -1;
}

/* The number of an attribute that the kind must have. */
static int
find_attribute(const MigrObject *object, MigrAttribute attribute)
{
	int			i = migr_object_attribute(object, attribute);

	if (i < 0)
		elog(ERROR, "objects of kind %d have no attribute \"%s\"", object->kind,
			 migr_attribute_name(attribute));
	return i;
}

/* There are many columns: what is NULL at the end costs nothing. */
void
migr_object_fill(MigrObject *object, const MigrColumns *columns,
				 const char *const *values)
{
	int			count = columns->count;

	while (count > 0 && values[count - 1] == NULL)
		count--;
	object->columns = columns;
	object->count = count;
	object->values = palloc(count * sizeof(char *));
	memcpy(object->values, values, count * sizeof(char *));
}

void
migr_object_set(MigrObject *object, int attribute, const char *value)
{
	if (value == NULL || attribute < 0)
		return;
	if (attribute >= object->count)
	{
		Size		size = (attribute + 1) * sizeof(char *);

		object->values = object->values ? repalloc(object->values, size) : palloc(size);
		while (object->count <= attribute)
			object->values[object->count++] = NULL;
	}
	object->values[attribute] = value;
}

const char *
migr_object_value(const MigrObject *object, MigrAttribute attribute)
{
	int			i = find_attribute(object, attribute);

	return i < object->count ? object->values[i] : NULL;
}

bool
migr_object_ends(const MigrObject *object, MigrAttribute attribute)
{
	return object->count <= find_attribute(object, attribute) + 1;
}

bool
migr_object_is(const MigrObject *object, MigrAttribute attribute)
{
	const char *value = migr_object_value(object, attribute);

	return value && strcmp(value, "t") == 0;
}

bool
migr_object_has(const MigrObject *object, MigrAttribute attribute)
{
	const char *value = migr_object_value(object, attribute);

	return value && *value != '\0';
}

const char *
migr_object_signature(const MigrObject *object)
{
	return migr_object_attribute(object, MIGR_ATTR_SIGNATURE) >= 0
		? migr_object_value(object, MIGR_ATTR_SIGNATURE) : migr_object_identity(object);
}
