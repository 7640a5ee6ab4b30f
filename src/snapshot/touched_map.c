/*
 * touched_map.c
 *		What a row of a catalog is about.
 *
 * Not in the table are catalogs of which nothing is part of a schema: statistics,
 * large objects, subscriptions, memberships of roles.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/pg_aggregate.h"
#include "catalog/pg_am.h"
#include "catalog/pg_amop.h"
#include "catalog/pg_amproc.h"
#include "catalog/pg_attrdef.h"
#include "catalog/pg_cast.h"
#include "catalog/pg_class.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_constraint.h"
#include "catalog/pg_conversion.h"
#include "catalog/pg_database.h"
#include "catalog/pg_db_role_setting.h"
#include "catalog/pg_default_acl.h"
#include "catalog/pg_depend.h"
#include "catalog/pg_description.h"
#include "catalog/pg_event_trigger.h"
#include "catalog/pg_extension.h"
#include "catalog/pg_foreign_data_wrapper.h"
#include "catalog/pg_foreign_server.h"
#include "catalog/pg_foreign_table.h"
#include "catalog/pg_index.h"
#include "catalog/pg_init_privs.h"
#include "catalog/pg_language.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_opclass.h"
#include "catalog/pg_operator.h"
#include "catalog/pg_opfamily.h"
#include "catalog/pg_partitioned_table.h"
#include "catalog/pg_policy.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_publication.h"
#include "catalog/pg_publication_rel.h"
#include "catalog/pg_range.h"
#include "catalog/pg_rewrite.h"
#include "catalog/pg_seclabel.h"
#include "catalog/pg_sequence.h"
#include "catalog/pg_shdepend.h"
#include "catalog/pg_shdescription.h"
#include "catalog/pg_shseclabel.h"
#include "catalog/pg_statistic_ext.h"
#include "catalog/pg_tablespace.h"
#include "catalog/pg_transform.h"
#include "catalog/pg_trigger.h"
#include "catalog/pg_ts_config.h"
#include "catalog/pg_ts_config_map.h"
#include "catalog/pg_ts_dict.h"
#include "catalog/pg_ts_parser.h"
#include "catalog/pg_ts_template.h"
#include "catalog/pg_type.h"
#include "catalog/pg_user_mapping.h"
#include "common/hashfn.h"
#include "miscadmin.h"

#include "base/compat.h"
#include "snapshot/touched_parts.h"

/* --- what is noted ------------------------------------------------------------ */

void
migr_touch_span_add(MigrTouchSpan *span, CommandId command)
{
	MigrTouchSpan one = {command, command};

	migr_touch_span_join(span, &one);
}

void
migr_touch_span_join(MigrTouchSpan *span, const MigrTouchSpan *other)
{
	if (other->first == InvalidCommandId)
		return;
	if (span->first == InvalidCommandId)
		*span = *other;
	span->first = Min(span->first, other->first);
	span->last = Max(span->last, other->last);
}

MigrTouchRow *
migr_touch_row(MigrTouchRows *rows, Oid classid, Oid objid, int subid)
{
	MigrTouchRow key = {.address = {classid, objid}, .subid = subid};
	MigrTouchRow *row;
	bool		found;

	row = hash_search(rows->table, &key, HASH_ENTER, &found);
	if (!found)
	{
		memset(row, 0, sizeof(MigrTouchRow));
		row->address = key.address;
		row->subid = subid;
		row->own.first = row->own.last = InvalidCommandId;
		row->around = row->own;
	}
	return row;
}

static void
note_life(MigrTouchSpan *span, const MigrRowLife *life)
{
	if (life->born)
		migr_touch_span_add(span, life->born_at);
	if (life->died)
		migr_touch_span_add(span, life->died_at);
}

/* A row that says something of an object, or of a column. */
static MigrTouchRow *
note_part(MigrTouchRows *rows, const MigrRowLife *life, Oid classid, Oid objid, int subid)
{
	MigrTouchRow *row = migr_touch_row(rows, classid, objid, 0);

	if (subid > 0)
	{
		note_life(&row->own, life);
		row = migr_touch_row(rows, classid, objid, subid);
	}
	note_life(&row->own, life);
	return row;
}

static void
note_around(MigrTouchRows *rows, const MigrRowLife *life, Oid classid, Oid objid)
{
	if (OidIsValid(objid))
		note_life(&migr_touch_row(rows, classid, objid, 0)->around, life);
}

/* A row that is the object, or the column. */
static void
note_self(MigrTouchRow *row, const MigrRowLife *life)
{
	if (life->born && life->died)
		row->passed = true;
	else
	{
		row->was |= life->died;
		row->is |= life->born;
	}
}

