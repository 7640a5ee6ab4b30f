/*
 * secure.c
 *		A stretch of code in which names mean what migr means by them.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/table.h"
#include "access/xlog.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "commands/extension.h"
#include "commands/trigger.h"
#include "miscadmin.h"
#include "parser/parser.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/syscache.h"

#include "base/secure.h"

Oid
migr_secure_extension(void)
{
	Oid			extension = get_extension_oid("migr", true);

	if (!OidIsValid(extension))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("extension \"migr\" is not installed in this database")));
	return extension;
}

Oid
migr_secure_table(const char *name)
{
	Oid			schema = get_namespace_oid("migr", true);
	Oid			table = OidIsValid(schema)
		? get_relname_relid(name, schema) : InvalidOid;

	if (!OidIsValid(table))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("table migr.%s does not exist", name),
				 errhint("The extension is damaged: drop it and create it again, or restore a backup.")));
	return table;
}

char *
migr_secure_installation(void)
{
	return psprintf(UINT64_FORMAT "/%u", GetSystemIdentifier(), migr_secure_table("revision"));
}

static Oid	table_owner(Oid table);

/* Does the table have its guard, and always on? */
static bool
is_guarded(Oid table)
{
	Relation	rel = table_open(table, AccessShareLock);
	bool		guarded = false;

	for (int i = 0; rel->trigdesc && i < rel->trigdesc->numtriggers; i++)
	{
		const Trigger *trigger = &rel->trigdesc->triggers[i];

		if (strcmp(trigger->tgname, "guard") == 0)
			guarded = trigger->tgenabled == TRIGGER_FIRES_ALWAYS;
	}
	table_close(rel, NoLock);
	return guarded;
}

MigrIdentity
migr_secure_identity(void)
{
	static const char *const names[] = {"revision", "version", "repeatable", "log", "tenant"};
	MigrIdentity identity = {0};
	Oid			schema = get_namespace_oid("migr", true);

	identity.extension = get_extension_oid("migr", true);
	for (int i = 0; i < (int) lengthof(names) && OidIsValid(schema); i++)
	{
		identity.tables[i] = get_relname_relid(names[i], schema);
		if (OidIsValid(identity.tables[i]) && is_guarded(identity.tables[i]))
			identity.guarded |= 1 << i;
	}
	return identity;
}

bool
migr_secure_owner_is_superuser(void)
{
	static const char *const names[] = {"version", "revision", "repeatable", "scratch"};

	for (int i = 0; i < (int) lengthof(names); i++)
	{
		if (!superuser_arg(table_owner(migr_secure_table(names[i]))))
			return false;
	}
	return true;
}

Oid
migr_secure_store_owner(void)
{
	Oid			owner = table_owner(migr_secure_table("revision"));

	return superuser_arg(owner) ? table_owner(migr_secure_table("repeatable")) : owner;
}

static Oid
table_owner(Oid table)
{
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(table));
	Oid			owner;

	/* No lock is held on it: another session can drop the extension. */
	if (!HeapTupleIsValid(tuple))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("a table of migr was dropped by another session"),
				 errhint("If the extension is there again, run the command again.")));
	owner = ((Form_pg_class) GETSTRUCT(tuple))->relowner;
	ReleaseSysCache(tuple);
	return owner;
}

/* There are no tables of migr in this process's database. */
static bool without_tables;

void
migr_secure_without_tables(void)
{
	without_tables = true;
}

void
migr_secure_begin(MigrSecure *secure, bool as_caller)
{
	migr_secure_begin_as(secure, as_caller || without_tables ? GetUserId()
						 : table_owner(migr_secure_table("version")));
}

void
migr_secure_begin_as(MigrSecure *secure, Oid user)
{
	GetUserIdAndSecContext(&secure->user, &secure->context);
	/* Restricted, so that the user's triggers can't be put off beyond our end. */
	SetUserIdAndSecContext(user, secure->context |
						   SECURITY_LOCAL_USERID_CHANGE |
						   SECURITY_RESTRICTED_OPERATION);
	secure->guc_level = NewGUCNestLevel();
	(void) set_config_option("search_path", "pg_catalog, pg_temp",
							 PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE,
							 true, 0, false);

	/* It decides how our queries are read. */
	if (!standard_conforming_strings)
		(void) set_config_option("standard_conforming_strings", "on",
								 PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE,
								 true, 0, false);
}

void
migr_secure_end(const MigrSecure *secure)
{
	AtEOXact_GUC(false, secure->guc_level);
	SetUserIdAndSecContext(secure->user, secure->context);
}
