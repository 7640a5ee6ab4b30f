/*
 * plan_rules.c
 *		Which statements are hazards to a busy database, and what to do instead.
 *
 * A rule says nothing of relations that are new or empty.  Of one group, the first
 * rule that a part of a statement breaks is told, so that the special case stands
 * before the general one.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/pg_class.h"
#include "storage/lockdefs.h"

#include "base/ident.h"
#include "check/plan_case.h"
#include "check/usage_pending.h"

/* What has to be so, besides the test. */
#define REWRITES	0x0001		/* a relation that matters */
#define STAYS		0x0002		/* the reverse */
#define SCANS		0x0004
#define INDEXES		0x0008
#define CHECKS		0x0010		/* a foreign key */
#define PARTED		0x0020		/* it names a partitioned table */
#define OTHERS		0x0040		/* it bars readers of what it does not name */
#define CASCADES	0x0080
#define FAILS		0x0100
#define WHOLE		0x0200		/* it is about the statement as such */
#define WEAK		0x0400		/* any lock will do, not only one that bars writers */
#define TOUCHED		0x0800		/* what it names matters */
#define UNTOUCHED	0x1000		/* the reverse */
#define COMPOSITE	0x2000		/* it names a composite type */
#define HELD		0x4000		/* the transaction has it locked already */
#define FALLBACK	0x8000		/* no other rule has spoken */

/* Groups: what a statement does to what is there; apart from that, to its columns … */
enum
{
	MAIN, CHECK, UNIQUE, REFERENCE, REQUIRED, KIND, ORDER, AGAIN, LOCKED, ROLLOUT, BACK, TRANSACTION, USE,
	GROUPS
};

typedef struct Rule
{
	const char *name;
	MigrPlanSeverity severity;
	int			group;
	NodeTag		node;			/* T_Invalid: any */
	int			command;		/* AlterTableType; ANY: any, or no ALTER TABLE */
	int			needs;
	bool		(*test) (const MigrPlanCase *which);
	const char *advice;
} Rule;

#define ANY (-1)
#define E MIGR_PLAN_ERROR
#define W MIGR_PLAN_WARNING
#define OK MIGR_PLAN_HARMLESS
#define ALTER(command) T_AlterTableStmt, command

#define IN_STEPS "Add the column without a default, set the default, and fill the rows in batches (-- migr:batch)."
#define NEW_COLUMN "Add a new column, keep both by a trigger, fill it in batches (-- migr:batch), and swap."
#define SHORT_LOCK "The lock is short, but who waits for it bars all who come later: run it by migr_deploy(), which waits no longer than lock_timeout."

