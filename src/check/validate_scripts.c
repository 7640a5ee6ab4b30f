/*
 * validate_scripts.c
 *		What is wrong with the script store: each script.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#include "base/errors.h"
#include "base/ident.h"
#include "base/server_parser.h"
#include "check/validate.h"
#include "exec/statement.h"
#include "graph/graph_apart.h"
#include "graph/replace.h"
#include "store/repeatable.h"
#include "store/store.h"
#include "store/tenant.h"

/* How many scripts are read at a time. */
#define BATCH 64

/* A stored script being looked at. */
typedef struct Check
{
	MigrFlawFindings *findings;
	const MigrGraph *graph;
	const bool *heads;			/* by node */
	int			node;
	const MigrRepeatable *repeatable;	/* no node, but this */
	const char *text;
	List	   *scripts;		/* MigrScript *, what the text holds */
	MigrSectionKind kind;
	List	   *statements;		/* MigrStatement *, of that section */
	MemoryContext keep;			/* for findings */
} Check;

/* Add a finding whose detail is made in a context that goes. */
static void
add_flaw(const Check *check, MigrFlaw flaw, const char *detail)
{
	MemoryContext caller = MemoryContextSwitchTo(check->keep);

	migr_flaw_add(check->findings, flaw, check->repeatable ? check->repeatable->name
				  : check->graph->nodes[check->node].id, pstrdup(detail));
	MemoryContextSwitchTo(caller);
}

static void
parse_script(void *arg)
{
	Check	   *check = arg;

	check->scripts = migr_script_parse(check->text, NULL);
}

static void
split_section(void *arg)
{
	Check	   *check = arg;

	check->statements = migr_stmt_split(linitial(check->scripts), check->kind);
}

static bool
same_names(const List *a, const List *b)
{
	if (list_length(a) != list_length(b))
		return false;
	for (int i = 0; i < list_length(a); i++)
	{
		if (strcmp(list_nth(a, i), list_nth(b, i)) != 0)
			return false;
	}
	return true;
}

/* Is there a range among names? */
static bool
says_range(const List *names)
{
	ListCell   *lc;

	foreach(lc, names)
	{
		if (strchr(lfirst(lc), ':'))
			return true;
	}
	return false;
}

/* Say in which columns a row says something else than its script. */
static void
add_columns(const Check *check, const char *table, const List *columns)
{
	if (columns != NIL)
		add_flaw(check, MIGR_FLAW_ALTERED,
				 psprintf("its row in migr.%s does not say what its script says: %s",
						  table, migr_ident_join(columns)));
}

/* Compare what the row says of its script with the script. */
static void
check_repeatable_row(const Check *check, const MigrScript *script)
{
	const MigrRepeatable *row = check->repeatable;
	List	   *columns = NIL;

	if (!script->repeatable || strcmp(row->name, script->revision) != 0)
		columns = lappend(columns, "name");
	if (!same_names(row->depends, script->depends))
		columns = lappend(columns, "depends_on");
	if (strcmp(row->message, script->message) != 0)
		columns = lappend(columns, "message");
	if (strcmp(row->checksum, script->checksum) != 0)
		columns = lappend(columns, "checksum");
	add_columns(check, "repeatable", columns);
}

static void
check_row(const Check *check, const MigrScript *script)
{
	const MigrNode *node = &check->graph->nodes[check->node];
	const MigrRevision *info = node->info;
	MigrNode	said = migr_store_node(script);
	const MigrRevision *said_info = said.info;
	List	   *columns = NIL;

	if (script->repeatable || strcmp(node->id, said.id) != 0)
		columns = lappend(columns, "revision");
	if (!same_names(node->revises, said.revises))
		columns = lappend(columns, "down_revision");
	if (!same_names(node->depends, said.depends))
		columns = lappend(columns, "depends_on");
	if (!same_names(node->labels, said.labels))
		columns = lappend(columns, "branch_labels");
	if (strcmp(info->message, said_info->message) != 0)
		columns = lappend(columns, "message");
	if (info->reversible != said_info->reversible)
		columns = lappend(columns, "reversible");
	if (info->transaction != said_info->transaction)
		columns = lappend(columns, "transactional");
	if (!says_range(script->replaces) && !same_names(node->replaces, said.replaces))
		columns = lappend(columns, "replaces");
	if (info->is_head != check->heads[check->node])
		columns = lappend(columns, "is_head");
	if (strcmp(info->checksum, said_info->checksum) != 0)
		columns = lappend(columns, "checksum");
	add_columns(check, "revision", columns);
}

/*
 * Can what is wrong with a section be told by the parser?  Its context is the
 * place; our own messages name it themselves.
 */
static void
add_failure(const Check *check, const ErrorData *failure)
{
	MigrFlaw	flaw = failure->sqlerrcode == ERRCODE_MIGR_MALFORMED_SCRIPT ||
		failure->sqlerrcode == ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE
		? MIGR_FLAW_MALFORMED : MIGR_FLAW_SYNTAX;

	add_flaw(check, flaw, failure->context
			 ? psprintf("%s: %s", failure->context, failure->message)
			 : failure->message);
}

