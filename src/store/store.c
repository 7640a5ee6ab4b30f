/*
 * store.c
 *		The script store and the version table.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "base/compat.h"
#include "base/errors.h"
#include "graph/replace.h"
#include "store/approved.h"
#include "store/store.h"

#define NODE_COLUMNS \
	"SELECT revision, down_revision, depends_on, branch_labels, message, checksum," \
	"       created_at, reversible, transactional, is_head, replaces" \
	"  FROM migr.revision"

static MigrQuery read_nodes = {NODE_COLUMNS, 0, {0}};

static MigrQuery read_nodes_of = {
	NODE_COLUMNS " WHERE revision = ANY ($1)", 1, {TEXTARRAYOID}
};

static MigrQuery read_versions = {
	"SELECT revision, ordinal, checksum, stamped, applied_at, applied_by, duration"
	"  FROM migr.version ORDER BY ordinal", 0, {0}
};

static MigrQuery read_versions_of = {
	"SELECT revision, ordinal, checksum, stamped, applied_at, applied_by, duration"
	"  FROM migr.version WHERE revision = ANY ($1) ORDER BY ordinal", 1, {TEXTARRAYOID}
};

static MigrQuery read_script = {
	"SELECT script, loader, loaded_by, loaded_in FROM migr.revision WHERE revision = $1",
	1, {TEXTOID}
};

/* With a text, who vouches for it: by one query, so that they belong together. */
static MigrQuery read_scripts = {
	"SELECT r.script, r.loader, r.loaded_by, r.loaded_in"
	"  FROM pg_catalog.unnest($1) WITH ORDINALITY w (revision, place)"
	"  LEFT JOIN migr.revision r ON r.revision = w.revision"
	" ORDER BY w.place", 1, {TEXTARRAYOID}
};

static MigrQuery read_loaders = {
	"SELECT NULL, r.loader, r.loaded_by, r.loaded_in"
	"  FROM pg_catalog.unnest($1) WITH ORDINALITY w (revision, place)"
	"  LEFT JOIN migr.revision r ON r.revision = w.revision"
	" ORDER BY w.place", 1, {TEXTARRAYOID}
};

static MigrQuery is_applied = {
	"SELECT true FROM migr.version WHERE revision = $1", 1, {TEXTOID}
};

#define WRITE_ARGS 17

static MigrQuery insert_revision = {
	"INSERT INTO migr.revision (revision, down_revision, depends_on, branch_labels, message,"
	"       created_at, reversible, transactional, is_head, checksum, script,"
	"       loaded_by, loader, loaded_in, replaces, loaded_session, loaded_session_name)"
	" VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)",
	WRITE_ARGS, {TEXTOID, TEXTARRAYOID, TEXTARRAYOID, TEXTARRAYOID, TEXTOID, TIMESTAMPTZOID,
	BOOLOID, BOOLOID, BOOLOID, TEXTOID, TEXTOID, TEXTOID, OIDOID, TEXTOID, TEXTARRAYOID, OIDOID, TEXTOID}
};

/* Who loads the same text once more has not brought it. */

static MigrQuery update_revision = {
	"UPDATE migr.revision"
	"   SET down_revision = $2, depends_on = $3, branch_labels = $4, message = $5,"
	"       created_at = $6, reversible = $7, transactional = $8, is_head = $9,"
	"       checksum = $10, script = $11, loaded_by = $12, loader = $13, loaded_in = $14,"
	"       replaces = $15, loaded_at = pg_catalog.clock_timestamp(),"
	"       loaded_session = CASE WHEN checksum = $10 THEN loaded_session ELSE $16 END,"
	"       loaded_session_name = CASE WHEN checksum = $10 THEN loaded_session_name ELSE $17 END"
	" WHERE revision = $1",
	WRITE_ARGS, {TEXTOID, TEXTARRAYOID, TEXTARRAYOID, TEXTARRAYOID, TEXTOID, TIMESTAMPTZOID,
	BOOLOID, BOOLOID, BOOLOID, TEXTOID, TEXTOID, TEXTOID, OIDOID, TEXTOID, TEXTARRAYOID, OIDOID, TEXTOID}
};

