/*
 * mutex.h
 *		One run at a time in a database.
 *
 * The mutex is a lock on the extension itself, so DROP EXTENSION and ALTER
 * EXTENSION wait for a run as well, pg_locks shows it, and it dies with the
 * transaction.  All locks here are for those who write: 25006 on a standby and
 * in a read-only transaction.  It is an ordinary object lock: a run that commits on its way
 * can hold the same lock for the session.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_MUTEX_H
#define MIGR_MUTEX_H

/* Define migr.lock_timeout, and follow transactions. */
extern void migr_mutex_init(void);

/*
 * Between these two, statements of revision scripts run in this session: what
 * takes a lock of this module raises 55000.  An error that ends the transaction
 * or subtransaction in which it was entered leaves, too.
 */
extern void migr_mutex_enter_run(void);
extern void migr_mutex_leave_run(void);

/* The same for a statement that may commit on its way; an error leaves, too. */
extern void migr_mutex_enter_run_alone(void);
extern bool migr_mutex_in_run(void);

/* Raise 55000 if a revision script calls. */
extern void migr_mutex_check_outside(void);

/* migr.lock_timeout in milliseconds; 0 is without limit. */
extern int	migr_mutex_timeout(void);

/* Raise what speaks against writing: 25006, 42501, 55000. */
extern void migr_mutex_check_writable(void);

/*
 * Take the mutex until the end of the transaction.  55000 on a worker of a Citus
 * cluster (citus.h).  Waits for at most
 * migr.lock_timeout, after a notice that names the holder; then 55P03.  When
 * the transaction's snapshot is older than what another run has committed,
 * 40001.
 */
extern void migr_mutex_acquire(void);

/* The same without waiting: 55P03 at once. */
extern void migr_mutex_acquire_now(void);

/*
 * The same beside others that take it so, for a run of a tenant; who wants it for himself
 * alone waits for all of them.  Who needs it alone takes it alone from the start: nobody
 * goes from the one to the other.
 */
extern void migr_mutex_acquire_shared(void);
extern void migr_mutex_hold_shared(void);
extern bool migr_mutex_hold_shared_again(void);
extern void migr_mutex_release_shared(void);

/*
 * Behind the mutex, one that is a tenant's, until the end of the transaction: a lock on its
 * schema, which is returned; while there is none, on its name.  Of several tenants, by the
 * OIDs of their schemas.  The first waits for nobody: false if somebody has it.
 */
extern bool migr_mutex_try_tenant(const char *name, Oid *schema);
extern void migr_mutex_acquire_tenant(const char *name, Oid *schema);

/*
 * Take the mutex for the session, between the transactions of a procedure
 * (xact.h), until it is released.  Waits as migr_mutex_acquire() does, but with
 * no snapshot.  Who then calls migr_mutex_acquire() does not wait: 55P03 at once.
 */
extern void migr_mutex_hold(void);

/*
 * Take back what a rollback has taken away of it.  False if others may have run
 * in between, as a script had released the rest.
 */
extern bool migr_mutex_hold_again(void);

extern void migr_mutex_release(void);

/*
 * Until the end of the transaction, be the only one to change the script
 * store.  Taken by loads that have something to change.  Who holds it does not
 * wait for the mutex: 55P03 at once, even from migr_mutex_acquire().
 */
extern void migr_mutex_lock_store(void);

#endif							/* MIGR_MUTEX_H */
