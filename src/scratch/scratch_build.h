/*
 * scratch_build.h
 *		Requests to the worker that builds, and its own part of the work.
 *
 * For scratch.c, which asks, and the scratch_… files that run in the worker.
 * Each request is answered by one end, or by one error, after which the worker
 * is ready for the next.
 *
 * Private to scratch.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_SCRATCH_BUILD_H
#define MIGR_SCRATCH_BUILD_H

#include "lib/stringinfo.h"
#include "nodes/parsenodes.h"

#include "exec/exec.h"
#include "model/model_wire.h"
#include "scratch/measured.h"
#include "scratch/scratch.h"
#include "script/script.h"
#include "snapshot/snap.h"

/* --- requests; what goes with each is written in its order ---------------- */

/*
 * Begin a build: whether it is committed into the database, contents that the
 * database is to have, settings (names and values by turns), milliseconds to
 * wait for another build, who owns schema public, extensions to be there, schemas
 * of stand-ins, statements that make these.
 */
#define MIGR_BUILD_BEGIN 'B'

/* Make known a script, and get its number and how many statements it has. */
#define MIGR_BUILD_LOAD_REVISION 'L'	/* text */
#define MIGR_BUILD_LOAD_SQL 'l' /* name, SQL */

/* Run statements: script, section, first one, number behind the last. */
#define MIGR_BUILD_RUN 'R'

/* Run a section, and say what each statement does: script, section. */
#define MIGR_BUILD_MEASURE 'V'

/* Hold back new labels of types that are there now; and no more. */
#define MIGR_BUILD_HOLD_LABELS 'H'
#define MIGR_BUILD_RELEASE_LABELS 'h'

/* Run a section of assertions, and take back what it did: script, section. */
#define MIGR_BUILD_ASSERT 'A'

/* Note and compare what the tables hold: a MigrRowsRequest (scratch_rows.h). */
#define MIGR_BUILD_ROWS 'W'

typedef enum MigrRowsRequest
{
	MIGR_ROWS_BEGIN,			/* note where the sequences are */
	MIGR_ROWS_NOTE,				/* note all rows, and the sequences once more */
	MIGR_ROWS_COMPARE,			/* reply what there is else now */
	MIGR_ROWS_TELL,				/* reply which rows were not found again then: all is as it was noted */
	MIGR_ROWS_END				/* set the sequences back, and forget */
} MigrRowsRequest;

/* Forget a script. */
#define MIGR_BUILD_FORGET 'F'

/* Fire what has been put off: the place for messages. */
#define MIGR_BUILD_SETTLE 'Q'

/* Begin, keep and roll back a subtransaction. */
#define MIGR_BUILD_SUBXACT 'b'
#define MIGR_BUILD_KEEP 'k'
#define MIGR_BUILD_UNDO 'u'

/* Send the schema: a set of MigrScratchLook. */
#define MIGR_BUILD_LOOK 'M'

/*
 * Send what of the schema has been touched: since which mark, which one to set,
 * how many objects to read at most.
 */
#define MIGR_BUILD_LOOK_TOUCHED 'T'

/* Roll all back. */
#define MIGR_BUILD_END 'X'

/* Put extensions there to stay: the role that owns what they need; extensions. */
#define MIGR_BUILD_PREPARE 'P'

/* What goes with the request to begin a build; scratch_environment.c. */
struct MigrScratchDatabase;
extern StringInfo migr_scratch_beginning(const MigrScratchJob *job,
										 const struct MigrScratchDatabase *database);

/* --- replies -------------------------------------------------------------- */

#define MIGR_BUILT_SCRIPT 's'	/* number, statements */
#define MIGR_BUILT_PROGRESS 'p' /* statements that have run */
#define MIGR_BUILT_ENDLESS 'e'	/* what fails now could be built by committing */
#define MIGR_BUILT_PIECE 'm'	/* of a schema */
#define MIGR_BUILT_STATE 't'	/* of a build, in front of its schema: is schema
								 * public as it was; what was said (MIGR_SAID_…);
								 * kinds and names by turns of what the role may
								 * not create; what is to be told, with details, by
								 * turns; what is not managed, in words */
#define MIGR_BUILT_MADE 'w'		/* which statements have made what */
#define MIGR_BUILT_TOUCHED 'd'	/* in front of what has been touched: is it
								 * everything; has a look at all more to say;
								 * addresses */
#define MIGR_BUILT_CONTENTS 'c' /* of the database */
#define MIGR_BUILT_ROWS 'r'		/* rows in words; for MIGR_ROWS_COMPARE, these that
								 * were not there, tables that were not read,
								 * sequences that went back; how many rows were not
								 * there, and how many are gone */
#define MIGR_BUILT_MEASURED 'v' /* what a statement did */

#define MIGR_BUILD_ENTRY "migr_scratch_worker_main"

/* Write and read extensions (MigrScratchExtension *). */
extern void migr_scratch_put_extensions(StringInfo message, const List *extensions);
extern List *migr_scratch_get_extensions(StringInfo message);

/* Write and read what a statement did. */
extern void migr_scratch_put_measured(StringInfo message, const MigrMeasured *measured);
extern MigrMeasured *migr_scratch_get_measured(StringInfo message);

