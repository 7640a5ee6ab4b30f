/*
 * aside.h
 *		Set aside what the user has, so that the database looks empty.
 *
 * For use in a subtransaction that is always rolled back.  Schemas are renamed,
 * which locks no table; what has a name but no schema is renamed too; what has
 * no name (casts, transforms, default privileges) is forgotten.  Extensions
 * stay as they are, out of sight, until somebody creates them; what users have
 * put into their schemas moves out.  What is temporary is renamed.  All that is
 * only for who has the rights of the owners: 42501 for others.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_ASIDE_H
#define MIGR_ASIDE_H

#include "nodes/parsenodes.h"

#include "db.h"

/* What is set aside is renamed to this and a number. */
#define MIGR_ASIDE "migr_aside_"

/*
 * Set all aside but the schemas that patterns of migr.exclude name, and make
 * schema public as initdb does.  Memory that is current now has to last as long
 * as extensions can appear.
 */
extern void migr_aside_all(const List *excluded);

/* Set a schema aside that has stayed, if there is one of that name. */
extern void migr_aside_schema(const char *name);

/*
 * CREATE EXTENSION of one that is installed: let it appear in the schema asked
 * for, if it is in a schema of that name (else MG012), and with CASCADE those
 * that it requires.  Adds the names (char *) of
 * what has appeared.  False if it is not installed, and so has to be created.
 */
extern bool migr_aside_bring(const CreateExtensionStmt *create, List **appeared);

/*
 * Of aside_queries.c: catalog and oid of objects, and how each is called that the
 * role given last does not own.  Contents are those of a schema that belong to an
 * extension, or to none (0).
 */
extern MigrQuery migr_aside_nameless;
extern MigrQuery migr_aside_temporary;
extern MigrQuery migr_aside_member_schemas;
extern MigrQuery migr_aside_contents;

#endif							/* MIGR_ASIDE_H */
