/*
 * attribute_names.h
 *		The attributes that objects of all kinds have, by name.
 *
 * Which of them a kind has, its query or its reader says (kind_….c).  An
 * attribute that one of them brings and that is not here is an error when it is
 * read.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_ATTRIBUTE_NAMES_H
#define MIGR_ATTRIBUTE_NAMES_H

/* In the order of strcmp(), by which they are looked up: X(constant, name). */
#define MIGR_ATTRIBUTE_NAMES(X) \
	X(MIGR_ATTR_ACCESS_METHOD, "access_method") \
	X(MIGR_ATTR_AGGKIND, "aggkind") \
	X(MIGR_ATTR_ALL_TABLES, "all_tables") \
	X(MIGR_ATTR_ANNOUNCES, "announces") \
	X(MIGR_ATTR_ATTRIBUTE_COMMENTS, "attribute_comments") \
	X(MIGR_ATTR_ATTRIBUTES, "attributes") \
	X(MIGR_ATTR_BASE, "base") \
	X(MIGR_ATTR_BOUND, "bound") \
	X(MIGR_ATTR_BROUGHT_COMMENT, "brought_comment") \
	X(MIGR_ATTR_CACHE, "cache") \
	X(MIGR_ATTR_CLASS, "class") \
	X(MIGR_ATTR_COLLATION, "collation") \
	X(MIGR_ATTR_COLOCATE_WITH, "colocate_with") \
	X(MIGR_ATTR_COLUMN, "column") \
	X(MIGR_ATTR_COLUMNS, "columns") \
	X(MIGR_ATTR_COMMAND, "command") \
	X(MIGR_ATTR_COMMENT, "comment") \
	X(MIGR_ATTR_COMPRESSION, "compression") \
	X(MIGR_ATTR_CONTEXT, "context") \
	X(MIGR_ATTR_CYCLE, "cycle") \
	X(MIGR_ATTR_DEFAULT, "default") \
	X(MIGR_ATTR_DEFAULTS, "defaults") \
	X(MIGR_ATTR_DEFINITION, "definition") \
	X(MIGR_ATTR_DETERMINISTIC, "deterministic") \
	X(MIGR_ATTR_DIRECT_ARGUMENTS, "direct_arguments") \
	X(MIGR_ATTR_ENABLED, "enabled") \
	X(MIGR_ATTR_EVENT, "event") \
	X(MIGR_ATTR_EXACT, "exact") \
	X(MIGR_ATTR_EXTENSIONS, "extensions") \
	X(MIGR_ATTR_FAMILY, "family") \
	X(MIGR_ATTR_FINISH, "finish") \
	X(MIGR_ATTR_FOR_CHILDREN, "for_children") \
	X(MIGR_ATTR_FORCE_ROW_SECURITY, "force_row_security") \
	X(MIGR_ATTR_FORM, "form") \
	X(MIGR_ATTR_FORWARD, "forward") \
	X(MIGR_ATTR_FROM_SQL, "from_sql") \
	X(MIGR_ATTR_FUNCTION, "function") \
	X(MIGR_ATTR_GENERATED, "generated") \
	X(MIGR_ATTR_GETTOKEN, "gettoken") \
	X(MIGR_ATTR_HANDLER, "handler") \
	X(MIGR_ATTR_HAS_COMMENT, "has_comment") \
	X(MIGR_ATTR_HEADLINE, "headline") \
	X(MIGR_ATTR_IDENTITY, "identity") \
	X(MIGR_ATTR_IN_SCHEMA, "in_schema") \
	X(MIGR_ATTR_INCREMENT, "increment") \
	X(MIGR_ATTR_INDEX_COMMENT, "index_comment") \
	X(MIGR_ATTR_INHERIT, "inherit") \
	X(MIGR_ATTR_INHERITS, "inherits") \
	X(MIGR_ATTR_INIT, "init") \
	X(MIGR_ATTR_INITDB_OWNER, "initdb_owner") \
	X(MIGR_ATTR_INLINE, "inline") \
	X(MIGR_ATTR_IS_DEFAULT, "is_default") \
	X(MIGR_ATTR_IS_VALID, "is_valid") \
	X(MIGR_ATTR_KEY_COLUMNS, "key_columns") \
	X(MIGR_ATTR_LABELS, "labels") \
	X(MIGR_ATTR_LC_COLLATE, "lc_collate") \
	X(MIGR_ATTR_LC_CTYPE, "lc_ctype") \
	X(MIGR_ATTR_LEXIZE, "lexize") \
	X(MIGR_ATTR_LEXTYPES, "lextypes") \
	X(MIGR_ATTR_LOCALE, "locale") \
	X(MIGR_ATTR_MAPPINGS, "mappings") \
	X(MIGR_ATTR_MAX, "max") \
	X(MIGR_ATTR_MEMBERS, "members") \
	X(MIGR_ATTR_MERELY_INHERITED, "merely_inherited") \
	X(MIGR_ATTR_METHOD, "method") \
	X(MIGR_ATTR_MIN, "min") \
	X(MIGR_ATTR_NEEDS_SHELL, "needs_shell") \
	X(MIGR_ATTR_NOT_NULL, "not_null") \
	X(MIGR_ATTR_NOT_NULL_NAME, "not_null_name") \
	X(MIGR_ATTR_NOUN, "noun") \
	X(MIGR_ATTR_OBJECTS, "objects") \
	X(MIGR_ATTR_OF, "of") \
	X(MIGR_ATTR_OF_TYPE, "of_type") \
	X(MIGR_ATTR_OPERATOR, "operator") \
	X(MIGR_ATTR_OPTIONS, "options") \
	X(MIGR_ATTR_OWN_COMMENT, "own_comment") \
	X(MIGR_ATTR_OWNED, "owned") \
	X(MIGR_ATTR_PARENT_DEFAULT, "parent_default") \
	X(MIGR_ATTR_PARENT_GENERATED, "parent_generated") \
	X(MIGR_ATTR_PARSER, "parser") \
	X(MIGR_ATTR_PARTITION_KEY, "partition_key") \
	X(MIGR_ATTR_PERMISSIVE, "permissive") \
	X(MIGR_ATTR_PERSISTENCE, "persistence") \
	X(MIGR_ATTR_PRESENT, "present") \
	X(MIGR_ATTR_PRIVILEGES, "privileges") \
	X(MIGR_ATTR_PROKIND, "prokind") \
	X(MIGR_ATTR_PROVIDER, "provider") \
	X(MIGR_ATTR_PUBLIC, "public") \
	X(MIGR_ATTR_PUBLISH, "publish") \
	X(MIGR_ATTR_RECURSIVE, "recursive") \
	X(MIGR_ATTR_RELKIND, "relkind") \
	X(MIGR_ATTR_RELOCATABLE, "relocatable") \
	X(MIGR_ATTR_RESULT, "result") \
	X(MIGR_ATTR_RESULT_COLUMNS, "result_columns") \
	X(MIGR_ATTR_ROLE, "role") \
	X(MIGR_ATTR_ROLES, "roles") \
	X(MIGR_ATTR_ROW_SECURITY, "row_security") \
	X(MIGR_ATTR_RULES, "rules") \
	X(MIGR_ATTR_SCHEMAS, "schemas") \
	X(MIGR_ATTR_SCOPE, "scope") \
	X(MIGR_ATTR_SEQUENCE, "sequence") \
	X(MIGR_ATTR_SEQUENCE_PERSISTENCE, "sequence_persistence") \
	X(MIGR_ATTR_SERVER, "server") \
	X(MIGR_ATTR_SERVER_OPTIONS, "server_options") \
	X(MIGR_ATTR_SHARD_COUNT, "shard_count") \
	X(MIGR_ATTR_SIGNATURE, "signature") \
	X(MIGR_ATTR_SOURCE, "source") \
	X(MIGR_ATTR_SQL, "sql") \
	X(MIGR_ATTR_START, "start") \
	X(MIGR_ATTR_STATISTICS, "statistics") \
	X(MIGR_ATTR_STORAGE, "storage") \
	X(MIGR_ATTR_STORED, "stored") \
	X(MIGR_ATTR_TABLES, "tables") \
	X(MIGR_ATTR_TABLESPACE, "tablespace") \
	X(MIGR_ATTR_TAGS, "tags") \
	X(MIGR_ATTR_TARGET, "target") \
	X(MIGR_ATTR_TEMPLATE, "template") \
	X(MIGR_ATTR_TO_SQL, "to_sql") \
	X(MIGR_ATTR_TRUSTED, "trusted") \
	X(MIGR_ATTR_TYPE, "type") \
	X(MIGR_ATTR_USING, "using") \
	X(MIGR_ATTR_VALIDATED, "validated") \
	X(MIGR_ATTR_VALIDATOR, "validator") \
	X(MIGR_ATTR_VERSION, "version") \
	X(MIGR_ATTR_VIA_ROOT, "via_root") \
	X(MIGR_ATTR_WITH_CHECK, "with_check") \
	X(MIGR_ATTR_WRAPPER, "wrapper")

#define MIGR_ATTRIBUTE_CONSTANT(constant, name) constant,
typedef enum MigrAttribute
{
	MIGR_ATTRIBUTE_NAMES(MIGR_ATTRIBUTE_CONSTANT)
	MIGR_ATTR_COUNT
} MigrAttribute;

/* The attribute of a name; an error if there is none. */
extern MigrAttribute migr_attribute_find(const char *name);

/* The name of an attribute. */
extern const char *migr_attribute_name(MigrAttribute attribute);

#endif							/* MIGR_ATTRIBUTE_NAMES_H */