static const Rule rules[] = {
	/* indexes */
	{"add-index-partitioned", E, MAIN, T_IndexStmt, ANY, PARTED | INDEXES | WEAK, migr_plan_reaches_partitions,
	"CREATE INDEX ON ONLY the parent, CONCURRENTLY on each partition, then ALTER INDEX ... ATTACH PARTITION."},
	{"cic-if-not-exists", W, MAIN, T_IndexStmt, ANY, WEAK, migr_plan_may_be_there,
	"What has failed leaves an invalid index of that name, and IF NOT EXISTS takes it for the one that is wanted: leave it out."},
	{"add-unique-index", E, MAIN, T_IndexStmt, ANY, INDEXES, migr_plan_is_unique_index,
	"CREATE UNIQUE INDEX CONCURRENTLY, in a script with \"transaction off\"."},
	{"add-index", E, MAIN, T_IndexStmt, ANY, INDEXES, migr_plan_runs_at_once,
	"CREATE INDEX CONCURRENTLY, in a script with \"transaction off\"."},
	{"drop-index", W, MAIN, T_DropStmt, ANY, 0, migr_plan_drops_index,
	"DROP INDEX CONCURRENTLY, in a script with \"transaction off\": the plain form bars readers of the table."},
	{"reindex", E, MAIN, T_ReindexStmt, ANY, 0, migr_plan_runs_at_once,
	"REINDEX ... CONCURRENTLY, in a script with \"transaction off\"."},

	/* constraints */
	{"add-unique-constraint", E, MAIN, ALTER(AT_AddConstraint), INDEXES, migr_plan_is_unique,
	"CREATE UNIQUE INDEX CONCURRENTLY, then ADD CONSTRAINT ... UNIQUE USING INDEX."},
	{"add-pk-using-nullable", E, MAIN, ALTER(AT_AddConstraint), SCANS, migr_plan_is_primary_by_index,
	"Make the columns NOT NULL before: otherwise the server does, and reads all rows under the lock."},
	{"add-primary-key", E, MAIN, ALTER(AT_AddConstraint), INDEXES, migr_plan_is_primary,
	"Make the columns NOT NULL, CREATE UNIQUE INDEX CONCURRENTLY, then ADD PRIMARY KEY USING INDEX."},
	{"add-exclusion", E, MAIN, ALTER(AT_AddConstraint), INDEXES, migr_plan_is_exclusion,
	"There is no way that bars nobody: a new table that is filled in batches and swapped, or a time without users."},
	{"partitioned-check", W, MAIN, ALTER(AT_AddConstraint), PARTED, migr_plan_is_check,
	"Give each partition the same valid CHECK first: the parent takes them over without reading rows."},
	{"add-check", E, MAIN, ALTER(AT_AddConstraint), SCANS, migr_plan_is_check,
	"ADD CONSTRAINT ... NOT VALID, and VALIDATE CONSTRAINT in a later revision."},
	{"fk-not-valid-partitioned", E, MAIN, ALTER(AT_AddConstraint), FAILS | PARTED, migr_plan_is_key_unchecked,
	"Add it NOT VALID to each partition, VALIDATE each, then add it to the parent, which takes them over without reading rows."},
	{"add-foreign-key", E, MAIN, ALTER(AT_AddConstraint), CHECKS | TOUCHED, migr_plan_is_key,
	"ADD CONSTRAINT ... NOT VALID, and VALIDATE CONSTRAINT in a later revision."},
	{"create-table-references", W, MAIN, ALTER(AT_AddConstraint), UNTOUCHED, migr_plan_is_key,
	"Nobody writes the referenced table until the commit: make it the last statement, or a revision of its own."},
	{"validate-same-transaction", E, LOCKED, ALTER(AT_ValidateConstraint), HELD | SCANS | WEAK, NULL,
	"Put it into a later revision: here it reads all rows under the lock that an earlier statement holds."},
	{"set-not-null-partitioned", E, MAIN, ALTER(AT_SetNotNull), PARTED | SCANS, NULL,
	"SET NOT NULL on each partition first, each by way of a valid CHECK."},
	{"set-not-null", E, MAIN, ALTER(AT_SetNotNull), SCANS, NULL,
	"ADD CHECK (... IS NOT NULL) NOT VALID, VALIDATE it in a later revision, then SET NOT NULL, which reads no rows; drop the CHECK."},
	{"set-not-null", E, MAIN, ALTER(AT_AddConstraint), SCANS, migr_plan_is_not_null,
	"ADD CONSTRAINT ... NOT NULL ... NOT VALID, and VALIDATE CONSTRAINT in a later revision."},
	{"drop-not-null", W, MAIN, ALTER(AT_DropNotNull), 0, NULL,
	"Clients may not expect NULL. " SHORT_LOCK},
	{"drop-foreign-key", W, MAIN, ALTER(AT_DropConstraint), OTHERS, migr_plan_drops_key,
	"It bars readers of both tables. " SHORT_LOCK},

	/* new columns */
	{"composite-type-attribute", W, MAIN, ALTER(ANY), COMPOSITE, NULL,
	"It bars readers of all tables of the type. " SHORT_LOCK},
	{"add-serial-column", E, MAIN, ALTER(AT_AddColumn), REWRITES, migr_plan_adds_serial,
	"Add a nullable column and a sequence, set the default, and fill the rows in batches (-- migr:batch)."},
	{"add-identity-column", E, MAIN, ALTER(AT_AddColumn), REWRITES, migr_plan_adds_identity,
	"Add a nullable column and a sequence, set the default, fill the rows in batches (-- migr:batch), then make it an identity."},
	{"add-stored-generated", E, MAIN, ALTER(AT_AddColumn), REWRITES, migr_plan_adds_stored,
	"Add a plain column, keep it by a trigger, and fill the rows in batches (-- migr:batch)."},
	{"add-column-domain-check", E, MAIN, ALTER(AT_AddColumn), REWRITES, migr_plan_adds_checked_domain,
	"Take the domain's own type, and a CHECK of the table that is NOT VALID at first."},
	{"add-column-volatile-default", E, MAIN, ALTER(AT_AddColumn), REWRITES, migr_plan_adds_default,
	IN_STEPS},
	{"add-column-required", E, REQUIRED, ALTER(AT_AddColumn), TOUCHED, migr_plan_adds_required,
	"It fails where there are rows: give it a constant default, or leave it nullable."},
	{"add-column-check", E, CHECK, ALTER(AT_AddColumn), SCANS, migr_plan_adds_check,
	"Add the column, then the CHECK NOT VALID, and VALIDATE it in a later revision: here it reads all rows, though none has a value."},
	{"add-column-unique", E, UNIQUE, ALTER(AT_AddColumn), INDEXES, migr_plan_adds_unique,
	"Add the column, CREATE UNIQUE INDEX CONCURRENTLY, then ADD CONSTRAINT ... USING INDEX."},
	{"add-column-references-default", E, REFERENCE, ALTER(AT_AddColumn), CHECKS | TOUCHED, migr_plan_adds_reference,
	"Add the foreign key by itself, NOT VALID, and VALIDATE it in a later revision: with a default, all rows are checked under the lock."},
	{"add-column-references", W, REFERENCE, ALTER(AT_AddColumn), TOUCHED, migr_plan_adds_reference,
	"Add the foreign key by itself, NOT VALID: it locks the other table while this one is barred."},
	{"create-table-references", W, REFERENCE, ALTER(AT_AddColumn), UNTOUCHED, migr_plan_adds_reference,
	"Nobody writes the referenced table until the commit: make it the last statement, or a revision of its own."},
	{"add-json", W, KIND, ALTER(AT_AddColumn), 0, migr_plan_adds_json,
	"Take jsonb: json has no equality, and DISTINCT or UNION of it fails."},
	{"add-column-constant-default", OK, MAIN, ALTER(AT_AddColumn), STAYS, migr_plan_adds_default,
	"No row is written: the default is kept with the column."},

	/* other types */
	{"change-type-used-by-view", E, MAIN, ALTER(AT_AlterColumnType), FAILS, migr_plan_is_refused,
	"Drop the views that use the column, and create them again, in the same revision."},
	{"change-type-fk-column", E, MAIN, ALTER(AT_AlterColumnType), REWRITES | OTHERS, NULL,
	"It bars both tables, and checks the foreign key again: drop that before, and add it NOT VALID behind; or a new column. " NEW_COLUMN},
	{"change-type-domain-check", E, MAIN, ALTER(AT_AlterColumnType), REWRITES, migr_plan_changes_to_checked_domain,
	"A domain without constraints costs nothing; add a CHECK to the table, NOT VALID at first."},
	{"change-type-using", E, MAIN, ALTER(AT_AlterColumnType), REWRITES, migr_plan_changes_with_using,
	NEW_COLUMN},
	{"change-type-varchar-narrow", E, MAIN, ALTER(AT_AlterColumnType), REWRITES, migr_plan_narrows_varchar,
	"Leave the type, and add CHECK (length(...) <= ...) NOT VALID; VALIDATE it in a later revision."},
	{"change-type-timestamp-tz", E, MAIN, ALTER(AT_AlterColumnType), REWRITES, migr_plan_changes_zone,
	"It costs nothing where TimeZone is UTC, if that is what the values are in: SET timezone = 'UTC' before."},
	{"change-type-precision-down", E, MAIN, ALTER(AT_AlterColumnType), REWRITES, migr_plan_narrows_precision,
	"More precision costs nothing, less is another value for each row. " NEW_COLUMN},
	{"change-type-rewrite", E, MAIN, ALTER(AT_AlterColumnType), REWRITES, NULL,
	NEW_COLUMN},
	{"change-collation", E, MAIN, ALTER(AT_AlterColumnType), STAYS | INDEXES, migr_plan_changes_collation,
	"Drop the column's indexes CONCURRENTLY before, and create them CONCURRENTLY behind."},
	{"change-type-index-rebuild", E, MAIN, ALTER(AT_AlterColumnType), STAYS | INDEXES, NULL,
	"No row is written, but indexes are built: drop them CONCURRENTLY before, and create them CONCURRENTLY behind."},
	{"change-type-varchar-widen", OK, MAIN, ALTER(AT_AlterColumnType), STAYS, migr_plan_widens_varchar,
	"No row is read or written."},
	{"change-type-numeric-widen", OK, MAIN, ALTER(AT_AlterColumnType), STAYS, migr_plan_widens_numeric,
	"No row is read or written."},

	/* names */
	{"rename-column", W, MAIN, T_RenameStmt, ANY, 0, migr_plan_renames_column,
	"Clients know the old name until they are replaced: a new column, or a view, for one release."},
	{"rename-table", W, MAIN, T_RenameStmt, ANY, 0, migr_plan_renames_table,
	"Clients know the old name until they are replaced: leave a view of that name for one release."},
	{"rename-table", W, MAIN, T_AlterObjectSchemaStmt, ANY, 0, NULL,
	"Clients know the old schema until they are replaced: leave a view there for one release."},
	{"rename-schema", W, MAIN, T_RenameStmt, ANY, WHOLE, migr_plan_renames_schema,
	"Clients know the old name until they are replaced, and no lock makes them wait."},
	{"rename-enum-value", W, MAIN, T_AlterEnumStmt, ANY, WHOLE, migr_plan_renames_label,
	"Clients that write the old label fail at once: add the new one, and change the rows in batches."},

	/* what goes */
	{"drop-column-cascade", E, MAIN, ALTER(AT_DropColumn), CASCADES | OTHERS, NULL,
	"Drop by name what depends on the column: CASCADE takes whatever there is."},
	{"drop-column", W, MAIN, ALTER(AT_DropColumn), 0, NULL,
	"Its values are lost, and clients that read it fail: when none does, in a revision with \"phase after\"."},
	{"drop-partition", E, MAIN, T_DropStmt, ANY, 0, migr_plan_drops_partition,
	"It bars readers of the whole table: DETACH PARTITION ... CONCURRENTLY, then DROP TABLE."},
	{"drop-table-cascade", E, MAIN, T_DropStmt, ANY, CASCADES | OTHERS, migr_plan_drops_table,
	"Drop the foreign keys by name before: CASCADE takes whatever there is."},
	{"drop-table", W, MAIN, T_DropStmt, ANY, 0, migr_plan_drops_table,
	"It bars readers of the tables that it refers to as well: drop its foreign keys before, one by one."},
	{"truncate-cascade", E, MAIN, T_TruncateStmt, ANY, 0, migr_plan_truncates_cascade,
	"Name the tables: CASCADE empties whatever refers to them."},
	{"truncate", W, MAIN, T_TruncateStmt, ANY, 0, NULL,
	"It bars readers: DELETE in batches (-- migr:batch)."},
	{"drop-trigger", W, MAIN, T_DropStmt, ANY, 0, migr_plan_drops_trigger,
	"It bars readers too, which DISABLE TRIGGER does not. " SHORT_LOCK},
	{"drop-schema-type-function-cascade", E, MAIN, T_DropStmt, ANY, CASCADES, migr_plan_drops_by_cascade,
	"Drop by name what depends on it: columns, defaults and triggers of tables go with it."},

	/* partitions, and tables beside others */
	{"create-partition-of", W, MAIN, T_CreateStmt, ANY, 0, migr_plan_is_partition_of,
	"It bars readers of the parent: CREATE TABLE ... (LIKE ...), a CHECK, then ATTACH PARTITION."},
	{"create-table-references", W, MAIN, T_CreateStmt, ANY, 0, NULL,
	"Nobody writes the referenced table until the commit: make it the last statement, or a revision of its own."},
	{"attach-partition-scan", E, MAIN, ALTER(AT_AttachPartition), SCANS, NULL,
	"Give the table a valid CHECK that says what the bounds say, the default partition one that excludes them, and build indexes before."},
	{"attach-partition-scan", E, MAIN, ALTER(AT_AttachPartition), INDEXES, NULL,
	"Build the indexes of the parent on the table before, CONCURRENTLY."},
	{"detach-partition", E, MAIN, ALTER(AT_DetachPartition), 0, migr_plan_runs_at_once,
	"DETACH PARTITION ... CONCURRENTLY, in a script with \"transaction off\"; not where there is a default partition."},

	/* what else takes a lock */
	{"create-trigger", W, MAIN, T_CreateTrigStmt, ANY, 0, NULL, SHORT_LOCK},
	{"create-rule", W, MAIN, T_RuleStmt, ANY, 0, NULL, "Take a trigger. " SHORT_LOCK},
	{"row-level-security", W, MAIN, ALTER(AT_EnableRowSecurity), 0, NULL,
	"Policies and ENABLE in one short revision. " SHORT_LOCK},
	{"row-level-security", W, MAIN, ALTER(AT_DisableRowSecurity), 0, NULL, SHORT_LOCK},
	{"row-level-security", W, MAIN, ALTER(AT_ForceRowSecurity), 0, NULL, SHORT_LOCK},
	{"row-level-security", W, MAIN, ALTER(AT_NoForceRowSecurity), 0, NULL, SHORT_LOCK},
	{"set-unlogged-logged", E, MAIN, ALTER(AT_SetLogged), REWRITES, NULL, "Only while the table is empty."},
	{"set-unlogged-logged", E, MAIN, ALTER(AT_SetUnLogged), REWRITES, NULL, "Only while the table is empty."},
	{"set-tablespace", E, MAIN, ALTER(AT_SetTableSpace), 0, NULL,
	"All files are copied while readers wait: a tool that copies beside, as pg_repack does, or a time without users."},
	{"cluster-vacuum-full", E, MAIN, T_Invalid, ANY, 0, migr_plan_is_cluster,
	"All rows are copied while readers wait: a tool that copies beside, as pg_repack does, or a time without users."},
	{"cluster-vacuum-full", E, MAIN, T_VacuumStmt, ANY, 0, migr_plan_is_full_vacuum,
	"All rows are copied while readers wait: a tool that copies beside, as pg_repack does, or a time without users."},
	{"refresh-matview", W, MAIN, T_RefreshMatViewStmt, ANY, 0, migr_plan_refreshes_plainly,
	"REFRESH MATERIALIZED VIEW CONCURRENTLY, which needs a unique index."},
	{"alter-sequence", W, MAIN, T_AlterSeqStmt, ANY, 0, NULL,
	"nextval(), and so INSERT, waits until the commit: make it the last statement, or a revision of its own."},
	{"owner-to", W, MAIN, ALTER(AT_ChangeOwner), 0, NULL,
	"It bars readers of the table and its sequences. " SHORT_LOCK},
	{"replica-identity", W, MAIN, ALTER(AT_ReplicaIdentity), 0, NULL, SHORT_LOCK},
	{"lock-table", W, MAIN, T_LockStmt, ANY, 0, NULL,
	"All who come wait until the commit. " SHORT_LOCK},
	{"partitioned-ddl", W, MAIN, ALTER(ANY), PARTED | FALLBACK, NULL,
	"It bars the table and all its partitions at once, and lock_timeout counts for each. Keep it in a revision of its own."},
	{"storage-parameter", OK, MAIN, ALTER(AT_SetRelOptions), WEAK, NULL, "Readers and writers go on."},
	{"storage-parameter", OK, MAIN, ALTER(AT_ResetRelOptions), WEAK, NULL, "Readers and writers go on."},
	{"storage-parameter", OK, MAIN, ALTER(AT_SetStatistics), WEAK, NULL, "Readers and writers go on."},
	{"comment-on", OK, MAIN, T_CommentStmt, ANY, WEAK, NULL, "Readers and writers go on."},

	/* types and rows */
	{"enum-order", W, MAIN, T_AlterEnumStmt, ANY, WHOLE, migr_plan_adds_label_at_end,
	"Say BEFORE or AFTER which label: the order of labels can't be changed later."},
	{"domain-add-check", E, MAIN, T_AlterDomainStmt, ANY, 0, migr_plan_adds_domain_check,
	"It bars writers of all tables that have the domain while it reads them, NOT VALID and VALIDATE too: CHECKs of the tables."},
	{"update-delete-all", E, MAIN, T_UpdateStmt, ANY, WEAK, migr_plan_changes_all_rows,
	"In batches that commit by themselves: \"-- migr:batch\" before it, and a WHERE that says what is left to do."},
	{"update-delete-all", E, MAIN, T_DeleteStmt, ANY, WEAK, migr_plan_changes_all_rows,
	"In batches that commit by themselves: \"-- migr:batch\" before it, and a LIMIT by way of a key."},

	/* whatever else does it, as DO */
	{"rows-under-lock", E, MAIN, T_Invalid, ANY, FALLBACK, migr_plan_reads_locked,
	"It reads or writes all rows while others wait for its lock: in steps of which none does both, in revisions of their own."},

	/* what came before in the transaction, and where it stands */
	{"if-not-exists-no-op", W, MAIN, T_Invalid, ANY, 0, NULL,
	"It is there already, and the statement takes its lock all the same: remove it."},
	{"merge-alters", W, AGAIN, ALTER(ANY), 0, migr_plan_reads_again,
	"An earlier ALTER TABLE has gone through the rows as well: one statement that does both goes once."},
	{"multiple-strong-locks", W, ORDER, T_Invalid, ANY, 0, migr_plan_is_another_lock,
	"The transaction has locked another table: one table in a revision, or all in the order in which the application takes them."},
	{"data-in-ddl", W, LOCKED, T_Invalid, ANY, WEAK, migr_plan_moves_rows_locked,
	"It moves rows under the locks of earlier statements: put it into a revision of its own."},
	{"drop-before-rollout", W, ROLLOUT, T_Invalid, ANY, 0, migr_plan_takes_away,
	"The application that still runs may use it: \"phase after\"."},
	{"destructive-without-down", W, BACK, T_Invalid, ANY, 0, migr_plan_has_no_way_back,
	"There is no downgrade section, and what is dropped is lost: write one, and keep what it needs."},
	{"enum-add-value-then-use", E, BACK, T_Invalid, ANY, WHOLE, migr_plan_uses_new_label, NULL},
	{"concurrently-in-transaction", E, TRANSACTION, T_Invalid, ANY, WHOLE, migr_plan_is_in_wrong_transaction,
	"It can't run in a transaction block: \"-- migr:transaction off\" in a script of its own."},
	{"still-in-use", W, USE, T_Invalid, ANY, WHOLE, migr_plan_is_in_use, NULL},
};

