/*
 * usage_gate.c
 *		Upgrades that drop what is in use are refused.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "catalog/catalog.h"
#include "catalog/dependency.h"
#include "catalog/namespace.h"
#include "catalog/objectaccess.h"
#include "catalog/pg_class.h"
#include "catalog/pg_index.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_proc.h"
#include "commands/dbcommands.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/relcache.h"
#include "utils/syscache.h"

#include "base/errors.h"
#include "base/ident.h"
#include "base/strict_span.h"
#include "run/usage_gate.h"
#include "run/usage_made.h"
#include "store/mutex.h"
#include "store/salvaged.h"
#include "store/usage_known.h"

/* An object by the name that it had when the run began. */
typedef struct Named
{
	Oid			classid;
	Oid			objid;
	int			subid;
	const char *schema;
	const char *name;
	const char *column;
	oidvector  *arguments;
} Named;

typedef struct Dropped
{
	Named		named;			/* first, as in a list of these */
	Oid			table;			/* of an index or a column */
	char		relkind;		/* '\0': a function */
	MigrUsed	used;
	MigrUsedVerdict verdict;
	List	   *columns;		/* char *: of a table, those that are needed */
} Dropped;

/* What is watched. */
static struct
{
	bool		on;
	bool		apart;
	int			seconds;		/* refused if used in this time; 0: nothing is */
	int			stored;			/* what that would be if it had not been lifted */
	int			noted;			/* told in the log if used in this time */
	MemoryContext context;
	List	   *renamed;		/* Named * */
	List	   *made;			/* Named *, without names */
	List	   *dropped;		/* Dropped *, each once */
} gate;

static object_access_hook_type next_access;

/* --- names ---------------------------------------- */

static Named *
find_named(List *list, Oid classid, Oid objid, int subid)
{
	ListCell   *lc;

	foreach(lc, list)
	{
		Named	   *named = lfirst(lc);

		if (named->classid == classid && named->objid == objid && named->subid == subid)
			return named;
	}
	return NULL;
}

static bool
read_function(Named *named)
{
	HeapTuple	row = SearchSysCache1(PROCOID, ObjectIdGetDatum(named->objid));
	Form_pg_proc function;

	if (!HeapTupleIsValid(row))
		return false;
	function = (Form_pg_proc) GETSTRUCT(row);
	named->schema = get_namespace_name(function->pronamespace);
	named->name = pstrdup(NameStr(function->proname));
	named->arguments = buildoidvector(function->proargtypes.values, function->pronargs);
	ReleaseSysCache(row);
	return true;
}

/* The name of a column; NULL of one that is dropped. */
static char *
get_column(Oid relation, int number)
{
	HeapTuple	row = SearchSysCache2(ATTNUM, ObjectIdGetDatum(relation), Int16GetDatum(number));
	char	   *name = NULL;

	if (!HeapTupleIsValid(row))
		return NULL;
	if (!((Form_pg_attribute) GETSTRUCT(row))->attisdropped)
		name = pstrdup(NameStr(((Form_pg_attribute) GETSTRUCT(row))->attname));
	ReleaseSysCache(row);
	return name;
}

/* Its names now, or before it was first renamed. */
static bool
read_names(Named *named)
{
	const Named *before = find_named(gate.renamed, named->classid, named->objid, named->subid);

	if (before && named->subid == 0)
	{
		*named = *before;
		return true;
	}
	if (named->classid == ProcedureRelationId)
		return read_function(named);
	if (named->subid != 0)
	{
		Named		relation = {RelationRelationId, named->objid, 0};

		named->column = before ? before->column : get_column(named->objid, named->subid);
		if (!read_names(&relation))
			return false;
		named->schema = relation.schema;
		named->name = relation.name;
		return named->column != NULL;
	}
	named->schema = get_namespace_name(get_rel_namespace(named->objid));
	named->name = get_rel_name(named->objid);
	return named->schema && named->name;
}

/* The server's caches still have what it was before the command. */
static void
note_altered(Oid classid, Oid objid, int subid)
{
	Named		named = {classid, objid, subid};

	if (find_named(gate.renamed, classid, objid, subid) || !read_names(&named))
		return;
	gate.renamed = lappend(gate.renamed, memcpy(palloc(sizeof(Named)), &named, sizeof(Named)));
}

static void
note_made(Oid classid, Oid objid, int subid)
{
	gate.made = lappend(gate.made, memcpy(palloc(sizeof(Named)), &(Named) {classid, objid, subid},
										  sizeof(Named)));
}

/* --- what is dropped ---------------------------------------- */

