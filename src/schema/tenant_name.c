/*
 * tenant_name.c
 *		A tenant's objects as those of another name.
 *
 * The text is deparsed with search_path = pg_catalog, so all that is in the tenant is
 * qualified.  A word in front of a dot may be an alias as well, or a table of that name
 * in a view: where the same text may give the name to a table, or the table that it
 * belongs to has it, a word is taken for the schema only where no column can stand, or if
 * the schema has what comes behind.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_proc.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/catcache.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

#include "base/scan.h"
#include "model/attribute_names.h"
#include "model/privileges.h"
#include "schema/tenant_name.h"

/* A text that is gone through. */
typedef struct Pass
{
	const MigrTenantName *name;
	const char *text;
	MigrToken  *tokens;
	int			count;			/* without the end */
	bool		is_ambiguous;	/* is something else called so, too? */
	StringInfoData out;
	int			copied;			/* bytes of text that are in out */
} Pass;

static void
read_tokens(Pass *pass)
{
	int			room = 64;
	MigrScan	scan;

	pass->tokens = palloc(room * sizeof(MigrToken));
	migr_scan_begin(&scan, pass->text, strlen(pass->text));
	for (;;)
	{
		MigrToken  *token;

		if (pass->count == room)
			pass->tokens = repalloc(pass->tokens, (room *= 2) * sizeof(MigrToken));
		token = &pass->tokens[pass->count];
		migr_scan_next(&scan, token);
		if (token->kind == MIGR_TOKEN_END || token->kind == MIGR_TOKEN_UNTERMINATED)
			return;
		pass->count++;
	}
}

static bool
is_byte(const Pass *pass, int i, char c)
{
	return i >= 0 && i < pass->count && pass->tokens[i].kind == MIGR_TOKEN_OTHER &&
		pass->text[pass->tokens[i].start] == c;
}

static bool
is_word(const Pass *pass, int i, const char *word)
{
	const MigrToken *token = i >= 0 && i < pass->count ? &pass->tokens[i] : NULL;

	return token && token->kind == MIGR_TOKEN_WORD &&
		token->end - token->start == (int) strlen(word) &&
		pg_strncasecmp(pass->text + token->start, word, strlen(word)) == 0;
}

static bool
is_name(const Pass *pass, int i)
{
	MigrScan	scan = {.text = pass->text};

	return i < pass->count && migr_scan_is_name(&scan, &pass->tokens[i], pass->name->from);
}

/* The string constant at a token; NULL if it is none, or can't be read. */
static char *
string_at(const Pass *pass, int i)
{
	MigrScan	scan;
	char	   *string;

	if (i >= pass->count || pass->tokens[i].kind != MIGR_TOKEN_QUOTED)
		return NULL;
	migr_scan_begin(&scan, pass->text, strlen(pass->text));
	return migr_scan_string(&scan, &pass->tokens[i], &string) ? string : NULL;
}

/* Put a text in the place of a token. */
static void
put(Pass *pass, int i, const char *text)
{
	const MigrToken *token = &pass->tokens[i];

	appendBinaryStringInfo(&pass->out, pass->text + pass->copied, token->start - pass->copied);
	appendStringInfoString(&pass->out, text);
	pass->copied = token->end;
}

/* --- which word means the schema ---------------------------------------------- */

/* The name that a token is, or NULL. */
static char *
name_at(const Pass *pass, int i)
{
	const MigrToken *token = &pass->tokens[i];
	char	   *name;
	int			len = 0;

	if (i >= pass->count ||
		(token->kind != MIGR_TOKEN_WORD && pass->text[token->start] != '"'))
		return NULL;
	name = pnstrdup(pass->text + token->start, token->end - token->start);
	if (*name != '"')
		return name;
	for (char *at = name + 1; at[1] != '\0'; at++)
	{
		name[len++] = *at;
		if (*at == '"')
			at++;
	}
	name[len] = '\0';
	return name;
}