#define NO_OP "if-not-exists-no-op"
#define IN_USE "still-in-use"

/* --- does a rule speak of a case? ------------------------------------------ */

/* Is something so of a relation that matters? */
static bool
any_that_matters(const MigrPlanCase *which, int need)
{
	ListCell   *lc;

	foreach(lc, which->relations)
	{
		const MigrPlanRelation *relation = lfirst(lc);
		const MigrMeasuredRelation *measured = relation->measured;

		if (relation->matters &&
			((need == REWRITES && measured->rewritten) || (need == SCANS && measured->scanned) ||
			 (need == INDEXES && measured->indexed) || (need == CHECKS && measured->checked)))
			return true;
	}
	return false;
}

/* Does it name a relation of this kind? */
static bool
names_kind(const MigrPlanCase *which, char kind)
{
	ListCell   *lc;

	foreach(lc, which->relations)
	{
		const MigrMeasuredRelation *measured = ((MigrPlanRelation *) lfirst(lc))->measured;

		if (measured->is_subject && measured->kind == kind)
			return true;
	}
	return false;
}

/* Does it bar readers of something that it does not name, and no partition? */
static bool
bars_others(const MigrPlanCase *which)
{
	ListCell   *lc;

	foreach(lc, which->relations)
	{
		const MigrMeasuredRelation *measured = ((MigrPlanRelation *) lfirst(lc))->measured;

		if (!measured->is_subject && !measured->is_partition &&
			measured->kind != RELKIND_SEQUENCE && measured->lock == AccessExclusiveLock)
			return true;
	}
	return false;
}

