/*
 * verify_section.h
 *		Run a section of assertions and take back what it did.
 *
 * Whatever the section does is rolled back, whether it passes or not.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_VERIFY_SECTION_H
#define MIGR_VERIFY_SECTION_H

#include "exec/exec.h"

/*
 * Run the statements (MigrStatement *) of the script's verify section in a
 * subtransaction that is rolled back.  MG011 if one fails, returns false or a
 * line that begins with "not ok".
 */
extern void migr_verify_run(const MigrScript *script, List *statements);

/* The same, but what failed is returned, as it was raised; NULL: it passes. */
extern ErrorData *migr_verify_try(const MigrScript *script, List *statements);

/* Runs one statement of a section, and has check(rows, arg) see what it returns. */
typedef void (*MigrAssertRun) (const MigrScript *script, MigrSectionKind kind,
							   const MigrStatement *statement, MigrResultCheck check, void *arg);

/* The same of any section, by what runs its statements. */
extern ErrorData *migr_assert_try(const MigrScript *script, MigrSectionKind kind,
								  List *statements, MigrAssertRun run);

#endif							/* MIGR_VERIFY_SECTION_H */
