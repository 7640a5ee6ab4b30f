/*
 * scope.h
 *		What is part of the schema, and what is as if it were not there.
 *
 * Never part of it are the members of extensions (see reading.h), system and
 * temporary schemas; besides these, what migr.exclude names, and the schemas of
 * tenants, with all that is in them.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_SCOPE_H
#define MIGR_SCOPE_H

#include "model/model.h"

/* What a snapshot takes, where that is not all but what migr.exclude names. */
typedef struct MigrScope
{
	const List *hidden_extensions;	/* char *: as if they were not there */
	const List *hidden_schemas; /* the same; what is in them is there */
	const List *left_schemas;	/* the same, and what is in them too */
	bool		tenants;		/* what is in the schemas of tenants as well */
	bool		everything;		/* what migr.exclude names as well */
	bool		tables_only;	/* which tables there are, and no more */
	bool		schemas_only;
	bool		is_alone;		/* nobody else can change what is there: one look is enough */
	const List *only;			/* MigrAddress *: these objects and their parts, by their
								 * own addresses; NIL: all */
	bool		needs;			/* with only: what they need of one another as well */
} MigrScope;

/* Define migr.exclude. */
extern void migr_scope_init(void);

/* The patterns (char *) of migr.exclude. */
extern List *migr_scope_excluded(void);

/*
 * Is an object part of the schema, as far as it alone tells?  The patterns name
 * it by the schema where it is; scope may be NULL.
 */
extern bool migr_scope_manages(const MigrScope *scope, const List *excluded,
							   const MigrObject *object, const char *schema);

#endif							/* MIGR_SCOPE_H */