static bool
cascades(const MigrPlanCase *which)
{
	if (IsA(which->node, DropStmt))
		return ((DropStmt *) which->node)->behavior == DROP_CASCADE;
	return which->command && which->command->behavior == DROP_CASCADE;
}

static bool
needs_are_met(int needs, const MigrPlanCase *which)
{
	bool		rewrites = any_that_matters(which, REWRITES);
	bool		fails = which->measured && which->measured->how == MIGR_MEASURED_FAILED;

	return ((needs & REWRITES) == 0 || rewrites) &&
		((needs & STAYS) == 0 || !rewrites) &&
		((needs & SCANS) == 0 || any_that_matters(which, SCANS)) &&
		((needs & INDEXES) == 0 || any_that_matters(which, INDEXES)) &&
		((needs & CHECKS) == 0 || any_that_matters(which, CHECKS)) &&
		((needs & PARTED) == 0 || names_kind(which, RELKIND_PARTITIONED_TABLE)) &&
		((needs & COMPOSITE) == 0 || names_kind(which, RELKIND_COMPOSITE_TYPE)) &&
		((needs & OTHERS) == 0 || bars_others(which)) &&
		((needs & CASCADES) == 0 || cascades(which)) &&
		((needs & TOUCHED) == 0 || which->subject_matters) &&
		((needs & UNTOUCHED) == 0 || !which->subject_matters) &&
		((needs & HELD) == 0 || which->relation->held) &&
		((needs & FAILS) != 0) == (fails && (needs & WHOLE) == 0);
}

