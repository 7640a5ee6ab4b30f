/*
 * consent_give.c
 *		Approving a run, and taking that back.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "nodes/nodeFuncs.h"
#include "tcop/tcopprot.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "base/ident.h"
#include "base/server_parser.h"
#include "exec/statement.h"
#include "graph/graph_apart.h"
#include "graph/resolve.h"
#include "run/consent.h"
#include "run/consent_case.h"
#include "run/consent_names.h"
#include "store/kept.h"
#include "store/log.h"
#include "store/mutex.h"
#include "store/repeatable.h"
#include "store/store.h"
#include "store/tenant.h"

/* --- by whom ------------------------------------------------------------------------ */

static bool
find_call(Node *node, void *context)
{
	if (node == NULL)
		return false;
	if (IsA(node, FuncCall) && strcmp(strVal(llast(((FuncCall *) node)->funcname)), "migr_approve") == 0)
		return true;
	return raw_expression_tree_walker(node, find_call, context);
}

/*
 * Raise unless the client's own statement says so: what a trigger or function of somebody
 * else's does is not what its caller approves.
 */
static void
check_direct(void)
{
	ErrorData  *failure = NULL;
	List	   *statements = debug_query_string ? migr_parse_try(debug_query_string, &failure) : NIL;

	/* Of several statements, one could do so for another. */
	if (list_length(statements) == 1)
	{
		Node	   *node = linitial_node(RawStmt, statements)->stmt;

		if (IsA(node, SelectStmt) && find_call(node, NULL))
			return;
	}
	ereport(ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			 errmsg("migr_approve() is called by a statement of its own, and by no function or trigger"),
			 errdetail("Else somebody's code could approve what its caller has never seen."),
			 errhint("Send SELECT migr_approve(...), and nothing with it.")));
}

/* Raise to the role that brought the script. */
static void
check_other(const MigrConsentCase *which)
{
	if (!migr_approved_is_own(&which->bringer))
		return;
	ereport(ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			 errmsg("permission denied to approve %s \"%s\"", migr_script_noun(which->script),
					which->script->revision),
			 which->bringer.name
			 ? errdetail("Role \"%s\", as which this session was opened, has loaded its script itself.", migr_audit_user())
			 : errdetail("Nobody is known to have loaded its script.")));
}

/* --- what --------------------------------------------------------------------------- */

/* Raise unless a run in that direction can come. */
static void
check_state(const MigrState *state, int node, MigrDirection direction)
{
	const char *id = state->graph->nodes[node].id;

	if (state->applied[node] == (direction == MIGR_DOWNGRADE))
		return;
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 direction == MIGR_UPGRADE ? errmsg("revision \"%s\" is applied already", id)
			 : errmsg("revision \"%s\" is not applied", id),
			 direction == MIGR_UPGRADE
			 ? errhint("What undoes it is approved by direction => 'downgrade'.")
			 : errhint("What applies it is approved by direction => 'upgrade'.")));
}

/* Note the revisions that have to run before it. */
static void
add_before(MigrApproval *approval, const MigrState *state, int node, MigrDirection direction)
{
	const MigrGraph *graph = state->graph;
	bool	   *others = migr_set_of(graph, node);

	migr_graph_close(graph, others, direction == MIGR_UPGRADE ? MIGR_DOWN_ALL : MIGR_UP_ALL);
	for (int i = 0; i < graph->count; i++)
	{
		const MigrRevision *info;

		if (!others[i] || i == node || state->applied[i] == (direction == MIGR_UPGRADE))
			continue;
		approval->before = lappend(approval->before, unconstify(char *, graph->nodes[i].id));
		info = graph->nodes[i].info;
		approval->before_checksums = lappend(approval->before_checksums, unconstify(char *, info->checksum));
	}
}

/* The revision for tenants that a name means; NULL: it means none. */
static const char *
find_of_tenants(const MigrKept *kept, const char *name)
{
	const char *label = migr_tenant_label();
	const MigrState *all;
	const bool *members;
	int			node;

	if (label == NULL)
		return NULL;
	all = migr_store_state(kept->all, kept->versions);
	members = migr_apart_branch(all->graph, label);
	if (members == NULL)
		return NULL;
	node = migr_resolve_revision(all, name);
	return members[node] ? all->graph->nodes[node].id : NULL;
}

/*
 * Find the script that a name means; of a revision, what runs before it, unless it is for
 * tenants, each of which is at a place of its own.
 */
static MigrScript *
find_script(MigrDb *db, const char *name, MigrDirection direction, MigrApproval *approval,
			bool *of_tenants)
{
	const MigrKept *kept;
	const MigrState *state;
	const char *of_each;
	int			node;

	*of_tenants = false;

	if (migr_repeatable_script(db, name))
	{
		if (direction == MIGR_DOWNGRADE)
			ereport(ERROR,
					(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
					 errmsg("repeatable script \"%s\" has no downgrade", name)));
		return migr_repeatable_parse(db, name);
	}
	kept = migr_kept_read(db, NULL);
	of_each = find_of_tenants(kept, name);
	if (of_each)
	{
		*of_tenants = true;
		return migr_store_parse_script(db, of_each);
	}
	state = kept->view.state;
	node = migr_resolve_revision(state, name);
	check_state(state, node, direction);
	add_before(approval, state, node, direction);
	return migr_store_parse_script(db, state->graph->nodes[node].id);
}

