/*
 * strict_setting.c
 *		Settings that a session can't weaken.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/parallel.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/indexing.h"
#include "catalog/pg_db_role_setting.h"
#include "catalog/pg_type.h"
#include "commands/dbcommands.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "base/compat.h"
#include "base/errors.h"
#include "base/strict_setting.h"

/* One of these settings, beside its value. */
typedef struct Safeguard
{
	const char *name;
	int			strictest;
	const struct config_enum_entry *options;	/* NULL: on or off */
	bool		chosen;			/* by the session, and allowed to */
	bool		hidden;			/* what the server's files say is not known */
} Safeguard;

/* In the order of MigrGuard. */
static const struct config_enum_entry guard_options[] = {
	{"off", MIGR_GUARD_OFF, false},
	{"log", MIGR_GUARD_LOG, false},
	{"error", MIGR_GUARD_ERROR, false},
	{NULL, 0, false}
};

/* In the order of MigrRequired. */
static const struct config_enum_entry required_options[] = {
	{"none", MIGR_REQUIRED_NONE, false},
	{"destructive", MIGR_REQUIRED_DESTRUCTIVE, false},
	{"all", MIGR_REQUIRED_ALL, false},
	{NULL, 0, false}
};

static Safeguard protect = {.name = "migr.protect", .strictest = true};
static Safeguard guard = {.name = "migr.guard", .strictest = MIGR_GUARD_ERROR, .options = guard_options};
static Safeguard check_loader = {.name = "migr.check_loader", .strictest = true};
static Safeguard refuse_on_drift = {.name = "migr.refuse_on_drift", .strictest = true};
static Safeguard required = {.name = "migr.require_approval", .strictest = MIGR_REQUIRED_ALL, .options = required_options};

static bool protect_value;
static int	guard_value;
static bool check_loader_value;
static bool refuse_on_drift_value;
static int	required_value;

/*
 * While the library is loaded, settings arrive that were made before it was
 * there, and were not checked then.
 */
static bool loading;

/*
 * What was set before the library was loaded was not set by the function that
 * happens to load it, so then it is the role of the session that counts.
 */
bool
migr_safeguard_may_weaken(bool is_loading)
{
	const char *is_superuser;

	if (!is_loading)
		return IsTransactionState() && superuser();
	is_superuser = GetConfigOption("is_superuser", true, false);
	return is_superuser && strcmp(is_superuser, "on") == 0;
}

/*
 * Is a value accepted?  Those of the server's files and of the database are:
 * who wrote these had the right to.  ALTER DATABASE and ALTER ROLE try theirs
 * as PGC_S_TEST; what they store for a role comes back when that role logs in,
 * and is judged then.
 */
static bool
is_accepted(Safeguard *safeguard, int value, void **extra, GucSource source)
{
	bool	   *chosen;

	if (source <= PGC_S_DATABASE || source == PGC_S_TEST)
		return true;
	if (value != safeguard->strictest && !InitializingParallelWorker &&
		!migr_safeguard_may_weaken(loading))
	{
		/* It may have taken the place of what the server's files say. */
		if (loading && source < PGC_S_SESSION)
			safeguard->hidden = true;
		GUC_check_errcode(ERRCODE_INSUFFICIENT_PRIVILEGE);
		GUC_check_errmsg("permission denied to weaken \"%s\" in a session",
						 safeguard->name);
		GUC_check_errdetail("Only a superuser can; everybody else can only set it to the strictest value.");
		GUC_check_errhint("The owner of the database sets it with ALTER DATABASE.");
		return false;
	}

	/* The server frees this when the value goes. */
	chosen = migr_compat_guc_malloc(sizeof(bool));
	if (chosen == NULL)
		return false;
	*chosen = true;
	*extra = chosen;
	return true;
}

static bool
check_protect(bool *value, void **extra, GucSource source)
{
	return is_accepted(&protect, *value, extra, source);
}

static void
assign_protect(bool value, void *extra)
{
	protect.chosen = extra != NULL;
}

static bool
check_guard(int *value, void **extra, GucSource source)
{
	return is_accepted(&guard, *value, extra, source);
}

static void
assign_guard(int value, void *extra)
{
	guard.chosen = extra != NULL;
}

static bool
check_check_loader(bool *value, void **extra, GucSource source)
{
	return is_accepted(&check_loader, *value, extra, source);
}

static void
assign_check_loader(bool value, void *extra)
{
	check_loader.chosen = extra != NULL;
}

static bool
check_refuse_on_drift(bool *value, void **extra, GucSource source)
{
	return is_accepted(&refuse_on_drift, *value, extra, source);
}

static void
assign_refuse_on_drift(bool value, void *extra)
{
	refuse_on_drift.chosen = extra != NULL;
}

static bool
check_required(int *value, void **extra, GucSource source)
{
	return is_accepted(&required, *value, extra, source);
}

static void
assign_required(int value, void *extra)
{
	required.chosen = extra != NULL;
}

/* The value of a setting in an array of "name=value"; the last one counts. */
static char *
find_value(ArrayType *settings, const char *setting)
{
	int			len = strlen(setting);
	char	   *value = NULL;
	Datum	   *elements;
	int			count;

	deconstruct_array(settings, TEXTOID, -1, false, TYPALIGN_INT, &elements,
					  NULL, &count);
	for (int i = 0; i < count; i++)
	{
		char	   *element = TextDatumGetCString(elements[i]);

		/* In any case: it may be as a superuser wrote it. */
		if (pg_strncasecmp(element, setting, len) == 0 && element[len] == '=')
			value = element + len + 1;
	}
	return value;
}

