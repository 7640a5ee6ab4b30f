/*
 * replicas.h
 *		Waiting for replicas that are behind.
 *
 * What changes many rows in many transactions can leave a replica far behind, on
 * which an application reads.  How far one may be is migr.max_replica_lag; it is
 * the time that the server itself tells of each in pg_stat_replication.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_REPLICAS_H
#define MIGR_REPLICAS_H

/* Define migr.max_replica_lag. */
extern void migr_replicas_init(void);

/*
 * Wait between two transactions, with nothing held, until none is further behind;
 * what is for messages.  Raises 42501 if that can't be seen.
 */
extern void migr_replicas_wait(const char *what);

#endif							/* MIGR_REPLICAS_H */