static void
check_checksum(const MigrScript *script, const char *checksum)
{
	if (checksum == NULL ||
		(strlen(checksum) >= 8 && pg_strncasecmp(script->checksum, checksum, strlen(checksum)) == 0))
		return;
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("%s \"%s\" has another checksum", migr_script_noun(script), script->revision),
			 errdetail("It is %s.", script->checksum),
			 errhint("Read the script again: SELECT migr_script(%s).", quote_literal_cstr(script->revision))));
}

/* --- the log -------------------------------------------------------------------------- */

static void
write_log(const char *action, const char *revision, MigrDirection direction, const char *checksum,
		  const char *detail)
{
	MigrAudit	entry = {.action = action, .started = GetCurrentTimestamp()};

	entry.target = migr_consent_direction(direction);
	entry.revisions = list_make1(unconstify(char *, revision));
	entry.checksum = checksum;
	entry.detail = detail;
	migr_audit_write(&entry);
}

/* What was approved, to whoever does. */
static void
tell(const MigrConsentCase *which, const MigrApproval *approval)
{
	ereport(NOTICE,
			(errmsg("%s of %s \"%s\" is approved for %s", migr_consent_direction(which->direction),
					migr_script_noun(which->script), which->script->revision,
					which->of_tenants ? "all tenants" : "one run"),
			 errdetail("%s\nIt holds as long as the script has checksum %.12s%s%s.",
					   which->losses != NIL ? psprintf("It loses data: %s.", migr_ident_join(which->losses))
					   : "Its text loses no data.",
					   approval->checksum, approval->objects != NIL ? ", and as it is: " : "",
					   migr_ident_join(approval->objects))));
}

/* What its statements name, as it is now. */
static void
note_named(MigrApproval *approval, List *all)
{
	ListCell   *lc;

	migr_consent_hash(all);
	foreach(lc, all)
	{
		const MigrNamed *named = lfirst(lc);

		approval->objects = lappend(approval->objects, unconstify(char *, named->name));
		approval->addresses = lappend(approval->addresses, migr_consent_addresses(named));
		approval->hashes = lappend(approval->hashes, unconstify(char *, named->hash));
	}
}

const char *
migr_consent_give(const char *name, const char *comment, const char *checksum, MigrDirection direction)
{
	MigrApproval approval = {.comment = comment};
	MigrSectionKind kind = direction == MIGR_UPGRADE ? MIGR_SECTION_UPGRADE : MIGR_SECTION_DOWNGRADE;
	MigrConsentCase which;
	MigrScript *script;
	bool		of_tenants;
	MigrDb		db;

	migr_mutex_check_outside();
	migr_mutex_check_writable();
	check_direct();
	migr_db_begin(&db, false);
	script = find_script(&db, name, direction, &approval, &of_tenants);
	migr_db_end(&db);
	check_checksum(script, checksum);
	migr_consent_look(&which, script, direction, migr_stmt_split(script, kind), of_tenants, false);
	check_other(&which);

	approval.revision = script->revision;
	approval.direction = migr_consent_direction(direction);
	approval.checksum = script->checksum;
	if (!of_tenants)
		note_named(&approval, which.named);
	migr_db_begin(&db, false);
	migr_approved_put(&db, &approval);
	migr_db_end(&db);
	write_log("approve", script->revision, direction, script->checksum,
			  psprintf("%s%s%s", comment, approval.objects != NIL ? "\nas it is: " : "",
					   migr_ident_join(approval.objects)));
	tell(&which, &approval);
	return script->revision;
}

const char *
migr_consent_withdraw(const char *name, const char *comment, MigrDirection direction)
{
	const MigrApproval *approval;
	const char *revision = name;
	MigrDb		db;

	migr_mutex_check_outside();
	migr_mutex_check_writable();
	migr_db_begin(&db, false);
	approval = migr_approved_read(&db, revision, migr_consent_direction(direction), true);
	if (approval == NULL)
	{
		const MigrKept *kept = migr_kept_read(&db, NULL);
		const MigrState *state = kept->view.state;

		revision = find_of_tenants(kept, name);
		if (revision == NULL)
			revision = state->graph->nodes[migr_resolve_revision(state, name)].id;
		approval = migr_approved_read(&db, revision, migr_consent_direction(direction), true);
	}
	if (approval == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("the %s of \"%s\" is not approved", migr_consent_direction(direction), revision)));
	(void) migr_approved_remove(&db, revision, migr_consent_direction(direction));
	migr_db_end(&db);
	write_log("withdraw", revision, direction, approval->checksum, comment);
	return revision;
}
