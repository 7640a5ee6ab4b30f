/*
 * scratch_outside.c
 *		What a live database has besides what its scripts make.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/formatting.h"
#include "utils/guc.h"

#include "base/db.h"
#include "base/ident.h"
#include "base/pattern.h"
#include "kind/kind.h"
#include "scratch/scratch_hollow.h"
#include "scratch/scratch_outside.h"
#include "scratch/scratch_public.h"
#include "snapshot/snap.h"
#include "store/script_extensions.h"

/* --- extensions ----------------------------------------------------------- */

/* Whether only a superuser can create it, and who has. */
static MigrQuery extensions_query = {
	"SELECT e.extname::text, n.nspname::text, e.extversion, e.extowner,"
	"       NOT coalesce((SELECT v.trusted FROM pg_catalog.pg_available_extension_versions v"
	"                      WHERE v.name = e.extname AND v.version = e.extversion), false)"
	"  FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace"
	" WHERE e.oid >= 16384 AND e.extname NOT IN ('plpgsql', 'migr')"
	" ORDER BY e.oid", 0, {0}
};

static MigrQuery own_query = {
	"SELECT e.extversion FROM pg_catalog.pg_extension e WHERE e.extname = 'migr'", 0, {0}
};

/* Does any stored script say that it creates this, in a body or a string as well? */
static MigrQuery creates_query = {
	"SELECT EXISTS (SELECT FROM migr.revision r WHERE r.script ~* $1)", 1, {TEXTOID}
};

static MigrQuery matches_query = {
	"SELECT $2 ~* $1", 2, {TEXTOID, TEXTOID}
};

/* A name as a part of a regular expression that finds it quoted or not. */
static char *
name_pattern(const char *name)
{
	StringInfoData out;

	initStringInfo(&out);
	appendStringInfoString(&out, "\"?");
	for (; *name; name++)
	{
		if (!IS_HIGHBIT_SET(*name) && !isalnum((unsigned char) *name) && *name != '_')
			appendStringInfoChar(&out, '\\');
		appendStringInfoChar(&out, *name);
	}
	appendStringInfoString(&out, "(?![[:alnum:]_$])");
	return out.data;
}

/* Is a regular expression found in what a job builds? */
static bool
says(MigrDb *db, const MigrScratchJob *job, const char *pattern)
{
	Datum		values[] = {migr_db_text_datum(pattern), migr_db_text_datum(job->ddl)};

	(void) migr_db_run(db, job->ddl ? &matches_query : &creates_query, values, NULL);
	return DatumGetBool(migr_db_datum(0, 1));
}

static bool
creates(MigrDb *db, const MigrScratchJob *job, const char *what, const char *name)
{
	return says(db, job, psprintf("create\\s+%s\\s+(if\\s+not\\s+exists\\s+)?%s", what,
								  name_pattern(name)));
}

/* A row of extensions_query. */
typedef struct Installed
{
	MigrScratchExtension extension;
	Oid			owner;
	bool		untrusted;
} Installed;

static List *
read_installed(MigrDb *db)
{
	List	   *all = NIL;
	uint64		rows = migr_db_run(db, &extensions_query, NULL, NULL);

	for (uint64 i = 0; i < rows; i++)
	{
		Installed  *installed = palloc(sizeof(Installed));

		installed->extension.name = migr_db_text(i, 1);
		installed->extension.schema = migr_db_text(i, 2);
		installed->extension.version = migr_db_text(i, 3);
		installed->owner = DatumGetObjectId(migr_db_datum(i, 4));
		installed->untrusted = DatumGetBool(migr_db_datum(i, 5));
		all = lappend(all, installed);
	}
	return all;
}

List *
migr_outside_untrusted_extensions(void)
{
	List	   *extensions = NIL;
	ListCell   *lc;
	MigrDb		db;

	migr_db_begin(&db, true);
	foreach(lc, read_installed(&db))
	{
		Installed  *installed = lfirst(lc);

		if (installed->untrusted)
			extensions = lappend(extensions, &installed->extension);
	}
	migr_db_end(&db);
	return extensions;
}

/* So that a script that calls migr, or a body that does, finds it. */
static MigrScratchExtension *
find_own(MigrDb *db, const MigrScratchJob *job)
{
	MigrScratchExtension *own = palloc(sizeof(MigrScratchExtension));

	if (!says(db, job, "(?<![[:alnum:]_])migr(?![[:alnum:]:])"))
		return NULL;
	(void) migr_db_run(db, &own_query, NULL, NULL);
	own->name = "migr";
	own->schema = "pg_catalog";
	own->version = migr_db_text(0, 1);
	return own;
}