/*
 * What others print of an object is summed up, of versions that were there
 * before or are there now: if these say the same, nothing is left.
 */
static void
note_shown(MigrTouchRow *row, const MigrRowLife *life, uint64 shown)
{
	if (!(life->born && life->died))
		row->shown ^= shown;
}

/* --- rows that say it in their own way ------------------------------------------ */

static uint64
hash_name(const NameData *name, Oid space, uint64 seed)
{
	return hash_bytes_extended((const unsigned char *) NameStr(*name),
							   strlen(NameStr(*name)), seed ^ ((uint64) space << 32));
}

static void
note_attribute(MigrTouchRows *rows, const MigrRowLife *life, const void *data)
{
	const FormData_pg_attribute *form = data;
	MigrTouchRow *row;
	uint64		shown = hash_name(&form->attname, form->atttypid, form->attnum);

	if (form->attnum <= 0)
		return;
	shown = hash_combine64(shown, ((uint64) form->attcollation << 32) ^
						   (uint32) form->atttypmod ^ (form->attisdropped ? 1 : 0));
	row = note_part(rows, life, RelationRelationId, form->attrelid, form->attnum);
	row->defined = true;
	if (!form->attisdropped)
		note_self(row, life);
	note_shown(row, life, shown);
}

static void
note_attrdef(MigrTouchRows *rows, const MigrRowLife *life, const void *data)
{
	const FormData_pg_attrdef *form = data;

	note_part(rows, life, RelationRelationId, form->adrelid, form->adnum)->defined = true;
}

/* A new label shows nowhere yet. */
static void
note_enum(MigrTouchRows *rows, const MigrRowLife *life, const void *data)
{
	const FormData_pg_enum *form = data;
	MigrTouchRow *row = note_part(rows, life, TypeRelationId, form->enumtypid, 0);

	if (!life->born)
		note_shown(row, life, hash_name(&form->enumlabel, form->oid, 1));
}

static void
note_constraint(MigrTouchRows *rows, const MigrRowLife *life, const void *data)
{
	const FormData_pg_constraint *form = data;

	note_around(rows, life, RelationRelationId, form->conrelid);
	note_around(rows, life, TypeRelationId, form->contypid);
}

static void
note_inherits(MigrTouchRows *rows, const MigrRowLife *life, const void *data)
{
	const FormData_pg_inherits *form = data;

	(void) note_part(rows, life, RelationRelationId, form->inhrelid, 0);
	note_around(rows, life, RelationRelationId, form->inhparent);
}

/* What is owned by a column or a part of something else shows there too. */
static void
note_depend(MigrTouchRows *rows, const MigrRowLife *life, const void *data)
{
	const FormData_pg_depend *form = data;

	(void) note_part(rows, life, form->classid, form->objid, form->objsubid);
	if (form->classid == RelationRelationId && form->refclassid == RelationRelationId &&
		form->deptype != DEPENDENCY_NORMAL)
		note_around(rows, life, form->refclassid, form->refobjid);
}

static void
note_shdepend(MigrTouchRows *rows, const MigrRowLife *life, const void *data)
{
	const FormData_pg_shdepend *form = data;

	if (form->dbid == MyDatabaseId)
		(void) note_part(rows, life, form->classid, form->objid, form->objsubid);
}

static void
note_description(MigrTouchRows *rows, const MigrRowLife *life, const void *data)
{
	const FormData_pg_description *form = data;

	(void) note_part(rows, life, form->classoid, form->objoid, form->objsubid);
}

static void
note_shdescription(MigrTouchRows *rows, const MigrRowLife *life, const void *data)
{
	const FormData_pg_shdescription *form = data;

	(void) note_part(rows, life, form->classoid, form->objoid, 0);
}

static void
note_seclabel(MigrTouchRows *rows, const MigrRowLife *life, const void *data)
{
	const FormData_pg_seclabel *form = data;

	(void) note_part(rows, life, form->classoid, form->objoid, form->objsubid);
}

static void
note_shseclabel(MigrTouchRows *rows, const MigrRowLife *life, const void *data)
{
	const FormData_pg_shseclabel *form = data;

	(void) note_part(rows, life, form->classoid, form->objoid, 0);
}

static void
note_init_privs(MigrTouchRows *rows, const MigrRowLife *life, const void *data)
{
	const FormData_pg_init_privs *form = data;

	(void) note_part(rows, life, form->classoid, form->objoid, form->objsubid);
}

/* Casts that have to be asked for change no other meaning, such as those of ranges. */
static void
note_cast(MigrTouchRows *rows, const MigrRowLife *life, const void *data)
{
	const FormData_pg_cast *form = data;

	if (form->castcontext != COERCION_CODE_EXPLICIT)
		rows->everything = CastRelationId;
}

