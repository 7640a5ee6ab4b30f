/*
 * remembered_build.h
 *		What there is to say of a build besides its schema: its head in the store.
 *
 * Private to schema.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_REMEMBERED_BUILD_H
#define MIGR_REMEMBERED_BUILD_H

#include "lib/stringinfo.h"

#include "schema/remembered_text.h"
#include "scratch/scratch.h"

typedef struct MigrRememberedStatement
{
	char	   *digest;
	MigrStatementSort sort;
	bool		is_weak;
	bool		creates;
	List	   *targets;		/* char * */
} MigrRememberedStatement;

typedef struct MigrRememberedBuild
{
	int			said;			/* MIGR_SAID_… */
	bool		untouched;		/* schema public is as it was */
	List	   *unmanaged;		/* char * */
	bool		is_plain;		/* is it known of each statement what it made? */
	bool		spreads;		/* remembered_text.h */
	int			count;
	MigrRememberedStatement *statements;
	int			object_count;
	int		   *makers;			/* of the schema's objects in their order: the number of the
								 * statement, or -1 */
} MigrRememberedBuild;

/* Who has made the objects of a schema; script_firsts: the first statement of each script. */
extern int *migr_remembered_makers(const MigrScratchSeen *seen, const int *script_firsts,
								   int scripts);

/* The number of the first statement of each part of a text, by its place. */
extern int *migr_remembered_firsts(const MigrText *text);

extern void migr_remembered_put_build(StringInfo out, const MigrScratchSeen *seen,
									  const MigrText *text, bool is_plain);
extern void migr_remembered_get_build(StringInfo in, bool with_statements,
									  MigrRememberedBuild *build);

#endif							/* MIGR_REMEMBERED_BUILD_H */
