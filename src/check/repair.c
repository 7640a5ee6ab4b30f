/*
 * repair.c
 *		Does the version tell what the schema is?  Make it so, if that is known.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "utils/timestamp.h"

#include "base/compat.h"
#include "base/ident.h"
#include "base/subxact.h"
#include "check/repair.h"
#include "check/which_revisions.h"
#include "diff/diff.h"
#include "run/squash_rows.h"
#include "run/stamp.h"
#include "schema/fingerprint.h"
#include "scratch/scratch_outside.h"
#include "snapshot/snap.h"
#include "store/log.h"
#include "store/mutex.h"
#include "store/store.h"

/* A repair under way. */
typedef struct Repair
{
	bool		check_only;
	MigrState  *state;
	List	   *versions;		/* MigrVersion * */
	MigrSchema *live;
	List	   *findings;		/* MigrFinding * */
	MigrAudit	audit;
} Repair;

/* What runs or statements that were cut short can leave behind. */
static MigrQuery leftovers_query = {
	"SELECT pg_catalog.format('index %I.%I is invalid: drop it or run REINDEX', n.nspname, c.relname)"
	"  FROM pg_catalog.pg_index i"
	"  JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid"
	"  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
	" WHERE NOT i.indisvalid AND c.relkind = 'i' AND n.nspname !~ '^pg_'"
	"   AND NOT EXISTS (SELECT FROM pg_catalog.pg_stat_progress_create_index p"
	"                    WHERE p.index_relid = i.indexrelid)"
	" UNION ALL"
	" SELECT pg_catalog.format('partition %I.%I is being detached: run ALTER TABLE ... DETACH PARTITION ... FINALIZE',"
	"                          n.nspname, c.relname)"
	"  FROM pg_catalog.pg_inherits h"
	"  JOIN pg_catalog.pg_class c ON c.oid = h.inhrelid"
	"  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
	" WHERE " MIGR_SINCE_14("h.inhdetachpending", "false")
	" ORDER BY 1", 0, {0}
};

/* Note a finding; what was done about it goes to the log. */
static void
add_finding(Repair *repair, const char *finding, const char *action,
			const char *detail)
{
	MigrFinding *entry = palloc(sizeof(MigrFinding));

	entry->finding = finding;
	entry->action = action;
	entry->detail = detail;
	repair->findings = lappend(repair->findings, entry);
}

static List *
set_heads(const Repair *repair, const bool *set)
{
	MigrState	state = *repair->state;

	state.applied = unconstify(bool *, set);
	return migr_set_ids(state.graph, migr_state_heads(&state));
}

/* "revision a", "revisions a, b" or "base": the state that a set stands for. */
static char *
name_of_set(const Repair *repair, const bool *set)
{
	List	   *heads = set_heads(repair, set);

	if (heads == NIL)
		return pstrdup("base");
	return psprintf("revision%s %s", list_length(heads) > 1 ? "s" : "",
					migr_ident_join(heads));
}

/* The set with the most revisions; the later one of two. */
static const bool *
latest(const Repair *repair, const List *sets)
{
	const bool *best = NULL;
	int			most = -1;
	ListCell   *lc;

	foreach(lc, sets)
	{
		int			count = migr_set_count(repair->state->graph, lfirst(lc));

		if (count >= most)
		{
			best = lfirst(lc);
			most = count;
		}
	}
	return best;
}

/* The others that build the same schema, as a sentence; "" if there are none. */
static char *
name_others(const Repair *repair, const List *sets, const bool *chosen)
{
	List	   *names = NIL;
	ListCell   *lc;

	foreach(lc, sets)
	{
		if (lfirst(lc) != chosen)
			names = lappend(names, name_of_set(repair, lfirst(lc)));
	}
	return names == NIL ? pstrdup("")
		: psprintf("; so is it at %s: the latest was taken",
				   migr_ident_join(names));
}