static MigrQuery delete_revision = {
	"DELETE FROM migr.revision WHERE revision = $1", 1, {TEXTOID}
};

static MigrQuery set_head = {
	"UPDATE migr.revision SET is_head = $2 WHERE revision = $1", 2, {TEXTOID, BOOLOID}
};

static MigrQuery next_ordinal = {
	"SELECT coalesce((SELECT ordinal FROM migr.version ORDER BY ordinal DESC LIMIT 1), 0) + 1",
	0, {0}
};

static MigrQuery add_version = {
	"INSERT INTO migr.version (revision, ordinal, checksum, stamped, applied_by, duration)"
	" VALUES ($1, $2, $3, $4, $5, $6 * interval '1 microsecond')",
	6, {TEXTOID, INT8OID, TEXTOID, BOOLOID, TEXTOID, INT8OID}
};

static MigrQuery remove_version = {
	"DELETE FROM migr.version WHERE revision = $1", 1, {TEXTOID}
};

static MigrQuery rename_version = {
	"UPDATE migr.version SET revision = $2, checksum = $3, stamped = true WHERE revision = $1",
	3, {TEXTOID, TEXTOID, TEXTOID}
};

static MigrQuery sign_version = {
	"UPDATE migr.version SET checksum = $2 WHERE revision = $1", 2, {TEXTOID, TEXTOID}
};

static MigrQuery read_fingerprint = {
	"SELECT fingerprint FROM migr.version"
	" WHERE ordinal = (SELECT ordinal FROM migr.version ORDER BY ordinal DESC LIMIT 1)"
	"   AND server_major = $1", 1, {INT4OID}
};

static MigrQuery set_fingerprint = {
	"UPDATE migr.version SET fingerprint = $1, server_major = $2"
	" WHERE ordinal = (SELECT ordinal FROM migr.version ORDER BY ordinal DESC LIMIT 1)",
	2, {TEXTOID, INT4OID}
};

static MigrQuery count_versions = {
	"SELECT pg_catalog.count(*) FROM migr.version", 0, {0}
};

static MigrNode *
nodes_of(uint64 rows, int *count)
{
	MigrNode   *nodes = palloc0((rows + 1) * sizeof(MigrNode));

	for (uint64 i = 0; i < rows; i++)
	{
		MigrRevision *info = palloc(sizeof(MigrRevision));

		CHECK_FOR_INTERRUPTS();
		nodes[i].id = migr_db_text(i, 1);
		nodes[i].revises = migr_db_texts(i, 2);
		nodes[i].depends = migr_db_texts(i, 3);
		nodes[i].labels = migr_db_texts(i, 4);
		nodes[i].info = info;
		info->message = migr_db_text(i, 5);
		info->checksum = migr_db_text(i, 6);
		info->has_created = !migr_db_is_null(i, 7);
		info->created = info->has_created
			? migr_db_timestamp(i, 7) : 0;
		info->reversible = DatumGetBool(migr_db_datum(i, 8));
		info->transaction = DatumGetBool(migr_db_datum(i, 9));
		info->is_head = DatumGetBool(migr_db_datum(i, 10));
		nodes[i].replaces = migr_db_texts(i, 11);
	}
	*count = (int) rows;
	return nodes;
}

MigrNode *
migr_store_read_nodes(MigrDb *db, int *count)
{
	return nodes_of(migr_db_run(db, &read_nodes, NULL, NULL), count);
}

MigrNode *
migr_store_read_nodes_of(MigrDb *db, const List *revisions, int *count)
{
	Datum		values[1];

	values[0] = migr_db_texts_datum(revisions);
	return nodes_of(migr_db_run(db, &read_nodes_of, values, NULL), count);
}

/* Those that are written have no days; those of a dump may have been edited. */
static int64
microseconds_of(const Interval *interval)
{
	return interval->time +
		(interval->month * (int64) DAYS_PER_MONTH + interval->day) * USECS_PER_DAY;
}