List *
migr_outside_extensions(const MigrScratchJob *job)
{
	List	   *extensions = NIL;
	List	   *made;
	List	   *installed_here;
	MigrScratchExtension *own;
	ListCell   *lc;
	MigrDb		db;

	migr_db_begin(&db, true);
	own = find_own(&db, job);
	if (own)
		extensions = list_make1(own);
	installed_here = read_installed(&db);
	made = job->ddl && installed_here != NIL ? migr_script_extensions(&db) : NIL;
	foreach(lc, installed_here)
	{
		Installed  *installed = lfirst(lc);

		/* A desired schema that lacks what a script has made is to be without it. */
		if (has_privs_of_role(job->role, installed->owner) &&
			migr_ident_is_in(made, installed->extension.name))
			continue;
		if (!creates(&db, job, "extension", installed->extension.name))
			extensions = lappend(extensions, &installed->extension);
	}
	migr_db_end(&db);
	return extensions;
}

/* --- stand-ins ------------------------------------------------------------ */

/* Schemas that are no extension's, with their owners. */
static MigrQuery schemas_query = {
	"SELECT n.nspname::text, n.nspowner FROM pg_catalog.pg_namespace n"
	" WHERE n.oid >= 16384 AND n.nspname !~ '^pg_' AND n.nspname <> 'public'"
	"   AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d"
	"                    WHERE d.classid = n.tableoid AND d.objid = n.oid AND d.deptype = 'e')"
	" ORDER BY n.nspname", 0, {0}
};

/* A schema with its owner. */
typedef struct Owned
{
	char	   *name;
	Oid			owner;
} Owned;

/* Schemas (char *) that are to be there although nothing creates them. */
static List *
find_missing_schemas(const MigrScratchJob *job)
{
	List	   *excluded = migr_scope_excluded();
	List	   *owned = NIL;
	List	   *schemas = NIL;
	ListCell   *lc;
	uint64		rows;
	MigrDb		db;

	migr_db_begin(&db, true);
	rows = migr_db_run(&db, &schemas_query, NULL, NULL);
	for (uint64 i = 0; i < rows; i++)
	{
		Owned	   *schema = palloc(sizeof(Owned));

		schema->name = migr_db_text(i, 1);
		schema->owner = DatumGetObjectId(migr_db_datum(i, 2));
		owned = lappend(owned, schema);
	}
	foreach(lc, owned)
	{
		const Owned *schema = lfirst(lc);

		if (!migr_pattern_matches(excluded, schema->name, "") &&
			has_privs_of_role(job->role, schema->owner))
			continue;
		if (says(&db, job, name_pattern(schema->name)) &&
			!creates(&db, job, "schema", schema->name))
			schemas = lappend(schemas, schema->name);
	}
	migr_db_end(&db);
	return schemas;
}

List *
migr_outside_stand_ins(const MigrScratchJob *job, List **schemas)
{
	*schemas = find_missing_schemas(job);
	return *schemas == NIL ? NIL : migr_scratch_hollow(*schemas);
}

/* --- what others own ------------------------------------------------------ */

static MigrQuery extension_owner_query = {
	"SELECT e.extowner FROM pg_catalog.pg_extension e WHERE e.extname = $1", 1, {TEXTOID}
};

/* Is the object, which is in no schema, somebody else's? */
bool
migr_outside_is_of_others(MigrDb *db, const MigrObject *object)
{
	Oid			owner = InvalidOid;

	if (object->kind == MIGR_KIND_EXTENSION)
	{
		Datum		name = migr_db_text_datum(object->name);

		if (migr_db_run(db, &extension_owner_query, &name, NULL) == 1)
			owner = DatumGetObjectId(migr_db_datum(0, 1));
	}
	else if (object->owner)
		owner = get_role_oid(object->owner, true);
	return OidIsValid(owner) && !has_privs_of_role(db->secure.user, owner);
}

/* The word for a kind whose objects are in no schema; NULL for all others. */
static const char *
word_of(MigrKind kind)
{
	return migr_kind_has(kind, MIGR_KIND_IS_SCHEMALESS) ? migr_kinds[kind]->noun : NULL;
}

/* The object of a kind and a name that is in no schema, or NULL. */
static MigrObject *
find_by_name(const MigrSchema *schema, const char *word, const char *name)
{
	ListCell   *lc;

	foreach(lc, schema->objects)
	{
		MigrObject *object = lfirst(lc);
		const char *own = word_of(object->kind);

		if (own && strcmp(own, word) == 0 && strcmp(object->name, name) == 0)
			return object;
	}
	return NULL;
}

static bool
is_left(const MigrObject *object, void *arg)
{
	const List *left = arg;
	ListCell   *lc;

	for (; object; object = object->parent)
	{
		foreach(lc, left)
		{
			const MigrObject *other = lfirst(lc);

			if (object == other ||
				(other->kind == MIGR_KIND_SCHEMA && object->schema &&
				 strcmp(object->schema, other->name) == 0))
				return true;
		}
	}
	return false;
}

