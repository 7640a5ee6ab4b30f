/*
 * snap_others.c
 *		Catalogs to objects: all but relations, types and routines.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/pg_am.h"
#include "catalog/pg_cast.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_conversion.h"
#include "catalog/pg_default_acl.h"
#include "catalog/pg_event_trigger.h"
#include "catalog/pg_extension.h"
#include "catalog/pg_foreign_data_wrapper.h"
#include "catalog/pg_foreign_server.h"
#include "catalog/pg_language.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_publication.h"
#include "catalog/pg_transform.h"
#include "catalog/pg_ts_config.h"
#include "catalog/pg_ts_dict.h"
#include "catalog/pg_ts_parser.h"
#include "catalog/pg_ts_template.h"

#include "base/compat.h"
#include "snapshot/snap_parts.h"

/* A name in a schema, quoted. */
#define QUALIFIED(schema, name) \
	"quote_ident(" schema ") || '.' || quote_ident(" name ")"

/* What the lists that people read are joined by. */
#define SEPARATOR "E',\\n    '"

/* Options of a foreign object as "name 'value'", in the order of their names. */
#define FDW_OPTIONS(options) \
	"(SELECT string_agg(quote_ident(option_name) || ' '" \
	" || quote_literal(option_value), " SEPARATOR \
	" ORDER BY option_name COLLATE \"C\")" \
	" FROM pg_options_to_table(" options "))"

/* A function that may be missing. */
#define FUNCTION(column) "nullif(" column ", 0)::regproc::text"

/*
 * 15: schema public belongs to pg_database_owner.  Before, it is that of who ran
 * initdb, unless it has been given to the database's owner, as is usual.
 */
#if MIGR_SERVER_MAJOR >= 15
#define PUBLIC_OWNERS "6171"
#else
#define PUBLIC_OWNERS \
	"10, (SELECT d.datdba FROM pg_database d WHERE d.datname = current_database())"
#endif

/* 15: publications of columns, of rows, and of all tables in a schema. */
#if MIGR_SERVER_MAJOR >= 15
#define PUBLICATION_COLUMNS \
	"(SELECT ' (' || string_agg(quote_ident(a.attname), ', '" \
	" ORDER BY a.attname COLLATE \"C\") || ')'" \
	" FROM pg_attribute a WHERE a.attrelid = r.prrelid" \
	" AND a.attnum = ANY (r.prattrs::int2[]))"
#define PUBLICATION_FILTER "pg_get_expr(r.prqual, r.prrelid)"
#define PUBLICATION_SCHEMAS \
	"(SELECT 'TABLES IN SCHEMA ' || string_agg(quote_ident(n.nspname), ', '" \
	" ORDER BY n.nspname COLLATE \"C\")" \
	" FROM pg_publication_namespace s JOIN pg_namespace n ON n.oid = s.pnnspid" \
	" WHERE s.pnpubid = p.oid)"
#else
#define PUBLICATION_COLUMNS "NULL"
#define PUBLICATION_FILTER "NULL"
#define PUBLICATION_SCHEMAS "NULL::text"
#endif

/* 18: publication of generated columns. */
#if MIGR_SERVER_MAJOR >= 18
#define PUBLICATION_GENERATED "p.pubgencols::text"
#else
#define PUBLICATION_GENERATED "'n'::text"
#endif

/*
 * Every empty database has a schema public, and it is told apart by its name,
 * because one that was dropped and created anew has another oid: what counts
 * is how it differs from the one of initdb.  Its row has oid 0 then, so that
 * nobody else prints its comment; and there is a row for a public that is not
 * there.
 */
static const char schema_sql[] =
	"SELECT CASE WHEN n.nspname = 'public' AND n.oid >= 16384"
	"            THEN 0 ELSE n.oid END AS objid,"
	"       0::oid AS parent, NULL::text AS schema,"
	"       n.nspname::text AS name, quote_ident(n.nspname) AS identity,"
	"       pg_get_userbyid(n.nspowner)::text AS owner,"
	"       CASE WHEN n.nspname = 'public'"
	"            THEN coalesce(n.nspacl, acldefault('n', n.nspowner))::text"
	"            ELSE n.nspacl::text END AS acl,"
	"       true AS present,"
	"       n.nspname = 'public' AS public,"
	"       n.nspowner IN (" PUBLIC_OWNERS ") AS initdb_owner,"
	"       n.oid < 16384 OR n.nspname = 'public' AS has_comment,"
	"       obj_description(n.oid, 'pg_namespace') AS comment"
	"  FROM pg_namespace n"
	" WHERE n.oid >= 16384 OR n.oid = 2200 OR n.nspname = 'public'"
	" UNION ALL"
	" SELECT 0::oid, 0::oid, NULL, 'public', 'public', NULL, NULL,"
	"        false, true, true, false, NULL"
	"  WHERE NOT EXISTS (SELECT FROM pg_namespace WHERE nspname = 'public')";

