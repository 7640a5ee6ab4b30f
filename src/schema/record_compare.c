/*
 * record_compare.c
 *		Two schemas as rows, object by object: which differ, and how.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/hsearch.h"

#include "kind/canonical.h"
#include "kind/kind.h"
#include "kind/sort.h"
#include "model/privileges.h"
#include "schema/record_compare.h"
#include "schema/record_parts.h"

/* An object of one side, or the same one of both. */
typedef struct Pair
{
	unsigned char id[MIGR_DIGEST_BYTES];	/* the hash key */
	const MigrRecordedObject *is;
	const MigrRecordedObject *wanted;
	bool		differs;
} Pair;

/* What an address means on one side: a root. */
typedef struct Root
{
	MigrAddress address;		/* the hash key */
	Pair	   *pair;
	List	   *parts;			/* MigrRecordedObject * */
} Root;

typedef struct Comparison
{
	HTAB	   *pairs;
	HTAB	   *is_roots;
	HTAB	   *wanted_roots;
	HTAB	   *by_object;		/* Named: columns of tables that differ */
	bool		public_said;
	List	   *departures;
} Comparison;

typedef struct Named
{
	const char *object;			/* the hash key */
	bool		differs;
} Named;

static const MigrRecordedObject *
any_of(const Pair *pair)
{
	return pair->wanted ? pair->wanted : pair->is;
}

/* --- which differ ------------------------------------------------------------- */

static bool
same_text(const char *left, const char *right)
{
	return left == right || (left && right && strcmp(left, right) == 0);
}

bool
migr_record_is_compared(const MigrRecordedObject *object)
{
	/* Default privileges are nothing but privileges. */
	if (strcmp(object->sort, "default privileges") == 0 && !migr_privileges_compared())
		return false;
	return migr_sort_is_compared(object->sort);
}

/* Schema public: initdb makes it, and who runs the server may have changed it since. */
static bool
is_public(const MigrRecordedObject *object)
{
	return strcmp(object->kind, "schema") == 0 && strcmp(object->name, "public") == 0;
}

static bool
differs(const Comparison *comparison, const Pair *pair)
{
	const MigrRecordedObject *is = pair->is;
	const MigrRecordedObject *wanted = pair->wanted;

	if (is && wanted && is_public(is) && !comparison->public_said)
		return !same_text(is->definition, wanted->definition);

	if (wanted == NULL && is_public(is) && *is->definition == '\0')
		return false;
	return is == NULL || wanted == NULL || !same_text(is->definition, wanted->definition) ||
		(migr_privileges_compared() && !same_text(is->privileges, wanted->privileges)) ||
		(migr_privileges_owners_compared() && !same_text(is->owner, wanted->owner));
}

/* --- bringing them together ------------------------------------------------------- */

static Root *
root_of(HTAB *roots, const MigrRecordedObject *object)
{
	bool		found;
	Root	   *root = hash_search(roots, &object->root, HASH_ENTER, &found);

	if (!found)
	{
		root->pair = NULL;
		root->parts = NIL;
	}
	return root;
}

static void
add_side(Comparison *comparison, const List *objects, bool wanted)
{
	ListCell   *lc;

	foreach(lc, objects)
	{
		MigrRecordedObject *object = lfirst(lc);
		HTAB	   *roots = wanted ? comparison->wanted_roots : comparison->is_roots;
		Root	   *root = root_of(roots, object);
		Pair	   *pair;
		bool		found;

		CHECK_FOR_INTERRUPTS();
		pair = hash_search(comparison->pairs, object->id, HASH_ENTER, &found);
		if (!found)
			pair->is = pair->wanted = NULL;
		if (wanted)
			pair->wanted = object;
		else
			pair->is = object;
		if (migr_recorded_is_root(object))
			root->pair = pair;
		else
			root->parts = lappend(root->parts, object);
	}
}

/* The side of it that knows what it was made of. */
static const MigrObject *
source_of(const Pair *pair)
{
	return pair == NULL ? NULL
		: pair->is && pair->is->source ? pair->is->source
		: pair->wanted ? pair->wanted->source : NULL;
}

static Root *
find_root(HTAB *roots, const MigrRecordedObject *object)
{
	return object ? hash_search(roots, &object->root, HASH_FIND, NULL) : NULL;
}

/* What the object of a pair stands on, or is itself. */
static Pair *
root_pair(const Comparison *comparison, const Pair *pair)
{
	Root	   *root = find_root(comparison->is_roots, pair->is);

	if (root == NULL)
		root = find_root(comparison->wanted_roots, pair->wanted);
	return root ? root->pair : NULL;
}

