/*
 * exec.c
 *		Run one statement of a script as the caller.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "tcop/pquery.h"
#include "tcop/tcopprot.h"
#include "tcop/utility.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

#include "base/compat.h"
#include "base/db.h"
#include "base/hint.h"
#include "base/scan.h"
#include "base/server_parser.h"
#include "exec/copyin.h"
#include "exec/exec.h"
#include "exec/labels.h"
#include "exec/owner.h"

/* The statement that runs, for the context of errors. */
typedef struct Running
{
	const char *place;
	const char *sql;
	int			line;
	const char *owner;			/* hint: whom to ask if it may not be run */
	bool		isolates;		/* it sets the isolation level */
} Running;

/*
 * The deferrable constraints that SET CONSTRAINTS can name for this user, and
 * how each starts a transaction.
 */
static MigrQuery deferrable_query = {
	"SELECT n.nspname::text, c.conname::text, c.condeferred AND NOT EXISTS"
	"         (SELECT FROM pg_catalog.pg_constraint other"
	"           WHERE other.conname = c.conname AND other.connamespace = c.connamespace"
	"             AND NOT other.condeferrable)"
	"  FROM pg_catalog.pg_constraint c JOIN pg_catalog.pg_namespace n ON n.oid = c.connamespace"
	" WHERE c.condeferrable AND c.conrelid <> 0"
	"   AND pg_catalog.has_schema_privilege($1, n.oid, 'USAGE')"
	"   AND (n.nspname !~ '^pg_temp_' OR n.oid = pg_catalog.pg_my_temp_schema())",
	1, {OIDOID}
};

/*
 * Line of the statement, or of the fault if the cursor is in our statement and
 * not in one that a function of it runs.  In whose it is tells only a copy of
 * the error, for which there may be no memory if that is what it is about.
 */
static int
fault_line(const Running *running)
{
	MemoryContext caller = CurrentMemoryContext;
	ErrorData  *error;
	int			line = running->line;

	if (getinternalerrposition() <= 0 ||
		ERRCODE_TO_CATEGORY(geterrcode()) ==
		ERRCODE_TO_CATEGORY(ERRCODE_INSUFFICIENT_RESOURCES))
		return line;
	MemoryContextSwitchTo(TopTransactionContext);
	error = CopyErrorData();
	if (error->internalquery && strcmp(error->internalquery, running->sql) == 0)
		line += migr_scan_line_at(running->sql,
								  migr_parse_byte(running->sql,
												  error->internalpos)) - 1;
	FreeErrorData(error);
	MemoryContextSwitchTo(caller);
	return line;
}

/* Say what to do about an error that the statement alone explains. */
static void
add_hint(const Running *running)
{
	if (geterrcode() == ERRCODE_INSUFFICIENT_PRIVILEGE && running->owner)
		migr_hint_add(running->owner);
	else if (geterrcode() == ERRCODE_OBJECT_IN_USE &&
			 migr_hint_message_has("pending trigger events"))
		migr_hint_add("Say SET CONSTRAINTS ALL IMMEDIATE before it, or change the rows in a revision of their own before this one.");
	else if (geterrcode() == ERRCODE_ACTIVE_SQL_TRANSACTION && running->isolates)
		migr_hint_add("It is the run's transaction: leave it out, and begin that so, or set default_transaction_isolation for the session that runs.");
}

static void
add_place(void *arg)
{
	const Running *running = arg;

	add_hint(running);

	/* COPY's errors point into what it thinks is the client's query. */
	if (geterrposition() > 0)
	{
		internalerrposition(geterrposition());
		internalerrquery(running->sql);
		errposition(0);
	}
	errcontext("%s, line %d", running->place, fault_line(running));
}

void
migr_exec_log(const char *place, const MigrSection *section,
			  const MigrStatement *statement)
{
	if (log_statement == LOGSTMT_NONE || statement->log_level > log_statement)
		return;
	ereport(LOG,
			(errmsg("statement: %.*s", statement->end - statement->start,
					section->sql + statement->start),
			 errdetail("Line %d of %s.", statement->line, place),
			 errhidestmt(true), errhidecontext(true)));
}

/* A statement begins, whose errors say where it stands; until the context is popped. */
static void
enter(Running *running, ErrorContextCallback *context, const char *place,
	  const MigrSection *section, const MigrStatement *statement)
{
	running->place = place;
	running->line = statement->line;
	running->owner = NULL;
	running->isolates = statement->isolates;
	running->sql = pnstrdup(section->sql + statement->start, statement->end - statement->start);
	context->callback = add_place;
	context->arg = running;
	context->previous = error_context_stack;
	error_context_stack = context;
}