static List *
versions_of(uint64 rows)
{
	List	   *versions = NIL;

	for (uint64 i = 0; i < rows; i++)
	{
		MigrVersion *version = palloc(sizeof(MigrVersion));

		CHECK_FOR_INTERRUPTS();
		version->revision = migr_db_text(i, 1);
		version->ordinal = migr_db_int64(i, 2);
		version->checksum = migr_db_text(i, 3);
		version->stamped = DatumGetBool(migr_db_datum(i, 4));
		version->applied_at = migr_db_timestamp(i, 5);
		version->applied_by = migr_db_text(i, 6);
		version->microseconds = migr_db_is_null(i, 7) ? -1
			: microseconds_of(DatumGetIntervalP(migr_db_datum_of(i, 7, INTERVALOID)));
		versions = lappend(versions, version);
	}
	return versions;
}

List *
migr_store_read_versions(MigrDb *db)
{
	return versions_of(migr_db_run(db, &read_versions, NULL, NULL));
}

List *
migr_store_read_versions_of(MigrDb *db, const List *revisions)
{
	Datum		values[1];

	values[0] = migr_db_texts_datum(revisions);
	return versions_of(migr_db_run(db, &read_versions_of, values, NULL));
}

List *
migr_store_version_ids(const List *versions)
{
	List	   *ids = NIL;
	ListCell   *lc;

	foreach(lc, versions)
		ids = lappend(ids, unconstify(char *, ((MigrVersion *) lfirst(lc))->revision));
	return ids;
}

MigrState *
migr_store_state(MigrGraph *graph, const List *versions)
{
	MigrState  *state =
		migr_state_create(migr_replace_view(graph, migr_store_version_ids(versions)));
	ListCell   *lc;

	foreach(lc, versions)
	{
		const MigrVersion *version = lfirst(lc);

		migr_state_add(state, version->revision, version->ordinal);
	}
	return state;
}

MigrState *
migr_store_read_state_as(MigrDb *db, const List *versions)
{
	int			count;
	MigrNode   *nodes = migr_store_read_nodes(db, &count);
	MigrGraph  *graph = migr_replace_create(nodes, count);

	migr_graph_check(graph);
	return migr_store_state(graph, versions);
}

MigrState *
migr_store_read_state(MigrDb *db)
{
	return migr_store_read_state_as(db, migr_store_read_versions(db));
}

MigrState *
migr_store_read_unsquashed(MigrDb *db)
{
	int			count;
	MigrNode   *nodes = migr_store_read_nodes(db, &count);
	MigrGraph  *graph = migr_replace_none(migr_replace_create(nodes, count));
	MigrState  *state;
	ListCell   *lc;

	if (graph == NULL)
		return NULL;
	state = migr_state_create(graph);
	foreach(lc, migr_store_read_versions(db))
	{
		const MigrVersion *version = lfirst(lc);

		migr_state_add(state, version->revision, version->ordinal);
	}
	return state;
}

MigrRevision *
migr_store_revision(const MigrScript *script)
{
	MigrRevision *info = palloc0(sizeof(MigrRevision));

	info->message = script->message;
	info->checksum = script->checksum;
	info->has_created = script->has_created;
	info->created = script->created;
	info->reversible = script->sections[MIGR_SECTION_DOWNGRADE].present;
	info->transaction = script->transaction;
	return info;
}

MigrNode
migr_store_node(const MigrScript *script)
{
	MigrNode	node = {0};

	node.id = script->revision;
	node.revises = script->revises;
	node.depends = script->depends;
	node.labels = script->labels;
	node.replaces = script->replaces;
	node.info = migr_store_revision(script);
	return node;
}

MigrLoader
migr_store_loader_of(uint64 row, int column)
{
	MigrLoader	loader = {0};

	loader.known = !migr_db_is_null(row, column);
	loader.role = loader.known ? DatumGetObjectId(migr_db_datum(row, column)) : InvalidOid;
	loader.name = migr_db_text(row, column + 1);
	loader.installation = migr_db_text(row, column + 2);
	return loader;
}

static bool
find_script(MigrDb *db, const char *revision)
{
	Datum		values[1];

	values[0] = migr_db_text_datum(revision);
	return migr_db_run(db, &read_script, values, NULL) > 0;
}

