/*
 * author.h
 *		New revision scripts: written, registered, returned.
 *
 * A draft becomes the script of a new revision, which is parsed again before
 * it is loaded: no text in a draft can add a directive.  What is returned is
 * what is in the store.  Nothing of it is run.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_AUTHOR_H
#define MIGR_AUTHOR_H

#include "nodes/pg_list.h"

#include "schema/threeway.h"
#include "script/script.h"

/* What a new revision shall be. */
typedef struct MigrDraft
{
	const char *message;		/* may be NULL */
	const char *sections[MIGR_SECTION_KINDS];	/* SQL by MigrSectionKind; NULL leaves it out */
	const char *revision;		/* NULL: an id is made up */
	List	   *heads;			/* char *: names of what it revises */
	bool		splice;			/* it may revise what is no head */
	bool		merge;			/* it merges heads, and nothing else */
	List	   *labels;			/* char * */
	List	   *depends;		/* char * */
	List	   *replaces;		/* char *: ids; it then revises parents, as they are */
	List	   *parents;		/* char *: ids */
	bool		apart;			/* transaction off */
	List	   *parts;			/* MigrOnlinePart *: a revision for each */
	const char *tenant;			/* whose schema has what it does already; or NULL */
} MigrDraft;

/*
 * Put the way from what the scripts build to the desired schema, or that from
 * the live one, and the way back, in front of what the draft's upgrade section
 * has, and behind its downgrade section, unless that is left out.  False, and a
 * NOTICE, if nothing differs.  If the way has several parts, it is these that are
 * put into the draft.  Raises MG009 if a revision is pending, 22023 if the draft stands on
 * one for tenants, and what comparing raises.
 */
extern bool migr_author_generate(MigrDraft *draft, MigrComparison *comparison,
								 bool from_live);

/*
 * The same of what the draft's tenant has in its schema and the scripts do not make there,
 * with the schema's name left out: "head" is that of the tenants' branch.  Raises what
 * migr_tenant_look() and building raise, MG009 if anything is pending for the tenant, 22023 if
 * the draft stands on a revision that is not for tenants, 0A000 for what can't be said without
 * the name, 42501 if a superuser would build what is of others.
 */
extern bool migr_author_generate_for_tenant(MigrDraft *draft);

/*
 * Write the script of a new revision and load it.  Returns its text.  Of a draft
 * with parts, one for each: labels and what it depends on are of the first; the
 * id, if one is given, and the verify section of the last, with what the sections
 * hold, which is one by itself where that can't be with the rest.  Raises
 * MG001 to MG003 for what the draft names, 22023 for a draft that makes no
 * sense, MG005 for a label or id that is taken.
 */
extern char *migr_author_write(const MigrDraft *draft);

#endif							/* MIGR_AUTHOR_H */
