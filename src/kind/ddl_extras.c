/*
 * ddl_extras.c
 *		Changes of comments, owners and privileges to SQL text.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "utils/builtins.h"

#include "kind/ddl.h"
#include "kind/kind.h"
#include "model/attribute_list.h"

static void
alter_comment(StringInfo out, const char *noun, const MigrObject *from,
			  const MigrObject *to)
{
	if (migr_ddl_same(from->comment, to->comment))
		return;
	appendStringInfo(out, "COMMENT ON %s %s IS %s;\n", noun,
					 migr_object_identity(to),
					 to->comment ? quote_literal_cstr(to->comment) : "NULL");
}

/*
 * Schema public stays whose it is.  One that is made again is whose initdb would
 * have made it.
 */
static void
give_public(StringInfo out, const MigrObject *from, const MigrObject *to)
{
	if (!migr_object_is(from, MIGR_ATTR_PRESENT) && migr_object_is(to, MIGR_ATTR_INITDB_OWNER))
		appendStringInfo(out, "ALTER SCHEMA %s OWNER TO %s;\n", to->identity,
						 quote_identifier(to->owner));
}

/* An owned sequence has the owner of its table, and follows it. */
static bool
follows_table(const MigrObject *from, const MigrObject *to)
{
	return to->kind == MIGR_KIND_SEQUENCE && migr_object_is(from, MIGR_ATTR_OWNED) &&
		migr_object_is(to, MIGR_ATTR_OWNED);
}

static void
alter_owner(StringInfo out, const char *noun, const MigrObject *from,
			const MigrObject *to)
{
	if (to->owner == NULL || follows_table(from, to))
		return;
	if (migr_privileges_owners_compared())
	{
		if (!migr_ddl_same(from->owner, to->owner))
			migr_privileges_owner(out, noun, to);
	}
	else if (to->kind == MIGR_KIND_SCHEMA && migr_object_is(to, MIGR_ATTR_PUBLIC))
		give_public(out, from, to);
}

static void
alter_privileges(StringInfo out, const MigrObject *from, const MigrObject *to, int what)
{
	if (from->acl || to->acl)
		migr_privileges_alter(out, migr_ddl_noun(to), &migr_kind_of(to)->rights, from, to, what);
}

void
migr_ddl_alter_extras(StringInfo out, const MigrObject *from, const MigrObject *to)
{
	const char *noun = migr_ddl_noun(to);

	alter_comment(out, noun, from, to);
	alter_owner(out, noun, from, to);
	alter_privileges(out, from, to, MIGR_PRIVILEGES_ALL);
}

void
migr_ddl_alter_extras_early(StringInfo out, const MigrObject *from, const MigrObject *to)
{
	const char *noun = migr_ddl_noun(to);

	alter_comment(out, noun, from, to);
	alter_owner(out, noun, from, to);
	alter_privileges(out, from, to, MIGR_PRIVILEGES_GIVEN);
}

void
migr_ddl_revoke(StringInfo out, const MigrObject *from, const MigrObject *to)
{
	alter_privileges(out, from, to, MIGR_PRIVILEGES_TAKEN);
}
