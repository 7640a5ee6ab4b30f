/*
 * scratch_absent.c
 *		What a schema's DDL speaks of that is not here: settings, roles, extensions.
 *
 * A dump of another server sets what this one does not know, grants rights to roles
 * and creates extensions that are there.  Like psql, a build goes on without them;
 * each is told once, by name.  This is for DDL that describes a schema: revisions
 * run as they are written.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/acl.h"
#include "utils/memutils.h"

#include "base/db.h"
#include "base/ident.h"
#include "base/scan.h"
#include "scratch/scratch_build.h"

typedef enum AbsentSort
{
	ABSENT_SETTING,
	ABSENT_ROLE,
	ABSENT_EXTENSION
} AbsentSort;

/* One that is absent, and the statements that were passed over, or a part of them. */
typedef struct Absent
{
	AbsentSort		sort;
	char	   *name;
	int			count;
	char	   *place;			/* of the first */
	const MigrSection *section; /* of the last, and where in it that is */
	int			start;
} Absent;

static List *absents;			/* Absent *, in TopMemoryContext */

static MigrQuery available_query = {
	"SELECT EXISTS (SELECT FROM pg_catalog.pg_available_extensions e WHERE e.name = $1)",
	1, {TEXTOID}
};

void
migr_scratch_absent_reset(void)
{
	list_free_deep(absents);
	absents = NIL;
}

static Absent *
find(AbsentSort sort, const char *name)
{
	ListCell   *lc;

	foreach(lc, absents)
	{
		Absent	   *absent = lfirst(lc);

		if (absent->sort == sort && strcmp(absent->name, name) == 0)
			return absent;
	}
	return NULL;
}

/* Count a statement, which may be tried several times. */
static void
note(AbsentSort sort, const char *name, const MigrScratchStatement *what)
{
	MemoryContext caller = MemoryContextSwitchTo(TopMemoryContext);
	Absent	   *absent = find(sort, name);

	if (absent == NULL)
	{
		absent = palloc0(sizeof(Absent));
		absent->sort = sort;
		absent->name = pstrdup(name);
		absent->place = psprintf("%s, line %d", what->place, what->statement->line);
		absents = lappend(absents, absent);
	}
	if (absent->count == 0 || absent->section != what->section ||
		absent->start < what->statement->start)
	{
		absent->count++;
		absent->section = what->section;
		absent->start = what->statement->start;
	}
	MemoryContextSwitchTo(caller);
}

/* --- roles ---------------------------------------------------------------- */

static bool
is_absent(const RoleSpec *role)
{
	return role->roletype == ROLESPEC_CSTRING && !OidIsValid(get_role_oid(role->rolename, true));
}

/* Blank out a role's name in a list, with the comma that goes with it. */
static void
blank_role(char *sql, int len, int start)
{
	MigrScan	scan;
	MigrToken	name;
	MigrToken	next;
	int			end;

	migr_scan_begin(&scan, sql + start, len - start);
	(void) migr_scan_next(&scan, &name);
	end = start + name.end;
	if (migr_scan_next(&scan, &next) == MIGR_TOKEN_OTHER && sql[start + next.start] == ',')
		end = start + next.end;
	else
	{
		while (start > 0 && sql[start] != ',')
			start--;
	}
	for (int i = start; i < end; i++)
	{
		if (sql[i] != '\n')
			sql[i] = ' ';
	}
}

/* Take the roles that are absent out of a list; true if no role is left. */
static bool
drop_roles(const List *roles, const MigrScratchStatement *what)
{
	int			left = 0;
	ListCell   *lc;

	foreach(lc, roles)
	{
		const RoleSpec *role = lfirst(lc);

		if (is_absent(role))
			note(ABSENT_ROLE, role->rolename, what);
		else
			left++;
	}
	if (left == list_length(roles))
		return false;
	foreach(lc, left > 0 ? roles : NIL)
	{
		const RoleSpec *role = lfirst(lc);

		if (is_absent(role) && role->location >= 0)
			blank_role(what->section->sql + what->statement->start,
					   what->statement->end - what->statement->start, role->location);
	}
	return left == 0;
}

static bool
names_absent(RoleSpec *owner, const MigrScratchStatement *what)
{
	return owner && drop_roles(list_make1(owner), what);
}

static bool
changes_owner(const AlterTableStmt *alter, const MigrScratchStatement *what)
{
	const AlterTableCmd *command = linitial(alter->cmds);

	return list_length(alter->cmds) == 1 && command->subtype == AT_ChangeOwner &&
		names_absent(command->newowner, what);
}

static bool
changes_defaults(const AlterDefaultPrivilegesStmt *alter, const MigrScratchStatement *what)
{
	bool		none = false;
	ListCell   *lc;

	foreach(lc, alter->options)
	{
		const DefElem *option = lfirst(lc);

		if (strcmp(option->defname, "roles") == 0)
			none = drop_roles((List *) option->arg, what);
	}
	return drop_roles(alter->action->grantees, what) || none;
}