static bool
has_routine(Oid schema, const char *name)
{
	CatCList   *list = SearchSysCacheList1(PROCNAMEARGSNSP, CStringGetDatum(name));
	bool		found = false;

	for (int i = 0; i < list->n_members && !found; i++)
		found = ((Form_pg_proc) GETSTRUCT(&list->members[i]->tuple))->pronamespace == schema;
	ReleaseSysCacheList(list);
	return found;
}

/* Has the schema what is called so?  What is no name is an operator of it. */
static bool
has_object(const Pass *pass, int i)
{
	const char *name = name_at(pass, i);
	Oid			schema = pass->name->schema;

	if (name == NULL || strlen(name) >= NAMEDATALEN)
		return true;
	return OidIsValid(get_relname_relid(name, schema)) ||
		SearchSysCacheExists2(TYPENAMENSP, CStringGetDatum(name), ObjectIdGetDatum(schema)) ||
		has_routine(schema, name);
}

/* Does the word at i qualify what comes behind it? */
static bool
is_qualifier(const Pass *pass, int i)
{
	return is_name(pass, i) && is_byte(pass, i + 1, '.') && !is_byte(pass, i - 1, '.');
}

/* Has the table that is called as the schema is a column of the name at i? */
static bool
has_column(const Pass *pass, int i)
{
	const char *name = name_at(pass, i);
	Oid			table = get_relname_relid(pass->name->from, pass->name->schema);

	return name && strlen(name) < NAMEDATALEN && OidIsValid(table) &&
		get_attnum(table, name) != InvalidAttrNumber;
}

static bool
is_one_of(const Pass *pass, int i, const char *const *words, int count)
{
	for (int k = 0; k < count; k++)
	{
		if (is_word(pass, i, words[k]))
			return true;
	}
	return false;
}

/* Words in front of an operand: no name of a type or a relation comes behind them. */
static bool
is_before_operand(const Pass *pass, int i)
{
	static const char *const words[] = {
		"select", "distinct", "where", "having", "and", "or", "not", "by", "case", "when", "then", "else",
		"between", "like", "ilike", "in", "set", "return", "is", "limit", "offset"
	};

	return is_one_of(pass, i, words, lengthof(words));
}

/* May a relation be named behind the token at i, by which its columns are asked for then? */
static bool
is_before_relation(const Pass *pass, int i)
{
	static const char *const words[] = {"from", "join", "only", "update", "into", "using"};

	return is_byte(pass, i, '(') || is_byte(pass, i, ',') ||
		is_one_of(pass, i, words, lengthof(words));
}

/* Words behind one. */
static bool
is_behind_operand(const Pass *pass, int i)
{
	static const char *const words[] = {
		"operator", "and", "or", "is", "in", "not", "between", "like", "ilike", "collate", "at"
	};

	return is_one_of(pass, i, words, lengthof(words));
}

/* Is the word at i a property, as in (FUNCTION = a.f), and no column? */
static bool
is_property(const Pass *pass, int i)
{
	const MigrToken *token = i >= 0 ? &pass->tokens[i] : NULL;

	if (token == NULL || token->kind != MIGR_TOKEN_WORD)
		return false;
	for (int at = token->start; at < token->end; at++)
	{
		if (pass->text[at] != pg_toupper((unsigned char) pass->text[at]))
			return false;
	}
	return true;
}

/* The byte that a token is by itself, or NUL. */
static char
byte_at(const Pass *pass, int i)
{
	return i >= 0 && i < pass->count && pass->tokens[i].kind == MIGR_TOKEN_OTHER
		? pass->text[pass->tokens[i].start] : '\0';
}

/*
 * Does the word at i, which may be a table's as well, mean the schema?  A column is asked
 * for beside an operator, or behind such a word; in a list it may be either.
 */
static bool
is_meant(const Pass *pass, int i)
{
	char		before = byte_at(pass, i - 1);
	char		behind = byte_at(pass, i + 3);

	if (!pass->is_ambiguous || behind == '(' || behind == '.' || before == ':' ||
		name_at(pass, i + 2) == NULL)
		return true;
	if (behind != '\0' && strchr("=<>+-*/%|&#~!@^?:", behind))
		return false;
	if (before == '=' && is_property(pass, i - 2))
		return true;
	if (i + 3 < pass->count && pass->tokens[i + 3].kind == MIGR_TOKEN_WORD)
		return !is_before_operand(pass, i - 1) && !is_behind_operand(pass, i + 3);
	if (before == '(' || before == ',')
		return !has_column(pass, i + 2) && has_object(pass, i + 2);
	return before == '\0' && !is_before_operand(pass, i - 1);
}

