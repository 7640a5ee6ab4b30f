/*
 * replicated.h
 *		What logical replication brings for migr's own tables.
 *
 * A subscriber that gets all tables of a database gets migr's, too: where that database
 * stands, which says nothing of this one, as statements that change a schema are not
 * replicated.  So none of these rows is taken over, and none is in the way of others.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_REPLICATED_H
#define MIGR_REPLICATED_H

#include "utils/relcache.h"

/* Is it a worker of a subscription that writes here: its first copy, or what follows? */
extern bool migr_replicated_arrives(void);

/*
 * Raise 55000 if one of migr's tables would be emptied at all subscribers, or is about to
 * be by a publisher: no trigger can leave that out.  Opens the database by itself.
 */
extern void migr_replicated_check_truncate(Relation table);

#endif							/* MIGR_REPLICATED_H */
