/*
 * scratch.c
 *		A database within the database, empty, and gone afterwards.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_enum.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/guc.h"
#include "utils/memutils.h"

#include "aside.h"
#include "compat.h"
#include "errors.h"
#include "exec.h"
#include "mutex.h"
#include "parse.h"
#include "pattern.h"
#include "scan.h"
#include "scratch.h"

/*
 * What snapshots need to know while a scratch database is there; reset when it
 * goes with its subtransaction.
 */
static MigrSnapScope scope;
static SubTransactionId scope_subid;

/* An extension that has appeared, in a subtransaction that may go yet. */
typedef struct Appeared
{
	char	   *name;
	SubTransactionId subid;
} Appeared;

/* All of them, in a context that is there as long as the scratch database. */
static List *appeared;
static MemoryContext scratch_context;

/* Names (char *) of extensions that have appeared, as a script wanted. */
static void
add_extensions(const List *names)
{
	MemoryContext caller = MemoryContextSwitchTo(scratch_context);
	ListCell   *lc;

	foreach(lc, names)
	{
		Appeared   *entry = palloc(sizeof(Appeared));

		entry->name = pstrdup(lfirst(lc));
		entry->subid = GetCurrentSubTransactionId();
		appeared = lappend(appeared, entry);
	}
	MemoryContextSwitchTo(caller);
}

static void
forget_scope(void)
{
	memset(&scope, 0, sizeof(scope));
	scope_subid = InvalidSubTransactionId;
	appeared = NIL;
	scratch_context = NULL;
}

/* What has appeared in a subtransaction disappears with it. */
static void
follow_subxact(SubXactEvent event, SubTransactionId subid,
			   SubTransactionId parent, void *arg)
{
	ListCell   *lc;

	if (event != SUBXACT_EVENT_COMMIT_SUB && event != SUBXACT_EVENT_ABORT_SUB)
		return;
	if (event == SUBXACT_EVENT_ABORT_SUB && subid == scope_subid)
	{
		forget_scope();
		return;
	}
	foreach(lc, appeared)
	{
		Appeared   *entry = lfirst(lc);

		if (entry->subid != subid)
			continue;
		if (event == SUBXACT_EVENT_COMMIT_SUB)
			entry->subid = parent;
		else
			appeared = foreach_delete_current(appeared, lc);
	}
}

void
migr_scratch_init(void)
{
	RegisterSubXactCallback(follow_subxact, NULL);
}

/* Not by follow_subxact(): what an abort calls must not need memory. */
const MigrSnapScope *
migr_scratch_scope(void)
{
	ListCell   *lc;

	scope.extensions = NIL;
	foreach(lc, appeared)
	{
		MemoryContext caller = MemoryContextSwitchTo(scratch_context);

		scope.extensions = lappend(scope.extensions, ((Appeared *) lfirst(lc))->name);
		MemoryContextSwitchTo(caller);
	}
	return &scope;
}

/* Blank out the word CONCURRENTLY in a statement. */
static void
make_plain(char *sql, int len)
{
	MigrScan	scan;
	MigrToken	token;

	migr_scan_begin(&scan, sql, len);
	while (migr_scan_next(&scan, &token) != MIGR_TOKEN_END)
	{
		if (token.kind == MIGR_TOKEN_WORD && token.end - token.start == 12 &&
			pg_strncasecmp(sql + token.start, "concurrently", 12) == 0)
			memset(sql + token.start, ' ', 12);
	}
}

/* Subscriptions are no part of the schema: they connect to somewhere. */
static bool
is_of_subscription(Node *node)
{
	switch (nodeTag(node))
	{
		case T_CreateSubscriptionStmt:
		case T_AlterSubscriptionStmt:
		case T_DropSubscriptionStmt:
			return true;
		case T_AlterOwnerStmt:
			return ((AlterOwnerStmt *) node)->objectType == OBJECT_SUBSCRIPTION;
		case T_RenameStmt:
			return ((RenameStmt *) node)->renameType == OBJECT_SUBSCRIPTION;
		case T_CommentStmt:
			return ((CommentStmt *) node)->objtype == OBJECT_SUBSCRIPTION;
		default:
			return false;
	}
}

/* IF EXISTS, as pg_dump --clean writes it, of extensions that are not there? */
static bool
drops_no_extension(Node *node)
{
	const DropStmt *drop = (DropStmt *) node;
	ListCell   *lc;
	ListCell   *cell;

	if (!IsA(node, DropStmt) || drop->removeType != OBJECT_EXTENSION || !drop->missing_ok)
		return false;
	foreach(lc, drop->objects)
	{
		foreach(cell, appeared)
		{
			if (strcmp(((Appeared *) lfirst(cell))->name, strVal(lfirst(lc))) == 0)
				return false;
		}
	}
	return true;
}

/* Is this one without which the schema is the same? */
static bool
is_without_effect(Node *node)
{
	return is_of_subscription(node) || drops_no_extension(node) ||
		IsA(node, VacuumStmt) || IsA(node, ReindexStmt) ||
		IsA(node, CheckPointStmt) || migr_compat_clusters_all(node) ||
		IsA(node, DropRoleStmt) ||
		(IsA(node, CreateRoleStmt) &&
		 OidIsValid(get_role_oid(((CreateRoleStmt *) node)->role, true)));
}

