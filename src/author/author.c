/*
 * author.c
 *		New revision scripts: written, registered, returned.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "pgtime.h"
#include "port.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "author/tenant_revision.h"
#include "base/errors.h"
#include "base/ident.h"
#include "base/subxact.h"
#include "base/text.h"
#include "check/trial.h"
#include "diff/online.h"
#include "graph/plan.h"
#include "script/script.h"
#include "store/loader.h"
#include "store/mutex.h"

/* Generated ids: 12 hex digits. */
#define ID_BYTES 6

/* A random id that no revision has. */
static char *
generate_id(const MigrGraph *graph)
{
	char		bytes[ID_BYTES];
	char	   *id = palloc0(2 * ID_BYTES + 1);

	do
	{
		if (!pg_strong_random(bytes, ID_BYTES))
			ereport(ERROR,
					(errcode(ERRCODE_INTERNAL_ERROR),
					 errmsg("could not generate a random revision id")));
		hex_encode(bytes, ID_BYTES, id);
	} while (migr_graph_find(graph, id) >= 0 ||
			 migr_graph_find_label(graph, id) >= 0);
	return id;
}

/* Check the names that the script is to carry; a bad one is the caller's. */
static void
check_names(const char *what, const List *names)
{
	ListCell   *lc;

	foreach(lc, names)
	{
		if (!migr_ident_valid(lfirst(lc)))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("\"%s\" is no %s", (char *) lfirst(lc), what),
					 errhint("%s", MIGR_IDENT_RULE)));
	}
}

/* Raise MG005 if the graph has a revision or a label of this name. */
static void
check_free(const MigrGraph *graph, const char *what, const char *name)
{
	int			node = migr_graph_find(graph, name);
	bool		is_label = node < 0;

	if (is_label)
		node = migr_graph_find_label(graph, name);
	if (node >= 0)
		ereport(ERROR,
				(errcode(ERRCODE_MIGR_BROKEN_GRAPH),
				 errmsg("%s \"%s\" is taken", what, name),
				 is_label ? errdetail("It is a branch label of revision \"%s\".",
									  graph->nodes[node].id)
				 : errdetail("It is the id of a revision.")));
}

/* What to do about a parent that is not a head. */
static const char *
hint_for_heads_above(const MigrState *state, const MigrDraft *draft, int node)
{
	const MigrGraph *graph = state->graph;
	bool	   *above = migr_set_of(graph, node);
	char	   *heads;

	migr_graph_close(graph, above, MIGR_UP);
	heads = migr_ident_join(migr_set_ids(graph, migr_set_topmost(graph, above, MIGR_DOWN)));
	if (draft->merge)
		return psprintf("Only heads can be merged. Above it, these are: %s.", heads);
	return psprintf("To go on above it, name its head: %s. Use splice => true to begin a new branch there.",
					heads);
}

/* Add the nodes that a name means to the parents; each only once. */
static void
add_parents(const MigrState *state, const MigrDraft *draft, const char *name,
			bool *parents)
{
	const MigrGraph *graph = state->graph;
	bool	   *set = migr_resolve(state, name, false);

	for (int i = 0; i < graph->count; i++)
	{
		if (!set[i])
			continue;
		if (parents[i])
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("revision \"%s\" is named more than once",
							graph->nodes[i].id),
					 errhint("Name each revision once; an id, a label and label@head can mean the same one.")));
		if (!draft->splice && migr_graph_has_neighbour(graph, i, MIGR_UP, NULL))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("revision \"%s\" is not a head", graph->nodes[i].id),
					 errhint("%s", hint_for_heads_above(state, draft, i))));
		parents[i] = true;
	}
}

static List *
resolve_parents(const MigrState *state, const MigrDraft *draft)
{
	bool	   *parents = migr_set_create(state->graph);
	ListCell   *lc;

	foreach(lc, draft->heads)
		add_parents(state, draft, lfirst(lc), parents);
	return migr_set_ids(state->graph, parents);
}