static bool
is_kind_of_interest(char relkind)
{
	switch (relkind)
	{
		case RELKIND_RELATION:
		case RELKIND_PARTITIONED_TABLE:
		case RELKIND_FOREIGN_TABLE:
		case RELKIND_VIEW:
		case RELKIND_MATVIEW:
		case RELKIND_INDEX:
		case RELKIND_PARTITIONED_INDEX:
			return true;
		default:
			return false;
	}
}

static bool
is_index(char relkind)
{
	return relkind == RELKIND_INDEX || relkind == RELKIND_PARTITIONED_INDEX;
}

/* The table of an index that can be used; invalid of another one. */
static Oid
table_of_valid(Oid index)
{
	HeapTuple	row = SearchSysCache1(INDEXRELID, ObjectIdGetDatum(index));
	Oid			table = InvalidOid;

	if (!HeapTupleIsValid(row))
		return InvalidOid;
	if (((Form_pg_index) GETSTRUCT(row))->indisvalid)
		table = ((Form_pg_index) GETSTRUCT(row))->indrelid;
	ReleaseSysCache(row);
	return table;
}

/* Did the transaction make it? */
static bool
is_made_now(Oid oid)
{
	Relation	relation = RelationIdGetRelation(oid);
	bool		is_new = relation && relation->rd_createSubid != InvalidSubTransactionId;

	if (relation)
		RelationClose(relation);
	return is_new;
}

/* Is it an object that somebody else may use? */
static bool
is_of_interest(Dropped *dropped)
{
	const Named *named = &dropped->named;

	if (find_named(gate.made, named->classid, named->objid, named->subid) ||
		find_named(gate.made, named->classid, named->objid, 0) ||
		(named->classid == RelationRelationId && migr_usage_made_has(named->objid, named->subid)))
		return false;
	if (named->classid == ProcedureRelationId)
		return named->subid == 0;
	if (named->classid != RelationRelationId || named->subid < 0)
		return false;
	dropped->relkind = get_rel_relkind(named->objid);
	if (!is_kind_of_interest(dropped->relkind) ||
		get_rel_persistence(named->objid) == RELPERSISTENCE_TEMP ||
		IsToastNamespace(get_rel_namespace(named->objid)) || is_made_now(named->objid))
		return false;
	dropped->table = named->subid != 0 ? named->objid : InvalidOid;
	if (is_index(dropped->relkind))
	{
		dropped->table = table_of_valid(named->objid);
		return OidIsValid(dropped->table);
	}
	return true;
}

static MigrUsedVerdict
verdict_of(Oid classid, Oid objid, int subid, MigrUsed *used)
{
	MigrUsedVerdict verdict;

	migr_used_find(classid, objid, subid, used);
	verdict = migr_used_within(used, Max(gate.seconds, gate.noted));
	/* What is not known is no news for the log, unless it would have been refused. */
	return verdict == MIGR_USED_UNKNOWN && gate.stored == 0 ? MIGR_USED_NOT : verdict;
}

static List *
needed_columns(Oid table)
{
	List	   *columns = NIL;

	for (int i = 1; SearchSysCacheExists2(ATTNUM, ObjectIdGetDatum(table), Int16GetDatum(i)); i++)
	{
		Named		column = {RelationRelationId, table, i};
		MigrUsed	used;

		if (get_column(table, i) == NULL || !read_names(&column))
			continue;
		migr_used_find(RelationRelationId, table, i, &used);
		if (migr_used_within(&used, gate.seconds > 0 ? gate.seconds : gate.noted) != MIGR_USED_NOT)
			columns = lappend(columns, unconstify(char *, column.column));
	}
	return columns;
}

static Dropped *
note_dropped(Oid classid, Oid objid, int subid)
{
	/* What is dropped again has come back meanwhile, as behind a savepoint. */
	Dropped    *dropped = (Dropped *) find_named(gate.dropped, classid, objid, subid);

	if (dropped)
		return dropped;
	dropped = palloc0(sizeof(Dropped));
	dropped->named = (Named) {classid, objid, subid};
	if (!is_of_interest(dropped) || !read_names(&dropped->named))
		return NULL;
	dropped->verdict = verdict_of(classid, objid, subid, &dropped->used);
	if (dropped->verdict == MIGR_USED_NOT)
		return NULL;
	if (classid == RelationRelationId && subid == 0 && !is_index(dropped->relkind))
		dropped->columns = needed_columns(objid);
	gate.dropped = lappend(gate.dropped, dropped);
	return dropped;
}

/* --- what became of it ---------------------------------------- */

static bool
is_kept(Oid relation)
{
	return get_rel_namespace(relation) == migr_salvaged_schema();
}