/* Is it about the relation of the case? */
static bool
is_about_relation(int needs, const MigrPlanCase *which)
{
	const MigrPlanRelation *relation = which->relation;

	if ((needs & WHOLE) != 0 || relation == NULL)
		return (needs & WHOLE) != 0 && relation == NULL;
	return relation->matters &&
		((needs & (WEAK | FAILS)) != 0 || relation->measured->lock >= ShareLock ||
		 relation->measured->rewritten);
}

static bool
speaks(const Rule *rule, const MigrPlanCase *which)
{
	return (rule->node == T_Invalid || nodeTag(which->node) == rule->node) &&
		(rule->command == ANY || (which->command && (int) which->command->subtype == rule->command)) &&
		is_about_relation(rule->needs, which) && needs_are_met(rule->needs, which) &&
		(rule->test == NULL || rule->test(which));
}

/* --- what all of them say -------------------------------------------------- */

static bool
is_in(const List *hazards, const char *name)
{
	ListCell   *lc;

	foreach(lc, hazards)
	{
		if (strcmp(((MigrPlanHazard *) lfirst(lc))->name, name) == 0)
			return true;
	}
	return false;
}

static List *
add(List *hazards, const Rule *rule, const MigrPlanCase *which)
{
	MigrPlanHazard *hazard;

	if (is_in(hazards, rule->name) ||
		migr_ident_is_in(which->statement->options.allowed, rule->name))
		return hazards;
	hazard = palloc(sizeof(MigrPlanHazard));
	hazard->name = rule->name;
	hazard->severity = rule->severity;
	hazard->advice = strcmp(rule->name, IN_USE) == 0 ? migr_usage_hazard(which->node) : rule->advice;
	return lappend(hazards, hazard);
}

