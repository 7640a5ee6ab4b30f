/*
 * verify_section.h
 *		Run a verify section and take back what it did.
 *
 * Whatever the section does is rolled back, whether it passes or not.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_VERIFY_SECTION_H
#define MIGR_VERIFY_SECTION_H

#include "utils/elog.h"

#include "script/script.h"

/*
 * Run the statements (MigrStatement *) of the script's verify section in a
 * subtransaction that is rolled back.  MG011 if one fails, returns false or a
 * line that begins with "not ok".
 */
extern void migr_verify_run(const MigrScript *script, List *statements);

/* The same, but what failed is returned, as it was raised; NULL: it passes. */
extern ErrorData *migr_verify_try(const MigrScript *script, List *statements);

#endif							/* MIGR_VERIFY_SECTION_H */