/* Add what a reply says of what statements have made. */
extern void migr_scratch_get_made(StringInfo message, MigrScratchSeen *seen);

/* --- in the worker -------------------------------------------------------- */

/* Run the statements (MigrStatement *) of a section, and reply what each does. */
extern void migr_scratch_measure(const MigrScript *script, MigrSectionKind kind,
								 const List *statements);
extern void migr_scratch_measure_forget(void);

/*
 * Note what is created, and by which statement of which script; reply it; forget it.
 * (scratch_made.c)
 */
extern void migr_scratch_made_install(void);
extern void migr_scratch_made_by(int script, int statement);
extern void migr_scratch_made_reply(void);
extern void migr_scratch_made_forget(void);
/* Send a piece of a schema; arg is not used. */
extern void migr_scratch_reply_piece(StringInfo piece, void *arg);

/* Reply what has been touched (scratch_touched.c); the request is in content. */
extern void migr_scratch_reply_touched(StringInfo content);

/* Is what this process builds committed? (scratch_rule.c) */
extern bool migr_scratch_is_committing(void);
extern void migr_scratch_set_committing(bool commits);

/* What is in the database that initdb did not make; "" if nothing is. */
extern char *migr_scratch_contents(void);

/* Raise 55000 unless the database is what was noted. */
extern void migr_scratch_check_pristine(const char *contents);

/* Begin and end watching what the statements of a build do (scratch_rule.c). */
extern void migr_scratch_rule_install(void);
extern void migr_scratch_rule_end(void);

/* Is this a statement without which the schema is the same? */
extern bool migr_scratch_rule_skips(Node *node);

/* Raise MG012 for what no rollback takes back. */
extern void migr_scratch_rule_check(Node *node);

/*
 * Note what a statement says something of: what a build has said (MIGR_SAID_…)
 * since that was forgotten.  Scripts of extensions say nothing.
 */
extern void migr_scratch_said_note(Node *node);
extern int	migr_scratch_said(void);
extern void migr_scratch_said_forget(void);

/*
 * Note which stand-ins there are; what has been made besides what a snapshot has,
 * in words (char *).
 */
extern void migr_scratch_unmanaged_begin(bool has_stand_ins);
extern List *migr_scratch_unmanaged(const MigrSchema *managed);

/* Extensions that are there before any script creates them. */
extern void migr_scratch_extensions_begin(const List *extensions);

/*
 * Make stand-ins, in schemas (char *), by statements (char *); from now on, what
 * is there looks as if it were not.
 */
extern void migr_scratch_extensions_hide(const List *schemas, List *stand_ins);
extern void migr_scratch_extensions_prepare(const List *extensions, Oid role);

/*
 * A statement that is about an extension or a schema that is out of sight: true
 * if it has been dealt with.
 */
extern bool migr_scratch_extensions_handle(Node *node);

/* CREATE EXTENSION has run: with CASCADE, what it requires can be seen. */
extern void migr_scratch_extensions_created(Node *node);

/* This one can't be created here. */
extern void migr_scratch_extensions_lack(const char *name);

/* Names of extensions that the live database has and this one lacks; or NULL. */
extern char *migr_scratch_extensions_missing(void);

/* What a snapshot is to leave out. */
extern void migr_scratch_extensions_scope(MigrScope *scope);

/*
 * Run a statement of a script; with commits, one that may commit itself.  False if
 * it is one that builds pass over.
 */
extern bool migr_scratch_statement(const MigrScript *script, MigrSectionKind kind,
								   const MigrStatement *statement, bool commits);

/* The same of one that commits nothing; check(rows, arg) sees what it returns. */
extern void migr_scratch_statement_asked(const MigrScript *script, MigrSectionKind kind,
										 const MigrStatement *statement,
										 MigrResultCheck check, void *arg);

/*
 * Read strings as the text of a dump says that they are to be read, until the
 * end of the GUC level.
 */
extern void migr_scratch_adopt_strings(const char *sql);

/* A statement that is run. */
typedef struct MigrScratchStatement
{
	const char *place;
	const MigrSection *section;
	const MigrStatement *statement;
} MigrScratchStatement;

/*
 * Of DDL that is no revision: a statement about what is not here, scratch_absent.c.
 * True if it is to be passed over; roles that are not here are taken out of lists.
 */
extern bool migr_scratch_absent_handle(Node *node, const MigrScratchStatement *what);

/* What was passed over: what there is to say and where it stands (char *) by turns. */
extern List *migr_scratch_absent_told(void);

/* Names of the extensions among it; or NULL. */
extern char *migr_scratch_absent_extensions(void);
extern void migr_scratch_absent_reset(void);

/* Kinds and names (char *) by turns of what the role may not create. */
extern List *migr_scratch_denied(void);
extern void migr_scratch_denied_reset(void);

/*
 * Raise 53200 if the build has taken its part of the lock table; begin to look
 * after that.  Has it taken half of its part?
 */
extern void migr_scratch_locks_check(void);
extern void migr_scratch_locks_begin(void);
extern bool migr_scratch_locks_many(void);

/* Clean up what builds have left in the catalogs: the last thing a worker does. */
extern void migr_scratch_vacuum(void);

#endif							/* MIGR_SCRATCH_BUILD_H */
