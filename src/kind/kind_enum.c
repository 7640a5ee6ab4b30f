/*
 * kind_enum.c
 *		Enums.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"

#include "kind/kind.h"
#include "kind/kind_common.h"
#include "kind/sql_words.h"
#include "model/attributes.h"

static const char query[] =
	TYPE_COLUMNS ","
	" (SELECT string_agg(quote_literal(e.enumlabel), " SEPARATOR
	"         ORDER BY e.enumsortorder)"
	"    FROM pg_enum e WHERE e.enumtypid = t.oid) AS labels"
	TYPE_FROM
	" WHERE t.typtype = 'e' AND t.oid >= 16384";

static bool
is_enum(const MigrReading *reading, const void *row)
{
	return ((const FormData_pg_type *) row)->typtype == TYPTYPE_ENUM;
}

static void
create_enum(StringInfo out, const MigrObject *object)
{
	migr_kind_create_type(out, object, "AS ENUM ", value(object, MIGR_ATTR_LABELS));
}

/* Are all texts of some found in others, in the same order? */
static bool
is_subsequence(const List *some, const List *others)
{
	int			found = 0;
	ListCell   *lc;

	foreach(lc, others)
	{
		if (found < list_length(some) &&
			strcmp(((MigrDdlItem *) list_nth(some, found))->text,
				   ((MigrDdlItem *) lfirst(lc))->text) == 0)
			found++;
	}
	return found == list_length(some);
}

/*
 * Labels can be added.  One that is missing in the middle may be a new name or
 * have gone with its rows' values: the type has to be built anew.
 */
static bool
alter_enum(StringInfo out, const MigrObject *from, const MigrObject *to)
{
	List	   *old = migr_ddl_list(value(from, MIGR_ATTR_LABELS));
	List	   *new = migr_ddl_list(value(to, MIGR_ATTR_LABELS));
	const char *previous = NULL;
	int			passed = 0;
	ListCell   *lc;

	if (!is_subsequence(old, new))
		return false;
	foreach(lc, new)
	{
		const char *label = ((MigrDdlItem *) lfirst(lc))->text;

		if (migr_ddl_list_text(old, label))
			passed++;
		else
		{
			appendStringInfo(out, "ALTER TYPE %s ADD VALUE %s", to->identity,
							 label);
			if (passed < list_length(old) && previous)
				appendStringInfo(out, " AFTER %s", previous);
			else if (passed < list_length(old))
				appendStringInfo(out, " BEFORE %s",
								 ((MigrDdlItem *) linitial(old))->text);
			appendStringInfoString(out, ";\n");
		}
		previous = label;
	}
	return true;
}

static void
rename_label(StringInfo out, const MigrObject *object, const char *from, const char *to)
{
	appendStringInfo(out, "ALTER TYPE %s RENAME VALUE %s TO %s;\n", object->identity,
					 quote_literal_cstr(from), quote_literal_cstr(to));
}

const MigrKindRecord migr_kind_enum = {
	.noun = "TYPE",
	.flags = MIGR_KIND_IS_TYPE | MIGR_KIND_IS_OF_COLUMNS | MIGR_KIND_IS_IN_SIGNATURES,
	.name_space = MIGR_NAMES_RELATIONS,
	.rights = {"TYPE", "U", "U"},
	.default_privileges = 'T',
	.sort = "type",
	.catalog = TypeRelationId,
	.query = query,
	.places = {{TypeRelationId, InvalidOid, is_enum}},
	.create = create_enum,
	.alter = alter_enum,
	.rename_part = rename_label
};
