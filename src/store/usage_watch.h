/*
 * usage_watch.h
 *		Sees which tables, columns, indexes and functions are used, and by whom.
 *
 * Where the library is preloaded, and shared memory was had (usage_table.h).  What a
 * statement may read and write is known when its permissions are asked for, COPY's too;
 * which indexes, partitions and functions, from its plan; of a function that no plan
 * has, when it is about to be called.  A view's tables count as it does.
 *
 * Neither autovacuum, nor pg_dump, nor migr and what its scripts do, counts, nor EXPLAIN
 * without ANALYZE, nor what temporary tables and the system's own are used for.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_USAGE_WATCH_H
#define MIGR_USAGE_WATCH_H

/* Begin to watch, if the library is being preloaded. */
extern void migr_usage_watch_init(void);

/* Nothing that this process does from now on is use: it builds in a scratch database. */
extern void migr_usage_watch_stop(void);

#endif							/* MIGR_USAGE_WATCH_H */