/* Dependencies: a label stays one, anything else becomes a full id. */
static List *
resolve_depends(const MigrState *state, const MigrDraft *draft)
{
	List	   *depends = NIL;
	ListCell   *lc;

	foreach(lc, draft->depends)
	{
		const char *name = lfirst(lc);

		if (migr_graph_find_label(state->graph, name) < 0)
			name = state->graph->nodes[migr_resolve_revision(state, name)].id;
		depends = lappend(depends, unconstify(char *, name));
	}
	return depends;
}

static void
append_directive(StringInfo script, const char *name, const char *value)
{
	if (value && *value != '\0')
		appendStringInfo(script, "-- migr:%s %s\n", name, value);
}

/* No white space at the end. */
static char *
trimmed(const char *sql)
{
	char	   *result = pstrdup(sql);
	int			len = strlen(sql);

	while (len > 0 && strchr(" \t\r\n", result[len - 1]))
		len--;
	result[len] = '\0';
	return result;
}

/* A section with SQL that ends with a line end. */
static void
append_section(StringInfo script, const char *name, const char *sql)
{
	if (sql == NULL)
		return;
	sql = trimmed(sql);
	appendStringInfo(script, "\n-- migr:%s\n%s%s", name, sql, *sql ? "\n" : "");
}

static char *
utc_now(void)
{
	struct pg_tm tm;
	fsec_t		fsec;

	if (timestamp2tm(GetCurrentTimestamp(), NULL, &tm, &fsec, NULL, NULL) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("timestamp out of range")));
	return psprintf("%04d-%02d-%02d %02d:%02d:%02d+00", tm.tm_year, tm.tm_mon,
					tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

/* The script as text; one line for the message, whatever is in it. */
static char *
compose(const MigrState *state, const MigrDraft *draft, const char *id)
{
	StringInfoData script;
	List	   *parents = draft->replaces ? draft->parents : resolve_parents(state, draft);
	char	   *message = draft->message ? pstrdup(draft->message)
		: list_length(parents) > 1 ? psprintf("merge %s", migr_ident_join(parents))
		: pstrdup("");

	for (char *c = message; *c != '\0'; c++)
	{
		if ((unsigned char) *c < ' ')
			*c = ' ';
	}

	initStringInfo(&script);
	append_directive(&script, "revision", id);
	append_directive(&script, "revises", migr_ident_join(parents));
	append_directive(&script, "message", message);
	append_directive(&script, "created", utc_now());
	append_directive(&script, "labels", migr_ident_join(draft->labels));
	append_directive(&script, "depends",
					 migr_ident_join(draft->replaces ? draft->depends : resolve_depends(state, draft)));
	append_directive(&script, "replaces", migr_ident_join(draft->replaces));
	append_directive(&script, "transaction", draft->apart ? "off" : NULL);
	for (int kind = 0; kind < MIGR_SECTION_KINDS; kind++)
		append_section(&script, migr_section_names[kind], draft->sections[kind]);
	return script.data;
}

/* Are two pieces of SQL the same but for line ends and what is behind the last? */
static bool
same_lines(const char *a, const char *b)
{
	int			len;

	return strcmp(migr_text_normalise(trimmed(a), &len), migr_text_normalise(trimmed(b), &len)) == 0;
}

/*
 * The text as a script keeps it.  Raise unless it is what the draft says: the SQL
 * of a section could hold directives of its own.
 */
static char *
check_composed(const MigrDraft *draft, const char *text)
{
	List	   *scripts = migr_script_parse(text, NULL);
	const MigrScript *script = linitial(scripts);

	for (int kind = 0; kind < MIGR_SECTION_KINDS; kind++)
	{
		const MigrSection *section = &script->sections[kind];

		if (list_length(scripts) != 1 ||
			section->present != (draft->sections[kind] != NULL) ||
			(section->present &&
			 !same_lines(pnstrdup(section->raw, section->raw_len), draft->sections[kind])))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("the SQL of a section can't hold directives of its own"),
					 errhint("A line that begins with \"-- migr:\" is a directive.")));
	}
	return pnstrdup(script->text, script->text_len);
}

