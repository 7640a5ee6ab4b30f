/*
 * hazard_rows.c
 *		Questions about the rows of a table, and their answers.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/objectaddress.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "storage/proc.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/syscache.h"
#include "utils/varlena.h"

#include "base/db.h"
#include "base/scan.h"
#include "base/subxact.h"
#include "diff/hazard_rows.h"
#include "model/attribute_list.h"

/* So many rows of a table are looked at. */
#define MAX_ROWS "1000000"

/* How long a question waits for a lock, in milliseconds. */
#define MAX_WAIT 100

/* --- questions ------------------------------------------------------------ */

char *
migr_hazard_where(const char *from, const char *expression)
{
	return psprintf("SELECT count(*), count(*) FILTER (WHERE bad)"
					" FROM (SELECT (%s) AS bad FROM %s LIMIT " MAX_ROWS ") r",
					expression, from);
}

/* Append k1, k2 … behind a prefix. */
static void
append_keys(StringInfo out, const List *keys, const char *prefix)
{
	for (int i = 1; i <= list_length(keys); i++)
		appendStringInfo(out, "%s%sk%d", i > 1 ? ", " : "", prefix, i);
}

/* Append the first rows of a table as r: keys, and whether they are wanted. */
static void
append_rows(StringInfo out, const char *from, const List *keys, const char *predicate)
{
	int			i = 0;
	ListCell   *lc;

	appendStringInfoString(out, "WITH r AS MATERIALIZED (SELECT ");
	foreach(lc, keys)
		appendStringInfo(out, "%s AS k%d, ", (char *) lfirst(lc), ++i);
	appendStringInfo(out, "(%s) AS wanted FROM %s LIMIT " MAX_ROWS ")"
					 " SELECT (SELECT count(*) FROM r), ", predicate ? predicate : "true", from);
}

char *
migr_hazard_duplicates(const char *from, const MigrHazardKey *key)
{
	StringInfoData out;

	initStringInfo(&out);
	append_rows(&out, from, key->keys, key->predicate);
	appendStringInfoString(&out, "(SELECT coalesce(sum(d.n), 0)::int8 FROM"
						   " (SELECT count(*) AS n FROM r WHERE wanted");
	if (!key->nulls_are_equal)
	{
		appendStringInfoString(&out, " AND num_nulls(");
		append_keys(&out, key->keys, "r.");
		appendStringInfoString(&out, ") = 0");
	}
	appendStringInfoString(&out, " GROUP BY ");
	append_keys(&out, key->keys, "r.");
	appendStringInfoString(&out, " HAVING count(*) > 1) d)");
	return out.data;
}

char *
migr_hazard_orphans(const char *from, const List *keys, const char *referenced,
				  const List *referenced_keys, bool match_full)
{
	StringInfoData out;
	StringInfoData nulls;

	initStringInfo(&nulls);
	appendStringInfoString(&nulls, "num_nulls(");
	append_keys(&nulls, keys, "r.");
	appendStringInfoChar(&nulls, ')');
	initStringInfo(&out);
	append_rows(&out, from, keys, NULL);
	appendStringInfo(&out, "(SELECT count(*) FROM r WHERE %s = 0", nulls.data);
	if (referenced)
	{
		int			i = 0;
		ListCell   *lc;

		appendStringInfo(&out, " AND NOT EXISTS (SELECT FROM %s p", referenced);
		foreach(lc, referenced_keys)
		{
			i++;
			appendStringInfo(&out, "%s p.%s = r.k%d", i == 1 ? " WHERE" : " AND",
							 (char *) lfirst(lc), i);
		}
		appendStringInfoChar(&out, ')');
	}
	appendStringInfoChar(&out, ')');
	if (match_full)
		appendStringInfo(&out, " + (SELECT count(*) FROM r WHERE %s BETWEEN 1 AND %d)",
						 nulls.data, list_length(keys) - 1);
	return out.data;
}

/* --- definitions ---------------------------------------------------------- */

/* Behind the parenthesis that has just been opened, or the end. */
static int
skip_parenthesis(MigrScan *scan, MigrToken *token)
{
	int			depth = 1;

	while (depth > 0 && migr_scan_next(scan, token) != MIGR_TOKEN_END &&
		   token->kind != MIGR_TOKEN_UNTERMINATED)
	{
		if (token->kind == MIGR_TOKEN_OTHER && scan->text[token->start] == '(')
			depth++;
		else if (token->kind == MIGR_TOKEN_OTHER && scan->text[token->start] == ')')
			depth--;
	}
	return token->end;
}

