/*
 * scratch_right.h
 *		Who may build, and who may make a database for it.
 *
 * Checked before anything is started or made, and by the session, whose user
 * it is about; each refusal says what would be allowed.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_SCRATCH_RIGHT_H
#define MIGR_SCRATCH_RIGHT_H

/* Define migr.scratch_database. */
extern void migr_scratch_right_init(void);

/* Raise 25006 on a standby, 0A000 where there are to be no scratch builds. */
extern void migr_scratch_check_allowed(void);

/* Raise 42501 unless the caller has EXECUTE on a function that builds. */
extern void migr_scratch_check_granted(void);

/* Raise 42501 if a superuser would believe what others can write. */
extern void migr_scratch_check_trust(Oid role);

/* Raise 55000 or 25006 if a database is not to be made by the way. */
extern void migr_scratch_check_making(Oid role);

/*
 * The role with whose rights a database is made for a role, one to be thrown
 * away if that is set; 42501 if there is none.
 */
extern Oid	migr_scratch_creator(Oid role, bool throwaway);

#endif							/* MIGR_SCRATCH_RIGHT_H */
