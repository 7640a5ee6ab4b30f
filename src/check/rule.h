/*
 * rule.h
 *		Integrity rules: what holds in a well-kept database.
 *
 * Table migr.rule says which of them are in force, with which expectation; the
 * catalogs say whether they hold.  One query for each rule.  Reads only.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_RULE_H
#define MIGR_RULE_H

#include "base/db.h"
#include "check/verdicts.h"

/* What a rule expects. */
typedef enum MigrRuleSetting
{
	MIGR_RULE_SWITCH,			/* nothing but to be on */
	MIGR_RULE_TYPES,			/* one of these types */
	MIGR_RULE_ACTIONS,			/* one of these actions of foreign keys */
	MIGR_RULE_TABLES,			/* these tables */
	MIGR_RULE_COUNT,			/* a number */
	MIGR_RULE_PERCENT			/* at least so much */
} MigrRuleSetting;

/*
 * The query has the setting as $1, a text[], and gives, in order:
 *
 *	1	schema		text, or NULL
 *	2	relation	text: by which, or by name, exceptions know the object
 *	3	name		text
 *	4	object		text, as "table public.t"
 *	5	unknown		bool: it can't be told whether the rule holds
 *	6	detail		text
 *
 * of each object that breaks the rule; for tables and counts, of each object.
 */
typedef struct MigrRule
{
	const char *name;
	MigrRuleSetting takes;
	const char *preset;			/* without a row in migr.rule; "off", "on" … */
	MigrQuery	query;
} MigrRule;

/* Of rule_queries.c; ends with a NULL name. */
extern MigrRule migr_rules[];

/* The oids, validators and settings of functions, for rule valid_body. */
extern MigrQuery migr_rule_bodies;

/* The prefix by which a rule is known as a check. */
#define MIGR_RULE_CHECK "integrity"

/* The names of all rules. */
extern List *migr_rule_names(void);

/* The same, and those of one's own. */
extern List *migr_rule_all_names(void);

/* Does a setting switch a rule off?  NULL does not. */
extern bool migr_rule_is_off(const char *setting);

/* Does another setting make sense?  A type, say, must exist. */
extern bool migr_rule_is_valid(const MigrRule *rule, const char *setting);

/* A setting taken apart (char *), as the rule's query gets it. */
extern List *migr_rule_values(const MigrRule *rule, const char *setting);

/* Raise 22023 unless this can be a row of migr.rule. */
extern void migr_rule_check(const char *name, const char *setting);

/*
 * The same of a row with a query of one's own; returns its owner (own_rule.h), and raises what
 * that raises.
 */
extern const char *migr_rule_check_own(const char *name, const char *setting, bool has_exceptions,
									   const char *query, const char *owner);

/*
 * See whether the rules hold that are in force; only: one of them, or NULL.
 * Raises nothing about what it finds.
 */
extern void migr_rule_verify(MigrReport *report, const char *only);

#endif							/* MIGR_RULE_H */