/*
 * Of one part of the statement, or of the whole of one without parts: rules, or those
 * for where these had nothing to say.
 */
static List *
ask_rules(const MigrPlanCase *which, bool fallback, bool *spoke, List *hazards)
{
	bool		said[GROUPS] = {false};
	bool		no_op = which->measured && which->measured->no_op;

	for (int i = 0; i < (int) lengthof(rules); i++)
	{
		const Rule *rule = &rules[i];

		if (said[rule->group] || ((rule->needs & FALLBACK) != 0) != fallback ||
			(rule->group == MAIN && no_op != (strcmp(rule->name, NO_OP) == 0)) ||
			!speaks(rule, which))
			continue;
		said[rule->group] = true;
		*spoke = *spoke || rule->severity != MIGR_PLAN_HARMLESS;
		hazards = add(hazards, rule, which);
	}
	return hazards;
}

static const MigrMeasuredColumn *
find_column(const MigrMeasured *measured, const AlterTableCmd *command)
{
	const char *name = command->subtype == AT_AddColumn
		? ((ColumnDef *) command->def)->colname : command->name;
	ListCell   *lc;

	foreach(lc, measured && name ? measured->columns : NIL)
	{
		const MigrMeasuredColumn *column = lfirst(lc);

		if (strcmp(column->name, name) == 0)
			return column;
	}
	return NULL;
}

