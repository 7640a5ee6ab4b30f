/*
 * kind_language.c
 *		Procedural languages.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/pg_language.h"

#include "kind/kind.h"
#include "kind/kind_common.h"
#include "kind/sql_words.h"
#include "model/attributes.h"

static const char query[] =
	"SELECT l.oid AS objid, 0::oid AS parent, NULL::text AS schema,"
	"       l.lanname::text AS name, quote_ident(l.lanname) AS identity,"
	"       pg_get_userbyid(l.lanowner)::text AS owner, l.lanacl::text AS acl,"
	"       l.lanpltrusted AS trusted,"
	"       " FUNCTION("l.lanplcallfoid") " AS handler,"
	"       " FUNCTION("l.laninline") " AS inline,"
	"       " FUNCTION("l.lanvalidator") " AS validator"
	"  FROM pg_language l WHERE l.oid >= 16384";

static void
append_language(StringInfo out, const char *create, const MigrObject *object)
{
	appendStringInfo(out, "%s %sLANGUAGE %s\n    HANDLER %s", create,
					 migr_object_is(object, MIGR_ATTR_TRUSTED) ? "TRUSTED " : "",
					 object->identity, value(object, MIGR_ATTR_HANDLER));
	migr_kind_append(out, "\n    INLINE %s", object, MIGR_ATTR_INLINE);
	migr_kind_append(out, "\n    VALIDATOR %s", object, MIGR_ATTR_VALIDATOR);
	appendStringInfoString(out, ";\n");
}

static void
create_language(StringInfo out, const MigrObject *object)
{
	append_language(out, "CREATE", object);
}

/* No privilege of a language that is not trusted can be granted or revoked. */
static bool
alter_language(StringInfo out, const MigrObject *from, const MigrObject *to)
{
	if (from->acl && !migr_object_is(to, MIGR_ATTR_TRUSTED))
		return false;
	append_language(out, "CREATE OR REPLACE", to);
	return true;
}

const MigrKindRecord migr_kind_language = {
	.noun = "LANGUAGE",
	.flags = MIGR_KIND_IS_SCHEMALESS | MIGR_KIND_IS_IN_SIGNATURES,
	.rights = {"LANGUAGE", "U", "U"},
	.sort = "language",
	.catalog = LanguageRelationId,
	.query = query,
	.places = {{LanguageRelationId, LanguageOidIndexId}},
	.create = create_language,
	.alter = alter_language
};
