/*
 * kinds.c
 *		The table of kinds.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "kind/kind.h"

#define RECORD(kind, record) [MIGR_KIND_##kind] = &migr_kind_##record,

const MigrKindRecord *const migr_kinds[] = {
	MIGR_KINDS(RECORD)
};

StaticAssertDecl(lengthof(migr_kinds) == MIGR_KIND_COUNT, "every kind has a record");
