/*
 * guard_text.c
 *		SQL that does something only where it is to be done.
 *
 * What is noted is kept in settings that end with the transaction.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "utils/builtins.h"

#include "diff/guard_columns.h"
#include "diff/guard_text.h"
#include "kind/ddl.h"
#include "kind/kind.h"
#include "model/other_grants.h"

char *
migr_guard_text_quote(const char *text, const char *word)
{
	char	   *quote = psprintf("$%s$", word);

	for (int i = 1; strstr(text, quote) != NULL; i++)
		quote = psprintf("$%s%d$", word, i);
	return quote;
}

void
migr_guard_text_block(StringInfo out, const char *declare, const char *body)
{
	const char *quote = migr_guard_text_quote(body, "migr");

	appendStringInfo(out, "DO %s %sBEGIN%sEND %s;\n", quote, declare, body, quote);
}

/* As a string: a body of statements would be taken apart at its semicolons. */
static bool
has_body(const char *text)
{
	return strstr(text, "BEGIN ATOMIC") != NULL || strncmp(text, "CREATE RULE", 11) == 0;
}

/* A text as statements of a block; it is taken out of where it was. */
static char *
take_statements(StringInfo text)
{
	char	   *inner = pstrdup(text->data);

	if (has_body(inner))
	{
		const char *quote = migr_guard_text_quote(inner, "sql");

		inner = psprintf("EXECUTE %s%s%s;\n", quote, inner, quote);
	}
	resetStringInfo(text);
	return inner;
}

void
migr_guard_text_if(StringInfo text, const char *condition, const char *behind)
{
	char	   *inner = take_statements(text);

	migr_guard_text_block(text, "", psprintf(" IF %s THEN\n%s%sEND IF; ", condition, inner, behind));
}

void
migr_guard_text_unless_there(StringInfo text)
{
	char	   *inner = take_statements(text);

	migr_guard_text_block(text, "",
						  psprintf("\n%sEXCEPTION WHEN duplicate_object OR duplicate_function THEN NULL;\n",
								   inner));
}

char *
migr_guard_text_exists(const MigrObject *object)
{
	return psprintf("EXISTS (SELECT FROM %s)", migr_ddl_row(object));
}

char *
migr_guard_text_note(int number, const MigrObject *object)
{
	return psprintf("    PERFORM pg_catalog.set_config('migr_kept.n%d', %s::pg_catalog.text, true);\n", number,
					migr_guard_text_exists(object));
}

char *
migr_guard_text_noted(int number)
{
	return psprintf("pg_catalog.current_setting('migr_kept.n%d')::pg_catalog.bool", number);
}

char *
migr_guard_text_note_owner(int number, const MigrObject *object)
{
	return psprintf("    PERFORM pg_catalog.set_config('migr_kept.owner%d',"
					" (SELECT pg_catalog.pg_get_userbyid(%s)::pg_catalog.text FROM %s), true);\n",
					number, migr_ddl_row_owner(object), migr_ddl_row(object));
}

char *
migr_guard_text_give_owner(int number, const MigrObject *object)
{
	return psprintf("    IF pg_catalog.current_setting('migr_kept.owner%d') OPERATOR(pg_catalog.<>) ALL (ARRAY['', CURRENT_USER::pg_catalog.text]) THEN\n"
					"        EXECUTE pg_catalog.format(%s, %s, pg_catalog.current_setting('migr_kept.owner%d'));\n"
					"    END IF;\n",
					number, quote_literal_cstr(psprintf("ALTER %s %%s OWNER TO %%I",
														migr_ddl_noun(object))),
					quote_literal_cstr(migr_object_signature(object)), number);
}

char *
migr_guard_text_note_rights(int number, const MigrObject *object)
{
	return psprintf("%s    PERFORM pg_catalog.set_config('migr_kept.acl%d',"
					" (SELECT %s::pg_catalog.text FROM %s), true);\n%s",
					migr_guard_text_note_owner(number, object), number,
					migr_ddl_row_acl(object), migr_ddl_row(object),
					migr_guard_columns_note(number, object));
}

