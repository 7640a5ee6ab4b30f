/*
 * model_wire.c
 *		A schema in memory as bytes, and back.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#include "base/wire.h"
#include "model/model_wire.h"

/* A piece is sent when it is as large as this. */
#define PIECE_SIZE (256 * 1024)

/* No object stands on one that stands on one … so often. */
#define MAX_LEVELS 100

/* What comes next in a piece. */
enum Item
{
	ITEM_COLUMNS,				/* the names of attributes, numbered */
	ITEM_OBJECT,				/* objects, numbered */
	ITEM_RELATIONS,				/* of an object to others */
	ITEM_ADDRESS,				/* that stands for an object */
	ITEM_NEED,
	ITEM_END
};

/* --- writing -------------------------------------------------------------- */

typedef struct Writer
{
	MigrSchema *schema;
	StringInfoData piece;
	MigrPieceSender send;
	void	   *arg;
	List	   *columns;		/* const MigrColumns *, those that are written */
} Writer;

static void
flush(Writer *writer, int least)
{
	if (writer->piece.len < least)
		return;
	CHECK_FOR_INTERRUPTS();
	writer->send(&writer->piece, writer->arg);
}

/* The number of a set of attributes; written if this is the first time. */
static int
number_of_columns(Writer *writer, const MigrColumns *columns)
{
	int			number = 0;
	ListCell   *lc;

	foreach(lc, writer->columns)
	{
		if (lfirst(lc) == columns)
			return number;
		number++;
	}
	migr_wire_put_int(&writer->piece, ITEM_COLUMNS);
	migr_wire_put_int(&writer->piece, columns->count);
	for (int i = 0; i < columns->count; i++)
		migr_wire_put_int(&writer->piece, columns->attributes[i]);
	writer->columns = lappend(writer->columns, unconstify(MigrColumns *, columns));
	return number;
}

static void
write_object(Writer *writer, const MigrObject *object)
{
	StringInfo	piece = &writer->piece;
	int			columns = object->columns ? number_of_columns(writer, object->columns) : -1;

	migr_wire_put_int(piece, ITEM_OBJECT);
	migr_wire_put_int(piece, object->kind);
	migr_wire_put_oid(piece, object->address.classid);
	migr_wire_put_oid(piece, object->address.objid);
	migr_wire_put_int(piece, object->subid);
	migr_wire_put_text(piece, object->schema);
	migr_wire_put_text(piece, object->name);
	migr_wire_put_text(piece, object->identity);
	migr_wire_put_text(piece, object->owner);
	migr_wire_put_text(piece, object->acl);
	migr_wire_put_text(piece, object->comment);
	migr_wire_put_int(piece, object->joins_at_once);
	migr_wire_put_int(piece, columns);
	migr_wire_put_int(piece, object->count);
	for (int i = 0; i < object->count; i++)
		migr_wire_put_text(piece, object->values[i]);
}

static void
write_numbers(StringInfo piece, const List *objects)
{
	ListCell   *lc;

	migr_wire_put_int(piece, list_length(objects));
	foreach(lc, objects)
		migr_wire_put_int(piece, ((MigrObject *) lfirst(lc))->unit);
}

static void
write_relations(StringInfo piece, const MigrObject *object)
{
	if (object->parent == NULL && object->children == NIL &&
		object->depends == NIL)
		return;
	migr_wire_put_int(piece, ITEM_RELATIONS);
	migr_wire_put_int(piece, object->unit);
	migr_wire_put_int(piece, object->parent ? object->parent->unit : -1);
	write_numbers(piece, object->children);
	write_numbers(piece, object->depends);
}

static void
write_address(MigrAddress address, MigrObject *object, void *arg)
{
	Writer	   *writer = arg;

	migr_wire_put_int(&writer->piece, ITEM_ADDRESS);
	migr_wire_put_oid(&writer->piece, address.classid);
	migr_wire_put_oid(&writer->piece, address.objid);
	migr_wire_put_int(&writer->piece, object->unit);
	flush(writer, PIECE_SIZE);
}

static void
write_need(StringInfo piece, const MigrNeed *need)
{
	migr_wire_put_int(piece, ITEM_NEED);
	migr_wire_put_int(piece, need->object->unit);
	migr_wire_put_int(piece, need->needed->unit);
	migr_wire_put_int(piece, need->by_default);
}

void
migr_object_wire_write(MigrSchema *schema, MigrPieceSender send, void *arg)
{
	Writer		writer = {.schema = schema, .send = send, .arg = arg};
	int			number = 0;
	ListCell   *lc;

	initStringInfo(&writer.piece);
	foreach(lc, schema->objects)
	{
		MigrObject *object = lfirst(lc);

		object->unit = number++;
		write_object(&writer, object);
		flush(&writer, PIECE_SIZE);
	}
	foreach(lc, schema->objects)
	{
		write_relations(&writer.piece, lfirst(lc));
		flush(&writer, PIECE_SIZE);
	}
	migr_schema_each_address(schema, write_address, &writer);
	for (int i = 0; i < schema->need_count; i++)
	{
		write_need(&writer.piece, &schema->needs[i]);
		flush(&writer, PIECE_SIZE);
	}
	migr_wire_put_int(&writer.piece, ITEM_END);
	flush(&writer, 0);
	pfree(writer.piece.data);
}

/* --- reading -------------------------------------------------------------- */

void
migr_object_wire_begin(MigrSchemaReader *reader)
{
	memset(reader, 0, sizeof(*reader));
	reader->schema = migr_schema_create();
	reader->room = 1024;
	reader->objects = palloc(reader->room * sizeof(MigrObject *));
}