/* --- what goes without saying ------------------------------------------------------- */

/* Is what the object stands on missing, or too much, as a whole? */
static bool
goes_with_root(const Comparison *comparison, const Pair *pair)
{
	const Pair *root = root_pair(comparison, pair);

	return root && root != pair && (root->is == NULL || root->wanted == NULL);
}

static const MigrObject *
child_of(const MigrObject *object, MigrKind kind)
{
	ListCell   *lc;

	foreach(lc, object->children)
	{
		if (((MigrObject *) lfirst(lc))->kind == kind)
			return lfirst(lc);
	}
	return NULL;
}

/* Does the same column differ in the partitioned table above? */
static bool
differs_above(const Comparison *comparison, const MigrObject *table, const char *column)
{
	const MigrObject *partition = child_of(table, MIGR_KIND_PARTITION);
	char	   *above;

	if (partition == NULL)
		return false;
	above = psprintf("column %s.%s", migr_object_value(partition, MIGR_ATTR_OF), column);
	return hash_search(comparison->by_object, &above, HASH_FIND, NULL) != NULL;
}

/*
 * A column that comes from above alone has no definition of its own; nor is one
 * told apart that is another one above as well.
 */
static bool
goes_with_partitioned(const Comparison *comparison, const Pair *pair)
{
	const MigrRecordedObject *object = any_of(pair);
	const Pair *root = root_pair(comparison, pair);
	const MigrObject *table = source_of(root);

	if (strcmp(object->kind, "column") != 0 || table == NULL)
		return false;
	if ((pair->is == NULL || pair->wanted == NULL) &&
		(*object->definition == '\0' ||
		 (object->source && migr_object_is(object->source, MIGR_ATTR_MERELY_INHERITED))))
		return true;
	return differs_above(comparison, table, quote_identifier(object->name));
}

/* --- what is said --------------------------------------------------------------------- */

static void
append_part(StringInfo out, const char *text)
{
	if (text && *text)
		appendStringInfo(out, "%s%s", out->len > 0 ? "\n" : "", text);
}

/* As far as it is compared. */
static void
append_object(StringInfo out, const MigrRecordedObject *object)
{
	append_part(out, object->definition);
	if (migr_privileges_owners_compared())
		append_part(out, object->owner);
	if (migr_privileges_compared())
		append_part(out, object->privileges);
}

static char *
text_of(const MigrRecordedObject *object)
{
	StringInfoData out;

	initStringInfo(&out);
	append_object(&out, object);
	return out.data;
}

static int
compare_parts(const ListCell *a, const ListCell *b)
{
	const MigrRecordedObject *left = lfirst(a);
	const MigrRecordedObject *right = lfirst(b);
	int			left_kind = migr_canonical_kind_named(left->kind);
	int			right_kind = migr_canonical_kind_named(right->kind);

	if (left_kind != right_kind)
		return left_kind - right_kind;
	if (left->place != right->place)
		return left->place - right->place;
	return strcmp(left->object, right->object);
}

/* All of an object that is missing, or too much: a table with its columns. */
static char *
whole_text(HTAB *roots, const MigrRecordedObject *object)
{
	Root	   *root = find_root(roots, object);
	StringInfoData out;
	ListCell   *lc;

	if (object->source)
		return migr_canonical_text(object->source);
	initStringInfo(&out);
	append_object(&out, object);
	if (!migr_recorded_is_root(object) || root == NULL)
		return out.data;
	list_sort(root->parts, compare_parts);
	foreach(lc, root->parts)
	{
		if (strcmp(((MigrRecordedObject *) lfirst(lc))->kind, "column") == 0)
			append_object(&out, lfirst(lc));
	}
	return out.data;
}

static void
add(Comparison *comparison, MigrDriftKind kind, const Pair *pair, const char *is,
	const char *wanted)
{
	MigrDeparture *departure = palloc0(sizeof(MigrDeparture));

	departure->kind = kind;
	departure->is = pair->is;
	departure->wanted = pair->wanted;
	departure->is_text = is;
	departure->wanted_text = wanted;
	comparison->departures = lappend(comparison->departures, departure);
}

/* The names of a table's columns, in their order: char *. */
static List *
column_names(HTAB *roots, const MigrRecordedObject *table)
{
	Root	   *root = find_root(roots, table);
	List	   *names = NIL;
	ListCell   *lc;

	list_sort(root->parts, compare_parts);
	foreach(lc, root->parts)
	{
		const MigrRecordedObject *part = lfirst(lc);

		if (strcmp(part->kind, "column") == 0)
			names = lappend(names, makeString(pstrdup(part->name)));
	}
	return names;
}