/* Settings of the database may be those under which something is printed. */
static void
note_setting(MigrTouchRows *rows, const MigrRowLife *life, const void *data)
{
	const FormData_pg_db_role_setting *form = data;

	if (form->setdatabase == MyDatabaseId)
		rows->everything = DbRoleSettingRelationId;
	if (OidIsValid(form->setrole))
		(void) note_part(rows, life, AuthIdRelationId, form->setrole, 0);
}

/* --- the table ------------------------------------------------------------------ */

#define AT(form, column) ((int) offsetof(FormData_##form, column))

/* A row is an object, which others print by a name, in a schema or not. */
#define OBJECT(id, form, named, spaced, what, ...) \
	{.catalog = id, .self = AT(form, oid), .name = AT(form, named), .space = spaced, \
	 .flags = what, __VA_ARGS__}

/* A row is an object that others don't print. */
#define NAMELESS(id, form, what, ...) \
	{.catalog = id, .self = AT(form, oid), .name = MIGR_NOWHERE, .space = MIGR_NOWHERE, \
	 .flags = what, __VA_ARGS__}

/* A row is none. */
#define ASPECT(id, ...) \
	{.catalog = id, .self = MIGR_NOWHERE, .name = MIGR_NOWHERE, .space = MIGR_NOWHERE, __VA_ARGS__}

/* What stands behind an entry that some versions have. */
#define COMMA ,

#define PART_OF(id, form, column) .part_class = id, .part = AT(form, column)
#define AROUND(id, form, column) .around_class = id, .around = AT(form, column)

const MigrTouchCatalog migr_touch_catalogs[] = {
	OBJECT(RelationRelationId, pg_class, relname, AT(pg_class, relnamespace), 0),
	ASPECT(AttributeRelationId, .note = note_attribute),
	ASPECT(DependRelationId, .note = note_depend),
	OBJECT(TypeRelationId, pg_type, typname, AT(pg_type, typnamespace), 0),
	OBJECT(ProcedureRelationId, pg_proc, proname, AT(pg_proc, pronamespace), 0),
	OBJECT(ConstraintRelationId, pg_constraint, conname, MIGR_NOWHERE, 0,
		   .note = note_constraint),
	ASPECT(IndexRelationId, PART_OF(RelationRelationId, pg_index, indexrelid),
		   AROUND(RelationRelationId, pg_index, indrelid)),
	ASPECT(DescriptionRelationId, .note = note_description),
	ASPECT(AttrDefaultRelationId, .note = note_attrdef),
	NAMELESS(TriggerRelationId, pg_trigger, 0,
			 AROUND(RelationRelationId, pg_trigger, tgrelid)),
	NAMELESS(RewriteRelationId, pg_rewrite, 0,
			 AROUND(RelationRelationId, pg_rewrite, ev_class)),
	ASPECT(InheritsRelationId, .note = note_inherits),
	ASPECT(PartitionedRelationId, PART_OF(RelationRelationId, pg_partitioned_table, partrelid)),
	ASPECT(SequenceRelationId, PART_OF(RelationRelationId, pg_sequence, seqrelid)),
	NAMELESS(PolicyRelationId, pg_policy, 0, AROUND(RelationRelationId, pg_policy, polrelid)),
	ASPECT(EnumRelationId, .note = note_enum),
	ASPECT(RangeRelationId, PART_OF(TypeRelationId, pg_range, rngtypid)),
	ASPECT(AggregateRelationId, PART_OF(ProcedureRelationId, pg_aggregate, aggfnoid)),
	OBJECT(NamespaceRelationId, pg_namespace, nspname, MIGR_NOWHERE, MIGR_TOUCH_ALL_IF_RENAMED),
	OBJECT(ExtensionRelationId, pg_extension, extname, MIGR_NOWHERE, 0),
	ASPECT(InitPrivsRelationId, .note = note_init_privs),
	NAMELESS(DefaultAclRelationId, pg_default_acl, 0),
	NAMELESS(StatisticExtRelationId, pg_statistic_ext, 0),
	NAMELESS(EventTriggerRelationId, pg_event_trigger, 0),
	NAMELESS(PublicationRelationId, pg_publication, 0),
	ASPECT(PublicationRelRelationId, PART_OF(PublicationRelationId, pg_publication_rel, prpubid)),
	MIGR_SINCE_15(ASPECT(PublicationNamespaceRelationId,
						 PART_OF(PublicationRelationId, pg_publication_namespace, pnpubid)) COMMA,)
	OBJECT(ForeignDataWrapperRelationId, pg_foreign_data_wrapper, fdwname, MIGR_NOWHERE, 0),
	OBJECT(ForeignServerRelationId, pg_foreign_server, srvname, MIGR_NOWHERE, 0),
	ASPECT(ForeignTableRelationId, PART_OF(RelationRelationId, pg_foreign_table, ftrelid)),
	NAMELESS(UserMappingRelationId, pg_user_mapping, 0),
	OBJECT(LanguageRelationId, pg_language, lanname, MIGR_NOWHERE, 0),
	OBJECT(AccessMethodRelationId, pg_am, amname, MIGR_NOWHERE, 0),
	NAMELESS(TransformRelationId, pg_transform, 0),
	OBJECT(TSParserRelationId, pg_ts_parser, prsname, AT(pg_ts_parser, prsnamespace), 0),
	OBJECT(TSTemplateRelationId, pg_ts_template, tmplname, AT(pg_ts_template, tmplnamespace), 0),
	OBJECT(TSDictionaryRelationId, pg_ts_dict, dictname, AT(pg_ts_dict, dictnamespace), 0),
	OBJECT(TSConfigRelationId, pg_ts_config, cfgname, AT(pg_ts_config, cfgnamespace), 0),
	ASPECT(TSConfigMapRelationId, PART_OF(TSConfigRelationId, pg_ts_config_map, mapcfg)),

	/* Which of them is meant without a name depends on all there are. */
	NAMELESS(OperatorClassRelationId, pg_opclass, MIGR_TOUCH_ALL),
	NAMELESS(AccessMethodOperatorRelationId, pg_amop, MIGR_TOUCH_ALL),
	NAMELESS(AccessMethodProcedureRelationId, pg_amproc, MIGR_TOUCH_ALL),
	NAMELESS(CastRelationId, pg_cast, 0, .note = note_cast),
	NAMELESS(OperatorFamilyRelationId, pg_opfamily, MIGR_TOUCH_ALL_IF_OLD),
	NAMELESS(OperatorRelationId, pg_operator, MIGR_TOUCH_ALL_IF_OLD),
	NAMELESS(CollationRelationId, pg_collation, MIGR_TOUCH_ALL_IF_OLD),
	NAMELESS(ConversionRelationId, pg_conversion, MIGR_TOUCH_ALL_IF_OLD),

	/* Of all databases. */
	OBJECT(AuthIdRelationId, pg_authid, rolname, MIGR_NOWHERE, MIGR_TOUCH_ALL_IF_RENAMED),
	OBJECT(TableSpaceRelationId, pg_tablespace, spcname, MIGR_NOWHERE, MIGR_TOUCH_ALL_IF_RENAMED),
	NAMELESS(DatabaseRelationId, pg_database, 0),
	ASPECT(DbRoleSettingRelationId, .note = note_setting),
	ASPECT(SharedDependRelationId, .note = note_shdepend),
	ASPECT(SharedDescriptionRelationId, .note = note_shdescription),
	ASPECT(SecLabelRelationId, .note = note_seclabel),
	ASPECT(SharedSecLabelRelationId, .note = note_shseclabel)
};

