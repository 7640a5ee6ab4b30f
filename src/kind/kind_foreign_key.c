/*
 * kind_foreign_key.c
 *		Foreign keys.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/pg_constraint.h"
#include "utils/builtins.h"

#include "kind/constraint.h"
#include "kind/kind.h"
#include "model/attributes.h"

static bool
alter_foreign_key(StringInfo out, const MigrObject *from, const MigrObject *to)
{
	char	   *old = pstrdup(value(from, MIGR_ATTR_DEFINITION));
	char	   *new = pstrdup(value(to, MIGR_ATTR_DEFINITION));
	bool		was_invalid = migr_constraint_cut(old, " NOT VALID");
	bool		is_invalid = migr_constraint_cut(new, " NOT VALID");
	bool		was_late = migr_constraint_cut(old, " INITIALLY DEFERRED");
	bool		is_late = migr_constraint_cut(new, " INITIALLY DEFERRED");
	bool		could = migr_constraint_cut(old, " DEFERRABLE");
	bool		can = migr_constraint_cut(new, " DEFERRABLE");

	if (strcmp(old, new) != 0 || (is_invalid && !was_invalid))
		return false;
	if (was_late != is_late || could != can)
		appendStringInfo(out, "ALTER TABLE %s ALTER CONSTRAINT %s %s;\n",
						 to->parent->identity, quote_identifier(to->name),
						 is_late ? "DEFERRABLE INITIALLY DEFERRED"
						 : can ? "DEFERRABLE INITIALLY IMMEDIATE" : "NOT DEFERRABLE");
	if (was_invalid && !is_invalid)
		migr_constraint_validate(out, to);
	return true;
}

/*
 * With a column that refers; those that it refers to can be of the same table.
 */
static bool
goes_along(const MigrObject *key, const MigrObject *needed)
{
	return needed->kind == MIGR_KIND_COLUMN && needed->parent == key->parent &&
		migr_ddl_list_text(migr_ddl_list(value(key, MIGR_ATTR_COLUMNS)),
						   quote_identifier(needed->name)) != NULL;
}

/* They are read with the other constraints. */
const MigrKindRecord migr_kind_foreign_key = {
	.noun = "CONSTRAINT",
	.flags = MIGR_KIND_IS_PART,
	.name_space = MIGR_NAMES_CONSTRAINTS,
	.catalog = ConstraintRelationId,
	.parent_column = "conrelid",
	.create = migr_constraint_create,
	.drop = migr_constraint_drop,
	.alter = alter_foreign_key,
	.rename = migr_constraint_rename,
	.goes_along = goes_along
};