/* INHERITS puts all that parents have in their order, whatever it was. */
static bool
has_order(const MigrObject *table)
{
	return table && !migr_object_has(table, MIGR_ATTR_INHERITS);
}

/* Report columns that both have, in another order. */
static void
compare_order(Comparison *comparison, const Pair *table)
{
	const char *is;
	const char *wanted;

	if (table->is == NULL || table->wanted == NULL || strcmp(table->is->kind, "table") != 0 ||
		!has_order(source_of(table)))
		return;
	if (migr_drift_reordered(column_names(comparison->is_roots, table->is),
							 column_names(comparison->wanted_roots, table->wanted), &is, &wanted))
		add(comparison, MIGR_DRIFT_COLUMN_ORDER, table, is, wanted);
}

static void
report(Comparison *comparison, const Pair *pair)
{
	compare_order(comparison, pair);
	if (!pair->differs || goes_with_root(comparison, pair) ||
		goes_with_partitioned(comparison, pair))
		return;
	if (pair->wanted == NULL)
		add(comparison, MIGR_DRIFT_UNEXPECTED, pair, whole_text(comparison->is_roots, pair->is), NULL);
	else if (pair->is == NULL)
		add(comparison, MIGR_DRIFT_MISSING, pair, NULL,
			whole_text(comparison->wanted_roots, pair->wanted));
	else
		add(comparison, MIGR_DRIFT_DIFFERENT, pair, text_of(pair->is), text_of(pair->wanted));
}

/* --- all ---------------------------------------------------------------------------------- */

static int
compare_pairs(const void *a, const void *b)
{
	const MigrRecordedObject *left = any_of(*(Pair *const *) a);
	const MigrRecordedObject *right = any_of(*(Pair *const *) b);
	int			order = migr_canonical_kind_named(left->kind) - migr_canonical_kind_named(right->kind);

	if (order == 0)
		order = strcmp(left->identity, right->identity);
	if (order == 0)
		order = strcmp(left->object, right->object);

	/* What is there instead of something else comes behind it. */
	return order ? order : ((*(Pair *const *) a)->wanted ? 0 : 1) - ((*(Pair *const *) b)->wanted ? 0 : 1);
}

static uint32
hash_name(const void *key, Size size)
{
	return string_hash(*(const char *const *) key, NAMEDATALEN * 4);
}

static int
match_names(const void *a, const void *b, Size size)
{
	return strcmp(*(const char *const *) a, *(const char *const *) b);
}

static HTAB *
make_names(void)
{
	HASHCTL		control = {0};

	control.keysize = sizeof(char *);
	control.entrysize = sizeof(Named);
	control.hash = hash_name;
	control.match = match_names;
	control.hcxt = CurrentMemoryContext;
	return hash_create("migr names", 64, &control, HASH_ELEM | HASH_FUNCTION | HASH_COMPARE | HASH_CONTEXT);
}

/* Only those that may be of interest: what differs, and tables. */
static Pair **
choose_pairs(Comparison *comparison, int *count)
{
	Pair	  **chosen = palloc((hash_get_num_entries(comparison->pairs) + 1) * sizeof(Pair *));
	HASH_SEQ_STATUS status;
	Pair	   *pair;

	*count = 0;
	hash_seq_init(&status, comparison->pairs);
	while ((pair = hash_seq_search(&status)) != NULL)
	{
		const MigrRecordedObject *object = any_of(pair);

		if (!migr_record_is_compared(object))
			continue;
		pair->differs = differs(comparison, pair);
		if (pair->differs && strcmp(object->kind, "column") == 0)
			(void) hash_search(comparison->by_object, &object->object, HASH_ENTER, NULL);
		if (pair->differs || strcmp(object->kind, "table") == 0)
			chosen[(*count)++] = pair;
	}
	qsort(chosen, *count, sizeof(Pair *), compare_pairs);
	return chosen;
}

List *
migr_record_compare(const List *is, const List *wanted, bool public_said)
{
	Comparison	comparison = {.public_said = public_said};
	Pair	  **pairs;
	int			count;

	comparison.pairs = migr_record_table("migr pairs", MIGR_DIGEST_BYTES, sizeof(Pair));
	comparison.is_roots = migr_record_table("migr roots", sizeof(MigrAddress), sizeof(Root));
	comparison.wanted_roots = migr_record_table("migr wanted roots", sizeof(MigrAddress), sizeof(Root));
	comparison.by_object = make_names();
	add_side(&comparison, is, false);
	add_side(&comparison, wanted, true);
	pairs = choose_pairs(&comparison, &count);
	for (int i = 0; i < count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		report(&comparison, pairs[i]);
	}
	return comparison.departures;
}