/* Write the version that was found to be the right one. */
static void
stamp(Repair *repair, const bool *set)
{
	ListCell   *lc;
	MigrDb		db;

	migr_db_begin(&db, false);
	(void) migr_stamp_apply(&db, repair->state, set, false);
	foreach(lc, repair->state->unknown)
		migr_store_remove_version(&db, lfirst(lc));
	migr_db_end(&db);
	migr_fingerprint_record();
}

/* No set of revisions builds the schema: say what comes next to it. */
static void
report_nearest(Repair *repair, const char *finding, const MigrMatch *match)
{
	char	   *failure = match->failure
		? psprintf("; not all could be tried: %s", match->failure) : "";

	if (match->nearest == NULL)
		add_finding(repair, finding, "none",
					psprintf("the scripts can't be run%s", failure));
	else
		add_finding(repair, finding, "none",
					psprintf("the schema is that of no revision; the nearest is %s, with %d object%s different%s; it would take:\n%s",
							 name_of_set(repair, match->nearest), match->differences,
							 match->differences == 1 ? "" : "s", failure,
							 migr_diff_script(repair->live, match->schema, false)));
}

/*
 * Find the sets that build the schema.  If it is in the middle of what a squash
 * replaces, that is one without the squash: from there on, there is none.
 */
static MigrMatch
match_all(Repair *repair)
{
	MigrMatch	match = migr_match_all(repair->live, repair->state);
	MigrMatch	unsquashed = {0};
	MigrState  *state;
	MigrDb		db;

	if (match.exact != NIL)
		return match;
	migr_db_begin(&db, false);
	state = migr_store_read_unsquashed(&db);
	migr_db_end(&db);
	if (state)
		unsquashed = migr_match_all(repair->live, state);
	if (unsquashed.exact == NIL)
		return match;
	repair->state = state;
	return unsquashed;
}

/*
 * The version does not say what the schema is: find out, and write that.
 * Returns the set of revisions, or NULL.
 */
static const bool *
find_version(Repair *repair, const char *finding)
{
	MigrMatch	match = match_all(repair);
	const bool *found = latest(repair, match.exact);

	if (found == NULL)
	{
		report_nearest(repair, finding, &match);
		return NULL;
	}
	add_finding(repair, finding, repair->check_only ? "stamp" : "stamped",
				psprintf("the schema is that of %s%s", name_of_set(repair, found),
						 name_others(repair, match.exact, found)));
	if (!repair->check_only)
		stamp(repair, found);
	return found;
}

/* Accept the script of a revision as it is now. */
static void
sign(Repair *repair, const char *revision, const char *checksum)
{
	MigrDb		db;

	add_finding(repair, "edited_script", repair->check_only ? "sign" : "signed",
				psprintf("revision \"%s\" was edited after it was applied; the schema is what the scripts build now",
						 revision));
	if (repair->check_only)
		return;
	migr_db_begin(&db, false);
	migr_store_sign(&db, revision, checksum);
	migr_db_end(&db);
}

/*
 * Applied scripts that are no longer those that ran; right is the set of
 * revisions whose scripts build the schema, or NULL.
 */
static void
check_edited(Repair *repair, const bool *right)
{
	const MigrGraph *graph = repair->state->graph;
	ListCell   *lc;

	foreach(lc, repair->versions)
	{
		const MigrVersion *version = lfirst(lc);
		int			node = migr_graph_find(graph, version->revision);
		const char *checksum = node < 0 ? NULL
			: ((MigrRevision *) graph->nodes[node].info)->checksum;

		if (node < 0 || version->checksum == NULL ||
			strcmp(version->checksum, checksum) == 0)
			continue;
		if (right == NULL)
			add_finding(repair, "edited_script", "none",
						psprintf("revision \"%s\" was edited after it was applied, and the schema is not what the scripts build",
								 version->revision));
		else if (right[node])
			sign(repair, version->revision, checksum);
	}
}

static void
check_leftovers(Repair *repair)
{
	MigrDb		db;
	uint64		rows;

	migr_db_begin(&db, true);
	rows = migr_db_run(&db, &leftovers_query, NULL, NULL);
	for (uint64 i = 0; i < rows; i++)
		add_finding(repair, "interrupted", "none", migr_db_text(i, 1));
	migr_db_end(&db);
}