/* An extension brings a comment; what counts is whether it has another one. */
static const char extension_sql[] =
	"SELECT e.oid AS objid, 0::oid AS parent, n.nspname::text AS schema,"
	"       e.extname::text AS name, quote_ident(e.extname) AS identity,"
	"       NULL::text AS owner, NULL::text AS acl,"
	"       quote_ident(n.nspname) AS in_schema, e.extrelocatable AS relocatable,"
	"       quote_literal(a.comment) AS brought_comment,"
	"       CASE WHEN c.comment IS DISTINCT FROM a.comment"
	"            THEN coalesce(quote_literal(c.comment), 'NULL') END AS own_comment"
	"  FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace"
	"  LEFT JOIN pg_available_extensions a ON a.name = e.extname,"
	"       LATERAL (SELECT obj_description(e.oid, 'pg_extension') AS comment) c"
	" WHERE e.oid >= 16384 AND e.extname NOT IN ('plpgsql', 'migr')";

static const char language_sql[] =
	"SELECT l.oid AS objid, 0::oid AS parent, NULL::text AS schema,"
	"       l.lanname::text AS name, quote_ident(l.lanname) AS identity,"
	"       pg_get_userbyid(l.lanowner)::text AS owner, l.lanacl::text AS acl,"
	"       l.lanpltrusted AS trusted,"
	"       " FUNCTION("l.lanplcallfoid") " AS handler,"
	"       " FUNCTION("l.laninline") " AS inline,"
	"       " FUNCTION("l.lanvalidator") " AS validator"
	"  FROM pg_language l WHERE l.oid >= 16384";

static const char collation_sql[] =
	"SELECT c.oid AS objid, 0::oid AS parent,"
	"       n.nspname::text AS schema, c.collname::text AS name,"
	"       " QUALIFIED("n.nspname", "c.collname") " AS identity,"
	"       pg_get_userbyid(c.collowner)::text AS owner, NULL::text AS acl,"
	"       CASE c.collprovider WHEN 'c' THEN 'libc' WHEN 'i' THEN 'icu'"
	"                           WHEN 'b' THEN 'builtin' END AS provider,"
	"       quote_literal(CASE WHEN c.collprovider <> 'c'"
	"                          THEN coalesce({collprovider_locale}, c.collcollate)"
	"                          WHEN c.collcollate = c.collctype"
	"                          THEN c.collcollate END) AS locale,"
	"       quote_literal(c.collcollate) AS lc_collate,"
	"       quote_literal(c.collctype) AS lc_ctype,"
	"       c.collisdeterministic AS deterministic,"
	"       quote_literal({collicurules}) AS rules"
	"  FROM pg_collation c JOIN pg_namespace n ON n.oid = c.collnamespace"
	" WHERE c.oid >= 16384";

static const char access_method_sql[] =
	"SELECT a.oid AS objid, 0::oid AS parent, NULL::text AS schema,"
	"       a.amname::text AS name, quote_ident(a.amname) AS identity,"
	"       NULL::text AS owner, NULL::text AS acl,"
	"       CASE a.amtype WHEN 't' THEN 'TABLE' ELSE 'INDEX' END AS type,"
	"       a.amhandler::regproc::text AS handler"
	"  FROM pg_am a WHERE a.oid >= 16384";

/* The cast of a range to its multirange is part of the range. */
static const char cast_sql[] =
	"SELECT c.oid AS objid, 0::oid AS parent, NULL::text AS schema,"
	"       t.text AS name, t.text AS identity,"
	"       NULL::text AS owner, NULL::text AS acl,"
	"       nullif(c.castfunc, 0)::regprocedure::text AS function,"
	"       c.castmethod::text AS method, c.castcontext::text AS context"
	"  FROM pg_cast c,"
	"       LATERAL (SELECT '(' || format_type(c.castsource, NULL) || ' AS '"
	"                || format_type(c.casttarget, NULL) || ')' AS text) t"
	" WHERE c.oid >= 16384"
	"   AND NOT EXISTS (SELECT FROM pg_depend d"
	"                    WHERE d.classid = 'pg_cast'::regclass"
	"                      AND d.objid = c.oid AND d.deptype = 'i')";

