/*
 * record_merge.c
 *		What is there, and what was recorded: which rows come of it, and whose they are.
 *
 * Objects are brought together root by root: by the address of the root, where
 * addresses can be believed, else by what it is called.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/hsearch.h"
#include "utils/timestamp.h"

#include "schema/record_parts.h"
#include "store/log.h"

/* --- what has been touched ---------------------------------------------------- */

typedef struct TouchKey
{
	MigrAddress address;
	int			subid;
} TouchKey;

typedef struct TouchEntry
{
	TouchKey	key;
	const MigrTouch *touch;
} TouchEntry;

typedef struct GroupEntry
{
	MigrAddress root;			/* the hash key */
	List	   *live;			/* MigrRecordedObject * */
	List	   *rows;
} GroupEntry;

typedef struct IdEntry
{
	unsigned char id[MIGR_DIGEST_BYTES];	/* the hash key */
	MigrRecordedObject *object;
} IdEntry;

typedef struct Work
{
	MigrRecordMerge *merge;
	HTAB	   *touches;		/* TouchEntry */
	HTAB	   *groups;			/* GroupEntry */
	const char *by;
	TimestampTz now;
} Work;

static void
note_touches(Work *work, const List *touches)
{
	ListCell   *lc;

	foreach(lc, touches)
	{
		const MigrTouch *touch = lfirst(lc);
		TouchKey	key = {touch->address, touch->subid};

		((TouchEntry *) hash_search(work->touches, &key, HASH_ENTER, NULL))->touch = touch;
	}
}

static const MigrTouch *
find_touch(const Work *work, MigrAddress address, int subid)
{
	TouchKey	key = {address, subid};
	TouchEntry *entry = OidIsValid(address.objid)
		? hash_search(work->touches, &key, HASH_FIND, NULL) : NULL;

	return entry ? entry->touch : NULL;
}

/* Has a row of it been touched, or of what belongs to it? */
static bool
is_touched(const MigrTouch *touch)
{
	return touch && !touch->dependent;
}

/* --- who did it --------------------------------------------------------------- */

static bool
is_alone(const List *revisions)
{
	ListCell   *lc;

	foreach(lc, revisions)
	{
		if (lfirst(lc) && strcmp(lfirst(lc), linitial(revisions)) != 0)
			return false;
	}
	return revisions != NIL && linitial(revisions) != NULL;
}

/* Whoever ran a command; without one that is known: the only one who ran any. */
static const char *
revision_at(const MigrRecording *recording, CommandId command)
{
	const char *revision = NULL;
	ListCell   *lc;
	ListCell   *lc2;

	if (command == InvalidCommandId)
		return is_alone(recording->revisions) ? linitial(recording->revisions) : NULL;
	forboth(lc, recording->revisions, lc2, recording->commands)
	{
		if ((CommandId) lfirst_int(lc2) <= command)
			revision = lfirst(lc);
	}
	return revision;
}

static MigrBlame
blame_at(const Work *work, CommandId command)
{
	MigrBlame	blame;

	blame.revision = revision_at(work->merge->recording, command);
	blame.action = work->merge->recording->action;
	blame.by = work->by;
	blame.at = work->now;
	return blame;
}

/* The row of a table changes with what stands on it, which is not the table's own. */
static CommandId
last_of(const MigrTouch *touch, bool is_table)
{
	if (touch == NULL)
		return InvalidCommandId;
	if (touch->own.last == InvalidCommandId)
		return touch->around.last;
	if (touch->around.last == InvalidCommandId || is_table)
		return touch->own.last;
	return Max(touch->own.last, touch->around.last);
}

static bool
is_table(const MigrRecordedObject *object)
{
	return strcmp(object->kind, "table") == 0;
}

/* What has no address of its own is told by its root. */
static const MigrTouch *
touch_of(const Work *work, const MigrRecordedObject *object)
{
	const MigrTouch *touch = find_touch(work, object->address, object->place);

	return touch ? touch : find_touch(work, object->root, 0);
}

