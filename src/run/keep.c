/*
 * keep.c
 *		What stands on what a repeatable script replaces stays.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "nodes/parsenodes.h"
#include "parser/parse_type.h"
#include "utils/builtins.h"
#include "utils/hsearch.h"
#include "utils/lsyscache.h"

#include "base/named.h"
#include "base/server_parser.h"
#include "base/settings.h"
#include "base/subxact.h"
#include "diff/diff.h"
#include "exec/directed.h"
#include "exec/exec.h"
#include "kind/ddl.h"
#include "kind/kind.h"
#include "model/attributes.h"
#include "run/keep.h"
#include "run/lost.h"
#include "snapshot/snap.h"

/* Owners and privileges are to stay, whatever is compared elsewhere. */
static const MigrSetting complete[] = {
	{"migr.compare_owners", "on"},
	{"migr.compare_privileges", "on"},
};

static void
take_snapshot(void *arg)
{
	*(MigrSchema **) arg = migr_snap_model(NULL);
}

static MigrSchema *
snapshot(void)
{
	MigrSchema *schema;

	migr_settings_run(complete, lengthof(complete), take_snapshot, &schema);
	return schema;
}

/* --- statements ----------------------------------------------------------- */

/* The parse tree of a statement, which has been parsed before. */
static Node *
parse_text(const char *sql, const MigrStatement *statement)
{
	ErrorData  *failure;
	List	   *parsed = migr_parse_try(pnstrdup(sql + statement->start,
												 statement->end - statement->start),
										&failure);

	return parsed == NIL ? NULL : linitial_node(RawStmt, parsed)->stmt;
}

static Node *
parse(const MigrKeep *keep, const MigrStatement *statement)
{
	return parse_text(keep->script->sections[MIGR_SECTION_UPGRADE].sql, statement);
}

/* Who owns the table or domain that ALTER gives a constraint; else InvalidOid. */
static Oid
owner_of(Node *node)
{
	List	   *named = NIL;
	const ObjectAddress *object;

	if (IsA(node, AlterTableStmt) &&
		linitial_node(AlterTableCmd, ((AlterTableStmt *) node)->cmds)->subtype == AT_AddConstraint)
		named = migr_named_add_relation(NIL, ((AlterTableStmt *) node)->relation);
	else if (IsA(node, AlterDomainStmt))
	{
		TypeName   *domain = makeTypeNameFromNameList(((AlterDomainStmt *) node)->typeName);

		named = migr_named_add(NIL, TypeRelationId, typenameTypeId(NULL, domain));
	}
	if (named == NIL)
		return InvalidOid;
	object = linitial(named);
	return migr_named_owner(object);
}

/* The names in a list of String, as one has written them. */
static List *
strings(const List *names)
{
	List	   *result = NIL;
	ListCell   *lc;

	foreach(lc, names)
		result = lappend(result, strVal(lfirst(lc)));
	return result;
}

/* What a DROP names: lists of names. */
static void
note_dropped(MigrKeep *keep, const DropStmt *drop)
{
	ListCell   *lc;

	foreach(lc, drop->objects)
	{
		Node	   *object = lfirst(lc);
		List	   *names = NIL;

		if (IsA(object, List))
			names = strings((List *) object);
		else if (IsA(object, ObjectWithArgs))
			names = strings(((ObjectWithArgs *) object)->objname);
		else if (IsA(object, TypeName))
			names = strings(((TypeName *) object)->names);
		else if (IsA(object, String))
			names = list_make1(strVal(object));
		if (names != NIL)
			keep->dropped = lappend(keep->dropped, names);
	}
}

void
migr_keep_begin(MigrKeep *keep, const MigrScript *script, const List *statements)
{
	ListCell   *lc;

	memset(keep, 0, sizeof(MigrKeep));
	keep->script = script;
	keep->place = migr_stmt_place(script, MIGR_SECTION_UPGRADE);
	foreach(lc, statements)
	{
		Node	   *node = parse(keep, lfirst(lc));

		if (node && IsA(node, DropStmt))
			note_dropped(keep, (DropStmt *) node);
	}
	if (keep->dropped != NIL)
		keep->before = snapshot();
}