/* Names as an array of text. */
static char *
array_of(const List *names)
{
	StringInfoData out;
	ListCell   *lc;

	initStringInfo(&out);
	foreach(lc, names)
		appendStringInfo(&out, "%s%s", out.len > 0 ? ", " : "", quote_literal_cstr(lfirst(lc)));
	return psprintf("ARRAY[%s]::pg_catalog.text[]", out.data);
}

void
migr_guard_text_give_rights(StringInfo out, int number, const MigrObject *from,
							const MigrObject *object)
{
	const MigrKindRecord *kind = migr_kind_of(object);
	const char *noun = migr_ddl_noun(object);
	const char *grant = psprintf("GRANT %%s ON %s ", kind->rights.noun ? kind->rights.noun : noun);
	const char *signature = migr_object_signature(object);
	List	   *but = migr_other_grantees(NIL, &kind->rights, from);
	StringInfoData body;

	but = migr_other_grantees(but, &kind->rights, object);
	initStringInfo(&body);
	appendStringInfo(&body, "\n    FOR kept IN\n        SELECT DISTINCT r.rolname AS role FROM (SELECT %s AS acl FROM %s) o,\n"
					 "               pg_catalog.aclexplode(o.acl) a JOIN pg_catalog.pg_roles r ON r.oid OPERATOR(pg_catalog.=) a.grantee\n"
					 "         WHERE r.rolname OPERATOR(pg_catalog.<>) CURRENT_USER\n           AND r.rolname OPERATOR(pg_catalog.<>) ALL (%s)\n    LOOP\n"
					 "        EXECUTE pg_catalog.format(%s, %s, kept.role);\n    END LOOP;\n",
					 migr_ddl_row_acl(object), migr_ddl_row(object), array_of(but),
					 quote_literal_cstr(psprintf("REVOKE ALL ON %s %%s FROM %%I",
												 kind->rights.noun ? kind->rights.noun : noun)),
					 quote_literal_cstr(signature));
	if (kind->rights.of_public && *kind->rights.of_public && object->acl == NULL)
		appendStringInfo(&body, "    IF pg_catalog.current_setting('migr_kept.acl%d') OPERATOR(pg_catalog.<>) '' THEN\n"
						 "        EXECUTE %s;\n    END IF;\n", number,
						 quote_literal_cstr(psprintf("REVOKE ALL ON %s %s FROM PUBLIC",
													 kind->rights.noun ? kind->rights.noun : noun,
													 signature)));
	appendStringInfo(&body,
					 "    FOR kept IN\n        SELECT a.privilege_type AS right, r.rolname AS role,"
					 " CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END AS option\n"
					 "          FROM pg_catalog.aclexplode((" MIGR_GUARD_KEPT("acl") ")::pg_catalog.aclitem[]) a\n"
					 "               LEFT JOIN pg_catalog.pg_roles r ON r.oid OPERATOR(pg_catalog.=) a.grantee\n"
					 "         WHERE (r.oid IS NOT NULL OR a.grantee OPERATOR(pg_catalog.=) 0::pg_catalog.oid)"
					 " AND coalesce(r.rolname, '') OPERATOR(pg_catalog.<>) pg_catalog.current_setting('migr_kept.owner%d')\n"
					 "           AND coalesce(r.rolname, '') OPERATOR(pg_catalog.<>) ALL (%s)\n    LOOP\n"
					 "        EXECUTE pg_catalog.format(%s, kept.right, %s,"
					 " coalesce(pg_catalog.quote_ident(kept.role), 'PUBLIC'), kept.option);\n    END LOOP;\n",
					 number, number, number, array_of(but),
					 quote_literal_cstr(psprintf("%s%%s TO %%s%%s", grant)),
					 quote_literal_cstr(signature));
	migr_guard_columns_give(&body, number, from, object);
	appendStringInfoString(&body, migr_guard_text_give_owner(number, object));
	migr_guard_text_block(out, "DECLARE kept pg_catalog.record; ", body.data);
}
