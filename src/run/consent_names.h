/*
 * consent_names.h
 *		What the statements of a script name, and what that is.
 *
 * Relations, with those that inherit from them, functions, types and schemas with what is in
 * them, as the statements would find them when they run, after what they say of search_path.
 * What is not there is known as well.  What a system schema has is left out, and what a
 * function or DO does is not looked into; but a function that is called is named.
 *
 * Private to run.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_CONSENT_NAMES_H
#define MIGR_CONSENT_NAMES_H

#include "datatype/timestamp.h"
#include "nodes/parsenodes.h"

#include "model/model.h"

/* A name of a script, and what it means. */
typedef struct MigrNamed
{
	const char *name;			/* with its kind, as messages call it */
	List	   *roots;			/* MigrAddress *; NIL: it is not there */
	const char *hash;			/* of these; "": nothing is there */
} MigrNamed;

/* Add what a statement names (MigrNamed *), each name once; the hashes are not known yet. */
extern List *migr_consent_names(List *named, Node *statement);

/* Find out the hashes of all. */
extern void migr_consent_hash(const List *named);

/* Where a name leads to, to be stored; and does an address stand in what was stored? */
extern char *migr_consent_addresses(const MigrNamed *named);
extern bool migr_consent_has_address(const char *addresses, const MigrAddress *address);

/*
 * Is each object of a name as it was recorded, and was what has been made or changed of it since
 * that time made by one of the revisions (char *)?  What is not among the addresses has to be made
 * by them.
 */
extern bool migr_consent_made_by(const MigrNamed *named, const char *addresses, const List *revisions,
								 TimestampTz since);

#endif							/* MIGR_CONSENT_NAMES_H */