/* Parse the script of a row, and note who has loaded it. */
static MigrScript *
parse_script(uint64 row)
{
	MigrLoader	loader = migr_store_loader_of(row, 2);
	MigrScript *script = migr_script_parse_stored(migr_db_long_text(row, 1));

	script->loader = loader;
	return script;
}

char *
migr_store_read_script(MigrDb *db, const char *revision)
{
	return find_script(db, revision) ? migr_db_text(0, 1) : NULL;
}

MigrScript *
migr_store_parse_script(MigrDb *db, const char *revision)
{
	return find_script(db, revision) ? parse_script(0) : NULL;
}

/* Run a query for rows in the order of these nodes; each is there. */
static void
read_nodes_in_order(MigrDb *db, MigrQuery *query, const MigrGraph *graph, const int *nodes, int count)
{
	Datum		values[1];
	List	   *ids = NIL;
	int			missing = 0;

	for (int i = 0; i < count; i++)
		ids = lappend(ids, unconstify(char *, graph->nodes[nodes[i]].id));
	values[0] = migr_db_texts_datum(ids);
	(void) migr_db_run(db, query, values, NULL);
	for (int i = 0; i < count; i++)
		missing += migr_db_is_null(i, 3);
	if (missing > 0)
		ereport(ERROR,
				(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
				 errmsg("scripts were removed while they were read"),
				 errdetail("Of %d scripts, %d are there.", count, count - missing),
				 errhint("Run it again.")));
}

List *
migr_store_read_scripts(MigrDb *db, const MigrGraph *graph, const int *nodes,
						int count)
{
	List	   *scripts = NIL;

	read_nodes_in_order(db, &read_scripts, graph, nodes, count);
	for (int i = 0; i < count; i++)
		scripts = lappend(scripts, migr_db_text(i, 1));
	return scripts;
}

static List *
parse_rows(uint64 count)
{
	List	   *scripts = NIL;

	for (uint64 i = 0; i < count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		scripts = lappend(scripts, migr_db_is_null(i, 1) ? NULL : parse_script(i));
	}
	return scripts;
}

List *
migr_store_parse_scripts(MigrDb *db, const MigrGraph *graph, const int *nodes, int count)
{
	read_nodes_in_order(db, &read_scripts, graph, nodes, count);
	return parse_rows(count);
}

List *
migr_store_parse_known(MigrDb *db, const List *revisions)
{
	Datum		value = migr_db_texts_datum(revisions);

	return parse_rows(migr_db_run(db, &read_scripts, &value, NULL));
}

MigrLoader *
migr_store_read_loaders(MigrDb *db, const MigrGraph *graph, const int *nodes,
						int count)
{
	MigrLoader *loaders = palloc((count + 1) * sizeof(MigrLoader));

	read_nodes_in_order(db, &read_loaders, graph, nodes, count);
	for (int i = 0; i < count; i++)
		loaders[i] = migr_store_loader_of(i, 2);
	return loaders;
}

bool
migr_store_is_applied(MigrDb *db, const char *revision)
{
	Datum		values[1];

	values[0] = migr_db_text_datum(revision);
	return migr_db_run(db, &is_applied, values, NULL) > 0;
}

static void
write_revision(MigrDb *db, MigrQuery *query, const MigrScript *script,
			   bool is_head)
{
	const MigrLoader *loader = &script->loader;
	Datum		values[WRITE_ARGS];
	char		nulls[WRITE_ARGS];

	memset(nulls, ' ', sizeof(nulls));
	values[0] = migr_db_text_datum(script->revision);
	values[1] = migr_db_texts_datum(script->revises);
	values[2] = migr_db_texts_datum(script->depends);
	values[3] = migr_db_texts_datum(script->labels);
	values[4] = migr_db_text_datum(script->message);
	values[5] = TimestampTzGetDatum(script->created);
	nulls[5] = script->has_created ? ' ' : 'n';
	values[6] = BoolGetDatum(script->sections[MIGR_SECTION_DOWNGRADE].present);
	values[7] = BoolGetDatum(script->transaction);
	values[8] = BoolGetDatum(is_head);
	values[9] = migr_db_text_datum(script->checksum);
	values[10] = migr_db_long_text_datum(unconstify(char *, script->text), script->text_len,
										 script->headed);
	values[11] = migr_db_text_datum(loader->name);
	values[12] = ObjectIdGetDatum(loader->role);
	values[13] = migr_db_text_datum(loader->installation);
	values[14] = migr_db_texts_datum(script->replaces);
	values[15] = ObjectIdGetDatum(GetSessionUserId());
	values[16] = migr_db_text_datum(GetUserNameFromId(GetSessionUserId(), false));
	migr_db_run_one(db, query, values, nulls);
}

