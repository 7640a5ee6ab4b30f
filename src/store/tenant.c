/*
 * tenant.c
 *		Tenants: schemas that each have a version of their own.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/varlena.h"

#include "base/ident.h"
#include "base/pattern.h"
#include "base/strict_setting.h"
#include "store/log.h"
#include "store/tenant.h"

static char *tenant_label;
static char *tenant_shared;

#define COLUMNS(schema) \
	"t.tenant, " schema ", t.heads, t.applied, t.state = 'failed', t.fingerprint, t.error, t.sqlstate," \
	" t.tries, t.changed_at, t.changed_by"

static MigrQuery read_query = {
	"SELECT " COLUMNS("0::pg_catalog.oid") " FROM migr.tenant t WHERE t.tenant = $1", 1, {TEXTOID}
};

static MigrQuery read_all_query = {
	"SELECT " COLUMNS("n.oid")
	"  FROM migr.tenant t LEFT JOIN pg_catalog.pg_namespace n ON n.nspname = t.tenant::pg_catalog.name"
	" ORDER BY n.oid NULLS LAST, t.tenant", 0, {0}
};

static MigrQuery any_query = {"SELECT true FROM migr.tenant LIMIT 1", 0, {0}};

static MigrQuery names_query = {"SELECT tenant FROM migr.tenant", 0, {0}};

static MigrQuery write_query = {
	"INSERT INTO migr.tenant AS t (tenant, heads, applied, fingerprint, changed_by)"
	" VALUES ($1, $2, $3, $4, $5)"
	" ON CONFLICT (tenant) DO UPDATE SET heads = $2, applied = $3, fingerprint = $4, state = 'ok',"
	"       error = NULL, sqlstate = NULL, tries = 0,"
	"       changed_at = pg_catalog.clock_timestamp(), changed_by = $5",
	5, {TEXTOID, TEXTARRAYOID, INT4OID, TEXTOID, TEXTOID}
};

static MigrQuery write_failure_query = {
	"INSERT INTO migr.tenant AS t (tenant, heads, applied, state, error, sqlstate, tries, changed_by)"
	" VALUES ($1, '{}', 0, 'failed', $2, $3, 1, $4)"
	" ON CONFLICT (tenant) DO UPDATE SET state = 'failed', error = $2, sqlstate = $3, tries = t.tries + 1,"
	"       changed_at = pg_catalog.clock_timestamp(), changed_by = $4",
	4, {TEXTOID, TEXTOID, TEXTOID, TEXTOID}
};

/* What is in a schema depends on it; by the index of who depends on what. */
static MigrQuery empty_query = {
	"SELECT NOT EXISTS (SELECT FROM pg_catalog.pg_depend"
	"                    WHERE refclassid = 'pg_catalog.pg_namespace'::pg_catalog.regclass"
	"                      AND refobjid = $1 AND deptype = 'n')", 1, {OIDOID}
};

/* A list of none is nobody's mistake; anything else that is no label is. */
static bool
check_label(char **value, void **extra, GucSource source)
{
	if (*value == NULL || **value == '\0' || migr_ident_valid(*value))
		return true;
	GUC_check_errdetail("It is a label. " MIGR_IDENT_RULE);
	return false;
}

static bool
check_shared(char **value, void **extra, GucSource source)
{
	char	   *copy = pstrdup(*value);
	List	   *names;

	if (SplitIdentifierString(copy, ',', &names))
		return true;
	GUC_check_errdetail("List syntax is invalid.");
	return false;
}

void
migr_tenant_init(void)
{
	DefineCustomStringVariable("migr.tenant_label",
							   "Label of the branch whose revisions are for tenants: schemas that each have a version.",
							   NULL, &tenant_label, "", PGC_USERSET, 0,
							   check_label, NULL, NULL);
	DefineCustomStringVariable("migr.tenant_shared",
							   "Schemas that stand behind a tenant's own in search_path when its revisions run.",
							   NULL, &tenant_shared, "public", PGC_USERSET, GUC_LIST_INPUT,
							   check_shared, NULL, NULL);
}

const char *
migr_tenant_shared(void)
{
	return tenant_shared ? tenant_shared : "";
}

List *
migr_tenant_shared_names(void)
{
	List	   *names = NIL;

	return SplitIdentifierString(pstrdup(migr_tenant_shared()), ',', &names) ? names : NIL;
}

char *
migr_tenant_path(const char *tenant)
{
	const char *shared = migr_tenant_shared();

	/* Temporary tables last: none of the caller's stands before the tenant's. */
	return psprintf("%s%s%s, pg_temp", quote_identifier(tenant), *shared ? ", " : "", shared);
}

bool
migr_tenant_is_empty(MigrDb *db, Oid schema)
{
	Datum		value = ObjectIdGetDatum(schema);

	(void) migr_db_run(db, &empty_query, &value, NULL);
	return DatumGetBool(migr_db_datum(0, 1));
}

const char *
migr_tenant_label(void)
{
	const char *stored = migr_safeguard_stored("migr.tenant_label");
	const char *label = stored && *stored ? stored : tenant_label;

	return label && *label ? label : NULL;
}

/* What stands behind each tenant's own can be none of them. */
static void
check_not_shared(const char *name)
{
	if (migr_ident_is_in(migr_tenant_shared_names(), name))
		ereport(ERROR,
				(errcode(ERRCODE_RESERVED_NAME),
				 errmsg("schema \"%s\" can't be a tenant", name),
				 errdetail("migr.tenant_shared says that all tenants share it."),
				 errhint("Take it out of migr.tenant_shared, if they do not.")));
}

