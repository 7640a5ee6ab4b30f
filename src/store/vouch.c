/*
 * vouch.c
 *		Who runs a script for whom: decided by who has loaded it.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "base/db.h"
#include "base/errors.h"
#include "base/secure.h"
#include "base/strict_setting.h"
#include "store/vouch.h"

/* So many revisions are named where some are refused. */
#define NAMED_REVISIONS 20

/* Where a deferred trigger may be waiting. */
static MigrQuery deferrable_query = {
	"SELECT DISTINCT tgrelid FROM pg_catalog.pg_trigger WHERE tgdeferrable", 0, {0}
};

/* Cursors that the end of the transaction will run, declared by this statement. */
static MigrQuery held_query = {
	"SELECT name FROM pg_catalog.pg_cursors WHERE is_holdable AND creation_time >= $1",
	1, {TIMESTAMPTZOID}
};

/* --- the rule ------------------------------------------------------------ */

/*
 * Could a role do itself whatever the caller can?  Membership in a superuser's
 * role is not being one.
 */
static bool
has_all_rights(Oid role, Oid caller)
{
	return superuser_arg(caller) ? superuser_arg(role)
		: has_privs_of_role(role, caller);
}

static bool
is_of_here(const MigrLoader *loader)
{
	return loader->installation &&
		strcmp(loader->installation, migr_secure_installation()) == 0;
}

static bool
is_by_setting(const MigrLoader *loader)
{
	return loader->known && loader->role == MIGR_LOADED_BY_SETTING;
}

/* The role that vouches; InvalidOid if none does, or who made the setting. */
static Oid
role_of(const MigrLoader *loader)
{
	char	   *name = loader->known && OidIsValid(loader->role)
		? GetUserNameFromId(loader->role, true) : NULL;

	if (name == NULL)
		return InvalidOid;
	return is_of_here(loader) || strcmp(name, loader->name) == 0
		? loader->role : InvalidOid;
}

/* Does who has loaded the script vouch for it to the caller? */
static bool
vouches(const MigrLoader *loader, Oid caller)
{
	Oid			role = role_of(loader);

	if (is_by_setting(loader))
		return is_of_here(loader);
	return OidIsValid(role) && has_all_rights(role, caller);
}

/* The rule as it is for one caller. */
typedef struct Rule
{
	Oid			caller;
	bool		applies;		/* else he runs everything */
	Oid			owner;			/* of the store */
	bool		believes;		/* does he believe what is in it? */
} Rule;

static Rule
rule_for(Oid caller)
{
	Rule		rule = {.caller = caller, .owner = migr_secure_store_owner()};

	rule.applies = superuser_arg(caller) || migr_safeguard_check_loader();
	rule.believes = has_all_rights(rule.owner, caller);
	return rule;
}

static bool
allows(const Rule *rule, const MigrScript *script)
{
	return script->revision == NULL || !rule->applies ||
		(rule->believes && vouches(&script->loader, rule->caller));
}

/* --- loading ------------------------------------------------------------- */

MigrLoader
migr_vouch_loader(bool by_setting)
{
	MigrLoader	loader = {.known = true};

	loader.role = by_setting ? MIGR_LOADED_BY_SETTING : GetUserId();
	loader.name = GetUserNameFromId(GetUserId(), false);
	loader.installation = migr_secure_installation();
	return loader;
}

bool
migr_vouch_is_by_setting(const MigrLoader *loader)
{
	return is_by_setting(loader) && is_of_here(loader);
}

/* One of another installation is put down as one of this, by his equals. */
bool
migr_vouch_takes_over(const MigrLoader *now, const MigrLoader *stored)
{
	Oid			role = role_of(stored);

	if (is_by_setting(now))
		return !migr_vouch_is_by_setting(stored);
	if (!vouches(stored, now->role))
		return true;
	return !is_of_here(stored) && has_all_rights(now->role, role);
}

void
migr_vouch_check_writer(Relation table)
{
	Oid			owner = table->rd_rel->relowner;

	if (migr_db_active() || superuser() || !superuser_arg(owner))
		return;
	ereport(ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			 errmsg("permission denied to write \"%s\" by hand",
					RelationGetRelationName(table)),
			 errdetail("It says for which scripts superusers vouch, so only a superuser may write it."),
			 errhint("Load scripts with migr_load().")));
}

/* --- what is refused ----------------------------------------------------- */

static char *
role_name(Oid role)
{
	return GetUserNameFromId(role, false);
}

/* Who has loaded the script, for a message. */
static char *
describe_loader(const MigrLoader *loader)
{
	Oid			role = role_of(loader);

	if (OidIsValid(role))
		return psprintf("role \"%s\"", role_name(role));
	if (!loader->known)
		return pstrdup("nobody that is known");
	if (!is_of_here(loader))
		return is_by_setting(loader) ? pstrdup("migr.script_location of another server")
			: psprintf("role \"%s\" of another server", loader->name);
	return psprintf("role \"%s\", which has been dropped", loader->name);
}

/* Name the scripts of the first one's loader; the others are returned. */
static List *
describe_first(const List *scripts, StringInfo out)
{
	const char *loader = describe_loader(&((MigrScript *) linitial(scripts))->loader);
	List	   *others = NIL;
	int			named = 0;
	ListCell   *lc;

	appendStringInfo(out, "Loaded by %s:", loader);
	foreach(lc, scripts)
	{
		MigrScript *script = lfirst(lc);

		if (strcmp(describe_loader(&script->loader), loader) != 0)
			others = lappend(others, script);
		else if (named++ < NAMED_REVISIONS)
			appendStringInfo(out, "%s \"%s\"", named > 1 ? "," : "", script->revision);
	}
	if (named > NAMED_REVISIONS)
		appendStringInfo(out, " and %d more", named - NAMED_REVISIONS);
	appendStringInfoChar(out, '.');
	return others;
}