static char *
quote_names(const List *names)
{
	StringInfoData text;
	ListCell   *lc;

	initStringInfo(&text);
	foreach(lc, names)
		appendStringInfo(&text, "%s%s", text.len > 0 ? "." : "",
						 quote_identifier(strVal(lfirst(lc))));
	return text.data;
}

/* What tells a routine apart: its arguments, with those that return something
 * only where they count, which is in procedures. */
static char *
arguments(const CreateFunctionStmt *create)
{
	StringInfoData text;
	ListCell   *lc;

	initStringInfo(&text);
	foreach(lc, create->parameters)
	{
		const FunctionParameter *parameter = lfirst(lc);
		bool		out = parameter->mode == FUNC_PARAM_OUT;

		if (parameter->mode == FUNC_PARAM_TABLE || (out && !create->is_procedure))
			continue;
		appendStringInfo(&text, "%s%s%s%s", text.len > 0 ? ", " : "", out ? "OUT " : "",
						 quote_names(parameter->argType->names),
						 parameter->argType->pct_type ? "%TYPE" : "");
		for (int i = 0; i < list_length(parameter->argType->arrayBounds); i++)
			appendStringInfoString(&text, "[]");
	}
	return text.data;
}

/* A name with the schema in which a CREATE puts it, wherever else there is one. */
static char *
in_schema(Oid schema, const char *name)
{
	return quote_qualified_identifier(get_namespace_name(schema), name);
}

/* The DROP that makes way for a CREATE OR REPLACE; of what is in the creation schema. */
static char *
drop_for(Node *node)
{
	if (IsA(node, ViewStmt))
	{
		RangeVar   *view = ((ViewStmt *) node)->view;

		return psprintf("DROP VIEW %s CASCADE",
						in_schema(RangeVarGetCreationNamespace(view), view->relname));
	}
	else
	{
		const CreateFunctionStmt *create = (CreateFunctionStmt *) node;
		char	   *name;
		Oid			schema = QualifiedNameGetCreationNamespace(create->funcname, &name);

		return psprintf("DROP %s %s(%s) CASCADE", create->is_procedure ? "PROCEDURE" : "FUNCTION",
						in_schema(schema, name), arguments(create));
	}
}

/* Is it one that the server can refuse because of what is there? */
static bool
replaces(Node *node)
{
	return node && ((IsA(node, ViewStmt) && ((ViewStmt *) node)->replace) ||
					(IsA(node, CreateFunctionStmt) && ((CreateFunctionStmt *) node)->replace));
}

/* --- running -------------------------------------------------------------- */

/* A statement that makes something again. */
typedef struct Again
{
	const char *place;
	const MigrSection *section;
	const MigrStatement *statement;
} Again;

static void
run_plainly(void *arg)
{
	const Again *again = arg;

	migr_exec_statement(again->place, again->section, again->statement, NULL, NULL);
}

/*
 * Run what makes something again.  Where that has the rows of a table, or of what
 * has a domain, looked at, the functions for it run as the owner: they are his.
 * Nor do they leave settings behind, for what runs as somebody else.
 */
static void
run_again(const char *place, const MigrSection *section, const MigrStatement *statement)
{
	Again		again = {place, section, statement};
	Node	   *node = parse_text(section->sql, statement);
	Oid			owner = node ? owner_of(node) : InvalidOid;
	Oid			user;
	int			context;

	GetUserIdAndSecContext(&user, &context);
	if (!OidIsValid(owner) || owner == user)
	{
		run_plainly(&again);
		return;
	}
	SetUserIdAndSecContext(owner, context | SECURITY_LOCAL_USERID_CHANGE |
						   SECURITY_RESTRICTED_OPERATION);
	migr_settings_run(NULL, 0, run_plainly, &again);
	SetUserIdAndSecContext(user, context);
}