void
migr_tenant_check_name(const char *name)
{
	if (*name == '\0' || strlen(name) >= NAMEDATALEN)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_NAME),
				 errmsg("\"%s\" is no name of a tenant", name),
				 errdetail("A tenant is a schema, whose name has 1 to %d bytes.", NAMEDATALEN - 1)));
	if (strncmp(name, "pg_", 3) == 0 || strcmp(name, "information_schema") == 0 ||
		strcmp(name, "migr") == 0 || strcmp(name, "migr_kept") == 0 || strcmp(name, "migr_standalone") == 0)
		ereport(ERROR,
				(errcode(ERRCODE_RESERVED_NAME),
				 errmsg("schema \"%s\" can't be a tenant", name),
				 errdetail("It belongs to the server or to migr.")));
	/* However it is quoted: in search_path, that is another schema. */
	if (strcmp(name, "$user") == 0)
		ereport(ERROR,
				(errcode(ERRCODE_RESERVED_NAME),
				 errmsg("schema \"%s\" can't be a tenant", name),
				 errdetail("In search_path, the name means the schema that is called as the user is.")));
	check_not_shared(name);
}

/* A row of one of the queries that have these columns: the schema may be left to the caller. */
static MigrTenant *
tenant_of(uint64 row)
{
	MigrTenant *tenant = palloc0(sizeof(MigrTenant));

	tenant->known = true;
	tenant->schema = DatumGetObjectId(migr_db_datum(row, 2));
	tenant->name = migr_db_text(row, 1);
	tenant->heads = migr_db_texts(row, 3);
	tenant->applied = DatumGetInt32(migr_db_datum(row, 4));
	tenant->failed = DatumGetBool(migr_db_datum(row, 5));
	tenant->fingerprint = migr_db_text(row, 6);
	tenant->error = migr_db_text(row, 7);
	tenant->sqlstate = migr_db_text(row, 8);
	tenant->tries = DatumGetInt32(migr_db_datum(row, 9));
	tenant->changed_at = migr_db_timestamp(row, 10);
	tenant->changed_by = migr_db_text(row, 11);
	return tenant;
}

MigrTenant *
migr_tenant_read(MigrDb *db, const char *name)
{
	Datum		value = migr_db_text_datum(name);
	MigrTenant *tenant;

	tenant = migr_db_run(db, &read_query, &value, NULL) > 0 ? tenant_of(0) : palloc0(sizeof(MigrTenant));
	tenant->name = pstrdup(name);
	/* Not by the query: whatever the statistics say, one among thousands is found by its name. */
	tenant->schema = get_namespace_oid(name, true);
	return tenant;
}

List *
migr_tenant_read_all(MigrDb *db, const char *pattern)
{
	List	   *patterns = pattern ? list_make1(unconstify(char *, pattern)) : NIL;
	uint64		rows = migr_db_run(db, &read_all_query, NULL, NULL);
	List	   *tenants = NIL;

	for (uint64 i = 0; i < rows; i++)
	{
		MigrTenant *tenant = tenant_of(i);

		if (pattern == NULL || migr_pattern_matches(patterns, tenant->name, ""))
			tenants = lappend(tenants, tenant);
	}
	return tenants;
}

HTAB *
migr_tenant_names(MigrDb *db)
{
	Oid			schema = get_namespace_oid("migr", true);
	HASHCTL		control = {0};
	HTAB	   *names;
	uint64		rows;

	if (!OidIsValid(schema) || !OidIsValid(get_relname_relid("tenant", schema)))
		return NULL;
	rows = migr_db_run(db, &names_query, NULL, NULL);
	if (rows == 0)
		return NULL;
	control.keysize = NAMEDATALEN;
	control.entrysize = NAMEDATALEN;
	control.hcxt = CurrentMemoryContext;
	names = hash_create("migr tenants", rows, &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	for (uint64 i = 0; i < rows; i++)
	{
		NameData	name;

		namestrcpy(&name, migr_db_text(i, 1));
		(void) hash_search(names, &name, HASH_ENTER, NULL);
	}
	return names;
}

bool
migr_tenant_any(MigrDb *db)
{
	return migr_db_run(db, &any_query, NULL, NULL) > 0;
}

void
migr_tenant_write(MigrDb *db, const MigrTenant *tenant)
{
	Datum		values[5];
	char		nulls[] = "     ";

	values[0] = migr_db_text_datum(tenant->name);
	values[1] = migr_db_texts_datum(tenant->heads);
	values[2] = Int32GetDatum(tenant->applied);
	values[3] = migr_db_text_datum(tenant->fingerprint);
	nulls[3] = tenant->fingerprint ? ' ' : 'n';
	values[4] = migr_db_text_datum(migr_audit_user());
	migr_db_run_one(db, &write_query, values, nulls);
}

void
migr_tenant_write_failure(MigrDb *db, const MigrTenant *tenant)
{
	Datum		values[4];

	values[0] = migr_db_text_datum(tenant->name);
	values[1] = migr_db_text_datum(tenant->error);
	values[2] = migr_db_text_datum(tenant->sqlstate);
	values[3] = migr_db_text_datum(migr_audit_user());
	migr_db_run_one(db, &write_failure_query, values, NULL);
}

void
migr_tenant_ready(void)
{
	static MigrQuery *const queries[] = {&write_query};

	migr_db_plan(queries, lengthof(queries));
}
