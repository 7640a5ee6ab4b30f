/*
 * options_reader.h
 *		Directives that stand in front of a statement, read and checked.
 *
 * Whatever is wrong is raised as MG006.
 * Private to script.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_OPTIONS_READER_H
#define MIGR_OPTIONS_READER_H

#include "script/script_parser.h"

/* The values of directives, into the options that the parser is reading. */
extern void migr_options_read_require(MigrParser *parser, const MigrToken *token, char *value);
extern void migr_options_read_expect(MigrParser *parser, const MigrToken *token, char *value);
extern void migr_options_read_batch(MigrParser *parser, const MigrToken *token, char *value);
extern void migr_options_read_allow(MigrParser *parser, const MigrToken *token, char *value);

/*
 * Raise if the options of a finished section stand before statements that they
 * can't stand before.  Bad syntax is for the run to report.
 */
extern void migr_options_check(MigrParser *parser, const MigrSection *section);

#endif							/* MIGR_OPTIONS_READER_H */
