/*
 * tenant_name.h
 *		A tenant's objects as those of another name.
 *
 * What names the schema in the text of an object, and what names the role that is
 * called as the schema is, gets the other name: qualified names, in deparsed SQL and in
 * the bodies of routines; constants of the reg… types; search_path in SET; owner,
 * grants, and roles of policies.  Words are taken by the server's rules for quotes, so
 * that no longer name and no string is hit.  What no statement means the schema by stays:
 * strings that say its name, comments.
 *
 * Private to schema.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_TENANT_NAME_H
#define MIGR_TENANT_NAME_H

#include "model/model.h"

/* One name to be given in place of another. */
typedef struct MigrTenantName
{
	const char *from;			/* of a schema */
	const char *to;
	Oid			schema;			/* the one called from: asked where a name may be another's too */
} MigrTenantName;

/*
 * Rename an object that has been read; what it is a part of comes before.  Texts that
 * stay are shared with what there was.
 */
extern void migr_tenant_rename(const MigrTenantName *name, MigrObject *object);

/* SQL text, or an identity, in which the name is another; itself if it is not in there. */
extern const char *migr_tenant_rename_text(const MigrTenantName *name, const char *text);

#endif							/* MIGR_TENANT_NAME_H */