/* Run SQL of our own as a script's. */
static void
run_sql(const char *name, const char *sql)
{
	MigrScript *script = migr_script_of_sql(sql, name);
	const char *place = migr_stmt_place(script, MIGR_SECTION_UPGRADE);
	ListCell   *lc;

	foreach(lc, migr_stmt_split(script, MIGR_SECTION_UPGRADE))
	{
		CHECK_FOR_INTERRUPTS();
		migr_exec_log(place, &script->sections[MIGR_SECTION_UPGRADE], lfirst(lc));
		run_again(place, &script->sections[MIGR_SECTION_UPGRADE], lfirst(lc));
	}
}

/* A statement that is tried. */
typedef struct Attempt
{
	const MigrKeep *keep;
	const MigrStatement *statement;
	const char *drop;			/* what makes way for it */
} Attempt;

static void
run_statement(void *arg)
{
	const Attempt *attempt = arg;

	migr_directed_run(attempt->keep->place,
					  &attempt->keep->script->sections[MIGR_SECTION_UPGRADE],
					  attempt->statement);
}

static void
drop_loudly(void *arg)
{
	const Attempt *attempt = arg;

	run_sql(attempt->keep->place, attempt->drop);
}

/* The server's notices of what goes would be no news: it is made again. */
static void
run_drop(void *arg)
{
	static const MigrSetting quiet = {"client_min_messages", "warning"};

	migr_settings_run(&quiet, 1, drop_loudly, arg);
}

/* DROP TABLE and its like mean the rows. */
static bool
means_rows(const DropStmt *drop)
{
	return drop->removeType == OBJECT_TABLE || drop->removeType == OBJECT_FOREIGN_TABLE ||
		drop->removeType == OBJECT_SEQUENCE;
}

void
migr_keep_run(MigrKeep *keep, const MigrStatement *statement)
{
	Attempt		attempt = {.keep = keep, .statement = statement};
	Node	   *node = parse(keep, statement);
	bool		can_make_way = replaces(node);
	ErrorData  *error = NULL;

	if (node && IsA(node, DropStmt))
	{
		migr_lost_run(&keep->lost, keep->script->revision, means_rows((DropStmt *) node),
					  run_statement, &attempt);
		return;
	}

	if (can_make_way)
		error = migr_subxact_run(run_statement, &attempt, true);
	if (can_make_way && error == NULL)
		return;
	if (error && error->sqlerrcode != ERRCODE_INVALID_TABLE_DEFINITION &&
		error->sqlerrcode != ERRCODE_INVALID_FUNCTION_DEFINITION)
		ReThrowError(error);
	if (error)
	{
		/* It is there as something that can't become this one. */
		if (keep->before == NULL)
			keep->before = snapshot();
		attempt.drop = drop_for(node);
		migr_lost_run(&keep->lost, keep->script->revision, false, run_drop, &attempt);
	}
	run_statement(&attempt);
}

/* --- what has gone -------------------------------------------------------- */

typedef struct Known
{
	const char *key;			/* the hash key */
	MigrObject *object;
} Known;

/* Kind and name, which stay when an object is made again. */
static const char *
key_of(const MigrObject *object)
{
	const MigrKindRecord *kind = migr_kind_of(object);

	return psprintf("%d\n%s\n%s", object->kind,
					kind->key ? kind->key(object) : migr_object_signature(object),
					object->parent ? object->parent->identity : "");
}

static uint32
hash_key(const void *key, Size size)
{
	const char *text = *(const char *const *) key;

	return hash_bytes((const unsigned char *) text, strlen(text));
}

static int
compare_key(const void *left, const void *right, Size size)
{
	return strcmp(*(const char *const *) left, *(const char *const *) right);
}

static HTAB *
index_objects(const MigrSchema *schema)
{
	HASHCTL		control = {0};
	HTAB	   *result;
	ListCell   *lc;

	control.keysize = sizeof(char *);
	control.entrysize = sizeof(Known);
	control.hash = hash_key;
	control.match = compare_key;
	control.hcxt = CurrentMemoryContext;
	result = hash_create("migr kept objects", 1024, &control,
						 HASH_ELEM | HASH_FUNCTION | HASH_COMPARE | HASH_CONTEXT);
	foreach(lc, schema->objects)
	{
		const char *key = key_of(lfirst(lc));
		Known	   *known = hash_search(result, &key, HASH_ENTER, NULL);

		known->object = lfirst(lc);
	}
	return result;
}