/* Branches to be merged, and what was found out about them. */
typedef struct Merge
{
	const MigrState *state;
	bool	   *parents;
	char	   *conflict;
} Merge;

static void
try_merge(void *arg)
{
	Merge	   *merge = arg;

	merge->conflict = migr_trial_branches(merge->state, merge->parents);
}

/*
 * Warn if it matters in which order the merged branches are applied: databases
 * that took another way to the merge would differ.  That this can't be found
 * out is no reason not to merge.
 */
static void
warn_of_conflict(const List *heads)
{
	MigrState  *state;
	Merge		merge = {NULL};
	ErrorData  *error;
	ListCell   *lc;
	MigrDb		db;

	migr_db_begin(&db, false);
	state = migr_store_read_state(&db);
	migr_db_end(&db);
	merge.state = state;
	merge.parents = migr_set_create(state->graph);
	foreach(lc, heads)
	{
		bool	   *set = migr_resolve(state, lfirst(lc), false);

		for (int i = 0; i < state->graph->count; i++)
			merge.parents[i] = merge.parents[i] || set[i];
	}
	error = migr_subxact_run(try_merge, &merge, false);
	if (error && ERRCODE_TO_CATEGORY(error->sqlerrcode) ==
		ERRCODE_TO_CATEGORY(ERRCODE_OPERATOR_INTERVENTION))
		ReThrowError(error);
	if (error)
		ereport(NOTICE,
				(errmsg("could not check whether the branches can be applied in any order: %s",
						error->message)));
	else if (merge.conflict)
		ereport(WARNING,
				(errmsg("the merged branches do not build the same schema in any order"),
				 errdetail("%s", merge.conflict)));
}

/* Two pieces of SQL, one behind the other; either may be empty. */
static const char *
join_sql(const char *first, const char *second)
{
	if (*first == '\0' || *second == '\0')
		return *first ? first : second;
	return psprintf("%s\n\n%s", trimmed(first), second);
}

/* Put generated SQL in front of the upgrade section, and behind the downgrade section. */
static void
add_generated(MigrDraft *draft, const char *upgrade, const char *downgrade)
{
	const char **sections = draft->sections;

	sections[MIGR_SECTION_UPGRADE] = join_sql(upgrade, sections[MIGR_SECTION_UPGRADE]);
	if (sections[MIGR_SECTION_DOWNGRADE])
		sections[MIGR_SECTION_DOWNGRADE] = join_sql(sections[MIGR_SECTION_DOWNGRADE], downgrade);
}

bool
migr_author_generate(MigrDraft *draft, MigrComparison *comparison, bool from_live)
{
	const MigrState *state = migr_loader_read_state(NULL, NULL);

	migr_tenant_revision_check(draft);
	migr_plan_check_done(state);
	migr_threeway_compare(comparison, state->graph->count == 0 ? MIGR_BASE_NO_SCRIPTS
						  : from_live ? MIGR_BASE_LIVE : MIGR_BASE_SCRIPTS);
	if (*comparison->upgrade == '\0')
	{
		ereport(NOTICE,
				(errmsg("no revision was written: the schema is the desired one")));
		return false;
	}
	draft->parts = comparison->parts;
	if (draft->parts != NIL)
		return true;
	add_generated(draft, comparison->upgrade, comparison->downgrade);
	return true;
}

bool
migr_author_generate_for_tenant(MigrDraft *draft)
{
	char	   *upgrade;
	char	   *downgrade;

	if (!migr_tenant_revision_generate(draft, &upgrade, &downgrade))
		return false;
	add_generated(draft, upgrade, downgrade);
	return true;
}