static const char transform_sql[] =
	"SELECT f.oid AS objid, 0::oid AS parent, NULL::text AS schema,"
	"       i.text AS name, i.text AS identity,"
	"       NULL::text AS owner, NULL::text AS acl,"
	"       nullif(f.trffromsql, 0)::regprocedure::text AS from_sql,"
	"       nullif(f.trftosql, 0)::regprocedure::text AS to_sql"
	"  FROM pg_transform f JOIN pg_language l ON l.oid = f.trflang,"
	"       LATERAL (SELECT 'FOR ' || format_type(f.trftype, NULL)"
	"                || ' LANGUAGE ' || quote_ident(l.lanname) AS text) i"
	" WHERE f.oid >= 16384";

static const char conversion_sql[] =
	"SELECT c.oid AS objid, 0::oid AS parent,"
	"       n.nspname::text AS schema, c.conname::text AS name,"
	"       " QUALIFIED("n.nspname", "c.conname") " AS identity,"
	"       pg_get_userbyid(c.conowner)::text AS owner, NULL::text AS acl,"
	"       c.condefault AS is_default,"
	"       quote_literal(pg_encoding_to_char(c.conforencoding)) AS source,"
	"       quote_literal(pg_encoding_to_char(c.contoencoding)) AS target,"
	"       c.conproc::regproc::text AS function"
	"  FROM pg_conversion c JOIN pg_namespace n ON n.oid = c.connamespace"
	" WHERE c.oid >= 16384";

static const char ts_parser_sql[] =
	"SELECT p.oid AS objid, 0::oid AS parent,"
	"       n.nspname::text AS schema, p.prsname::text AS name,"
	"       " QUALIFIED("n.nspname", "p.prsname") " AS identity,"
	"       NULL::text AS owner, NULL::text AS acl,"
	"       p.prsstart::regproc::text AS start,"
	"       p.prstoken::regproc::text AS gettoken,"
	"       p.prsend::regproc::text AS finish,"
	"       " FUNCTION("p.prsheadline::oid") " AS headline,"
	"       p.prslextype::regproc::text AS lextypes"
	"  FROM pg_ts_parser p JOIN pg_namespace n ON n.oid = p.prsnamespace"
	" WHERE p.oid >= 16384";

static const char ts_template_sql[] =
	"SELECT t.oid AS objid, 0::oid AS parent,"
	"       n.nspname::text AS schema, t.tmplname::text AS name,"
	"       " QUALIFIED("n.nspname", "t.tmplname") " AS identity,"
	"       NULL::text AS owner, NULL::text AS acl,"
	"       " FUNCTION("t.tmplinit::oid") " AS init,"
	"       t.tmpllexize::regproc::text AS lexize"
	"  FROM pg_ts_template t JOIN pg_namespace n ON n.oid = t.tmplnamespace"
	" WHERE t.oid >= 16384";

static const char ts_dictionary_sql[] =
	"SELECT d.oid AS objid, 0::oid AS parent,"
	"       n.nspname::text AS schema, d.dictname::text AS name,"
	"       " QUALIFIED("n.nspname", "d.dictname") " AS identity,"
	"       pg_get_userbyid(d.dictowner)::text AS owner, NULL::text AS acl,"
	"       " QUALIFIED("tn.nspname", "t.tmplname") " AS template,"
	"       d.dictinitoption AS options"
	"  FROM pg_ts_dict d JOIN pg_namespace n ON n.oid = d.dictnamespace"
	"       JOIN pg_ts_template t ON t.oid = d.dicttemplate"
	"       JOIN pg_namespace tn ON tn.oid = t.tmplnamespace"
	" WHERE d.oid >= 16384";

/*
 * The mappings are whole statements: tokens with the same dictionaries share
 * one; tokens and statements are in the parser's order.
 */