/* Is it said that the word at i is a schema, or a role? */
static bool
is_named(const Pass *pass, int i)
{
	return is_name(pass, i) && (is_word(pass, i - 1, "schema") || is_word(pass, i - 1, "role"));
}

/*
 * May the word at i be where a table gets it as its name for this text: the table itself is
 * called so, or it stands behind the table?
 */
static bool
is_alias(const Pass *pass, int i)
{
	const MigrToken *before = i > 0 ? &pass->tokens[i - 1] : NULL;

	if (!is_name(pass, i) || before == NULL || is_named(pass, i))
		return false;
	if (is_byte(pass, i - 1, '.'))
		return is_before_relation(pass, i - 3) &&
			OidIsValid(get_relname_relid(pass->name->from, pass->name->schema));
	if (is_byte(pass, i + 1, '.'))
		return false;
	return is_byte(pass, i - 1, ')') || before->kind == MIGR_TOKEN_QUOTED ||
		(before->kind == MIGR_TOKEN_WORD && !is_before_operand(pass, i - 1));
}

static bool
has_alias(const Pass *pass)
{
	for (int i = 0; i < pass->count; i++)
	{
		if (is_alias(pass, i))
			return true;
	}
	return false;
}

/* --- the passes ----------------------------------------------------------------- */

static const char *rename_sql(const MigrTenantName *name, const char *text, bool is_ambiguous);

/* A constant of a type whose values are names: 'a.t_id_seq'::regclass. */
static void
pass_constant(Pass *pass, int i)
{
	const char *string;
	const char *renamed;

	if (!is_byte(pass, i + 1, ':') || !is_byte(pass, i + 2, ':') || i + 3 >= pass->count ||
		strncmp(pass->text + pass->tokens[i + 3].start, "reg", 3) != 0)
		return;
	string = string_at(pass, i);
	if (string == NULL)
		return;
	if (is_word(pass, i + 3, "regnamespace") || is_word(pass, i + 3, "regrole"))
		renamed = strcmp(string, quote_identifier(pass->name->from)) == 0
			? quote_identifier(pass->name->to) : string;
	else
		renamed = rename_sql(pass->name, string, pass->is_ambiguous);
	if (renamed != string)
		put(pass, i, quote_literal_cstr(renamed));
}

/* The body of a routine: SQL, or a language that quotes names as SQL does. */
static void
pass_body(Pass *pass, int i)
{
	const MigrToken *token = &pass->tokens[i];
	const char *start = pass->text + token->start;
	const char *body = string_at(pass, i);
	const char *renamed;
	int			delimiter;

	if (body == NULL)
		return;
	renamed = rename_sql(pass->name, body, pass->is_ambiguous);
	delimiter = strchr(start + 1, '$') - start + 1;
	if (renamed != body)
		put(pass, i, psprintf("%.*s%s%.*s", delimiter, start, renamed, delimiter, start));
}

/* The list behind SET search_path TO: returns its last token. */
static int
pass_path(Pass *pass, int i)
{
	for (i += 2; i < pass->count; i += 2)
	{
		const char *string = string_at(pass, i);

		if (string && strcmp(string, pass->name->from) == 0)
			put(pass, i, quote_literal_cstr(pass->name->to));
		else if (is_name(pass, i))
			put(pass, i, quote_identifier(pass->name->to));
		if (!is_byte(pass, i + 1, ','))
			break;
	}
	return i;
}