/* Has a run that knows what it has touched not touched an object? */
static bool
is_untouched(const Work *work, const MigrRecordedObject *object)
{
	return work->merge->touched && OidIsValid(object->address.objid) &&
		find_touch(work, object->address, object->place) == NULL;
}

/*
 * What the run has not touched, and is another one, or new: somebody has been at it by
 * hand, before the run read what stands beside it; if the record was what the last run
 * left.
 */
static MigrBlame
blame_hand(const Work *work, const MigrRecordedObject *object)
{
	MigrBlame	blame = {NULL};

	if (!work->merge->went_on)
		return blame;
	blame.action = "by hand";
	blame.at = work->now;
	work->merge->by_hand = lappend(work->merge->by_hand, unconstify(char *, object->object));
	return blame;
}

static MigrBlame
blame_change(const Work *work, const MigrRecordedObject *object)
{
	if (!is_untouched(work, object))
		return blame_at(work, last_of(touch_of(work, object), is_table(object)));
	if (work->merge->touched->everything)
		return migr_touched_is_renaming(work->merge->touched)
			? blame_at(work, InvalidCommandId) : (MigrBlame) {NULL};
	return blame_hand(work, object);
}

/* Who made an object that had no row: nobody is known if it was there before. */
static MigrBlame
blame_creation(const Work *work, const MigrRecordedObject *object, bool root_had_rows)
{
	const MigrTouch *touch = touch_of(work, object);
	CommandId	last = last_of(touch, is_table(object));
	MigrBlame	nobody = {NULL};

	if (touch && touch->created)
		return blame_at(work, touch->own.first != InvalidCommandId ? touch->own.first : last);
	if (!root_had_rows || work->merge->touched == NULL)
		return nobody;
	return is_untouched(work, object) ? blame_hand(work, object) : blame_at(work, last);
}

/*
 * Who changed an object after it was made, in the same run.  A row of pg_class changes
 * with what stands on the table.
 */
static MigrBlame
blame_later(const Work *work, const MigrRecordedObject *object)
{
	const MigrTouch *touch = find_touch(work, object->address, object->place);
	MigrBlame	blame = {NULL};

	if (touch && touch->created && object->created.revision && !is_table(object) &&
		touch->own.last != InvalidCommandId)
		blame = blame_at(work, touch->own.last);
	if (blame.revision == NULL || strcmp(blame.revision, object->created.revision) == 0)
		return (MigrBlame) {NULL};
	return blame;
}

/* --- one root ------------------------------------------------------------------- */

static HTAB *
index_ids(const List *objects)
{
	HTAB	   *table = migr_record_table("migr ids", MIGR_DIGEST_BYTES, sizeof(IdEntry));
	ListCell   *lc;

	foreach(lc, objects)
	{
		MigrRecordedObject *object = lfirst(lc);

		((IdEntry *) hash_search(table, object->id, HASH_ENTER, NULL))->object = object;
	}
	return table;
}

/* The row that was of an object before it got another name. */
static MigrRecordedObject *
find_renamed(const Work *work, const List *rows, const MigrRecordedObject *object)
{
	ListCell   *lc;

	if (!work->merge->recorded->believed || !OidIsValid(object->address.objid))
		return NULL;
	foreach(lc, rows)
	{
		MigrRecordedObject *row = lfirst(lc);

		if (row->address.classid == object->address.classid &&
			row->address.objid == object->address.objid && row->place == object->place &&
			strcmp(row->kind, object->kind) == 0)
			return row;
	}
	return NULL;
}

static bool
is_same(const MigrRecordedObject *row, const MigrRecordedObject *object)
{
	return memcmp(row->id, object->id, MIGR_DIGEST_BYTES) == 0 &&
		memcmp(row->hash, object->hash, MIGR_DIGEST_BYTES) == 0 &&
		(row->owner == object->owner ||
		 (row->owner && object->owner && strcmp(row->owner, object->owner) == 0));
}

