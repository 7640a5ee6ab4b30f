/*
 * offline_write.h
 *		Statements and sections of revisions, as psql reads them.
 *
 * In the encoding of who asks for the script, which the script says itself where it
 * matters.
 *
 * Private to run.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_OFFLINE_WRITE_H
#define MIGR_OFFLINE_WRITE_H

#include "lib/stringinfo.h"

#include "exec/statement.h"

/* One script being written. */
typedef struct MigrOffline
{
	StringInfoData out;
	bool		has_data;		/* lines that are no SQL, if it went wrong */
	bool		is_encoded;		/* what follows is read in the script's encoding */
	bool		standalone;		/* for a server of any kind: settings may be unknown there */
} MigrOffline;

/* Has it bytes that mean something in an encoding only? */
extern bool migr_offline_is_encoded(const char *text, int len);

/*
 * Who runs the script may be in another encoding, and so may be what a statement
 * of it has left: say in which one the next text is, if that matters.
 */
extern void migr_offline_set_encoding(MigrOffline *offline, const char *text, int len);

/* The encoding in which the client gets the script, and will send it. */
extern const char *migr_offline_encoding(void);

/* A comment that says which revision comes next. */
extern void migr_offline_heading(MigrOffline *offline, const MigrScript *script, bool up);

/* Append a statement and its data. */
extern void migr_offline_statement(MigrOffline *offline, const MigrSection *section,
								   const MigrStatement *statement);

/* What is required comes first, with the settings that are made in front of it. */
extern void migr_offline_required(MigrOffline *offline, const MigrSection *section,
								  const List *statements);

/*
 * Append the statements of a section, what is required in front; true if they may have
 * left settings behind.
 */
extern bool migr_offline_section(MigrOffline *offline, const MigrSection *section,
								 const List *statements);

/* Names as an SQL array of text. */
extern char *migr_offline_array(const List *names);

/* The text to hand out. */
extern char *migr_offline_text(const MigrOffline *offline);

#endif							/* MIGR_OFFLINE_WRITE_H */
