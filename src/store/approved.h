/*
 * approved.h
 *		Approvals that are not used up: the rows of migr.approval.
 *
 * The single writer of the table.  Who brought a script, and who approves it, is the role
 * that the session was opened as, which neither SET ROLE nor a function with its owner's
 * rights changes.  All functions need an open MigrDb.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_APPROVED_H
#define MIGR_APPROVED_H

#include "datatype/timestamp.h"

#include "base/db.h"
#include "script/script.h"

/* A row of the table; its lists have as many members, two and two. */
typedef struct MigrApproval
{
	const char *revision;
	const char *direction;		/* "upgrade", "downgrade" */
	const char *checksum;		/* of the script */
	List	   *objects;		/* char *: what it names */
	List	   *addresses;		/* char *: where that is, as consent_names.h writes it */
	List	   *hashes;			/* char *: of what that was; "": nothing */
	List	   *before;			/* char *: revisions that were to run before it */
	List	   *before_checksums;	/* char * */
	const char *comment;
	const char *by;
	TimestampTz at;
	bool		begun;			/* of a script that says transaction off */
	bool		is_of_here;		/* was it given in this installation? */
} MigrApproval;

/* Who brought a script; by name, and in this installation by OID. */
typedef struct MigrBringer
{
	const char *name;			/* NULL: nobody is known to have */
	Oid			role;			/* InvalidOid: told by the name alone */
} MigrBringer;

extern MigrBringer migr_approved_bringer(MigrDb *db, const MigrScript *script);

/* Is it the role that this session was opened as? */
extern bool migr_approved_is_own(const MigrBringer *bringer);

/* NULL if there is none; lock: until the end of the transaction nobody takes it back. */
extern MigrApproval *migr_approved_read(MigrDb *db, const char *revision, const char *direction, bool lock);

/* Of revisions (char *), by place: the same at once, and who brought each. */
extern void migr_approved_read_many(MigrDb *db, const List *revisions, const char *direction,
									MigrBringer *bringers, MigrApproval **approvals);

/* Write one of this session's role, in place of one that is there. */
extern void migr_approved_put(MigrDb *db, const MigrApproval *approval);

/* Note that it is begun. */
extern void migr_approved_begin(MigrDb *db, const MigrApproval *approval);

/* False if there was none. */
extern bool migr_approved_remove(MigrDb *db, const char *revision, const char *direction);

/* Of a script that is stored no more. */
extern void migr_approved_forget(MigrDb *db, const char *revision);

#endif							/* MIGR_APPROVED_H */