static bool
is_at_same_place(const MigrRecordedObject *row, const MigrRecordedObject *object)
{
	return memcmp(&row->address, &object->address, sizeof(MigrAddress)) == 0 &&
		memcmp(&row->root, &object->root, sizeof(MigrAddress)) == 0 && row->place == object->place &&
		strcmp(row->object, object->object) == 0;
}

/* Has a part got another name because what it stands on has, and nothing else? */
static bool
is_only_elsewhere(const Work *work, const MigrRecordedObject *object, const MigrRecordedObject *row)
{
	return memcmp(row->id, object->id, MIGR_DIGEST_BYTES) != 0 && work->merge->touched &&
		!migr_recorded_is_root(object) && OidIsValid(object->address.objid) &&
		!is_touched(find_touch(work, object->address, object->place));
}

/* Has it gone, and another one been made of the same name? */
static bool
is_made_anew(const Work *work, const MigrRecordedObject *object, const MigrRecordedObject *row)
{
	const MigrTouch *touch = find_touch(work, object->address, object->place);

	return work->merge->recorded->believed && OidIsValid(row->address.objid) &&
		OidIsValid(object->address.objid) && row->address.objid != object->address.objid &&
		((touch && touch->created) || is_untouched(work, object));
}

/*
 * An object that has a row: what it was, and who made it so, goes on.  Returns what
 * is its row now.
 */
static MigrRecordedObject *
go_on(Work *work, MigrRecordedObject *object, MigrRecordedObject *row)
{
	bool		same = is_same(row, object);

	if (same && is_at_same_place(row, object))
		return row;
	object->created = is_made_anew(work, object, row)
		? blame_creation(work, object, true) : row->created;
	object->changed = same || is_only_elsewhere(work, object, row)
		? row->changed : blame_change(work, object);
	if (memcmp(row->id, object->id, MIGR_DIGEST_BYTES) != 0)
		work->merge->removed = lappend(work->merge->removed, row);
	work->merge->put = lappend(work->merge->put, object);
	return object;
}

/* Is what has no row taken up?  Scripts begin with the schema public that initdb makes. */
static bool
is_taken(const Work *work, const GroupEntry *group, const MigrRecordedObject *object)
{
	const MigrTouch *touch = find_touch(work, group->root, 0);

	return work->merge->adopt || group->rows != NIL ||
		(work->merge->since && hash_search(work->merge->since, &group->root, HASH_FIND, NULL)) ||
		(is_touched(touch) &&
		 revision_at(work->merge->recording, Min(touch->own.first, touch->around.first)) != NULL) ||
		(object->source->kind == MIGR_KIND_SCHEMA &&
		 migr_object_is(object->source, MIGR_ATTR_PUBLIC));
}

/* Is a row of which the object is not there any more what a run has dropped? */
static bool
is_dropped(const Work *work, const MigrRecordedObject *row)
{
	const MigrTouch *touch = find_touch(work, row->address, row->place);

	return work->merge->sweep || (touch && touch->dropped) ||
		is_touched(find_touch(work, row->root, 0));
}

static void
merge_group(Work *work, GroupEntry *group)
{
	MigrRecordMerge *merge = work->merge;
	HTAB	   *rows = index_ids(group->rows);
	List	   *used = NIL;
	List	   *left = NIL;		/* the rows that there are behind it */
	ListCell   *lc;

	foreach(lc, group->live)
	{
		MigrRecordedObject *object = lfirst(lc);
		IdEntry    *entry = hash_search(rows, object->id, HASH_FIND, NULL);
		MigrRecordedObject *row = entry ? entry->object : NULL;

		if (row == NULL)
			row = find_renamed(work, group->rows, object);
		if (row && !list_member_ptr(used, row))
		{
			used = lappend(used, row);
			left = lappend(left, go_on(work, object, row));
		}
		else if (is_taken(work, group, object))
		{
			object->created = blame_creation(work, object, group->rows != NIL);
			if (object->created.action == NULL &&
				is_touched(find_touch(work, object->address, object->place)))
				object->changed = blame_change(work, object);
			else
				object->changed = blame_later(work, object);
			merge->put = lappend(merge->put, object);
			left = lappend(left, object);
		}
	}
	foreach(lc, group->rows)
	{
		if (list_member_ptr(used, lfirst(lc)))
			continue;
		if (is_dropped(work, lfirst(lc)))
			merge->removed = lappend(merge->removed, lfirst(lc));
		else
			left = lappend(left, lfirst(lc));
	}
	migr_recorded_count(merge->recorded, group->rows, false);
	migr_recorded_count(merge->recorded, left, true);
	hash_destroy(rows);
}