void
migr_exec_instead(const char *place, const MigrSection *section,
				  const MigrStatement *statement, MigrExecWork work, void *arg)
{
	Running		running;
	ErrorContextCallback context;

	SPI_connect();
	enter(&running, &context, place, section, statement);

	migr_labels_let_through();
	if (statement->needs_owner)
		running.owner = migr_owner_hint(running.sql);
	work(running.sql, arg);

	error_context_stack = context.previous;
	SPI_finish();
}

/* A statement that is run as it is written. */
typedef struct Plain
{
	const MigrCopyData *copy;
	MigrResultCheck check;
	void	   *arg;
	uint64		rows;
} Plain;

/* Run COPY … FROM stdin. */
static void
run_copy(const char *sql, Plain *plain)
{
	List	   *parsed = migr_parse(sql, NULL, 1);

	PushActiveSnapshot(GetTransactionSnapshot());
	plain->rows = migr_copyin_run((CopyStmt *) linitial_node(RawStmt, parsed)->stmt, sql,
								  plain->copy->data, plain->copy->len);
	PopActiveSnapshot();
	CommandCounterIncrement();
}

static void
run_plain(const char *sql, void *arg)
{
	Plain	   *plain = arg;
	int			code;

	if (plain->copy)
	{
		run_copy(sql, plain);
		return;
	}
	code = SPI_execute(sql, false, 0);
	/* What SPI refuses without an error, stmt refuses before it runs. */
	if (code < 0)
		elog(ERROR, "could not run a statement: %s", SPI_result_code_string(code));
	plain->rows = SPI_processed;
	if (SPI_tuptable && plain->check)
		plain->check(SPI_tuptable, plain->arg);
	if (SPI_tuptable)
		SPI_freetuptable(SPI_tuptable);
}

uint64
migr_exec_statement(const char *place, const MigrSection *section,
					const MigrStatement *statement, MigrResultCheck check,
					void *arg)
{
	Plain		plain = {.copy = statement->copy, .check = check, .arg = arg};

	if (statement->comments_migr)
		return 0;
	if (statement->unknown_setting)
	{
		ereport(NOTICE,
				(errmsg("parameter \"%s\" is unknown here: it was not set",
						statement->unknown_setting),
				 errdetail("It stands among the settings at the head of %s, in line %d.",
						   place, statement->line)));
		return 0;
	}
	migr_exec_instead(place, section, statement, run_plain, &plain);
	return plain.rows;
}

/* Run a utility statement in a portal of its own, as a client's. */
static void
run_portal(const char *sql)
{
	PlannedStmt *planned = migr_parse_utility(sql);
	Portal		portal = CreateNewPortal();

	portal->visible = false;
	PortalDefineQuery(portal, NULL, sql, CreateCommandTag(planned->utilityStmt), list_make1(planned), NULL);
	PortalStart(portal, NULL, 0, InvalidSnapshot);
	migr_compat_portal_run(portal);
	PortalDrop(portal, false);
}

void
migr_exec_top(const char *place, const MigrSection *section, const MigrStatement *statement)
{
	Running		running;
	ErrorContextCallback context;

	enter(&running, &context, place, section, statement);
	run_portal(running.sql);
	error_context_stack = context.previous;
}

void
migr_exec_alone(const char *place, const MigrSection *section,
				const MigrStatement *statement)
{
	PopActiveSnapshot();
	migr_exec_top(place, section, statement);
	PushActiveSnapshot(GetTransactionSnapshot());
}

void
migr_exec_command(const char *sql)
{
	run_portal(sql);
}

static void
add_settle_place(void *arg)
{
	errcontext("%s, deferred constraints", (const char *) arg);
}

void
migr_exec_settle(const char *place)
{
	ConstraintsSetStmt *set = makeNode(ConstraintsSetStmt);
	ErrorContextCallback context;
	List	   *deferred = NIL;
	Datum		user = ObjectIdGetDatum(GetUserId());
	uint64		rows;
	MigrDb		db;

	migr_db_begin(&db, false);
	rows = migr_db_run(&db, &deferrable_query, &user, NULL);
	for (uint64 i = 0; i < rows; i++)
	{
		RangeVar   *name = makeRangeVar(migr_db_text(i, 1), migr_db_text(i, 2), -1);

		set->constraints = lappend(set->constraints, name);
		if (DatumGetBool(migr_db_datum(i, 3)))
			deferred = lappend(deferred, name);
	}
	migr_db_end(&db);
	if (set->constraints == NIL)
		return;

	context.callback = add_settle_place;
	context.arg = unconstify(char *, place);
	context.previous = error_context_stack;
	error_context_stack = &context;
	AfterTriggerSetState(set);
	if (deferred != NIL)
	{
		set->constraints = deferred;
		set->deferred = true;
		AfterTriggerSetState(set);
	}
	error_context_stack = context.previous;
}