void
migr_store_insert(MigrDb *db, const MigrScript *script, bool is_head)
{
	write_revision(db, &insert_revision, script, is_head);
}

void
migr_store_update(MigrDb *db, const MigrScript *script, bool is_head)
{
	write_revision(db, &update_revision, script, is_head);
}

void
migr_store_delete(MigrDb *db, const char *revision)
{
	Datum		values[1];

	values[0] = migr_db_text_datum(revision);
	migr_db_run_one(db, &delete_revision, values, NULL);
	migr_approved_forget(db, revision);
}

void
migr_store_set_head(MigrDb *db, const char *revision, bool is_head)
{
	Datum		values[2];

	values[0] = migr_db_text_datum(revision);
	values[1] = BoolGetDatum(is_head);
	migr_db_run_one(db, &set_head, values, NULL);
}

int64
migr_store_next_ordinal(MigrDb *db)
{
	(void) migr_db_run(db, &next_ordinal, NULL, NULL);
	return migr_db_int64(0, 1);
}

void
migr_store_add_version(MigrDb *db, const MigrVersion *version, int64 microseconds)
{
	Datum		values[6];
	char		nulls[6 + 1] = "      ";

	values[0] = migr_db_text_datum(version->revision);
	values[1] = Int64GetDatum(version->ordinal);
	values[2] = migr_db_text_datum(version->checksum);
	nulls[2] = version->checksum ? ' ' : 'n';
	values[3] = BoolGetDatum(version->stamped);
	values[4] = migr_db_text_datum(version->applied_by);
	values[5] = Int64GetDatum(microseconds);
	nulls[5] = version->stamped ? 'n' : ' ';
	migr_db_run_one(db, &add_version, values, nulls);
}

void
migr_store_remove_version(MigrDb *db, const char *revision)
{
	Datum		values[1];

	values[0] = migr_db_text_datum(revision);
	migr_db_run_one(db, &remove_version, values, NULL);
}

void
migr_store_rename_version(MigrDb *db, const char *revision, const char *squash,
						  const char *checksum)
{
	Datum		values[3];

	values[0] = migr_db_text_datum(revision);
	values[1] = migr_db_text_datum(squash);
	values[2] = migr_db_text_datum(checksum);
	migr_db_run_one(db, &rename_version, values, NULL);
}

void
migr_store_sign(MigrDb *db, const char *revision, const char *checksum)
{
	Datum		values[2];

	values[0] = CStringGetTextDatum(revision);
	values[1] = CStringGetTextDatum(checksum);
	migr_db_run_one(db, &sign_version, values, NULL);
}

char *
migr_store_read_fingerprint(MigrDb *db)
{
	Datum		major = Int32GetDatum(MIGR_SERVER_MAJOR);

	return migr_db_run(db, &read_fingerprint, &major, NULL) > 0
		? migr_db_text(0, 1) : NULL;
}

void
migr_store_set_fingerprint(MigrDb *db, const char *fingerprint)
{
	Datum		values[2];

	values[0] = migr_db_text_datum(fingerprint);
	values[1] = Int32GetDatum(MIGR_SERVER_MAJOR);
	(void) migr_db_run(db, &set_fingerprint, values, fingerprint ? NULL : "nn");
}

int64
migr_store_count_versions(MigrDb *db)
{
	(void) migr_db_run(db, &count_versions, NULL, NULL);
	return migr_db_int64(0, 1);
}

void
migr_store_ready(void)
{
	static MigrQuery *const queries[] = {&next_ordinal, &add_version, &remove_version, &set_fingerprint,
	&count_versions};

	migr_db_plan(queries, lengthof(queries));
}
