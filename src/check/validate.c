/*
 * validate.c
 *		What was found wrong with the script store.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "check/validate.h"

static const char *const flaw_names[] = {
	"duplicate_revision", "missing_parent", "missing_dependency", "cycle",
	"duplicate_label", "squash", "shared_on_tenants", "unreachable", "island", "several_heads", "altered",
	"malformed", "syntax", "needs_transaction_off", "isolation_level",
	"no_downgrade", "empty_downgrade", "id_style", "differs", "missing_file", "not_loaded",
	"not_compared"
};

StaticAssertDecl(lengthof(flaw_names) == MIGR_FLAWS, "each flaw has a name");

const char *
migr_flaw_name(MigrFlaw flaw)
{
	return flaw_names[flaw];
}

void
migr_flaw_add(MigrFlawFindings *findings, MigrFlaw flaw, const char *revision,
			  const char *detail)
{
	MigrFlawFinding *finding = palloc(sizeof(MigrFlawFinding));

	finding->revision = revision;
	finding->detail = detail;
	findings->by_flaw[flaw] = lappend(findings->by_flaw[flaw], finding);
}
