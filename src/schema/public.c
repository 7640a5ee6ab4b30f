/*
 * public.c
 *		What the server itself made of schema public.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "base/db.h"
#include "model/privileges.h"
#include "schema/public.h"

/* Does a script that was applied say anything about it, in a string or body as well? */
static MigrQuery said_query = {
	"SELECT EXISTS (SELECT FROM migr.version v JOIN migr.revision r ON r.revision = v.revision"
	"  WHERE r.script ~* '\\m(grant|revoke)\\M[^;]*\\mon\\s+schema\\s((?!\\m(to|from)\\M)[^;])*\\mpublic\\M'"
	"     OR r.script ~* '\\m(alter|create|drop)\\s+schema\\s[^;]*\\mpublic\\M')", 0, {0}
};

bool
migr_public_is_said(const MigrSchema *schema, bool is_live)
{
	MigrDb		db;
	bool		said;

	if (!is_live)
		return (schema->said & MIGR_SAID_PUBLIC) != 0;
	migr_db_begin(&db, true);
	(void) migr_db_run(&db, &said_query, NULL, NULL);
	said = DatumGetBool(migr_db_datum(0, 1));
	migr_db_end(&db);
	return said;
}

void
migr_public_settle(MigrSchema *schema, bool is_live)
{
	ListCell   *lc;

	foreach(lc, schema->objects)
	{
		MigrObject *object = lfirst(lc);

		if (object->kind != MIGR_KIND_SCHEMA || !migr_object_is(object, MIGR_ATTR_PUBLIC) ||
			!migr_privileges_are_of_other_server(object) || migr_public_is_said(schema, is_live))
			continue;
		object->acl = NULL;		/* as created */
	}
}