/* Does it become a role that is absent, as where a dump grants what others grant? */
static bool
becomes_role(const VariableSetStmt *set, const MigrScratchStatement *what)
{
	const A_Const *constant = set->args ? linitial(set->args) : NULL;

	if (set->kind != VAR_SET_VALUE || constant == NULL || !IsA(constant, A_Const) ||
		(strcmp(set->name, "session_authorization") != 0 && strcmp(set->name, "role") != 0) ||
		!IsA(&constant->val, String) || strcmp(strVal(&constant->val), "none") == 0 ||
		OidIsValid(get_role_oid(strVal(&constant->val), true)))
		return false;
	note(ABSENT_ROLE, strVal(&constant->val), what);
	return true;
}

/* Is a statement about roles that are absent, and no other? */
static bool
lacks_roles(Node *node, const MigrScratchStatement *what)
{
	switch (nodeTag(node))
	{
		case T_GrantStmt:
			return drop_roles(((GrantStmt *) node)->grantees, what);
		case T_AlterOwnerStmt:
			return names_absent(((AlterOwnerStmt *) node)->newowner, what);
		case T_AlterTableStmt:
			return changes_owner((AlterTableStmt *) node, what);
		case T_AlterDefaultPrivilegesStmt:
			return changes_defaults((AlterDefaultPrivilegesStmt *) node, what);
		case T_CreateUserMappingStmt:
			return names_absent(((CreateUserMappingStmt *) node)->user, what);
		case T_VariableSetStmt:
			return becomes_role((VariableSetStmt *) node, what);
		default:
			return false;
	}
}

/* --- extensions ----------------------------------------------------------- */

static bool
is_available(const char *name)
{
	Datum		value = migr_db_text_datum(name);
	bool		available;
	MigrDb		db;

	migr_db_begin(&db, false);
	(void) migr_db_run(&db, &available_query, &value, NULL);
	available = DatumGetBool(migr_db_datum(0, 1));
	migr_db_end(&db);
	return available;
}

/* The extension that a statement is about, or NULL. */
static const char *
extension_of(Node *node)
{
	switch (nodeTag(node))
	{
		case T_CreateExtensionStmt:
			return ((CreateExtensionStmt *) node)->extname;
		case T_AlterExtensionStmt:
			return ((AlterExtensionStmt *) node)->extname;
		case T_CommentStmt:
			return ((CommentStmt *) node)->objtype == OBJECT_EXTENSION
				? strVal(((CommentStmt *) node)->object) : NULL;
		case T_AlterObjectSchemaStmt:
			return ((AlterObjectSchemaStmt *) node)->objectType == OBJECT_EXTENSION
				? strVal(((AlterObjectSchemaStmt *) node)->object) : NULL;
		default:
			return NULL;
	}
}

static bool
lacks_extension(Node *node, const MigrScratchStatement *what)
{
	const char *name = extension_of(node);

	if (name == NULL ||
		(find(ABSENT_EXTENSION, name) == NULL &&
		 (!IsA(node, CreateExtensionStmt) || is_available(name))))
		return false;
	note(ABSENT_EXTENSION, name, what);
	return true;
}

/* --- for others ----------------------------------------------------------- */

bool
migr_scratch_absent_handle(Node *node, const MigrScratchStatement *what)
{
	if (what->statement->unknown_setting)
	{
		note(ABSENT_SETTING, what->statement->unknown_setting, what);
		return true;
	}
	return lacks_extension(node, what) || lacks_roles(node, what);
}

char *
migr_scratch_absent_extensions(void)
{
	List	   *names = NIL;
	ListCell   *lc;

	foreach(lc, absents)
	{
		const Absent *absent = lfirst(lc);

		if (absent->sort == ABSENT_EXTENSION)
			names = lappend(names, absent->name);
	}
	return names == NIL ? NULL : migr_ident_join(names);
}

static char *
describe(const Absent *absent)
{
	switch (absent->sort)
	{
		case ABSENT_SETTING:
			return psprintf("parameter \"%s\" is unknown here: it was not set", absent->name);
		case ABSENT_ROLE:
			return psprintf("role \"%s\" does not exist here: what %d statement%s say%s of it was passed over",
							absent->name, absent->count, absent->count == 1 ? "" : "s",
							absent->count == 1 ? "s" : "");
		case ABSENT_EXTENSION:
			return psprintf("extension \"%s\" is not available here: it was not created", absent->name);
	}
	pg_unreachable();
}

List *
migr_scratch_absent_told(void)
{
	List	   *texts = NIL;
	ListCell   *lc;

	foreach(lc, absents)
	{
		const Absent *absent = lfirst(lc);

		texts = lappend(lappend(texts, describe(absent)), psprintf("First in %s.", absent->place));
	}
	return texts;
}
