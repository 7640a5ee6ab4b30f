/*
 * rename.c
 *		Renamed objects: what somebody says got another name, as SQL.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/varlena.h"

#include "compat.h"
#include "ddl.h"
#include "rename.h"

/* A renaming whose object was found. */
typedef struct Found
{
	const MigrObject *object;
	const char *part;			/* of a type: a label or an attribute */
	const char *new;
} Found;

List *
migr_rename_list(const List *pairs)
{
	List	   *renamings = NIL;

	for (int i = 0; i + 1 < list_length(pairs); i += 2)
	{
		MigrRenaming *renaming = palloc(sizeof(MigrRenaming));

		renaming->old = list_nth(pairs, i);
		renaming->new = list_nth(pairs, i + 1);
		renamings = lappend(renamings, renaming);
	}
	return renamings;
}

/* The identifiers that a dotted name is made of (char *). */
static List *
split(const char *name)
{
	List	   *parts;

	if (!SplitIdentifierString(pstrdup(name), '.', &parts) || parts == NIL ||
		list_length(parts) > 3)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("\"%s\" is no name of an object", name),
				 errhint("Write schema.object, or schema.table.column; quote names as in SQL.")));
	return parts;
}

/* Does it hang on a table or a domain, and is it named by that? */
static bool
is_part(const MigrObject *object)
{
	switch (object->kind)
	{
		case MIGR_KIND_COLUMN:
		case MIGR_KIND_CONSTRAINT:
		case MIGR_KIND_FOREIGN_KEY:
		case MIGR_KIND_RULE:
		case MIGR_KIND_TRIGGER:
		case MIGR_KIND_POLICY:
			return true;
		default:
			return false;
	}
}

/* What says something of another object, and has no name of its own. */
static bool
is_nameless(const MigrObject *object)
{
	switch (object->kind)
	{
		case MIGR_KIND_EXTENSION:
		case MIGR_KIND_SHELL_TYPE:
		case MIGR_KIND_OPERATOR:
		case MIGR_KIND_CAST:
		case MIGR_KIND_TRANSFORM:
		case MIGR_KIND_ACCESS_METHOD:
		case MIGR_KIND_IDENTITY:
		case MIGR_KIND_SEQUENCE_OWNER:
		case MIGR_KIND_PARTITION:
		case MIGR_KIND_INDEX_PARTITION:
		case MIGR_KIND_TABLE_SETTING:
		case MIGR_KIND_DEFAULT_PRIVILEGES:
		case MIGR_KIND_POPULATE:
			return true;
		default:
			return false;
	}
}

/* Do the last of count parts name the object, and those before its schema? */
static bool
is_named(const MigrObject *object, const List *parts, int count)
{
	if (strcmp(object->name, list_nth(parts, count - 1)) != 0)
		return false;
	return count == 1 ||
		(count == 2 && object->schema && strcmp(object->schema, linitial(parts)) == 0);
}

/* Is it this object that the parts name?  Sets the part of a type. */
static bool
matches(const MigrObject *object, const List *parts, const char **part)
{
	int			count = list_length(parts);

	*part = NULL;
	if (is_nameless(object))
		return false;
	if (is_part(object))
		return count > 1 && strcmp(object->name, llast(parts)) == 0 &&
			is_named(object->parent, parts, count - 1);
	if (is_named(object, parts, count))
		return true;
	*part = llast(parts);
	return (object->kind == MIGR_KIND_ENUM || object->kind == MIGR_KIND_COMPOSITE) &&
		count > 1 && is_named(object, parts, count - 1);
}

static Found *
find(const MigrSchema *schema, const MigrRenaming *renaming)
{
	List	   *parts = split(renaming->old);
	List	   *name = split(renaming->new);
	Found	   *found = NULL;
	ListCell   *lc;

	if (list_length(name) != 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the new name \"%s\" is more than a name", renaming->new),
				 errhint("An object stays where it is when it is renamed.")));
	foreach(lc, schema->objects)
	{
		const MigrObject *object = lfirst(lc);
		const char *part;

		if (!matches(object, parts, &part))
			continue;
		if (found)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("it is not clear what is renamed by \"%s\"", renaming->old),
					 errdetail("It is %s %s, or %s %s.", migr_ddl_noun(found->object),
							   migr_object_identity(found->object),
							   migr_ddl_noun(object), migr_object_identity(object))));
		found = palloc(sizeof(Found));
		found->object = object;
		found->part = part;
		found->new = linitial(name);
	}
	if (found == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("there is no \"%s\" to be renamed", renaming->old)));
	return found;
}