/* A number of one of so many things. */
static int
in_range(int number, int count)
{
	if (number < 0 || number >= count)
		migr_wire_raise();
	return number;
}

static MigrObject *
numbered(const MigrSchemaReader *reader, int number)
{
	return reader->objects[in_range(number, reader->count)];
}

static void
read_columns(MigrSchemaReader *reader, StringInfo piece)
{
	MigrColumns *columns = palloc(sizeof(MigrColumns));
	int			count = migr_wire_get_count(piece, sizeof(int));
	MigrAttribute *attributes = palloc((count + 1) * sizeof(MigrAttribute));

	for (int i = 0; i < count; i++)
		attributes[i] = in_range(migr_wire_get_int(piece), MIGR_ATTR_COUNT);
	columns->count = count;
	columns->attributes = attributes;
	reader->columns = lappend(reader->columns, columns);
}

static void
remember(MigrSchemaReader *reader, MigrObject *object)
{
	if (reader->count == reader->room)
	{
		reader->room *= 2;
		reader->objects = repalloc_huge(reader->objects,
										reader->room * sizeof(MigrObject *));
	}
	reader->objects[reader->count++] = object;
	reader->schema->objects = lappend(reader->schema->objects, object);
}

/* Of what was written without, nobody asks for an attribute. */
static const MigrColumns *
columns_at(const MigrSchemaReader *reader, int number)
{
	static const MigrColumns none = {0};

	return number < 0 ? &none : list_nth(reader->columns, number);
}

static void
read_object(MigrSchemaReader *reader, StringInfo piece)
{
	MigrObject *object = palloc0(sizeof(MigrObject));

	object->kind = in_range(migr_wire_get_int(piece), MIGR_KIND_COUNT);
	object->address.classid = migr_wire_get_oid(piece);
	object->address.objid = migr_wire_get_oid(piece);
	object->subid = migr_wire_get_int(piece);
	object->schema = migr_wire_get_text(piece);
	object->name = migr_wire_get_name(piece);
	object->identity = migr_wire_get_text(piece);
	object->owner = migr_wire_get_text(piece);
	object->acl = migr_wire_get_text(piece);
	object->comment = migr_wire_get_text(piece);
	object->joins_at_once = migr_wire_get_int(piece);
	object->columns = columns_at(reader, migr_wire_get_index(piece, list_length(reader->columns)));
	object->count = migr_wire_get_count(piece, sizeof(int));
	object->values = palloc((object->count + 1) * sizeof(char *));
	for (int i = 0; i < object->count; i++)
		object->values[i] = migr_wire_get_text(piece);
	remember(reader, object);
}

static List *
read_numbers(MigrSchemaReader *reader, StringInfo piece)
{
	List	   *objects = NIL;

	for (int count = migr_wire_get_int(piece); count > 0; count--)
		objects = lappend(objects, numbered(reader, migr_wire_get_int(piece)));
	return objects;
}

/* Nothing stands on itself, however far down. */
static void
set_parent(MigrObject *object, MigrObject *parent)
{
	int			levels = 0;

	for (const MigrObject *below = parent; below; below = below->parent)
	{
		if (below == object || ++levels > MAX_LEVELS)
			migr_wire_raise();
	}
	object->parent = parent;
}

static void
read_relations(MigrSchemaReader *reader, StringInfo piece)
{
	MigrObject *object = numbered(reader, migr_wire_get_int(piece));
	int			parent = migr_wire_get_index(piece, reader->count);

	if (parent >= 0)
		set_parent(object, reader->objects[parent]);
	object->children = read_numbers(reader, piece);
	object->depends = read_numbers(reader, piece);
}

static void
read_address(MigrSchemaReader *reader, StringInfo piece)
{
	MigrAddress address;

	address.classid = migr_wire_get_oid(piece);
	address.objid = migr_wire_get_oid(piece);
	migr_schema_alias(reader->schema, address, numbered(reader, migr_wire_get_int(piece)));
}

static void
read_need(MigrSchemaReader *reader, StringInfo piece)
{
	MigrObject *object = numbered(reader, migr_wire_get_int(piece));
	MigrObject *needed = numbered(reader, migr_wire_get_int(piece));

	migr_schema_need(reader->schema, object, needed, migr_wire_get_int(piece));
}

void
migr_object_wire_read(MigrSchemaReader *reader, StringInfo piece)
{
	while (piece->cursor < piece->len)
	{
		switch ((enum Item) migr_wire_get_int(piece))
		{
			case ITEM_COLUMNS:
				read_columns(reader, piece);
				break;
			case ITEM_OBJECT:
				read_object(reader, piece);
				break;
			case ITEM_RELATIONS:
				read_relations(reader, piece);
				break;
			case ITEM_ADDRESS:
				read_address(reader, piece);
				break;
			case ITEM_NEED:
				read_need(reader, piece);
				break;
			case ITEM_END:
				reader->done = true;
				break;
		}
	}
}

/* --- both ------------------------------------------------------------------ */

static void
pass_on(StringInfo piece, void *reader)
{
	piece->cursor = 0;
	migr_object_wire_read(reader, piece);
	resetStringInfo(piece);
}

MigrSchema *
migr_schema_copy(MigrSchema *schema)
{
	MigrSchemaReader reader;
	ListCell   *lc;
	ListCell   *cell;

	migr_object_wire_begin(&reader);
	migr_object_wire_write(schema, pass_on, &reader);
	forboth(lc, schema->objects, cell, reader.schema->objects)
		((MigrObject *) lfirst(cell))->has_subclass = ((MigrObject *) lfirst(lc))->has_subclass;
	reader.schema->said = schema->said;
	reader.schema->unmanaged = schema->unmanaged;
	return reader.schema;
}