/* The end of a name, with its qualification, that begins with the next token. */
static int
skip_name(MigrScan *scan, MigrToken *token)
{
	int			end;

	(void) migr_scan_next(scan, token);
	end = token->end;
	while (scan->pos < scan->len && scan->text[scan->pos] == '.')
	{
		(void) migr_scan_next(scan, token);
		(void) migr_scan_next(scan, token);
		end = token->end;
	}
	return end;
}

char *
migr_hazard_name(const char *text)
{
	MigrScan	scan;
	MigrToken	token;

	migr_scan_begin(&scan, text, strlen(text));
	return pnstrdup(text, skip_name(&scan, &token));
}

/*
 * What an element of an index is about, with its collation: a column, a call or
 * an expression in parentheses.  An operator class stands behind a blank.
 */
static char *
element_key(const char *text)
{
	int			len = strlen(text);
	MigrScan	scan;
	MigrToken	token;
	int			end;

	migr_scan_begin(&scan, text, len);
	if (*text == '(')
	{
		(void) migr_scan_next(&scan, &token);
		end = skip_parenthesis(&scan, &token);
	}
	else
	{
		end = skip_name(&scan, &token);
		if (scan.pos < len && text[scan.pos] == '(')
		{
			(void) migr_scan_next(&scan, &token);
			end = skip_parenthesis(&scan, &token);
		}
	}
	if (strncmp(text + end, " COLLATE ", strlen(" COLLATE ")) == 0)
	{
		(void) migr_scan_next(&scan, &token);
		end = skip_name(&scan, &token);
	}
	return pnstrdup(text, end);
}

MigrHazardKey *
migr_hazard_key(const char *definition)
{
	MigrHazardKey *key = palloc0(sizeof(MigrHazardKey));
	const char *behind;
	MigrScan	scan;
	MigrToken	token;
	int			start;
	int			where;
	ListCell   *lc;

	migr_scan_begin(&scan, definition, strlen(definition));
	do
		(void) migr_scan_next(&scan, &token);
	while (token.kind != MIGR_TOKEN_END && definition[token.start] != '(');
	start = token.end;
	behind = definition + skip_parenthesis(&scan, &token);
	foreach(lc, migr_ddl_list(pnstrdup(definition + start, behind - definition - start - 1)))
		key->keys = lappend(key->keys, element_key(((MigrDdlItem *) lfirst(lc))->text));
	where = migr_ddl_list_word(behind, "WHERE");
	if (where >= 0)
	{
		key->predicate = behind + where + strlen("WHERE");
		behind = pnstrdup(behind, where);
	}
	/* A constraint has it in front of its columns. */
	key->nulls_are_equal = migr_ddl_list_word(behind, "DISTINCT") >= 0 ||
		strncmp(definition, "UNIQUE NULLS NOT DISTINCT", strlen("UNIQUE NULLS NOT DISTINCT")) == 0;
	return key;
}

/* --- answers -------------------------------------------------------------- */

typedef struct Asking
{
	const char *table;
	const char *question;
	bool		is_new;			/* there is no such table */
	int64		rows;
	int64		bad;
} Asking;

static void
set_here(const char *name, const char *value)
{
	(void) set_config_option(name, value, PGC_USERSET, PGC_S_SESSION,
							 GUC_ACTION_SAVE, true, 0, false);
}

/* Until the subtransaction ends. */
static void
pin_lock_timeout(void)
{
	if (LockTimeout == 0 || LockTimeout > MAX_WAIT)
		set_here("lock_timeout", psprintf("%d", MAX_WAIT));
}

/*
 * The settings of a question; they end with it.  Functions in an expression may
 * write, and a policy would hide rows: both are errors.
 */
static void
pin_settings(void)
{
	set_here("row_security", "off");
	/* Since 16 this is no setting that a function may make. */
	XactReadOnly = true;
	/* The plans of snapshots are not those of joins. */
	set_here("enable_nestloop", "on");
	set_here("enable_mergejoin", "on");
	/* The first rows are the same ones each time. */
	set_here("synchronize_seqscans", "off");
	set_here("max_parallel_workers_per_gather", "0");
}

/* A RangeVarGetRelidCallback: note who owns a relation, and whether to ask. */
static void
note_owner(const RangeVar *name, Oid relation, Oid old_relation, void *arg)
{
	Oid		   *owner = arg;
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relation));
	Form_pg_class form;

	*owner = InvalidOid;
	if (!HeapTupleIsValid(tuple))
		return;
	form = (Form_pg_class) GETSTRUCT(tuple);
	if (!has_privs_of_role(GetUserId(), form->relowner))
		aclcheck_error(ACLCHECK_NOT_OWNER, get_relkind_objtype(form->relkind), name->relname);
	*owner = form->relowner;
	ReleaseSysCache(tuple);
}

