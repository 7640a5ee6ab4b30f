/*
 * script.h
 *		Text to revision scripts: directives, sections, checksum.
 *
 * Knows the script format (doc/reference.md) and nothing of the database.
 * What is wrong with a script is raised as MG006, with file and line.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_SCRIPT_H
#define MIGR_SCRIPT_H

#include "datatype/timestamp.h"
#include "nodes/pg_list.h"

typedef enum MigrSectionKind
{
	MIGR_SECTION_UPGRADE,
	MIGR_SECTION_DOWNGRADE,
	MIGR_SECTION_VERIFY,
	MIGR_SECTION_EXAMPLE,		/* for migr_test() alone, as are the next two */
	MIGR_SECTION_ASSERT,
	MIGR_SECTION_ASSERT_BACK
} MigrSectionKind;

#define MIGR_SECTION_KINDS (MIGR_SECTION_ASSERT_BACK + 1)

extern const char *const migr_section_names[MIGR_SECTION_KINDS];

/* The lines behind one COPY … FROM stdin. */
typedef struct MigrCopyData
{
	int			semicolon;		/* that ends the COPY statement, in the section's sql */
	const char *data;			/* within the script's text */
	int			len;			/* up to the line "\." */
	int			lines;
} MigrCopyData;

typedef struct MigrSection
{
	bool		present;
	int			line;			/* of its first byte in the script, from 1 */
	char	   *sql;			/* of COPY data, only the newlines: so it parses */
	const char *raw;			/* all bytes; within the script's text */
	int			raw_len;
	List	   *copies;			/* MigrCopyData *, in order */
	List	   *options;		/* MigrStatementOptions *, in order */
} MigrSection;

/* Who has loaded a script into the store; vouch.h says what that means. */
typedef struct MigrLoader
{
	Oid			role;			/* or MIGR_LOADED_BY_SETTING */
	bool		known;			/* false: nobody says who */
	const char *name;			/* of the role, then */
	const char *installation;	/* to which the role belongs, or NULL */
} MigrLoader;

/* migr.script_location said what to load, and so a superuser did. */
#define MIGR_LOADED_BY_SETTING InvalidOid

typedef struct MigrScript
{
	char	   *revision;		/* NULL: plain SQL */
	bool		repeatable;		/* no revision: that is its name */
	const char *name;			/* of plain SQL, for messages */
	List	   *revises;		/* char * */
	List	   *depends;		/* char *: ids or labels */
	List	   *labels;			/* char * */
	List	   *replaces;		/* char *: ids, or ranges as a:b */
	char	   *message;		/* never NULL */
	bool		has_created;
	TimestampTz created;
	bool		transaction;	/* false: transaction off */
	bool		phase_after;	/* it waits for the rollout of the application */
	bool		phase_before;	/* it says that it does not */
	MigrSection sections[MIGR_SECTION_KINDS];
	const char *text;			/* line ends normalised; no NUL need stand behind */
	int			text_len;
	bool		headed;			/* there is room for a varlena's header in front of it */
	char	   *checksum;		/* SHA-256, hex */
	bool		remembered;		/* its file is as it was when it was read: nothing
								 * but names, checksum and length is here */
	int			input_line;		/* of the revision directive in the input */
	MigrLoader	loader;			/* of one that comes from the store */
} MigrScript;

/*
 * Parse one script or many.  file, for messages, may be NULL.  Returns
 * MigrScript *, in order, in CurrentMemoryContext; they point into the input,
 * which has to stay.
 */
extern List *migr_script_parse(const char *input, const char *file);

/* The same; headed: there is room for a varlena's header in front of the input. */
extern List *migr_script_parse_headed(const char *input, const char *file, bool headed);

/*
 * The same of a part of an input in which scripts begin and end, with that line of it as
 * the first; line ends are normalised.
 */
extern List *migr_script_parse_part(const char *part, int first_line);

/* Parse the text of one stored script, which has to stay. */
extern MigrScript *migr_script_parse_stored(const char *text);

/*
 * Plain SQL, such as pg_dump writes, as a script that is no revision and has
 * nothing but an upgrade section; name is what messages call it.  The SQL has to
 * stay.
 */
extern MigrScript *migr_script_of_sql(const char *sql, const char *name);

/* What messages call it in front of its name: "revision", "repeatable script". */
extern const char *migr_script_noun(const MigrScript *script);

#endif							/* MIGR_SCRIPT_H */