static MigrObject *
find(HTAB *index, const MigrObject *object)
{
	const char *key = key_of(object);
	Known	   *known = hash_search(index, &key, HASH_FIND, NULL);

	return known ? known->object : NULL;
}

/* Does the script drop it, or what it is a part of, by name? */
static bool
is_dropped(const MigrKeep *keep, const MigrObject *object)
{
	ListCell   *lc;

	if (object->parent && is_dropped(keep, object->parent))
		return true;
	foreach(lc, keep->dropped)
	{
		List	   *names = lfirst(lc);
		const char *before = list_length(names) > 1 ? list_nth(names, list_length(names) - 2) : NULL;

		if (strcmp(llast(names), object->name) == 0 &&
			(before == NULL ||
			 (object->schema && strcmp(before, object->schema) == 0) ||
			 (object->parent && strcmp(before, object->parent->name) == 0)))
			return true;
	}
	return false;
}

/* What the script has not said of an object that it has made anew stays. */
static void
append_extras(StringInfo out, const MigrObject *was, const MigrObject *is)
{
	MigrObject	wanted = *is;

	if (was->address.objid == is->address.objid)
		return;
	if (wanted.comment == NULL)
		wanted.comment = was->comment;
	if (wanted.acl == NULL)
		wanted.acl = was->acl;
	if (was->owner && strcmp(is->owner, GetUserNameFromId(GetUserId(), false)) == 0)
		wanted.owner = was->owner;
	migr_ddl_alter_extras(out, is, &wanted);
}

/* What has gone, and its text. */
typedef struct Restoring
{
	MigrKeep   *keep;
	MigrSchema *after;
	StringInfoData text;
} Restoring;

/* The defaults that have gone with a function, when all that they need is there. */
static void
append_defaults(Restoring *restoring, HTAB *index)
{
	ListCell   *lc;

	foreach(lc, restoring->keep->before->objects)
	{
		const MigrObject *was = lfirst(lc);
		const MigrObject *is;

		if (was->kind != MIGR_KIND_COLUMN || value(was, MIGR_ATTR_DEFAULT) == NULL ||
			!migr_lost_default(restoring->keep->lost, was->parent->address.objid, was->subid))
			continue;
		is = find(index, was);
		if (is && value(is, MIGR_ATTR_DEFAULT) == NULL)
			appendStringInfo(&restoring->text, "ALTER TABLE %s ALTER COLUMN %s SET DEFAULT %s;\n",
							 was->parent->identity, quote_identifier(was->name),
							 value(was, MIGR_ATTR_DEFAULT));
	}
}

static void
write_restoration(void *arg)
{
	Restoring  *restoring = arg;
	MigrKeep   *keep = restoring->keep;
	HTAB	   *index = index_objects(restoring->after);
	ListCell   *lc;

	foreach(lc, migr_diff_order(keep->before))
	{
		MigrObject *was = lfirst(lc);
		MigrObject *is;

		CHECK_FOR_INTERRUPTS();
		is = find(index, was);
		if (is)
			append_extras(&restoring->text, was, is);
		else if (!is_dropped(keep, was))
			migr_ddl_create(&restoring->text, was);
	}
	append_defaults(restoring, index);
}

static void
write_pinned(void *arg)
{
	migr_snap_pinned(write_restoration, arg);
}

void
migr_keep_restore(MigrKeep *keep)
{
	Restoring	restoring = {.keep = keep};

	if (keep->before == NULL)
		return;
	restoring.after = snapshot();
	initStringInfo(&restoring.text);
	migr_settings_run(complete, lengthof(complete), write_pinned, &restoring);
	if (restoring.text.len > 0)
		run_sql(psprintf("what stood on repeatable \"%s\"", keep->script->revision),
				restoring.text.data);
	migr_lost_check(keep->lost, keep->script->revision, keep->dropped);
}