static const char ts_configuration_sql[] =
	"SELECT c.oid AS objid, 0::oid AS parent,"
	"       n.nspname::text AS schema, c.cfgname::text AS name,"
	"       " QUALIFIED("n.nspname", "c.cfgname") " AS identity,"
	"       pg_get_userbyid(c.cfgowner)::text AS owner, NULL::text AS acl,"
	"       " QUALIFIED("pn.nspname", "p.prsname") " AS parser,"
	"       (SELECT string_agg('ALTER TEXT SEARCH CONFIGURATION '"
	"                || " QUALIFIED("n.nspname", "c.cfgname")
	"                || E'\\n    ADD MAPPING FOR ' || g.tokens"
	"                || E'\\n    WITH ' || g.dictionaries || E';\\n', ''"
	"                ORDER BY g.first)"
	"          FROM (SELECT m.dictionaries, min(m.tokid) AS first,"
	"                       string_agg(quote_ident(t.alias), ', '"
	"                                  ORDER BY m.tokid) AS tokens"
	"                  FROM (SELECT m.maptokentype AS tokid,"
	"                               string_agg(" QUALIFIED("dn.nspname", "d.dictname")
	"                                          , ', ' ORDER BY m.mapseqno)"
	"                               AS dictionaries"
	"                          FROM pg_ts_config_map m"
	"                               JOIN pg_ts_dict d ON d.oid = m.mapdict"
	"                               JOIN pg_namespace dn"
	"                                 ON dn.oid = d.dictnamespace"
	"                         WHERE m.mapcfg = c.oid"
	"                         GROUP BY m.maptokentype) m"
	"                       JOIN ts_token_type(c.cfgparser) t"
	"                         ON t.tokid = m.tokid"
	"                 GROUP BY m.dictionaries) g) AS mappings"
	"  FROM pg_ts_config c JOIN pg_namespace n ON n.oid = c.cfgnamespace"
	"       JOIN pg_ts_parser p ON p.oid = c.cfgparser"
	"       JOIN pg_namespace pn ON pn.oid = p.prsnamespace"
	" WHERE c.oid >= 16384";

static const char fdw_sql[] =
	"SELECT f.oid AS objid, 0::oid AS parent, NULL::text AS schema,"
	"       f.fdwname::text AS name, quote_ident(f.fdwname) AS identity,"
	"       pg_get_userbyid(f.fdwowner)::text AS owner, f.fdwacl::text AS acl,"
	"       " FUNCTION("f.fdwhandler") " AS handler,"
	"       " FUNCTION("f.fdwvalidator") " AS validator,"
	"       " FDW_OPTIONS("f.fdwoptions") " AS options"
	"  FROM pg_foreign_data_wrapper f WHERE f.oid >= 16384";

static const char server_sql[] =
	"SELECT s.oid AS objid, 0::oid AS parent, NULL::text AS schema,"
	"       s.srvname::text AS name, quote_ident(s.srvname) AS identity,"
	"       pg_get_userbyid(s.srvowner)::text AS owner, s.srvacl::text AS acl,"
	"       quote_literal(s.srvtype) AS type,"
	"       quote_literal(s.srvversion) AS version,"
	"       quote_ident(f.fdwname) AS wrapper,"
	"       " FDW_OPTIONS("s.srvoptions") " AS options"
	"  FROM pg_foreign_server s"
	"       JOIN pg_foreign_data_wrapper f ON f.oid = s.srvfdw"
	" WHERE s.oid >= 16384";

/* Each table stands for itself, without those that inherit from it. */
static const char publication_sql[] =
	"SELECT p.oid AS objid, 0::oid AS parent, NULL::text AS schema,"
	"       p.pubname::text AS name, quote_ident(p.pubname) AS identity,"
	"       pg_get_userbyid(p.pubowner)::text AS owner, NULL::text AS acl,"
	"       p.puballtables AS all_tables,"
	"       (SELECT 'TABLE ' || string_agg("
	"                'ONLY ' || t.identity || t.columns || t.filter,"
	"                " SEPARATOR " ORDER BY t.identity COLLATE \"C\")"
	"          FROM (SELECT " QUALIFIED("n.nspname", "c.relname") " AS identity,"
	"                       coalesce(" PUBLICATION_COLUMNS ", '') AS columns,"
	"                       coalesce(' WHERE (' || " PUBLICATION_FILTER " || ')',"
	"                                '') AS filter"
	"                  FROM pg_publication_rel r"
	"                       JOIN pg_class c ON c.oid = r.prrelid"
	"                       JOIN pg_namespace n ON n.oid = c.relnamespace"
	"                 WHERE r.prpubid = p.oid) t) AS tables,"
	"       " PUBLICATION_SCHEMAS " AS schemas,"
	"       concat_ws(', ', CASE WHEN p.pubinsert THEN 'insert' END,"
	"                 CASE WHEN p.pubupdate THEN 'update' END,"
	"                 CASE WHEN p.pubdelete THEN 'delete' END,"
	"                 CASE WHEN p.pubtruncate THEN 'truncate' END) AS publish,"
	"       p.pubviaroot AS via_root,"
	"       " PUBLICATION_GENERATED " AS generated"
	"  FROM pg_publication p WHERE p.oid >= 16384";