/* Was the drop rolled back?  A table that is kept instead is as good as gone. */
static bool
is_there(Oid classid, Oid objid, int subid)
{
	if (classid == ProcedureRelationId)
		return SearchSysCacheExists1(PROCOID, ObjectIdGetDatum(objid));
	if (subid != 0)
		return get_column(objid, subid) != NULL && !is_kept(objid);
	return SearchSysCacheExists1(RELOID, ObjectIdGetDatum(objid)) && !is_kept(objid);
}

/* Is there something else by its name? */
static bool
is_replaced(const Dropped *dropped)
{
	const Named *named = &dropped->named;
	Oid			schema = get_namespace_oid(named->schema, true);
	Oid			relation;
	ListCell   *lc;

	if (!OidIsValid(schema))
		return false;
	if (named->classid == ProcedureRelationId)
		return SearchSysCacheExists3(PROCNAMEARGSNSP, CStringGetDatum(named->name),
									 PointerGetDatum(named->arguments), ObjectIdGetDatum(schema));
	relation = get_relname_relid(named->name, schema);
	if (!OidIsValid(relation))
		return false;
	foreach(lc, dropped->columns)
	{
		if (get_attnum(relation, lfirst(lc)) == InvalidAttrNumber)
			return false;
	}
	return named->column == NULL || get_attnum(relation, named->column) != InvalidAttrNumber;
}

/* Has it gone with its table, of which that is to be said? */
static bool
is_part(const Dropped *dropped)
{
	return OidIsValid(dropped->table) &&
		find_named(gate.dropped, RelationRelationId, dropped->table, 0) != NULL;
}

static bool
is_lost(const Dropped *dropped)
{
	const Named *named = &dropped->named;

	return !is_there(named->classid, named->objid, named->subid) && !is_part(dropped) &&
		!is_replaced(dropped);
}

/* --- telling ---------------------------------------- */

static const char *
noun_of(const Dropped *dropped)
{
	if (dropped->named.subid != 0)
		return "column";
	switch (dropped->relkind)
	{
		case '\0':
			return "function";
		case RELKIND_VIEW:
			return "view";
		case RELKIND_MATVIEW:
			return "materialized view";
		case RELKIND_FOREIGN_TABLE:
			return "foreign table";
		case RELKIND_INDEX:
		case RELKIND_PARTITIONED_INDEX:
			return "index";
		default:
			return "table";
	}
}

static char *
name_of(const Dropped *dropped)
{
	const Named *named = &dropped->named;
	char	   *name = quote_qualified_identifier(named->schema, named->name);

	if (named->column)
		name = psprintf("%s.%s", name, quote_identifier(named->column));
	if (named->arguments)
	{
		List	   *types = NIL;

		for (int i = 0; i < named->arguments->dim1; i++)
			types = lappend(types, format_type_be_qualified(named->arguments->values[i]));
		name = psprintf("%s(%s)", name, migr_ident_join(types));
	}
	return psprintf("%s %s", noun_of(dropped), name);
}

/* Each with what is known of it. */
static char *
describe(const List *lost)
{
	StringInfoData text;
	ListCell   *lc;

	initStringInfo(&text);
	foreach(lc, lost)
	{
		const Dropped *dropped = lfirst(lc);

		if (list_length(lost) > 1)
			appendStringInfo(&text, "%s%s: ", text.len > 0 ? "\n" : "", name_of(dropped));
		appendStringInfoString(&text, migr_used_describe(&dropped->used));
	}
	return text.data;
}

static void
refuse(const List *lost)
{
	int			count = list_length(lost);
	const Dropped *first = linitial(lost);
	const char *window = migr_span_show(gate.seconds);
	int			used = 0;
	ListCell   *lc;

	foreach(lc, lost)
		used += ((Dropped *) lfirst(lc))->verdict == MIGR_USED_WITHIN;
	ereport(ERROR,
			(errcode(ERRCODE_MIGR_IN_USE),
			 count > 1 && used == count ? errmsg("%d objects that the run drops have been in use within %s", count, window)
			 : count > 1 && used == 0 ? errmsg("%d objects that the run drops have not been observed for %s", count, window)
			 : count > 1 ? errmsg("%d objects that the run drops have been in use within %s, or not been observed for that long", count, window)
			 : used > 0 ? errmsg("%s has been in use within %s", name_of(first), window)
			 : errmsg("%s has not been observed for %s", name_of(first), window),
			 errdetail_internal("%s", describe(lost)),
			 errhint("Drop it when nothing has used it for that time. A superuser lifts that by SET migr.refuse_drop_used_within = 'off', the owner of the database by ALTER DATABASE %s.%s",
					 quote_identifier(get_database_name(MyDatabaseId)),
					 first->used.observed ? ""
					 : " Who uses what is seen where migr is in shared_preload_libraries.")));
}

