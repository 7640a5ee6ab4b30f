/*
 * wholes.c
 *		Digests of what a scratch build has made, by address.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "utils/memutils.h"

#include "base/text.h"
#include "check/wholes.h"
#include "model/privileges.h"
#include "schema/record.h"
#include "schema/record_compare.h"
#include "scratch/scratch.h"

/* Where more is touched, of what there is, it is cheaper to read all. */
#define PARTS_OF_ALL 5
#define ALWAYS_SOME 200

HTAB *
migr_wholes_create(MemoryContext context)
{
	HASHCTL		control = {0};

	control.keysize = sizeof(MigrAddress);
	control.entrysize = sizeof(MigrWhole);
	control.hcxt = context;
	return hash_create("migr wholes", 256, &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
}

MigrWhole *
migr_wholes_at(HTAB *wholes, MigrAddress address)
{
	bool		found;
	MigrWhole  *whole = hash_search(wholes, &address, HASH_ENTER, &found);

	if (!found)
	{
		whole->rows = NIL;
		whole->is_there = false;
	}
	return whole;
}

static int
compare_ids(const ListCell *a, const ListCell *b)
{
	return memcmp(((MigrRecordedObject *) lfirst(a))->id, ((MigrRecordedObject *) lfirst(b))->id,
				  MIGR_DIGEST_BYTES);
}

/*
 * Does it count whenever it is there on one side alone?  Not so schema public, which
 * is completed by what the live one is, nor what columns of partitions say.
 */
static bool
always_counts(const MigrRecordedObject *row)
{
	if (strcmp(row->kind, "schema") == 0 && strcmp(row->name, "public") == 0)
		return false;
	if (strcmp(row->kind, "column") == 0 &&
		(*row->definition == '\0' || migr_object_is(row->source, MIGR_ATTR_MERELY_INHERITED)))
		return false;
	return migr_record_is_compared(row);
}

static void
append_string(StringInfo text, const char *string)
{
	appendStringInfoString(text, string ? string : "");
	appendStringInfoChar(text, '\0');
}

/* The place of a column is none of what it is. */
static void
append_row(StringInfo text, const MigrRecordedObject *row, MigrWholeText kind)
{
	if (kind == MIGR_WHOLE_COMPARED && !always_counts(row))
		return;
	appendBinaryStringInfo(text, (const char *) row->id, MIGR_DIGEST_BYTES);
	append_string(text, row->definition);
	if (kind == MIGR_WHOLE_ALL || migr_privileges_compared())
		append_string(text, row->privileges);
	if (kind == MIGR_WHOLE_ALL || migr_privileges_owners_compared())
		append_string(text, row->owner);
}

static void
digest(MigrWhole *whole, MigrWholeText kind)
{
	StringInfoData text;
	ListCell   *lc;

	initStringInfo(&text);
	list_sort(whole->rows, compare_ids);
	foreach(lc, whole->rows)
		append_row(&text, lfirst(lc), kind);
	whole->is_there = text.len > 0;
	migr_text_digest(text.data, text.len, whole->digest);
	whole->rows = NIL;
	pfree(text.data);
}

void
migr_wholes_of_schema(HTAB *wholes, const MigrSchema *schema, MigrWholeText text)
{
	HASH_SEQ_STATUS status;
	MigrWhole  *whole;
	ListCell   *lc;

	foreach(lc, migr_record_rows(schema))
	{
		MigrRecordedObject *row = lfirst(lc);

		whole = migr_wholes_at(wholes, row->root);
		whole->rows = lappend(whole->rows, row);
	}
	hash_seq_init(&status, wholes);
	while ((whole = hash_seq_search(&status)) != NULL)
		digest(whole, text);
}

bool
migr_wholes_read(HTAB *wholes, int since, int mark, int count, MigrWholeText text,
				 bool *is_partial)
{
	MemoryContext caller = CurrentMemoryContext;
	MemoryContext context = AllocSetContextCreate(caller, "migr touched", ALLOCSET_DEFAULT_SIZES);
	MigrScratchTouched touched = {0};
	ListCell   *lc;

	MemoryContextSwitchTo(context);
	migr_scratch_look_touched(since, mark, Max(ALWAYS_SOME, count / PARTS_OF_ALL), &touched);
	*is_partial = touched.is_partial;
	foreach(lc, touched.addresses)
		(void) migr_wholes_at(wholes, *(MigrAddress *) lfirst(lc));
	migr_wholes_of_schema(wholes, touched.schema, text);
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(context);
	return touched.everything;
}
