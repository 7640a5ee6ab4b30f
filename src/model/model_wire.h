/*
 * model_wire.h
 *		A schema in memory as bytes, and back.
 *
 * It goes over in pieces, so that no message has to hold all of it.  What comes
 * out is equal to what went in but for the state of walks; texts are shared no
 * more than they were.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_MODEL_WIRE_H
#define MIGR_MODEL_WIRE_H

#include "lib/stringinfo.h"

#include "model/model.h"

/* Sends a piece, and empties it. */
typedef void (*MigrPieceSender) (StringInfo piece, void *arg);

/*
 * Write a schema, whose objects get their numbers as units; send is called for
 * each piece.
 */
extern void migr_object_wire_write(MigrSchema *schema, MigrPieceSender send, void *arg);

/* A schema being read; in the context in which it was begun. */
typedef struct MigrSchemaReader
{
	MigrSchema *schema;
	MigrObject **objects;		/* by number */
	int			count;
	int			room;
	List	   *columns;		/* MigrColumns *, by number */
	bool		done;			/* that was the last piece */
} MigrSchemaReader;

extern void migr_object_wire_begin(MigrSchemaReader *reader);

/* Read a piece. */
extern void migr_object_wire_read(MigrSchemaReader *reader, StringInfo piece);

/* A copy of a schema that shares no object with it, for changes. */
extern MigrSchema *migr_schema_copy(MigrSchema *schema);

#endif							/* MIGR_MODEL_WIRE_H */
