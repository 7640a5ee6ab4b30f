/*
 * own_rule.h
 *		Integrity rules of one's own: queries that give the objects that break them.
 *
 * Their rows are in migr.rule.  A query runs as the role that the row names its owner,
 * in a transaction that only reads and is taken back, with search_path = pg_catalog,
 * pg_temp; and only if the owner of migr's tables has all rights of that role: whoever
 * gets around the triggers that look after the row has nobody else's rights by it.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_OWN_RULE_H
#define MIGR_OWN_RULE_H

#include "nodes/pg_list.h"

typedef struct MigrOwnRule
{
	const char *name;
	const char *query;
	const char *message;		/* or NULL */
	const char *owner;
	bool		off;
	bool		before_commit;
} MigrOwnRule;

/* An object that breaks a rule. */
typedef struct MigrOwnFinding
{
	const char *object;
	const char *message;
} MigrOwnFinding;

/* All of them (MigrOwnRule *), by name. */
extern List *migr_own_rules(void);

/*
 * Find what breaks a rule (MigrOwnFinding *).  Returns why that can't be told, or NULL; raises
 * only what is about the server or the session.
 */
extern const char *migr_own_rule_run(const MigrOwnRule *rule, List **findings);

/*
 * Raise MG011 if a rule that is to hold before an upgrade commits does not, and 55000 if that
 * can't be told.
 */
extern void migr_own_rules_before_commit(void);

/*
 * The owner of a row that is about to be written: owner, or the current user if that is NULL.
 * Raises 42601 and 22023 if the query is none that only reads, 42704 if there is no such role, and
 * 42501 unless the current user has its rights.
 */
extern const char *migr_own_rule_owner(const char *query, const char *owner);

/* Have the query for them planned (migr_db_plan()). */
extern void migr_own_rules_ready(void);

#endif							/* MIGR_OWN_RULE_H */