/*
 * Is what is missing in the version, below what it has, there all the same?
 * Returns the set of revisions with it, or NULL.
 */
static const bool *
fill_gaps(Repair *repair)
{
	const MigrState *state = repair->state;
	List	   *gaps = migr_set_ids(state->graph, migr_state_gaps(state));
	bool	   *filled;

	/* What did not run, and is not there, is pending: nothing is wrong. */
	if (gaps == NIL || state->unknown != NIL)
		return NULL;
	filled = migr_set_copy(state->graph, state->applied);
	migr_graph_close(state->graph, filled, MIGR_DOWN_ALL);
	if (migr_match_set(repair->live, state, filled).exact == NIL)
		return NULL;
	add_finding(repair, "gap", repair->check_only ? "stamp" : "stamped",
				psprintf("no row in migr.version, though revisions that stand on it have one: %s",
						 migr_ident_join(gaps)));
	if (!repair->check_only)
		stamp(repair, filled);
	return filled;
}

/* The version against the schema. */
static void
check_version(Repair *repair)
{
	const MigrState *state = repair->state;
	const bool *right = NULL;
	MigrMatch	match = {0};

	if (state->unknown == NIL)
		match = migr_match_set(repair->live, state, state->applied);
	if (match.exact != NIL)
		right = state->applied;
	else
		right = fill_gaps(repair);

	if (right == NULL && repair->versions != NIL && match.failure)
		add_finding(repair, "not_built", "none",
					psprintf("whether the schema is that of %s can't be told: %s",
							 name_of_set(repair, state->applied), match.failure));
	else if (repair->versions == NIL && right)
		add_finding(repair, "fresh", "none",
					"there is nothing in the database yet; migr_upgrade() begins");
	else if (right == NULL)
		right = find_version(repair, repair->versions == NIL ? "no_version"
							 : state->unknown ? "unknown_revision" : "wrong_version");
	check_edited(repair, right);
}

/* Each finding is a row of the log. */
static void
write_log(Repair *repair)
{
	ListCell   *lc;

	repair->audit.to_heads = set_heads(repair, repair->state->applied);
	foreach(lc, repair->findings)
	{
		const MigrFinding *finding = lfirst(lc);

		repair->audit.target = finding->finding;
		repair->audit.detail = psprintf("%s: %s", finding->action, finding->detail);
		migr_audit_write(&repair->audit);
	}
}

/* The version and the schema, of one moment. */
static void
look(void *arg)
{
	Repair	   *repair = arg;
	MigrDb		db;

	migr_mutex_acquire();
	if (!repair->check_only)
		migr_squash_rows_settle();
	migr_db_begin(&db, false);
	repair->versions = migr_store_read_versions(&db);
	repair->state = migr_store_read_state(&db);
	migr_db_end(&db);
	repair->live = migr_snap_model(NULL);
}

List *
migr_repair_run(bool check_only)
{
	Repair		repair = {.check_only = check_only};
	ErrorData  *error;

	repair.audit.action = "repair";
	repair.audit.started = GetCurrentTimestamp();
	/* With the subtransaction the mutex goes, for which others may wait. */
	error = migr_subxact_run(look, &repair, !check_only);
	if (error)
		ReThrowError(error);
	repair.audit.from_heads = set_heads(&repair, repair.state->applied);
	(void) migr_outside_leave_alone(repair.live, NULL);
	if (repair.state->graph->count == 0)
		add_finding(&repair, "no_scripts", "none",
					"there are no scripts: load them with migr_load()");
	else
		check_version(&repair);
	check_leftovers(&repair);
	if (!check_only)
		write_log(&repair);
	if (repair.findings == NIL)
		add_finding(&repair, "ok", "none",
					psprintf("the schema is that of %s, as the version says",
							 name_of_set(&repair, repair.state->applied)));
	return repair.findings;
}
