/*
 * snap_probe.c
 *		Which kinds of objects there are at all.
 *
 * Most databases have few kinds.  To look for the rows that initdb did not make
 * is cheaper than to plan the query of each kind that has none.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/stratnum.h"
#include "access/table.h"
#include "access/transam.h"
#include "catalog/indexing.h"
#include "catalog/pg_am.h"
#include "catalog/pg_cast.h"
#include "catalog/pg_class.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_conversion.h"
#include "catalog/pg_default_acl.h"
#include "catalog/pg_event_trigger.h"
#include "catalog/pg_extension.h"
#include "catalog/pg_foreign_data_wrapper.h"
#include "catalog/pg_foreign_server.h"
#include "catalog/pg_index.h"
#include "catalog/pg_language.h"
#include "catalog/pg_opclass.h"
#include "catalog/pg_operator.h"
#include "catalog/pg_opfamily.h"
#include "catalog/pg_policy.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_publication.h"
#include "catalog/pg_rewrite.h"
#include "catalog/pg_statistic_ext.h"
#include "catalog/pg_transform.h"
#include "catalog/pg_trigger.h"
#include "catalog/pg_ts_config.h"
#include "catalog/pg_ts_dict.h"
#include "catalog/pg_ts_parser.h"
#include "catalog/pg_ts_template.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/fmgroids.h"

#include "snapshot/snap_parts.h"

static bool
is_member(const MigrSnap *snap, Oid classid, Oid objid)
{
	MigrAddress address = {.classid = classid, .objid = objid};

	return hash_search(snap->members, &address, HASH_FIND, NULL) != NULL;
}

static void
mark_extension(MigrSnap *snap, const void *row)
{
	const FormData_pg_extension *extension = row;

	if (strcmp(NameStr(extension->extname), "migr") != 0)
		snap->present[MIGR_KIND_EXTENSION] = true;
}

static void
mark_routine(MigrSnap *snap, const void *row)
{
	const FormData_pg_proc *routine = row;

	snap->present[routine->prokind == PROKIND_AGGREGATE
				  ? MIGR_KIND_AGGREGATE : MIGR_KIND_ROUTINE] = true;
}

static void
mark_type(MigrSnap *snap, const void *row)
{
	const FormData_pg_type *type = row;
	bool	   *present = snap->present;

	switch (type->typtype)
	{
		case TYPTYPE_ENUM:
			present[MIGR_KIND_ENUM] = true;
			break;
		case TYPTYPE_DOMAIN:
			present[MIGR_KIND_DOMAIN] = true;
			break;
		case TYPTYPE_RANGE:
			present[MIGR_KIND_RANGE] = present[MIGR_KIND_SHELL_TYPE] = true;
			break;
		case TYPTYPE_PSEUDO:
			present[MIGR_KIND_SHELL_TYPE] = true;
			break;
		case TYPTYPE_BASE:
			/* Every type has one of arrays. */
			if (type->typinput != F_ARRAY_IN)
				present[MIGR_KIND_BASE_TYPE] = present[MIGR_KIND_SHELL_TYPE] = true;
			break;
	}
}

static void
mark_relation(MigrSnap *snap, const void *row)
{
	const FormData_pg_class *relation = row;
	bool	   *present = snap->present;

	switch (relation->relkind)
	{
		case RELKIND_SEQUENCE:
			present[MIGR_KIND_SEQUENCE] = present[MIGR_KIND_SEQUENCE_OWNER] =
				present[MIGR_KIND_IDENTITY] = true;
			break;
		case RELKIND_COMPOSITE_TYPE:
			if (!is_member(snap, TypeRelationId, relation->reltype))
				present[MIGR_KIND_COMPOSITE] = true;
			break;
		case RELKIND_MATVIEW:
			present[MIGR_KIND_POPULATE] = true;
			/* fall through */
		case RELKIND_VIEW:
			present[MIGR_KIND_VIEW] = true;
			break;
		case RELKIND_RELATION:
		case RELKIND_PARTITIONED_TABLE:
		case RELKIND_FOREIGN_TABLE:
			if (relation->relreplident != REPLICA_IDENTITY_DEFAULT)
				present[MIGR_KIND_TABLE_SETTING] = true;
			break;
	}
	if (relation->relispartition)
		present[MIGR_KIND_PARTITION] = present[MIGR_KIND_INDEX_PARTITION] = true;
}

static void
mark_index(MigrSnap *snap, const void *row)
{
	const FormData_pg_index *index = row;

	if (index->indisclustered)
		snap->present[MIGR_KIND_TABLE_SETTING] = true;
}