/* --- all -------------------------------------------------------------------------- */

static GroupEntry *
group_at(Work *work, MigrAddress root)
{
	bool		found;
	GroupEntry *group = hash_search(work->groups, &root, HASH_ENTER, &found);

	if (!found)
		group->live = group->rows = NIL;
	return group;
}

/* The roots that are there, by what they are called. */
static HTAB *
index_roots(const List *live)
{
	List	   *roots = NIL;
	ListCell   *lc;

	foreach(lc, live)
	{
		if (migr_recorded_is_root(lfirst(lc)))
			roots = lappend(roots, lfirst(lc));
	}
	return index_ids(roots);
}

/*
 * To which group the rows of each recorded root belong: that of the object at its
 * address, or else that of the object of its name.
 */
static void
group_rows(Work *work)
{
	const MigrRecordMerge *merge = work->merge;
	HTAB	   *by_id = index_roots(merge->live);
	HTAB	   *moved = migr_record_table("migr roots", sizeof(MigrAddress), sizeof(GroupEntry));
	ListCell   *lc;

	/* Here, a root is that of rows, and live those of where they go. */
	foreach(lc, merge->rows)
	{
		MigrRecordedObject *row = lfirst(lc);
		IdEntry    *entry;
		GroupEntry *group;

		if (!migr_recorded_is_root(row))
			continue;
		entry = hash_search(by_id, row->id, HASH_FIND, NULL);
		group = hash_search(work->groups, &row->root, HASH_FIND, NULL);
		if (entry == NULL || (merge->recorded->believed && group))
			continue;
		((GroupEntry *) hash_search(moved, &row->root, HASH_ENTER, NULL))->live =
			list_make1(entry->object);
	}
	foreach(lc, merge->rows)
	{
		MigrRecordedObject *row = lfirst(lc);
		GroupEntry *move = hash_search(moved, &row->root, HASH_FIND, NULL);
		MigrAddress root = row->root;
		GroupEntry *group;

		/* An address that is not believed may be that of anything by now. */
		if (move)
			root = ((MigrRecordedObject *) linitial(move->live))->root;
		else if (!merge->recorded->believed)
			root.classid = InvalidOid;
		group = group_at(work, root);
		group->rows = lappend(group->rows, row);
	}
}

void
migr_record_merge(MigrRecordMerge *merge)
{
	Work		work = {.merge = merge};
	HASH_SEQ_STATUS status;
	GroupEntry *group;
	ListCell   *lc;

	work.by = migr_audit_user();
	work.now = GetCurrentTimestamp();
	work.touches = migr_record_table("migr touches", sizeof(TouchKey), sizeof(TouchEntry));
	work.groups = migr_record_table("migr groups", sizeof(MigrAddress), sizeof(GroupEntry));
	if (merge->touched)
	{
		note_touches(&work, merge->touched->objects);
		note_touches(&work, merge->touched->columns);
	}
	foreach(lc, merge->live)
	{
		MigrRecordedObject *object = lfirst(lc);

		group = group_at(&work, object->root);
		group->live = lappend(group->live, object);
	}
	group_rows(&work);
	hash_seq_init(&status, work.groups);
	while ((group = hash_seq_search(&status)) != NULL)
	{
		CHECK_FOR_INTERRUPTS();
		merge_group(&work, group);
	}
}