static void
pass_all(Pass *pass)
{
	for (int i = 0; i < pass->count; i++)
	{
		char		first = pass->text[pass->tokens[i].start];

		if (is_word(pass, i, "search_path") &&
			(is_word(pass, i + 1, "to") || is_byte(pass, i + 1, '=')))
			i = pass_path(pass, i);
		else if (pass->tokens[i].kind == MIGR_TOKEN_QUOTED && first == '$')
			pass_body(pass, i);
		else if (pass->tokens[i].kind == MIGR_TOKEN_QUOTED && first != '"')
			pass_constant(pass, i);
		else if (is_named(pass, i) ||
				 (is_qualifier(pass, i) && is_meant(pass, i)))
			put(pass, i, quote_identifier(pass->name->to));
	}
}

/* Can a text have the name in it?  If it is quoted, it may not be there as it is. */
static bool
may_have(const MigrTenantName *name, const char *text)
{
	return strpbrk(name->from, "\"'\\") != NULL || strstr(text, name->from) != NULL;
}

static const char *
rename_sql(const MigrTenantName *name, const char *text, bool is_ambiguous)
{
	Pass		pass = {.name = name, .text = text};

	if (!may_have(name, text))
		return text;
	check_stack_depth();
	read_tokens(&pass);
	pass.is_ambiguous = is_ambiguous || has_alias(&pass);
	initStringInfo(&pass.out);
	pass_all(&pass);
	pfree(pass.tokens);
	if (pass.copied == 0)
	{
		pfree(pass.out.data);
		return text;
	}
	appendStringInfoString(&pass.out, text + pass.copied);
	return pass.out.data;
}

const char *
migr_tenant_rename_text(const MigrTenantName *name, const char *text)
{
	return rename_sql(name, text, false);
}

/* A list of names of roles. */
static const char *
rename_roles(const MigrTenantName *name, const char *text)
{
	Pass		pass = {.name = name, .text = text};

	if (!may_have(name, text))
		return text;
	read_tokens(&pass);
	initStringInfo(&pass.out);
	for (int i = 0; i < pass.count; i++)
	{
		if (is_name(&pass, i))
			put(&pass, i, quote_identifier(name->to));
	}
	appendStringInfoString(&pass.out, text + pass.copied);
	return pass.out.data;
}

/* --- objects ---------------------------------------------------------------------- */

static const char *
rename_exactly(const MigrTenantName *name, const char *text)
{
	return text && strcmp(text, name->from) == 0 ? name->to : text;
}

/* The text of an aclitem[]. */
static const char *
rename_acl(const MigrTenantName *name, const char *acl)
{
	MigrObject	of_role = {.kind = MIGR_KIND_TABLE, .owner = name->from, .acl = acl};

	return acl && may_have(name, acl) ? migr_privileges_of_owner(&of_role, name->to) : acl;
}

static const char *
rename_value(const MigrTenantName *name, MigrAttribute attribute, const char *text,
			 bool is_ambiguous)
{
	switch ((int) attribute)
	{
		case MIGR_ATTR_ROLE:
			return rename_exactly(name, text);
		case MIGR_ATTR_ROLES:
			return rename_roles(name, text);
		case MIGR_ATTR_PRIVILEGES:
			return rename_acl(name, text);
		case MIGR_ATTR_COMMENT:
			return text;
	}
	return rename_sql(name, text, is_ambiguous);
}

void
migr_tenant_rename(const MigrTenantName *name, MigrObject *object)
{
	bool		is_ambiguous = object->parent && strcmp(object->parent->name, name->from) == 0;

	if (object->kind == MIGR_KIND_SCHEMA)
	{
		object->name = rename_exactly(name, object->name);
		object->identity = quote_identifier(object->name);
	}
	else if (object->identity)
		object->identity = rename_sql(name, object->identity, false);
	if (object->kind == MIGR_KIND_DEFAULT_PRIVILEGES)
		object->name = object->identity;
	object->schema = rename_exactly(name, object->schema);
	object->owner = rename_exactly(name, object->owner);
	object->acl = rename_acl(name, object->acl);
	for (int i = 0; i < object->count; i++)
	{
		if (object->values[i])
			object->values[i] = rename_value(name, object->columns->attributes[i],
											 object->values[i], is_ambiguous);
	}
}