/* The value that is stored for all roles in a database; 0: in all of them. */
static char *
read_stored(Relation rel, Oid database, const char *setting)
{
	ScanKeyData keys[2];
	SysScanDesc scan;
	HeapTuple	tuple;
	char	   *value = NULL;

	ScanKeyInit(&keys[0], Anum_pg_db_role_setting_setdatabase,
				BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(database));
	ScanKeyInit(&keys[1], Anum_pg_db_role_setting_setrole,
				BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(InvalidOid));
	scan = systable_beginscan(rel, DbRoleSettingDatidRolidIndexId, true, NULL,
							  lengthof(keys), keys);
	tuple = systable_getnext(scan);
	if (HeapTupleIsValid(tuple))
	{
		bool		is_null;
		Datum		settings = heap_getattr(tuple,
											Anum_pg_db_role_setting_setconfig,
											RelationGetDescr(rel), &is_null);

		if (!is_null)
			value = find_value(DatumGetArrayTypeP(settings), setting);
	}
	systable_endscan(scan);
	return value;
}

char *
migr_safeguard_stored(const char *setting)
{
	Relation	rel = table_open(DbRoleSettingRelationId, AccessShareLock);
	char	   *value = read_stored(rel, MyDatabaseId, setting);

	if (value == NULL)
		value = read_stored(rel, InvalidOid, setting);
	table_close(rel, AccessShareLock);
	return value;
}

/* What a stored value means; the strictest if it means nothing. */
static int
parse_stored(const Safeguard *safeguard, const char *text)
{
	bool		on;

	if (safeguard->options == NULL)
		return parse_bool(text, &on) ? on : safeguard->strictest;
	for (int i = 0; safeguard->options[i].name; i++)
	{
		if (pg_strcasecmp(safeguard->options[i].name, text) == 0)
			return safeguard->options[i].val;
	}
	return safeguard->strictest;
}

/* The value that counts; where nothing can be read, the session's own. */
static int
in_force(const Safeguard *safeguard, int value)
{
	char	   *stored;

	if (safeguard->chosen || !IsTransactionState() || !OidIsValid(MyDatabaseId))
		return value;
	stored = migr_safeguard_stored(safeguard->name);
	if (stored)
		return parse_stored(safeguard, stored);
	return safeguard->hidden ? safeguard->strictest : value;
}

/* SHOW says what is in force. */
static const char *
show_protect(void)
{
	return in_force(&protect, protect_value) ? "on" : "off";
}

static const char *
show_guard(void)
{
	return guard_options[in_force(&guard, guard_value)].name;
}

static const char *
show_check_loader(void)
{
	return in_force(&check_loader, check_loader_value) ? "on" : "off";
}

static const char *
show_refuse_on_drift(void)
{
	return in_force(&refuse_on_drift, refuse_on_drift_value) ? "on" : "off";
}

static const char *
show_required(void)
{
	return required_options[in_force(&required, required_value)].name;
}

void
migr_safeguard_init(void)
{
	loading = true;
	DefineCustomBoolVariable(check_loader.name,
							 "Run for a role only what a role with all its rights has loaded.",
							 NULL, &check_loader_value, false,
							 PGC_USERSET, 0, check_check_loader,
							 assign_check_loader, show_check_loader);
	DefineCustomEnumVariable(guard.name,
							 "What becomes of schema changes outside of migr.",
							 NULL, &guard_value, MIGR_GUARD_OFF, guard_options,
							 PGC_USERSET, 0, check_guard, assign_guard, show_guard);
	DefineCustomBoolVariable(protect.name,
							 "Refuse what undoes or replaces what is applied.",
							 NULL, &protect_value, false,
							 PGC_USERSET, 0, check_protect, assign_protect,
							 show_protect);
	DefineCustomBoolVariable(refuse_on_drift.name,
							 "Refuse upgrades that touch what is not as migr left it.",
							 NULL, &refuse_on_drift_value, false,
							 PGC_USERSET, 0, check_refuse_on_drift,
							 assign_refuse_on_drift, show_refuse_on_drift);
	DefineCustomEnumVariable(required.name,
							 "Run only what somebody else than its loader has approved.",
							 NULL, &required_value, MIGR_REQUIRED_NONE, required_options,
							 PGC_USERSET, 0, check_required, assign_required,
							 show_required);
	loading = false;
}

void
migr_safeguard_check(const char *command)
{
	if (in_force(&protect, protect_value))
		ereport(ERROR,
				(errcode(ERRCODE_MIGR_PROTECTED),
				 errmsg("%s is not allowed while migr.protect is on", command),
				 errhint("The owner of the database can turn it off: ALTER DATABASE %s SET migr.protect = off.",
						 quote_identifier(get_database_name(MyDatabaseId)))));
}

MigrGuard
migr_safeguard_guard(void)
{
	return in_force(&guard, guard_value);
}

bool
migr_safeguard_check_loader(void)
{
	return in_force(&check_loader, check_loader_value);
}

bool
migr_safeguard_refuse_on_drift(void)
{
	return in_force(&refuse_on_drift, refuse_on_drift_value);
}

MigrRequired
migr_safeguard_required(void)
{
	return in_force(&required, required_value);
}