/* Who has loaded which of the scripts. */
static char *
describe_loaders(const List *scripts)
{
	StringInfoData out;

	initStringInfo(&out);
	while (scripts != NIL)
	{
		if (out.len > 0)
			appendStringInfoChar(&out, ' ');
		scripts = describe_first(scripts, &out);
	}
	return out.data;
}

static const char *
describe_rule(const Rule *rule)
{
	return superuser_arg(rule->caller) ? "A superuser runs only what a superuser has loaded."
		: "While migr.check_loader is on, a role runs only what a role with all its rights has loaded.";
}

/*
 * Raise that the rule does not allow these scripts.  Role has loaded them, or
 * is InvalidOid; where the store is not believed, it does not tell.
 */
static void
raise_refused(const Rule *rule, const List *scripts, Oid role)
{
	const MigrScript *first = linitial(scripts);

	ereport(ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			 errmsg("permission denied to run %s \"%s\" as role \"%s\"",
					migr_script_noun(first), first->revision, role_name(rule->caller)),
			 rule->believes
			 ? errdetail("%s %s", describe_rule(rule), describe_loaders(scripts))
			 : errdetail("%s The store is a table of role \"%s\", which could have written anything there.",
						 describe_rule(rule), role_name(rule->owner)),
			 !rule->believes
			 ? errhint("Run it with the rights of that role, after SET ROLE %s.",
					   quote_identifier(role_name(rule->owner)))
			 : OidIsValid(role)
			 ? errhint("Run it with the rights of the role that has loaded it, after SET ROLE %s; or read it, and load it again yourself.",
					   quote_identifier(role_name(role)))
			 : errhint("Read the scripts, and load them again yourself.")));
}

/* --- scripts ------------------------------------------------------------- */

/* Those of the scripts that the rule does not allow. */
static List *
find_refused(const Rule *rule, const List *scripts)
{
	List	   *refused = NIL;
	ListCell   *lc;

	foreach(lc, scripts)
	{
		CHECK_FOR_INTERRUPTS();
		if (!allows(rule, lfirst(lc)))
			refused = lappend(refused, lfirst(lc));
	}
	return refused;
}

/* The one role that has loaded all of them; InvalidOid if there is none. */
static Oid
common_role(const List *scripts)
{
	Oid			role = InvalidOid;
	ListCell   *lc;

	foreach(lc, scripts)
	{
		Oid			loader = role_of(&((MigrScript *) lfirst(lc))->loader);

		if (!OidIsValid(loader) || (OidIsValid(role) && role != loader))
			return InvalidOid;
		role = loader;
	}
	return role;
}

void
migr_vouch_check(const List *scripts)
{
	Rule		rule = rule_for(GetUserId());
	List	   *refused = find_refused(&rule, scripts);

	if (refused != NIL)
		raise_refused(&rule, refused, common_role(refused));
}

Oid
migr_vouch_role_for_build(const List *scripts)
{
	Rule		rule = rule_for(GetUserId());
	List	   *refused = find_refused(&rule, scripts);
	Oid			role;

	if (refused == NIL)
		return rule.caller;
	role = common_role(refused);
	if (!rule.believes || !OidIsValid(role) || !has_privs_of_role(rule.caller, role))
		raise_refused(&rule, refused, role);
	return role;
}

/* --- running ------------------------------------------------------------- */

/* Is there somebody whom the session can become, and must not be for a script? */
static bool
needs_confinement(const MigrScript *script)
{
	Oid			others[] = {GetOuterUserId(), GetSessionUserId(), GetAuthenticatedUserId()};

	if (script->revision == NULL)
		return false;
	for (int i = 0; i < (int) lengthof(others); i++)
	{
		Rule		rule;

		if (others[i] == GetUserId())
			continue;
		rule = rule_for(others[i]);
		if (!allows(&rule, script))
			return true;
	}
	return false;
}

void
migr_vouch_confine(MigrConfined *confined, const MigrScript *script)
{
	confined->active = needs_confinement(script);
	GetUserIdAndSecContext(&confined->user, &confined->context);
	if (confined->active)
		SetUserIdAndSecContext(confined->user,
							   confined->context | SECURITY_LOCAL_USERID_CHANGE);
}

void
migr_vouch_release(const MigrConfined *confined)
{
	if (confined->active)
		SetUserIdAndSecContext(confined->user, confined->context);
}

static void
raise_left(const MigrConfined *confined, const MigrScript *script, const char *what)
{
	const char *user = role_name(confined->user);

	ereport(ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			 errmsg("revision \"%s\" leaves %s behind", script->revision, what),
			 errdetail("It would run at the end of the transaction, where the session can become \"%s\" again, for whom the script must not run.",
					   role_name(GetAuthenticatedUserId())),
			 errhint("Connect as \"%s\", instead of SET ROLE %s.", user,
					 quote_identifier(user))));
}

void
migr_vouch_check_left(const MigrConfined *confined, const MigrScript *script)
{
	Datum		now = TimestampTzGetDatum(GetCurrentStatementStartTimestamp());
	const char *left = NULL;
	uint64		rows;
	MigrDb		db;

	if (!confined->active)
		return;
	migr_db_begin(&db, false);
	rows = migr_db_run(&db, &deferrable_query, NULL, NULL);
	for (uint64 i = 0; i < rows; i++)
	{
		if (AfterTriggerPendingOnRel(DatumGetObjectId(migr_db_datum(i, 1))))
			left = "a deferred trigger";
	}
	if (migr_db_run(&db, &held_query, &now, NULL) > 0)
		left = "a cursor WITH HOLD";
	migr_db_end(&db);
	if (left)
		raise_left(confined, script, left);
}
