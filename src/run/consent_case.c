/*
 * consent_case.c
 *		A script as who approves it, or runs it, sees it.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/pg_class.h"
#include "miscadmin.h"
#include "nodes/parsenodes.h"
#include "storage/lmgr.h"
#include "utils/guc.h"

#include "base/ident.h"
#include "base/server_parser.h"
#include "base/settings.h"
#include "exec/statement.h"
#include "run/consent_case.h"
#include "run/consent_loss.h"
#include "run/consent_names.h"
#include "store/log_steps.h"

const char *
migr_consent_direction(MigrDirection direction)
{
	return direction == MIGR_UPGRADE ? "upgrade" : "downgrade";
}

/* --- what it says ----------------------------------------------------------------- */

/* From here on names mean what they mean behind SET search_path. */
static void
follow_path(Node *node)
{
	const VariableSetStmt *set = (const VariableSetStmt *) node;

	if (IsA(node, VariableSetStmt) && set->kind == VAR_SET_VALUE &&
		strcmp(set->name, "search_path") == 0)
		(void) set_config_option("search_path", ExtractSetVariableArgs((VariableSetStmt *) node),
								 PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
}

static void
look_at_statement(MigrConsentCase *which, Node *node, List **made)
{
	which->losses = list_concat(which->losses,
								migr_consent_losses(node, which->script->transaction ? made : NULL));
	which->named = migr_consent_names(which->named, node);
	follow_path(node);
}

/* The statements of a case. */
typedef struct Looking
{
	MigrConsentCase *which;
	const List *statements;
} Looking;

static void
look_at_section(void *arg)
{
	const Looking *looking = arg;
	MigrConsentCase *which = looking->which;
	MigrSectionKind kind = which->direction == MIGR_UPGRADE ? MIGR_SECTION_UPGRADE : MIGR_SECTION_DOWNGRADE;
	const MigrSection *section = &which->script->sections[kind];
	List	   *made = NIL;
	ListCell   *lc;

	foreach(lc, looking->statements)
	{
		const MigrStatement *statement = lfirst(lc);
		char	   *sql = pnstrdup(section->sql + statement->start, statement->end - statement->start);
		ListCell   *raw;

		CHECK_FOR_INTERRUPTS();
		foreach(raw, migr_parse(sql, migr_stmt_place(which->script, kind), statement->line))
			look_at_statement(which, lfirst_node(RawStmt, raw)->stmt, &made);
	}
}

/* Who only reads is in nobody's way, but for who alters. */
static void
hold_relations(const List *named)
{
	ListCell   *lc;
	ListCell   *root;

	foreach(lc, named)
	{
		foreach(root, ((MigrNamed *) lfirst(lc))->roots)
		{
			const MigrAddress *address = lfirst(root);

			if (address->classid == RelationRelationId)
				LockRelationOid(address->objid, AccessShareLock);
		}
	}
}

void
migr_consent_look_at(MigrConsentCase *which, const MigrScript *script, MigrDirection direction,
					 const List *statements, bool of_tenants)
{
	Looking		looking = {which, statements};

	which->script = script;
	which->direction = direction;
	which->of_tenants = of_tenants;

	/* What it says of search_path ends with it. */
	migr_settings_run(NULL, 0, look_at_section, &looking);
}

void
migr_consent_look(MigrConsentCase *which, const MigrScript *script, MigrDirection direction,
				  const List *statements, bool of_tenants, bool hold)
{
	MigrDb		db;

	memset(which, 0, sizeof(MigrConsentCase));
	migr_consent_look_at(which, script, direction, statements, of_tenants);
	migr_db_begin(&db, !hold);
	which->bringer = migr_approved_bringer(&db, script);
	which->approval = migr_approved_read(&db, script->revision, migr_consent_direction(direction), hold);
	migr_db_end(&db);
	if (hold && which->approval)
		hold_relations(which->named);
}

bool
migr_consent_is_needed(MigrRequired required, const MigrConsentCase *which)
{
	return required == MIGR_REQUIRED_ALL ||
		(required == MIGR_REQUIRED_DESTRUCTIVE && which->losses != NIL);
}

const char *
migr_consent_bringer(const MigrConsentCase *which)
{
	return which->bringer.name ? which->bringer.name : "?";
}

/* --- is its approval good? ----------------------------------------------------------- */

/* What was noted of a name, in a list beside the names; NULL if it was none. */
static const char *
noted(const MigrApproval *approval, const List *notes, const char *name)
{
	ListCell   *object;
	ListCell   *note;

	forboth(object, approval->objects, note, notes)
	{
		if (strcmp(lfirst(object), name) == 0)
			return lfirst(note);
	}
	return NULL;
}

static bool
are_before(const List *ran, const List *before)
{
	ListCell   *lc;

	foreach(lc, ran)
	{
		if (!migr_ident_is_in(before, lfirst(lc)))
			return false;
	}
	return ran != NIL;
}

static const MigrTouch *
find_touch(const MigrTouched *touched, const MigrAddress *address)
{
	ListCell   *lc;

	foreach(lc, touched->objects)
	{
		if (memcmp(&((MigrTouch *) lfirst(lc))->address, address, sizeof(MigrAddress)) == 0)
			return lfirst(lc);
	}
	return NULL;
}

/* Has this transaction changed what a name leads to, and made what it did not lead to? */
static bool
is_touched(const MigrNamed *named, const char *addresses, const MigrTouched *touched)
{
	bool		any = touched->everything;
	ListCell   *lc;

	foreach(lc, named->roots)
	{
		const MigrTouch *touch = find_touch(touched, lfirst(lc));

		if (!migr_consent_has_address(addresses, lfirst(lc)) && !(touch && touch->created))
			return false;
		any = any || touch != NULL;
	}
	return any;
}

/* Has what was to run before it made a name something else? */
static bool
is_made_before(const MigrConsentCase *which, const MigrConsent *consent, const MigrNamed *named)
{
	const MigrApproval *approval = which->approval;
	const char *addresses = noted(approval, approval->addresses, named->name);

	if (named->roots == NIL)
		return false;
	/* A function that is called has no name before it is there. */
	if (addresses == NULL)
		addresses = "";
	if (consent && are_before(consent->ran, approval->before) &&
		is_touched(named, addresses, migr_touched_since(&consent->mark)))
		return true;
	return migr_consent_made_by(named, addresses, approval->before, approval->at);
}

static const char *
find_changed(const MigrConsentCase *which, const MigrConsent *consent)
{
	List	   *names = NIL;
	ListCell   *lc;

	foreach(lc, which->named)
	{
		const MigrNamed *named = lfirst(lc);
		const MigrApproval *approval = which->approval;
		const char *hash = noted(approval, approval->hashes, named->name);
		const char *addresses = noted(approval, approval->addresses, named->name);

		names = lappend(names, unconstify(char *, named->name));
		if ((hash == NULL || strcmp(hash, named->hash) != 0 ||
			 strcmp(addresses, migr_consent_addresses(named)) != 0) &&
			!is_made_before(which, consent, named))
			return named->name;
	}
	foreach(lc, which->approval->objects)
	{
		if (!migr_ident_is_in(names, lfirst(lc)))
			return lfirst(lc);
	}
	return NULL;
}

/* Have statements of it run? */
static bool
has_begun(const MigrConsentCase *which)
{
	bool		begun;
	MigrDb		db;

	if (which->script->transaction || !which->approval->begun)
		return false;
	migr_db_begin(&db, true);
	begun = migr_log_steps_read(&db, which->script->revision,
								migr_consent_direction(which->direction)) != NIL;
	migr_db_end(&db);
	return begun;
}

const char *
migr_consent_fault(const MigrConsentCase *which, const MigrConsent *consent)
{
	const MigrApproval *approval = which->approval;
	const char *other;
	MigrDb		db;

	if (approval == NULL)
		return which->losses != NIL ? psprintf("It loses data: %s.", migr_ident_join(which->losses))
			: "What has to be approved is all that runs.";
	if (!approval->is_of_here)
		return psprintf("\"%s\" approved it in another database.", approval->by);
	if (strcmp(approval->checksum, which->script->checksum) != 0)
		return psprintf("\"%s\" approved it, and its script is another one since.", approval->by);
	if (which->of_tenants || has_begun(which))
		return NULL;
	migr_db_begin(&db, true);
	other = migr_before_other(which->before ? which->before : migr_before_create(), &db, approval);
	migr_db_end(&db);
	if (other)
		return psprintf("\"%s\" approved it; revision \"%s\", which was to run before it, has another script since, or has been stamped instead.",
						approval->by, other);
	migr_consent_hash(which->named);
	other = find_changed(which, consent);
	return other ? psprintf("\"%s\" approved it, and %s is not as it was then.", approval->by, other) : NULL;
}