static char *
tell(const List *lost)
{
	StringInfoData text;
	ListCell   *lc;

	if (lost == NIL)
		return NULL;
	initStringInfo(&text);
	foreach(lc, lost)
	{
		const Dropped *dropped = lfirst(lc);

		appendStringInfo(&text, "%sdropped %s. %s", text.len > 0 ? "\n" : "", name_of(dropped),
						 migr_used_describe(&dropped->used));
	}
	if (gate.stored > gate.seconds)
		appendStringInfo(&text, "\nmigr.refuse_drop_used_within = '%s' was lifted in the session of role \"%s\"",
						 migr_span_show(gate.stored), GetUserNameFromId(GetSessionUserId(), false));
	return text.data;
}

/* --- the hook ---------------------------------------- */

/* What commits by itself can't be taken back later. */
static void
watch_dropped(Oid classid, Oid objid, int subid)
{
	Dropped    *dropped = note_dropped(classid, objid, subid);

	if (dropped && gate.apart && gate.seconds > 0 &&
		migr_used_within(&dropped->used, gate.seconds) != MIGR_USED_NOT)
		refuse(list_make1(dropped));
}

static void
watch(ObjectAccessType access, Oid classid, Oid objid, int subid, void *arg)
{
	MemoryContext caller;

	if (next_access)
		next_access(access, classid, objid, subid, arg);
	if (!gate.on || !migr_mutex_in_run() ||
		(classid != RelationRelationId && classid != ProcedureRelationId))
		return;
	caller = MemoryContextSwitchTo(gate.context);
	if (access == OAT_POST_CREATE)
		note_made(classid, objid, subid);
	else if (access == OAT_POST_ALTER)
		note_altered(classid, objid, subid);
	else if (access == OAT_DROP &&
			 (arg == NULL || (((ObjectAccessDrop *) arg)->dropflags & PERFORM_DELETION_INTERNAL) == 0))
		watch_dropped(classid, objid, subid);
	MemoryContextSwitchTo(caller);
}

void
migr_usage_gate_stop(void)
{
	MemoryContext context = gate.context;

	memset(&gate, 0, sizeof(gate));
	if (context)
		MemoryContextDelete(context);
}

static void
follow(XactEvent event, void *arg)
{
	if (gate.on && !gate.apart && (event == XACT_EVENT_ABORT || event == XACT_EVENT_COMMIT ||
								   event == XACT_EVENT_PREPARE))
		migr_usage_gate_stop();
}

/* Where nothing is refused, what is in use is told if it was used in this time. */
#define NOTED (7 * 86400)

static void
begin(bool apart)
{
	static bool installed;
	int			seconds = migr_span_refuse_drop();
	int			stored = Max(migr_span_refuse_drop_stored(), seconds);

	migr_usage_gate_stop();
	if (stored == 0 && !migr_usage_is_observed())
		return;
	if (!installed)
	{
		next_access = object_access_hook;
		object_access_hook = watch;
		RegisterXactCallback(follow, NULL);
		installed = true;
	}
	gate.context = AllocSetContextCreate(TopMemoryContext, "migr usage gate", ALLOCSET_DEFAULT_SIZES);
	gate.seconds = seconds;
	gate.stored = stored;
	gate.noted = stored > 0 ? stored : NOTED;
	gate.apart = apart;
	gate.on = true;
}

static List *
find_lost(bool refused)
{
	List	   *lost = NIL;
	ListCell   *lc;

	foreach(lc, gate.dropped)
	{
		Dropped    *dropped = lfirst(lc);
		bool		counts = !refused ||
			migr_used_within(&dropped->used, gate.seconds) != MIGR_USED_NOT;

		if (counts && is_lost(dropped))
			lost = lappend(lost, dropped);
	}
	return lost;
}

void
migr_usage_gate_begin(void)
{
	begin(false);
}

char *
migr_usage_gate_told(void)
{
	return gate.on ? tell(find_lost(false)) : NULL;
}

char *
migr_usage_gate_end(void)
{
	List	   *refused = gate.on && gate.seconds > 0 ? find_lost(true) : NIL;
	char	   *told;

	if (refused != NIL)
		refuse(refused);
	told = migr_usage_gate_told();
	migr_usage_gate_stop();
	return told;
}

void
migr_usage_gate_begin_apart(void)
{
	begin(true);
}
