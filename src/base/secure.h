/*
 * secure.h
 *		A stretch of code in which names mean what migr means by them.
 *
 * Inside, the search_path is pg_catalog, pg_temp and the current user is the
 * owner of migr's tables: so nobody's objects stand in for the server's, and
 * nobody's triggers run with a caller's rights.  An error ends it, too.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_SECURE_H
#define MIGR_SECURE_H

typedef struct MigrSecure
{
	Oid			user;
	int			context;
	int			guc_level;
} MigrSecure;

/* Oid of the extension; 55000 if it is not installed (any more). */
extern Oid	migr_secure_extension(void);

/* Oid of one of migr's own tables; 55000 if it is gone. */
extern Oid	migr_secure_table(const char *name);

/*
 * The server and the extension in it, that oids belong to: no two servers have the
 * same, nor two databases of one of which neither is a copy of the other.
 */
extern char *migr_secure_installation(void);

/* Does each of migr's tables that says what is run, and where, belong to a superuser? */
extern bool migr_secure_owner_is_superuser(void);

/*
 * Who owns the script store, and so can write into it what he likes; of two
 * owners, one who is no superuser.
 */
extern Oid	migr_secure_store_owner(void);

/*
 * What identifies migr's objects and says that its triggers are in force: the
 * same as before unless somebody has been at them.  Raises nothing.
 */
typedef struct MigrIdentity
{
	Oid			extension;
	Oid			tables[5];
	uint32		guarded;		/* a bit for each table */
} MigrIdentity;

extern MigrIdentity migr_secure_identity(void);

/* This process works in a database without migr: everything is done as caller. */
extern void migr_secure_without_tables(void);

/* as_caller: restrict the path only, and stay the user who calls. */
extern void migr_secure_begin(MigrSecure *secure, bool as_caller);

/* The same as another user, whose rights the caller has. */
extern void migr_secure_begin_as(MigrSecure *secure, Oid user);
extern void migr_secure_end(const MigrSecure *secure);

#endif							/* MIGR_SECURE_H */
