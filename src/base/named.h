/*
 * named.h
 *		What a command names: objects, found as the command would find them.
 *
 * Lists of ObjectAddress *.  What there is not is left out: that is the
 * command's to complain about.  Relations are not locked.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_NAMED_H
#define MIGR_NAMED_H

#include "catalog/objectaddress.h"
#include "nodes/parsenodes.h"

/* Add an object, or a relation by its name. */
extern List *migr_named_add(List *named, Oid classid, Oid objid);
extern List *migr_named_add_relation(List *named, const RangeVar *name);

/*
 * The relation that a statement (a raw tree) alters, puts something on or fills again, as its
 * tree names it; NULL: it is about none, or about what is named by its kind.
 */
extern const RangeVar *migr_named_relation(const Node *statement);

/*
 * What GRANT or REVOKE names, where that is a kind that extensions have; for
 * all objects in schemas, the schemas.
 */
extern List *migr_named_by_grant(const GrantStmt *grant);

/* What DROP names, where that is a kind that extensions have, or one itself. */
extern List *migr_named_by_drop(const DropStmt *drop);

/* The object of a kind; takes the lock that the command is about to take. */
extern List *migr_named_object(ObjectType kind, Node *object, LOCKMODE lock);

/* Who owns an object; InvalidOid where it is of a kind that nobody owns. */
extern Oid	migr_named_owner(const ObjectAddress *object);

#endif							/* MIGR_NAMED_H */