const int	migr_touch_catalog_count = lengthof(migr_touch_catalogs);

const MigrTouchCatalog *
migr_touch_catalog(Oid catalog)
{
	for (int i = 0; i < migr_touch_catalog_count; i++)
	{
		if (migr_touch_catalogs[i].catalog == catalog)
			return &migr_touch_catalogs[i];
	}
	return NULL;
}

/* The oid at a place in a row. */
static Oid
oid_at(const void *row, int place)
{
	return *(const Oid *) ((const char *) row + place);
}

void
migr_touch_note(MigrTouchRows *rows, const MigrTouchCatalog *catalog, const MigrRowLife *life,
				const void *row)
{
	if ((catalog->flags & MIGR_TOUCH_ALL) != 0)
		rows->everything = catalog->catalog;
	if ((catalog->flags & MIGR_TOUCH_DISTRIBUTIONS) != 0)
		note_life(&rows->distributions, life);
	if (catalog->self != MIGR_NOWHERE)
	{
		Oid			space = catalog->space == MIGR_NOWHERE ? InvalidOid : oid_at(row, catalog->space);
		MigrTouchRow *self = note_part(rows, life, catalog->catalog, oid_at(row, catalog->self), 0);

		note_self(self, life);
		if (catalog->name != MIGR_NOWHERE)
			note_shown(self, life, hash_name((const NameData *) ((const char *) row + catalog->name),
											 space, 1));
	}
	if (OidIsValid(catalog->part_class))
		(void) note_part(rows, life, catalog->part_class, oid_at(row, catalog->part), 0);
	if (OidIsValid(catalog->around_class))
		note_around(rows, life, catalog->around_class, oid_at(row, catalog->around));
	if (catalog->note)
		catalog->note(rows, life, row);
}