/* That something is harmless is not said of what is a hazard as well. */
static List *
without_harmless(List *hazards)
{
	List	   *harmful = NIL;
	ListCell   *lc;

	foreach(lc, hazards)
	{
		if (((MigrPlanHazard *) lfirst(lc))->severity != MIGR_PLAN_HARMLESS)
			harmful = lappend(harmful, lfirst(lc));
	}
	return harmful ? harmful : hazards;
}

/* Of all parts. */
static List *
ask_all(MigrPlanCase *which, bool fallback, bool *spoke, List *hazards)
{
	ListCell   *lc;

	which->command = NULL;
	which->column = NULL;
	if (!IsA(which->node, AlterTableStmt))
		return ask_rules(which, fallback, spoke, hazards);
	foreach(lc, ((AlterTableStmt *) which->node)->cmds)
	{
		which->command = lfirst_node(AlterTableCmd, lc);
		which->column = find_column(which->measured, which->command);
		hazards = ask_rules(which, fallback, spoke, hazards);
	}
	return hazards;
}

List *
migr_plan_hazards(MigrPlanCase *which)
{
	bool		spoke = false;
	List	   *hazards = ask_all(which, false, &spoke, NIL);

	if (!spoke)
		hazards = ask_all(which, true, &spoke, hazards);
	return without_harmless(hazards);
}

const char *const *
migr_plan_rule_names(void)
{
	static const char *names[lengthof(rules) + 1];
	int			count = 0;

	for (int i = 0; i < (int) lengthof(rules); i++)
	{
		bool		known = false;

		for (int j = 0; j < count; j++)
			known = known || strcmp(names[j], rules[i].name) == 0;
		if (!known)
			names[count++] = rules[i].name;
	}
	names[count] = NULL;
	return names;
}
