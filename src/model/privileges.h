/*
 * privileges.h
 *		Owners and privileges as SQL text.
 *
 * Privileges are told as the difference to what is there, or to what a newly
 * created object has, and the owner's own as a difference for "the owner":
 * with another owner the same text gives the same privileges.  Rights that
 * somebody else than the owner has granted are granted by SET ROLE to him.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_PRIVILEGES_H
#define MIGR_PRIVILEGES_H

#include "lib/stringinfo.h"

#include "base/compat.h"
#include "model/model.h"

/* The rights that there are on objects of a kind, and those of a new one. */
typedef struct MigrRights
{
	const char *noun;			/* how GRANT names the kind; NULL: as it is said */
	const char *letters;		/* of all rights, as in an aclitem */
	const char *of_public;		/* those that PUBLIC has */
	bool		none_of_owner;	/* the owner has none; else all */
} MigrRights;

/* 17: MAINTAIN. */
#define MIGR_RIGHTS_TABLE MIGR_SINCE_17("rawdDxtm", "rawdDxt")
#define MIGR_RIGHTS_COLUMN "rawx"

/* Of what turns some privileges into others: which part. */
#define MIGR_PRIVILEGES_GIVEN	(1 << 0)
#define MIGR_PRIVILEGES_TAKEN	(1 << 1)
#define MIGR_PRIVILEGES_ALL		(MIGR_PRIVILEGES_GIVEN | MIGR_PRIVILEGES_TAKEN)

/* Define migr.compare_owners and migr.compare_privileges. */
extern void migr_privileges_init(void);

/* Append ALTER noun … OWNER TO, if owners are compared. */
extern void migr_privileges_owner(StringInfo out, const char *noun,
								  const MigrObject *object);

/* Append the GRANTs and REVOKEs of an object, if privileges are compared. */
extern void migr_privileges_create(StringInfo out, const char *noun,
								   const MigrRights *rights, const MigrObject *object);

/*
 * Append what turns the privileges of from into those of to, if privileges are
 * compared.  The owner of from may be another: his rights have become those of
 * the owner of to.  A table goes before its columns.  what: which part of it.
 */
extern void migr_privileges_alter(StringInfo out, const char *noun,
								  const MigrRights *rights, const MigrObject *from,
								  const MigrObject *to, int what);

/*
 * Append the ALTER DEFAULT PRIVILEGES that leads from one state to another, if
 * privileges are compared; NULL is what there is without them.
 */
extern void migr_privileges_alter_default(StringInfo out, const MigrRights *rights,
										  const MigrObject *from, const MigrObject *to);

/*
 * Has an object all rights that wanted grants beyond those of a new one, and none
 * that it takes away?  -1 if not, else to how many roles more is granted; 0 if
 * privileges are not compared.
 */
extern int	migr_privileges_beyond(const MigrRights *rights, const MigrObject *is,
								   const MigrObject *wanted);

/* The same of default privileges. */
extern int	migr_privileges_beyond_default(const MigrRights *rights, const MigrObject *is,
										   const MigrObject *wanted);

/*
 * The acl that wanted would have if it had, besides its own rights, those that an
 * object has.
 */
extern const char *migr_privileges_join(const MigrRights *rights, const MigrObject *is,
										const MigrObject *wanted);

/* Who creates an object, and what it has by that. */
typedef struct MigrCreation
{
	const char *role;
	char		type;			/* of default privileges, see kind.h */
	const List *defaults;		/* those that there are, MigrObject * */
} MigrCreation;

/*
 * Append what gives an object that has just been created the privileges that
 * another one had, compared or not.
 */
extern void migr_privileges_put_back(StringInfo out, const char *noun,
									 const MigrRights *rights, const MigrObject *was,
									 const MigrObject *is, const MigrCreation *creation);

/* The privileges of an object as they are when it gets another owner; or NULL. */
extern const char *migr_privileges_of_owner(const MigrObject *object, const char *owner);

/*
 * Has schema public the privileges that initdb gives it before 15, and this is a
 * later server, or the reverse?
 */
extern bool migr_privileges_are_of_other_server(const MigrObject *public);

/*
 * Is migr.compare_privileges on, or even where a desired schema says nothing of
 * them?  Is migr.compare_owners on?
 */
extern bool migr_privileges_compared(void);
extern bool migr_privileges_always_compared(void);
extern bool migr_privileges_owners_compared(void);

#endif							/* MIGR_PRIVILEGES_H */