/* Write one, of the id that is given or made up, which is set. */
static char *
write_script(const MigrDraft *draft, const char **revision)
{
	MigrState  *state;
	const char *id = draft->revision;
	char	   *text;
	ListCell   *lc;
	MigrDb		db;

	/* From here to the end of the transaction nobody else adds a head. */
	migr_mutex_lock_store();
	migr_db_begin(&db, false);
	state = migr_store_read_state(&db);
	migr_db_end(&db);

	/* A squash takes over labels; it is the loader that looks at whose. */
	foreach(lc, draft->replaces ? NIL : draft->labels)
		check_free(state->graph, "branch label", lfirst(lc));
	if (id)
		check_free(state->graph, "revision id", id);
	else
		id = generate_id(state->graph);
	text = check_composed(draft, compose(state, draft, id));
	(void) migr_loader_load_text(text, 0);
	*revision = id;
	return text;
}

/* What comes behind the generated parts, as one of them, if it can't be in the last. */
static List *
add_own_part(const MigrDraft *draft)
{
	MigrOnlinePart *own;

	if (*draft->sections[MIGR_SECTION_UPGRADE] == '\0' ||
		!((MigrOnlinePart *) llast(draft->parts))->apart)
		return draft->parts;
	own = palloc0(sizeof(MigrOnlinePart));
	own->title = "what was given";
	own->upgrade = own->downgrade = "";
	return lappend(list_copy(draft->parts), own);
}

/* What of a draft is the one of a part: the first revises what the draft does. */
static MigrDraft
draft_of_part(const MigrDraft *draft, const MigrOnlinePart *part, int number, int count)
{
	const char *const *own = draft->sections;
	MigrDraft	result = *draft;
	bool		irreversible = own[MIGR_SECTION_DOWNGRADE] == NULL;

	result.parts = NIL;
	result.apart = part->apart;
	if (count > 1)
		result.message = psprintf("%s%s(%d of %d: %s)", draft->message ? draft->message : "",
								  draft->message ? " " : "", number, count, part->title);
	result.sections[MIGR_SECTION_UPGRADE] = part->upgrade;
	result.sections[MIGR_SECTION_DOWNGRADE] = irreversible ? NULL : part->downgrade;
	if (number > 1)
		result.labels = result.depends = NIL;
	if (number < count)
	{
		result.revision = NULL;
		result.sections[MIGR_SECTION_VERIFY] = NULL;
		return result;
	}
	result.sections[MIGR_SECTION_UPGRADE] = join_sql(part->upgrade, own[MIGR_SECTION_UPGRADE]);
	if (!irreversible)
		result.sections[MIGR_SECTION_DOWNGRADE] = join_sql(own[MIGR_SECTION_DOWNGRADE], part->downgrade);
	return result;
}

/* One script for each part, each of which revises the one before. */
static char *
write_chain(const MigrDraft *draft)
{
	List	   *parts = add_own_part(draft);
	List	   *texts = NIL;
	List	   *heads = draft->heads;
	int			number = 0;
	ListCell   *lc;

	foreach(lc, parts)
	{
		MigrDraft	part = draft_of_part(draft, lfirst(lc), ++number, list_length(parts));
		const char *revision;

		part.heads = heads;
		texts = lappend(texts, write_script(&part, &revision));
		heads = list_make1(unconstify(char *, revision));
	}
	return migr_text_join(texts, "\n");
}

/* Run there, it would fail. */
static void
tell_done(const MigrDraft *draft, const char *revision)
{
	ereport(NOTICE,
			(errmsg("tenant \"%s\" has in its schema what revision \"%s\" does", draft->tenant, revision),
			 errhint("Say so, before others are upgraded: migr_stamp(%s, tenant => %s).",
					 quote_literal_cstr(revision), quote_literal_cstr(draft->tenant))));
}

char *
migr_author_write(const MigrDraft *draft)
{
	const char *revision;
	char	   *text;

	check_names("branch label", draft->labels);
	if (draft->revision)
		check_names("revision id", list_make1(unconstify(char *, draft->revision)));
	if (draft->replaces == NIL)
		migr_tenant_revision_look(draft);
	if (draft->merge)
		warn_of_conflict(draft->heads);
	if (draft->parts != NIL)
		return write_chain(draft);
	text = write_script(draft, &revision);
	if (draft->tenant)
		tell_done(draft, revision);
	return text;
}