/*
 * The owner of a table, which stays what it is: the table is locked, as by its
 * readers, once the caller is found to have the owner's rights.  InvalidOid if
 * there is no such table; 42501 without the rights.
 */
static Oid
lock_for_owner(const char *table)
{
	List	   *names = textToQualifiedNameList(cstring_to_text(table));
	Oid			owner = InvalidOid;

	(void) RangeVarGetRelidExtended(makeRangeVarFromNameList(names), AccessShareLock,
									RVR_MISSING_OK, note_owner, &owner);
	return owner;
}

static void
ask(void *arg)
{
	Asking	   *asking = arg;
	MigrQuery	query = {asking->question, 0, {0}};
	Oid			owner;
	MigrDb		db;

	pin_lock_timeout();
	owner = lock_for_owner(asking->table);
	asking->is_new = !OidIsValid(owner);
	if (asking->is_new)
		return;
	migr_db_begin_as(&db, owner);
	pin_settings();
	(void) migr_db_run_once(&db, &query, NULL);
	asking->rows = migr_db_int64(0, 1);
	asking->bad = migr_db_int64(0, 2);
	migr_db_end(&db);
}

/* Has the statement been cancelled, or can its transaction not go on? */
static bool
ends_statement(const ErrorData *error)
{
	int			category = ERRCODE_TO_CATEGORY(error->sqlerrcode);

	return category == ERRCODE_TO_CATEGORY(ERRCODE_OPERATOR_INTERVENTION) ||
		category == ERRCODE_TO_CATEGORY(ERRCODE_T_R_SERIALIZATION_FAILURE);
}

/* Is an error about something that is to be created first? */
static bool
is_about_new(const ErrorData *error)
{
	return error->sqlerrcode == ERRCODE_UNDEFINED_COLUMN ||
		error->sqlerrcode == ERRCODE_UNDEFINED_TABLE ||
		error->sqlerrcode == ERRCODE_UNDEFINED_OBJECT ||
		error->sqlerrcode == ERRCODE_INVALID_SCHEMA_NAME;
}

/* Is an error about a value that an expression does not take? */
static bool
is_about_value(const ErrorData *error)
{
	return ERRCODE_TO_CATEGORY(error->sqlerrcode) == ERRCODE_TO_CATEGORY(ERRCODE_DATA_EXCEPTION) ||
		error->sqlerrcode == ERRCODE_CHECK_VIOLATION ||
		error->sqlerrcode == ERRCODE_NOT_NULL_VIOLATION;
}

MigrHazardAnswer
migr_hazard_ask(const char *table, const char *question)
{
	Asking		asking = {table, question, false, 0, 0};
	MigrHazardAnswer answer = {0};
	ErrorData  *error = migr_subxact_run(ask, &asking, false);

	if (error && ends_statement(error))
		ReThrowError(error);
	answer.is_new = error ? is_about_new(error) : asking.is_new;
	answer.is_of_value = error && is_about_value(error);
	answer.unknown = error ? error->message : NULL;
	answer.bad = asking.bad;
	answer.at_least = asking.rows >= strtol(MAX_ROWS, NULL, 10);
	if (answer.at_least && answer.bad == 0)
		answer.unknown = "beyond its first " MAX_ROWS " rows";
	return answer;
}

/* Partitions speak for themselves: they may outlive their table. */
static MigrQuery uses_query = {
	"SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname), a.attname::text, a.atttypid <> t.oid"
	"  FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace m ON m.oid = t.typnamespace"
	"  JOIN pg_catalog.pg_attribute a ON a.atttypid IN (t.oid, nullif(t.typarray, 0))"
	"  JOIN pg_catalog.pg_class c ON c.oid = a.attrelid"
	"  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
	" WHERE m.nspname = $1 AND t.typname = $2 AND a.attnum > 0 AND NOT a.attisdropped"
	"   AND c.relkind = 'r' AND c.relpersistence <> 't'"
	" ORDER BY n.nspname, c.relname, a.attnum", 2, {TEXTOID, TEXTOID}
};

List *
migr_hazard_uses(const MigrObject *type)
{
	List	   *uses = NIL;
	Datum		values[] = {migr_db_text_datum(type->schema), migr_db_text_datum(type->name)};
	uint64		rows;
	MigrDb		db;

	migr_db_begin_as_caller(&db);
	rows = migr_db_run(&db, &uses_query, values, NULL);
	for (uint64 i = 0; i < rows; i++)
	{
		MigrHazardUse *use = palloc(sizeof(MigrHazardUse));

		use->table = migr_db_text(i, 1);
		use->column = migr_db_text(i, 2);
		use->is_array = DatumGetBool(migr_db_datum(i, 3));
		uses = lappend(uses, use);
	}
	migr_db_end(&db);
	return uses;
}
