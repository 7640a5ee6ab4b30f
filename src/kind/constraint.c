/*
 * constraint.c
 *		What foreign keys and other constraints have in common.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "utils/builtins.h"

#include "kind/constraint.h"
#include "model/attributes.h"

const char *
migr_constraint_owner(const MigrObject *constraint)
{
	const MigrObject *parent = constraint->parent;

	return psprintf("%s %s", parent->kind == MIGR_KIND_DOMAIN ? "DOMAIN" : "TABLE",
					parent->identity);
}

bool
migr_constraint_is_for_children(const MigrObject *constraint)
{
	return constraint->kind == MIGR_KIND_FOREIGN_KEY
		? migr_object_has(constraint->parent, MIGR_ATTR_PARTITION_KEY)
		: migr_object_is(constraint, MIGR_ATTR_FOR_CHILDREN);
}

void
migr_constraint_create(StringInfo out, const MigrObject *object)
{
	if (object->parent->kind == MIGR_KIND_TABLE && !migr_constraint_is_for_children(object))
		appendStringInfo(out, "ALTER TABLE ONLY %s", object->parent->identity);
	else
		appendStringInfo(out, "ALTER %s", migr_constraint_owner(object));
	appendStringInfo(out, "\n    ADD CONSTRAINT %s %s;\n",
					 quote_identifier(object->name), value(object, MIGR_ATTR_DEFINITION));
}

void
migr_constraint_drop(StringInfo out, const MigrObject *object)
{
	/* From all partitions and children of the table as well. */
	appendStringInfo(out, "ALTER %s DROP CONSTRAINT %s;\n",
					 migr_constraint_owner(object), quote_identifier(object->name));
}

/* Cut the words off the end of *definition, if it has them. */
bool
migr_constraint_cut(char *definition, const char *words)
{
	int			len = strlen(definition) - strlen(words);

	if (len < 0 || strcmp(definition + len, words) != 0)
		return false;
	definition[len] = '\0';
	return true;
}

void
migr_constraint_validate(StringInfo out, const MigrObject *to)
{
	appendStringInfo(out, "ALTER %s VALIDATE CONSTRAINT %s;\n",
					 migr_constraint_owner(to), quote_identifier(to->name));
}

/* Of a foreign table's constraints only ALTER TABLE knows. */
void
migr_constraint_rename(StringInfo out, const MigrObject *object, const char *from,
					   const char *to)
{
	appendStringInfo(out, "ALTER %s RENAME CONSTRAINT %s TO %s;\n",
					 migr_constraint_owner(object), quote_identifier(from),
					 quote_identifier(to));
}