static const char event_trigger_sql[] =
	"SELECT e.oid AS objid, 0::oid AS parent, NULL::text AS schema,"
	"       e.evtname::text AS name, quote_ident(e.evtname) AS identity,"
	"       pg_get_userbyid(e.evtowner)::text AS owner, NULL::text AS acl,"
	"       quote_ident(e.evtevent) AS event,"
	"       (SELECT string_agg(quote_literal(tag), ', ' ORDER BY tag COLLATE \"C\")"
	"          FROM unnest(e.evttags) tag) AS tags,"
	"       e.evtfoid::regproc::text AS function,"
	"       e.evtenabled::text AS enabled"
	"  FROM pg_event_trigger e WHERE e.oid >= 16384";

/*
 * What is granted is an attribute, not the acl: nothing owns this object.  In
 * a schema it is added to what is granted in any, so there the base is empty.
 */
static const char default_privileges_sql[] =
	"SELECT d.oid AS objid, 0::oid AS parent,"
	"       n.nspname::text AS schema, s.text || ' ON ' || o.text AS name,"
	"       s.text || ' ON ' || o.text AS identity,"
	"       NULL::text AS owner, NULL::text AS acl,"
	"       s.text AS scope, pg_get_userbyid(d.defaclrole)::text AS role,"
	"       d.defaclobjtype::text AS type, o.text AS objects,"
	"       d.defaclacl::text AS privileges"
	"  FROM pg_default_acl d"
	"       LEFT JOIN pg_namespace n ON n.oid = d.defaclnamespace,"
	"       LATERAL (SELECT CASE d.defaclobjtype"
	"                       WHEN 'r' THEN 'TABLES' WHEN 'S' THEN 'SEQUENCES'"
	"                       WHEN 'f' THEN 'FUNCTIONS' WHEN 'T' THEN 'TYPES'"
	"                       WHEN 'n' THEN 'SCHEMAS'"
	"                       WHEN 'L' THEN 'LARGE OBJECTS' END AS text) o,"
	"       LATERAL (SELECT 'FOR ROLE '"
	"                || quote_ident(pg_get_userbyid(d.defaclrole))"
	"                || coalesce(' IN SCHEMA ' || quote_ident(n.nspname), '')"
	"                AS text) s"
	" WHERE d.oid >= 16384";

const MigrSnapQuery migr_snap_others[] = {
	{MIGR_KIND_SCHEMA, NamespaceRelationId, InvalidOid, schema_sql},
	{MIGR_KIND_EXTENSION, ExtensionRelationId, InvalidOid, extension_sql},
	{MIGR_KIND_LANGUAGE, LanguageRelationId, InvalidOid, language_sql},
	{MIGR_KIND_COLLATION, CollationRelationId, InvalidOid, collation_sql},
	{MIGR_KIND_ACCESS_METHOD, AccessMethodRelationId, InvalidOid, access_method_sql},
	{MIGR_KIND_CAST, CastRelationId, InvalidOid, cast_sql},
	{MIGR_KIND_TRANSFORM, TransformRelationId, InvalidOid, transform_sql},
	{MIGR_KIND_CONVERSION, ConversionRelationId, InvalidOid, conversion_sql},
	{MIGR_KIND_TS_PARSER, TSParserRelationId, InvalidOid, ts_parser_sql},
	{MIGR_KIND_TS_TEMPLATE, TSTemplateRelationId, InvalidOid, ts_template_sql},
	{MIGR_KIND_TS_DICTIONARY, TSDictionaryRelationId, InvalidOid, ts_dictionary_sql},
	{MIGR_KIND_TS_CONFIGURATION, TSConfigRelationId, InvalidOid, ts_configuration_sql},
	{MIGR_KIND_FDW, ForeignDataWrapperRelationId, InvalidOid, fdw_sql},
	{MIGR_KIND_SERVER, ForeignServerRelationId, InvalidOid, server_sql},
	{MIGR_KIND_PUBLICATION, PublicationRelationId, InvalidOid, publication_sql},
	{MIGR_KIND_EVENT_TRIGGER, EventTriggerRelationId, InvalidOid, event_trigger_sql},
	{MIGR_KIND_DEFAULT_PRIVILEGES, DefaultAclRelationId, InvalidOid, default_privileges_sql},
	{0}
};
