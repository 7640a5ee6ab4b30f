/*
 * canonical.c
 *		One object as text: what it is known by, and what it is.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "lib/stringinfo.h"

#include "kind/canonical.h"
#include "kind/ddl.h"
#include "kind/kind.h"

const char *
migr_canonical_kind(const MigrObject *object)
{
#define MIGR_KIND_NAME(kind, record) #record,
	static const char *const names[] = {MIGR_KINDS(MIGR_KIND_NAME)};

	return names[object->kind];
}

const char *
migr_canonical_key(const MigrObject *object)
{
	const MigrKindRecord *kind = migr_kind_of(object);

	return kind->subject ? psprintf("%s %s", object->identity, kind->subject(object))
		: migr_object_signature(object);
}

char *
migr_canonical_text(const MigrObject *object)
{
	StringInfoData out;

	initStringInfo(&out);
	migr_ddl_create(&out, object);
	while (out.len > 0 && out.data[out.len - 1] == '\n')
		out.data[--out.len] = '\0';
	return out.data;
}

char *
migr_canonical_essence(const MigrObject *object)
{
	MigrObject	bare;

	if (object->kind != MIGR_KIND_TABLE)
		return migr_canonical_text(object);
	bare = *object;
	bare.children = NIL;
	return migr_canonical_text(&bare);
}
