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
#include "check/repair_words.h"
#include "check/which_revisions.h"
#include "run/squash_rows.h"
#include "run/stamp.h"
#include "schema/record.h"
#include "scratch/scratch_outside.h"
#include "snapshot/snap.h"
#include "store/log.h"
#include "store/mutex.h"
#include "store/standing.h"
#include "store/store.h"
#include "store/tenant_state.h"

/* A repair under way. */
typedef struct Repair
{
	bool		check_only;
	MigrState  *state;
	List	   *versions;		/* MigrVersion * */
	MigrSchema *live;
	List	   *findings;		/* MigrFinding * */
	const char *besides;		/* what is there besides, as a clause; or "" */
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

/* The others that build the same schema, as a sentence; "" if there are none. */
static char *
name_others(const Repair *repair, const List *sets)
{
	List	   *names = NIL;
	ListCell   *lc;

	foreach(lc, sets)
		names = lappend(names, name_of_set(repair, lfirst(lc)));
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
	migr_record_missing("repair");
}

/* No set of revisions fits: say what comes next to it. */
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
					psprintf("the schema is that of no revision; the nearest is %s, %s",
							 name_of_set(repair, match->nearest),
							 migr_repair_tell_nearest(repair->live, match, failure)));
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

	if (match.found)
		return match;
	migr_db_begin(&db, false);
	state = migr_store_read_unsquashed(&db);
	migr_db_end(&db);
	if (state)
		unsquashed = migr_match_all(repair->live, state);
	if (unsquashed.found == NULL)
		return match;
	repair->state = state;
	return unsquashed;
}

/*
 * The version does not say what the schema is, but a match does: write that.
 * Returns the set of revisions, or NULL.
 */
static const bool *
set_version(Repair *repair, const char *finding, const MigrMatch *match)
{
	if (match->doubtful)
		add_finding(repair, "not_built", "none",
					psprintf("all of %s is there; whether the schema is that of a later revision can't be told: %s",
							 name_of_set(repair, match->doubtful), match->failure));
	else if (match->found == NULL)
		report_nearest(repair, finding, match);
	if (match->found == NULL)
		return NULL;
	add_finding(repair, finding, repair->check_only ? "stamp" : "stamped",
				psprintf("the schema is that of %s%s%s", name_of_set(repair, match->found),
						 name_others(repair, match->others), migr_repair_tell_besides(match)));
	if (!repair->check_only)
		stamp(repair, match->found);
	return match->found;
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
 * Is what is missing in the version, below what it has, there all the same?  If
 * what the version has fits too, it has to explain more than that does.  Returns
 * the set of revisions with it, or NULL.
 */
static const bool *
fill_gaps(Repair *repair, const MigrMatch *without)
{
	const MigrState *state = repair->state;
	List	   *gaps = migr_set_ids(state->graph, migr_state_gaps(state));
	MigrMatch	match;
	bool	   *filled;

	/* What did not run, and is not there, is pending: nothing is wrong. */
	if (gaps == NIL || state->unknown != NIL)
		return NULL;
	filled = migr_set_copy(state->graph, state->applied);
	migr_graph_close(state->graph, filled, MIGR_DOWN_ALL);
	match = migr_match_set(repair->live, state, filled);
	if (match.found == NULL ||
		(without->found && migr_match_besides(&match) >= migr_match_besides(without)))
		return NULL;
	add_finding(repair, "gap", repair->check_only ? "stamp" : "stamped",
				psprintf("no row in migr.version, though revisions that stand on it have one: %s",
						 migr_ident_join(gaps)));
	if (!repair->check_only)
		stamp(repair, filled);
	return filled;
}

/* Is the set that a version stands for among those that fit? */
static bool
is_found(const MigrState *state, const MigrMatch *match, const bool *set)
{
	Size		size = state->graph->count * sizeof(bool);
	ListCell   *lc;

	if (match->found && memcmp(match->found, set, size) == 0)
		return true;
	foreach(lc, match->others)
	{
		if (memcmp(lfirst(lc), set, size) == 0)
			return true;
	}
	return false;
}

/* Can what is there besides not be what revisions make that are not applied? */
static bool
is_all_applied(const MigrState *state)
{
	return migr_set_count(state->graph, state->applied) == state->graph->count;
}

/* The word for a version that does not say what the schema is. */
static const char *
name_fault(const Repair *repair)
{
	return repair->versions == NIL ? "no_version"
		: repair->state->unknown ? "unknown_revision" : "wrong_version";
}

/* The version fits, and there is more: may it be another one?  As right_version(). */
static const bool *
choose_version(Repair *repair, const MigrMatch *match)
{
	const MigrState *state = repair->state;
	MigrMatch	all;

	if (migr_match_besides(match) == 0 || is_all_applied(state))
		return state->applied;
	all = match_all(repair);
	if (repair->state == state && is_found(state, &all, state->applied))
		return state->applied;
	/* A version that fits is believed where nothing else can be told. */
	if (repair->versions != NIL && all.doubtful)
		return state->applied;
	return set_version(repair, name_fault(repair), &all);
}

/* The set of revisions that the schema is that of; NULL if it is not known. */
static const bool *
right_version(Repair *repair)
{
	const MigrState *state = repair->state;
	const bool *filled;
	MigrMatch	match = {0};
	MigrMatch	all;

	if (state->unknown == NIL)
		match = migr_match_set(repair->live, state, state->applied);
	repair->besides = migr_repair_tell_besides(&match);
	if (match.found && migr_match_besides(&match) == 0)
		return state->applied;
	filled = fill_gaps(repair, &match);
	if (filled)
		return filled;
	if (match.found)
		return choose_version(repair, &match);
	if (repair->versions != NIL && match.failure)
	{
		add_finding(repair, "not_built", "none",
					psprintf("whether the schema is that of %s can't be told: %s",
							 name_of_set(repair, state->applied), match.failure));
		return NULL;
	}
	all = match_all(repair);
	return set_version(repair, name_fault(repair), &all);
}

/* The version against the schema. */
static void
check_version(Repair *repair)
{
	const bool *right = right_version(repair);

	if (repair->versions == NIL && right == repair->state->applied)
		add_finding(repair, "fresh", "none",
					psprintf("there is nothing in the database yet; migr_upgrade() begins%s",
							 repair->besides));
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
	repair->state = migr_tenant_read_shared_state(&db);
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
	if (!check_only)
		migr_standing_refresh();
	if (repair.findings == NIL)
		add_finding(&repair, "ok", "none",
					psprintf("the schema is that of %s, as the version says%s",
							 name_of_set(&repair, repair.state->applied), repair.besides));
	return repair.findings;
}
