/*
 * canonical.c
 *		One object as text: what it is known by, and what it is.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "utils/builtins.h"

#include "kind/canonical.h"
#include "kind/ddl.h"
#include "kind/kind.h"

#define KIND_NAME(kind, record) #record,
static const char *const kind_names[] = {MIGR_KINDS(KIND_NAME)};

const char *
migr_canonical_kind(const MigrObject *object)
{
	return kind_names[object->kind];
}

int
migr_canonical_kind_named(const char *name)
{
	int			kind = 0;

	while (kind < MIGR_KIND_COUNT && strcmp(kind_names[kind], name) != 0)
		kind++;
	return kind;
}

const char *
migr_canonical_key(const MigrObject *object)
{
	const MigrKindRecord *kind = migr_kind_of(object);

	return kind->subject ? psprintf("%s %s", object->identity, kind->subject(object))
		: migr_object_signature(object);
}

/* What has been appended, without ends of lines at its end. */
static char *
take(StringInfo out)
{
	char	   *text;

	while (out->len > 0 && out->data[out->len - 1] == '\n')
		out->len--;
	text = pnstrdup(out->data, out->len);
	resetStringInfo(out);
	return text;
}

char *
migr_canonical_text(const MigrObject *object)
{
	StringInfoData out;

	initStringInfo(&out);
	migr_ddl_create(&out, object);
	return take(&out);
}

/* An object without what stands on it. */
static MigrObject
bare_of(const MigrObject *object)
{
	MigrObject	bare = *object;

	if (object->kind == MIGR_KIND_TABLE)
		bare.children = NIL;
	return bare;
}

char *
migr_canonical_essence(const MigrObject *object)
{
	MigrObject	bare = bare_of(object);

	return migr_canonical_text(&bare);
}

MigrCanonical
migr_canonical_parts(const MigrObject *object)
{
	MigrObject	bare = bare_of(object);
	MigrCanonical parts = {NULL};
	StringInfoData out;

	initStringInfo(&out);
	migr_ddl_create_bare(&out, &bare);
	parts.definition = take(&out);
	migr_ddl_give(&out, &bare);
	if (out.len > 0)
		parts.privileges = take(&out);
	if (object->owner)
		parts.owner = psprintf("ALTER %s %s OWNER TO %s;", migr_ddl_noun(object),
							   migr_object_identity(object), quote_identifier(object->owner));
	pfree(out.data);
	return parts;
}