/* Is it in what was built, or else the work of a script? */
static bool
is_made(MigrDb *db, const MigrSchema *built, const char *word, const char *name)
{
	static const MigrScratchJob scripts = {0};

	return built ? find_by_name(built, word, name) != NULL
		: creates(db, &scripts, word, name);
}

List *
migr_outside_leave_alone(MigrSchema *live, const MigrSchema *built)
{
	List	   *left = NIL;
	List	   *words = NIL;
	ListCell   *lc;
	MigrDb		db;

	migr_db_begin(&db, true);
	foreach(lc, live->objects)
	{
		MigrObject *object = lfirst(lc);
		const char *word = word_of(object->kind);

		if (word == NULL || strcmp(object->name, "public") == 0 ||
			!migr_outside_is_of_others(&db, object) || is_made(&db, built, word, object->name))
			continue;
		left = lappend(left, object);
		words = lappend(words, psprintf("%s %s", asc_tolower(word, strlen(word)),
										object->identity));
	}
	migr_db_end(&db);
	if (left != NIL)
		migr_schema_remove(live, is_left, left);
	return words;
}

/* An extension that is left, by no script's doing. */
typedef struct Leftovers
{
	const MigrSchema *desired;
	List	   *made;			/* char *: those that scripts make */
	List	   *names;			/* char * */
} Leftovers;

static bool
is_leftover(const MigrObject *object, void *arg)
{
	Leftovers  *leftovers = arg;
	bool		is_left = object->kind == MIGR_KIND_EXTENSION &&
		!migr_ident_is_in(leftovers->made, object->name) &&
		find_by_name(leftovers->desired, word_of(object->kind), object->name) == NULL;

	if (is_left)
		leftovers->names = lappend(leftovers->names, psprintf("extension %s", object->identity));
	return is_left;
}

List *
migr_outside_leave_extensions(MigrSchema *live, const MigrSchema *desired)
{
	Leftovers	leftovers = {.desired = desired};
	MigrDb		db;

	migr_db_begin(&db, true);
	leftovers.made = migr_script_extensions(&db);
	migr_db_end(&db);
	migr_schema_remove(live, is_leftover, &leftovers);
	return leftovers.names;
}

/* --- what a build can't make ---------------------------------------------- */

/* An object of the live database, as it is, but for its ties there. */
static void
copy_live(MigrSchema *built, const MigrObject *object)
{
	MigrObject *copy = palloc(sizeof(MigrObject));

	*copy = *object;
	/* Its oid may be another object's over there. */
	copy->address.objid = InvalidOid;
	copy->parent = NULL;
	copy->children = copy->depends = NIL;
	migr_schema_add(built, copy);
}

static void
complete_denied(MigrSchema *built, const List *denied, Oid role)
{
	MigrSchema *live = migr_snap_model(NULL);

	for (int i = 0; i < list_length(denied); i += 2)
	{
		const char *word = list_nth(denied, i);
		const char *name = list_nth(denied, i + 1);
		const MigrObject *object = find_by_name(live, word, name);

		if (object == NULL)
			ereport(ERROR,
					(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
					 errmsg("role \"%s\" may not create %s \"%s\"", GetUserNameFromId(role, false),
							asc_tolower(word, strlen(word)), name),
					 errhint("A superuser can, and for extensions prepare the scratch database with migr_scratch_create().")));
		copy_live(built, object);
	}
}

/*
 * Owner and privileges of schema public are the server's work, by its age, and one
 * that was made anew has lost the server's comment.
 */
static void
complete_public(MigrSchema *built, bool untouched)
{
	MigrScope scope = {.schemas_only = true};
	MigrObject *own = find_by_name(built, "SCHEMA", "public");
	int			comment;
	const MigrObject *live = find_by_name(migr_snap_model(&scope), "SCHEMA", "public");

	if (own == NULL || live == NULL || !migr_object_is(live, MIGR_ATTR_PRESENT))
		return;
	/* Which owner is the usual one depends on that of the database. */
	if (untouched || (own->owner && strcmp(own->owner, live->owner) == 0))
		migr_object_set(own, migr_object_attribute(own, MIGR_ATTR_INITDB_OWNER),
						migr_object_value(live, MIGR_ATTR_INITDB_OWNER));
	if (!untouched)
		return;
	own->owner = live->owner;
	own->acl = live->acl;
	comment = migr_object_attribute(own, MIGR_ATTR_COMMENT);
	if (migr_object_value(live, MIGR_ATTR_COMMENT) == NULL && comment < own->count)
		own->values[comment] = NULL;
}

void
migr_outside_complete(MigrSchema *built, bool untouched, const List *denied, Oid role)
{
	if (denied != NIL)
		complete_denied(built, denied, role);
	/* Who can't grant on it has not changed it, whatever he says. */
	complete_public(built, untouched && ((built->said & MIGR_SAID_PUBLIC) == 0 ||
										 !migr_scratch_public_may_change(role)));
}