static void
mark_trigger(MigrSnap *snap, const void *row)
{
	const FormData_pg_trigger *trigger = row;

	if (is_member(snap, RelationRelationId, trigger->tgrelid))
		return;
	if (!trigger->tgisinternal)
		snap->present[MIGR_KIND_TRIGGER] = true;
	if (trigger->tgenabled != TRIGGER_FIRES_ON_ORIGIN)
		snap->present[MIGR_KIND_TABLE_SETTING] = true;
}

static void
mark_rule(MigrSnap *snap, const void *row)
{
	const FormData_pg_rewrite *rule = row;

	if (strcmp(NameStr(rule->rulename), "_RETURN") != 0)
		snap->present[MIGR_KIND_RULE] = true;
}

/*
 * Where the objects are: of one kind, or of those that a function tells apart.
 * Where most rows are not initdb's, since each table adds some, an index would
 * be a detour.
 */
static const struct
{
	Oid			catalog;
	Oid			index;			/* on its oid, which is the first column; or none */
	MigrKind	kind;
	void		(*mark) (MigrSnap *snap, const void *row);
}			places[] =
{
	{AccessMethodRelationId, AmOidIndexId, MIGR_KIND_ACCESS_METHOD},
	{CastRelationId, CastOidIndexId, MIGR_KIND_CAST},
	{CollationRelationId, CollationOidIndexId, MIGR_KIND_COLLATION},
	{ConversionRelationId, ConversionOidIndexId, MIGR_KIND_CONVERSION},
	{DefaultAclRelationId, DefaultAclOidIndexId, MIGR_KIND_DEFAULT_PRIVILEGES},
	{EventTriggerRelationId, EventTriggerOidIndexId, MIGR_KIND_EVENT_TRIGGER},
	{ForeignDataWrapperRelationId, ForeignDataWrapperOidIndexId, MIGR_KIND_FDW},
	{ForeignServerRelationId, ForeignServerOidIndexId, MIGR_KIND_SERVER},
	{LanguageRelationId, LanguageOidIndexId, MIGR_KIND_LANGUAGE},
	{OperatorClassRelationId, OpclassOidIndexId, MIGR_KIND_OPCLASS},
	{OperatorFamilyRelationId, OpfamilyOidIndexId, MIGR_KIND_OPFAMILY},
	{OperatorRelationId, OperatorOidIndexId, MIGR_KIND_OPERATOR},
	{PolicyRelationId, PolicyOidIndexId, MIGR_KIND_POLICY},
	{PublicationRelationId, PublicationObjectIndexId, MIGR_KIND_PUBLICATION},
	{StatisticExtRelationId, StatisticExtOidIndexId, MIGR_KIND_STATISTICS},
	{TSConfigRelationId, TSConfigOidIndexId, MIGR_KIND_TS_CONFIGURATION},
	{TSDictionaryRelationId, TSDictionaryOidIndexId, MIGR_KIND_TS_DICTIONARY},
	{TSParserRelationId, TSParserOidIndexId, MIGR_KIND_TS_PARSER},
	{TSTemplateRelationId, TSTemplateOidIndexId, MIGR_KIND_TS_TEMPLATE},
	{TransformRelationId, TransformOidIndexId, MIGR_KIND_TRANSFORM},
	{ExtensionRelationId, ExtensionOidIndexId, .mark = mark_extension},
	{IndexRelationId, InvalidOid, .mark = mark_index},
	{ProcedureRelationId, ProcedureOidIndexId, .mark = mark_routine},
	{RelationRelationId, InvalidOid, .mark = mark_relation},
	{RewriteRelationId, RewriteOidIndexId, .mark = mark_rule},
	{TriggerRelationId, InvalidOid, .mark = mark_trigger},
	{TypeRelationId, InvalidOid, .mark = mark_type}
};

void
migr_snap_probe(MigrSnap *snap)
{
	bool	   *present = snap->present;

	/* There is a row even for a public that is not there. */
	present[MIGR_KIND_SCHEMA] = true;
	for (int i = 0; i < (int) lengthof(places); i++)
	{
		Relation	catalog = table_open(places[i].catalog, AccessShareLock);
		ScanKeyData key;
		SysScanDesc scan;
		HeapTuple	tuple;

		ScanKeyInit(&key, 1, BTGreaterEqualStrategyNumber, F_OIDGE,
					ObjectIdGetDatum(FirstNormalObjectId));
		scan = systable_beginscan(catalog, places[i].index,
								  OidIsValid(places[i].index), NULL, 1, &key);
		while ((tuple = systable_getnext(scan)) != NULL)
		{
			/* Every catalog's first column. */
			Oid			objid = *(Oid *) GETSTRUCT(tuple);

			CHECK_FOR_INTERRUPTS();
			if (is_member(snap, places[i].catalog, objid))
				continue;
			if (places[i].mark)
				places[i].mark(snap, GETSTRUCT(tuple));
			else
				present[places[i].kind] = true;
		}
		systable_endscan(scan);
		table_close(catalog, AccessShareLock);
	}
}
