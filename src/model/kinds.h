/*
 * kinds.h
 *		The kinds of objects: a line each.
 *
 * In the order in which objects are printed where nothing else decides.  For
 * each line there is a value of MigrKind, and a record that says all about the
 * kind (kind.h), in a file of its own: migr_kind_view in kind_view.c.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_KINDS_H
#define MIGR_KINDS_H

#define MIGR_KINDS(KIND) \
	KIND(SCHEMA, schema) \
	KIND(EXTENSION, extension) \
	KIND(LANGUAGE, language) \
	KIND(COLLATION, collation) \
	KIND(SHELL_TYPE, shell_type) \
	KIND(ENUM, enum) \
	KIND(COMPOSITE, composite) \
	KIND(DOMAIN, domain) \
	KIND(RANGE, range) \
	KIND(BASE_TYPE, base_type) \
	KIND(ROUTINE, routine)			/* functions, procedures, window functions */ \
	KIND(AGGREGATE, aggregate) \
	KIND(OPERATOR, operator) \
	KIND(OPFAMILY, opfamily) \
	KIND(OPCLASS, opclass) \
	KIND(ACCESS_METHOD, access_method) \
	KIND(CAST, cast) \
	KIND(TRANSFORM, transform) \
	KIND(CONVERSION, conversion) \
	KIND(TS_PARSER, ts_parser) \
	KIND(TS_TEMPLATE, ts_template) \
	KIND(TS_DICTIONARY, ts_dictionary) \
	KIND(TS_CONFIGURATION, ts_configuration) \
	KIND(FDW, fdw) \
	KIND(SERVER, server) \
	KIND(SEQUENCE, sequence) \
	KIND(TABLE, table)				/* plain, partitioned, foreign */ \
	KIND(COLUMN, column)			/* printed with its table */ \
	KIND(SEQUENCE_OWNER, sequence_owner)	/* ALTER SEQUENCE … OWNED BY */ \
	KIND(IDENTITY, identity)		/* comment and privileges of its sequence */ \
	KIND(CONSTRAINT, constraint)	/* all but foreign keys; of tables and domains */ \
	KIND(PARTITION, partition)		/* ALTER TABLE … ATTACH PARTITION */ \
	KIND(DISTRIBUTION, distribution)	/* over the nodes of a Citus cluster */ \
	KIND(VIEW, view)				/* and materialized views */ \
	KIND(INDEX, index)				/* all but those of constraints */ \
	KIND(INDEX_PARTITION, index_partition)	/* ALTER INDEX … ATTACH PARTITION */ \
	KIND(FOREIGN_KEY, foreign_key) \
	KIND(STATISTICS, statistics) \
	KIND(RULE, rule) \
	KIND(TRIGGER, trigger) \
	KIND(POLICY, policy) \
	KIND(TABLE_SETTING, table_setting)	/* REPLICA IDENTITY, CLUSTER ON, triggers on … */ \
	KIND(PUBLICATION, publication) \
	KIND(DEFAULT_PRIVILEGES, default_privileges) \
	KIND(EVENT_TRIGGER, event_trigger) \
	KIND(POPULATE, populate)		/* REFRESH MATERIALIZED VIEW */

#define MIGR_KINDS_VALUE(kind, record) MIGR_KIND_##kind,
#define MIGR_KINDS_ONE(kind, record) +1

typedef enum MigrKind
{
	MIGR_KINDS(MIGR_KINDS_VALUE)
} MigrKind;

/* How many there are. */
#define MIGR_KIND_COUNT (0 MIGR_KINDS(MIGR_KINDS_ONE))

#endif							/* MIGR_KINDS_H */