/* Is it something that only CONCURRENTLY keeps out of a transaction? */
static bool
has_plain_form(Node *node)
{
	return IsA(node, IndexStmt) || IsA(node, DropStmt) || IsA(node, AlterTableStmt);
}

/* Raise MG012 for what a rollback, or the scratch schemas, can't contain. */
static void
check_contained(const char *place, const MigrStatement *statement, Node *node)
{
	const char *command = NULL;

	if (IsA(node, DropStmt) &&
		((DropStmt *) node)->removeType == OBJECT_EXTENSION)
		command = "DROP EXTENSION";
	else if (statement->outside && !has_plain_form(node))
		command = statement->outside;
	if (command)
		ereport(ERROR,
				(errcode(ERRCODE_MIGR_UNSUPPORTED_IN_SCRATCH),
				 errmsg("%s cannot run in a scratch schema", command),
				 errcontext("%s, line %d", place, statement->line)));
}

/* A schema that has stayed goes when a script creates one of its name. */
static void
make_room(const CreateSchemaStmt *create)
{
	const char *name = create->schemaname ? create->schemaname
		: get_rolespec_name(create->authrole);

	if (migr_pattern_matches(migr_snap_excluded(), name, ""))
		migr_aside_schema(name);
}

void
migr_scratch_run_statement(const MigrScript *script, MigrSectionKind kind,
						   const MigrStatement *statement)
{
	const char *place = migr_stmt_place(script, kind);
	const MigrSection *section = &script->sections[kind];
	char	   *sql = section->sql + statement->start;
	int			len = statement->end - statement->start;
	Node	   *node = linitial_node(RawStmt,
									 migr_parse(pnstrdup(sql, len), place,
												statement->line))->stmt;
	List	   *extensions = NIL;

	if (is_without_effect(node))
		return;
	check_contained(place, statement, node);
	if (IsA(node, CreateSchemaStmt))
		make_room((CreateSchemaStmt *) node);
	if (statement->outside)
		make_plain(sql, len);
	if (!IsA(node, CreateExtensionStmt))
		migr_exec_statement(place, section, statement, NULL, NULL);
	else if (!migr_aside_bring((CreateExtensionStmt *) node, &extensions))
	{
		migr_exec_statement(place, section, statement, NULL, NULL);
		extensions = list_make1(((CreateExtensionStmt *) node)->extname);
	}
	if (extensions != NIL)
		add_extensions(extensions);
}

/*
 * Until a label that ALTER TYPE has added is committed, the server lets nobody
 * use it, lest an index holds it when it is gone.  Here all goes at once.
 */
void
migr_scratch_commit_labels(void)
{
	AtEOXact_Enum();
}

void
migr_scratch_run_section(const MigrScript *script, MigrSectionKind kind)
{
	const char *place = migr_stmt_place(script, kind);
	int			guc_level = NewGUCNestLevel();
	bool		wrote = false;
	ListCell   *lc;

	/* What scripts have to say is for those who really run them. */
	if (client_min_messages < WARNING)
		(void) set_config_option("client_min_messages", "warning", PGC_USERSET,
								 PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
	foreach(lc, migr_stmt_split(script, kind))
	{
		const MigrStatement *statement = lfirst(lc);

		CHECK_FOR_INTERRUPTS();
		migr_scratch_run_statement(script, kind, statement);
		wrote = wrote || statement->writes_rows;
		if (!script->transaction)
			migr_scratch_commit_labels();
	}
	if (wrote)
		migr_exec_settle(place);
	migr_scratch_commit_labels();
	AtEOXact_GUC(false, guc_level);
}

/* What is to be done in a scratch database. */
typedef struct Job
{
	MigrWork	work;
	void	   *arg;
} Job;

static void
set_aside(void *arg)
{
	migr_aside_all(migr_snap_excluded());
}

static void
do_aside(void *arg)
{
	const Job  *job = arg;

	scope.aside = MIGR_ASIDE;
	scope_subid = GetCurrentSubTransactionId();

	/* Two that rename the same schemas would fail; this ends with us, too. */
	migr_mutex_acquire();
	migr_mutex_enter_run();
	migr_subxact_read(set_aside, NULL);
	job->work(job->arg);
}

void
migr_scratch_do(MigrWork work, void *arg)
{
	Job			job = {.work = work, .arg = arg};
	Size		size = EstimateUncommittedEnumsSpace();
	void	   *labels = palloc(size);
	MemoryContext context;
	ErrorData  *error;

	migr_mutex_check_writable();
	SerializeUncommittedEnums(labels, size);
	context = AllocSetContextCreate(CurrentMemoryContext, "migr scratch",
									ALLOCSET_SMALL_SIZES);
	scratch_context = context;
	error = migr_subxact_run(do_aside, &job, false);
	AtEOXact_Enum();
	RestoreUncommittedEnums(labels);
	MemoryContextDelete(context);
	if (error)
		ReThrowError(error);
}

/* Scripts to run before a job. */
typedef struct Build
{
	const List *scripts;
	Job			then;
} Build;

static void
build(void *arg)
{
	const Build *what = arg;
	ListCell   *lc;

	foreach(lc, what->scripts)
		migr_scratch_run_section(lfirst(lc), MIGR_SECTION_UPGRADE);
	what->then.work(what->then.arg);
}

void
migr_scratch_run(const List *scripts, MigrWork work, void *arg)
{
	Build		what = {.scripts = scripts, .then = {.work = work, .arg = arg}};

	migr_scratch_do(build, &what);
}
