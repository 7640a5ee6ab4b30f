/*
 * update.h
 *		What update scripts of the extension can't do by SQL.
 *
 * An update script runs as a superuser also where somebody else owns the extension, and so
 * its tables: what that one has put on them must not run then.  And a function whose
 * arguments change is dropped and created, of which those who were granted it must not
 * notice anything.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_UPDATE_H
#define MIGR_UPDATE_H

/*
 * Raise 55000 if a column of migr's tables is of a type that is not the server's own:
 * comparing its values would run what the owner has made.
 */
extern void migr_update_check_types(void);

/*
 * Forget the fingerprints that runs have recorded, as the owner of the tables: they are
 * of a kind that this version does not make any more.
 */
extern void migr_update_forget_fingerprints(void);

/*
 * Give what the script has made, and so belongs to who runs it, to the owner of the tables
 * that were there.
 */
extern void migr_update_owners_of_new(void);

/*
 * Let a function have the owner and the privileges of another one, as if they had been
 * given to it: they are no part of what the extension itself grants.
 */
extern void migr_update_hand_over(Oid former, Oid successor);

#endif							/* MIGR_UPDATE_H */
