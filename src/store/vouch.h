/*
 * vouch.h
 *		Who runs a script for whom: decided by who has loaded it.
 *
 * The rule.  A superuser runs only what a superuser has loaded; with
 * migr.check_loader, everybody runs only what a role has loaded that has all
 * his rights.  What is in the store counts only if its owner, who can write
 * there what he likes, could have loaded it in the same way.  A role is known
 * by its OID; in another installation than the one where the script was loaded,
 * which a dump leads to, by OID and name together.  A role that is gone vouches
 * for nothing.  Plain SQL, which is no revision, is the caller's own.
 *
 * What is refused is 42501, and says who has loaded what, and the way out.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_VOUCH_H
#define MIGR_VOUCH_H

#include "utils/rel.h"

#include "script/script.h"

/*
 * Who vouches for what is loaded now: the current user; or by_setting, whoever
 * has set migr.script_location.
 */
extern MigrLoader migr_vouch_loader(bool by_setting);

/*
 * Loads one who has the script that is stored already, does he vouch for it
 * from now on?  Not if who does by now has all his rights; but what is under
 * migr.script_location is that one's, so that it can take it away again.
 */
extern bool migr_vouch_takes_over(const MigrLoader *now, const MigrLoader *stored);

/* Did migr.script_location say to load it, in this installation? */
extern bool migr_vouch_is_by_setting(const MigrLoader *loader);

/* Raise unless the current user runs all the scripts (MigrScript *) himself. */
extern void migr_vouch_check(const List *scripts);

/*
 * The role as which a build of the scripts (MigrScript *) has to run: the
 * current user if he runs all of them, else the role that has loaded the rest.
 * Raises if several have, if there is none, or if the current user has not all
 * the rights of that role.
 */
extern Oid	migr_vouch_role_for_build(const List *scripts);

/*
 * A stretch of code that runs a script as the current user.  Where the session
 * can become somebody again for whom the script must not run, as after SET ROLE,
 * the server refuses that in between.  An error ends it, too.
 */
typedef struct MigrConfined
{
	bool		active;
	Oid			user;
	int			context;
} MigrConfined;

extern void migr_vouch_confine(MigrConfined *confined, const MigrScript *script);
extern void migr_vouch_release(const MigrConfined *confined);

/*
 * Raise if a script that was confined has left behind what would run at the end
 * of the transaction, when it is confined no more.
 */
extern void migr_vouch_check_left(const MigrConfined *confined,
								  const MigrScript *script);

/* Raise if somebody writes the store by hand in whom superusers can't trust. */
extern void migr_vouch_check_writer(Relation table);

#endif							/* MIGR_VOUCH_H */