/* The identity of an object that has another name. */
static char *
renamed_identity(const MigrObject *object, const char *name)
{
	const char *prefix = object->schema
		? psprintf("%s.", quote_identifier(object->schema)) : "";
	const char *rest = object->identity + strlen(prefix) +
		strlen(quote_identifier(object->name));

	return psprintf("%s%s%s", prefix, quote_identifier(name), rest);
}

/* ALTER TABLE, VIEW … for the relation or domain that a part is of. */
static void
append_parent(StringInfo out, const MigrObject *object)
{
	appendStringInfo(out, "ALTER %s %s RENAME ", migr_ddl_noun(object->parent),
					 object->parent->identity);
}

static void
append_rename(StringInfo out, const Found *found, const char *from, const char *to)
{
	const MigrObject *object = found->object;

	switch (object->kind)
	{
		case MIGR_KIND_COLUMN:
			append_parent(out, object);
			appendStringInfo(out, "COLUMN %s TO %s;\n", quote_identifier(from),
							 quote_identifier(to));
			return;
		case MIGR_KIND_CONSTRAINT:
		case MIGR_KIND_FOREIGN_KEY:
			append_parent(out, object);
			appendStringInfo(out, "CONSTRAINT %s TO %s;\n", quote_identifier(from),
							 quote_identifier(to));
			return;
		case MIGR_KIND_RULE:
		case MIGR_KIND_TRIGGER:
		case MIGR_KIND_POLICY:
			appendStringInfo(out, "ALTER %s %s ON %s RENAME TO %s;\n",
							 migr_ddl_noun(object), quote_identifier(from),
							 object->parent->identity, quote_identifier(to));
			return;
		default:
			break;
	}
	if (found->part == NULL)
		appendStringInfo(out, "ALTER %s %s RENAME TO %s;\n", migr_ddl_noun(object),
						 renamed_identity(object, from), quote_identifier(to));
	else if (object->kind == MIGR_KIND_ENUM)
		appendStringInfo(out, "ALTER TYPE %s RENAME VALUE %s TO %s;\n",
						 object->identity, quote_literal_cstr(from),
						 quote_literal_cstr(to));
	else
		appendStringInfo(out, "ALTER TYPE %s RENAME ATTRIBUTE %s TO %s CASCADE;\n",
						 object->identity, quote_identifier(from),
						 quote_identifier(to));
}

/* Append the statements for parts of objects, or those for whole ones. */
static void
append_renames(StringInfo out, const List *founds, bool parts, bool back)
{
	ListCell   *lc;

	foreach(lc, founds)
	{
		const Found *found = lfirst(lc);
		const char *old = found->part ? found->part : found->object->name;

		if ((found->part || is_part(found->object)) == parts)
			append_rename(out, found, back ? found->new : old,
						  back ? old : found->new);
	}
}

/*
 * Parts are renamed while what they are parts of has its old name, and get
 * their old names back when that has it again.  Schemas come last, for the same
 * reason.
 */
static char *
statements(const MigrSchema *schema, const List *renamings, bool back)
{
	List	   *founds = NIL;
	List	   *schemas = NIL;
	StringInfoData out;
	ListCell   *lc;

	foreach(lc, renamings)
	{
		Found	   *found = find(schema, lfirst(lc));

		if (found->object->kind == MIGR_KIND_SCHEMA)
			schemas = lappend(schemas, found);
		else
			founds = lappend(founds, found);
	}
	initStringInfo(&out);
	if (back)
		append_renames(&out, schemas, false, back);
	append_renames(&out, founds, !back, back);
	append_renames(&out, founds, back, back);
	if (!back)
		append_renames(&out, schemas, false, back);
	return out.data;
}

char *
migr_rename_forward(const MigrSchema *schema, const List *renamings)
{
	return statements(schema, renamings, false);
}

char *
migr_rename_back(const MigrSchema *schema, const List *renamings)
{
	return statements(schema, renamings, true);
}