/* Look at a section; true if it has nothing in it. */
static bool
check_section(Check *check, const MigrScript *script)
{
	ErrorData  *failure;
	ListCell   *lc;

	check->statements = NIL;
	failure = migr_parse_attempt(split_section, check);
	if (failure)
	{
		add_failure(check, failure);
		return false;
	}

	/* All but what is to be run in steps is run in a transaction, whatever the script says. */
	foreach(lc, check->statements)
	{
		const MigrStatement *statement = lfirst(lc);

		if (statement->outside &&
			(script->transaction ||
			 (check->kind != MIGR_SECTION_UPGRADE && check->kind != MIGR_SECTION_DOWNGRADE)))
			add_flaw(check, MIGR_FLAW_NEEDS_TRANSACTION_OFF,
					 psprintf("%s, line %d: %s cannot run inside a transaction block",
							  migr_stmt_place(script, check->kind),
							  statement->line, statement->outside));
		if (statement->isolates)
			add_flaw(check, MIGR_FLAW_ISOLATION_LEVEL,
					 psprintf("%s, line %d: other statements of the run come before it",
							  migr_stmt_place(script, check->kind), statement->line));
	}
	return check->statements == NIL;
}

static void
check_sections(Check *check, const MigrScript *script)
{
	bool		empty[MIGR_SECTION_KINDS];

	for (int kind = 0; kind < MIGR_SECTION_KINDS; kind++)
	{
		check->kind = kind;
		empty[kind] = check_section(check, script);
	}
	if (script->repeatable)
		return;
	if (!script->sections[MIGR_SECTION_DOWNGRADE].present)
		add_flaw(check, MIGR_FLAW_NO_DOWNGRADE,
				 "it has no downgrade section, so it cannot be undone");
	else if (empty[MIGR_SECTION_DOWNGRADE] && !empty[MIGR_SECTION_UPGRADE])
		add_flaw(check, MIGR_FLAW_EMPTY_DOWNGRADE,
				 "its downgrade section is empty, its upgrade section is not");
}

static void
check_script(Check *check)
{
	ErrorData  *failure;

	check->scripts = NIL;
	failure = migr_parse_attempt(parse_script, check);
	if (failure)
		add_failure(check, failure);
	else if (list_length(check->scripts) != 1)
		add_flaw(check, MIGR_FLAW_MALFORMED,
				 psprintf("the stored script holds %d revisions instead of one",
						  list_length(check->scripts)));
	else
	{
		if (check->repeatable)
			check_repeatable_row(check, linitial(check->scripts));
		else
			check_row(check, linitial(check->scripts));
		check_sections(check, linitial(check->scripts));
	}
}

/* The texts of count nodes from first on. */
static List *
read_batch(MigrDb *db, const MigrGraph *graph, int first, int count)
{
	int		   *nodes = palloc((count + 1) * sizeof(int));

	for (int i = 0; i < count; i++)
		nodes[i] = first + i;
	return migr_store_read_scripts(db, graph, nodes, count);
}

void
migr_validate_scripts(MigrFlawFindings *findings, MigrGraph *graph)
{
	Check		check = {.findings = findings, .graph = graph};
	MemoryContext caller = CurrentMemoryContext;
	MemoryContext batch = AllocSetContextCreate(caller, "migr scripts",
												ALLOCSET_DEFAULT_SIZES);
	MigrDb		db;

	check.keep = caller;
	check.heads = migr_replace_heads(graph);
	migr_db_begin(&db, true);
	for (int first = 0; first < graph->count; first += BATCH)
	{
		int			count = Min(BATCH, graph->count - first);
		ListCell   *lc;

		MemoryContextSwitchTo(batch);
		check.node = first;
		foreach(lc, read_batch(&db, graph, first, count))
		{
			CHECK_FOR_INTERRUPTS();
			check.text = lfirst(lc);
			check_script(&check);
			check.node++;
		}
		MemoryContextSwitchTo(caller);
		MemoryContextReset(batch);
	}
	migr_db_end(&db);
	MemoryContextDelete(batch);
}

/* --- repeatable scripts ---------------------------------------------------- */

/* Add what one depends on and there is not, or is for each tenant. */
static void
check_depends(const Check *check, const List *names, const bool *for_tenants)
{
	const MigrRepeatable *self = check->repeatable;
	ListCell   *lc;

	foreach(lc, self->depends)
	{
		const char *name = lfirst(lc);
		int			node = migr_graph_find(check->graph, name);

		if (node < 0)
			node = migr_graph_find_label(check->graph, name);
		if (node >= 0 && for_tenants && for_tenants[node])
			add_flaw(check, MIGR_FLAW_SHARED_ON_TENANTS,
					 psprintf("it runs once for all tenants, and depends on \"%s\", which is for each of them", name));
		if (node < 0 && !migr_ident_is_in(names, name))
			add_flaw(check, MIGR_FLAW_MISSING_DEPENDENCY,
					 psprintf("repeatable script \"%s\" depends on \"%s\", which does not exist",
							  self->name, name));
	}
}

void
migr_validate_repeatables(MigrFlawFindings *findings, const MigrGraph *graph)
{
	Check		check = {.findings = findings, .graph = graph};
	const char *label = migr_tenant_label();
	List	   *names = NIL;
	List	   *stored;
	ListCell   *lc;
	MigrDb		db;

	check.keep = CurrentMemoryContext;
	migr_db_begin(&db, true);
	stored = migr_repeatable_read(&db);
	foreach(lc, stored)
		names = lappend(names, unconstify(char *, ((MigrRepeatable *) lfirst(lc))->name));
	foreach(lc, stored)
	{
		CHECK_FOR_INTERRUPTS();
		check.repeatable = lfirst(lc);
		check_depends(&check, names, label ? migr_apart_branch(graph, label) : NULL);
		check.text = migr_repeatable_script(&db, check.repeatable->name);
		check_script(&check);
	}
	migr_db_end(&db);
}
