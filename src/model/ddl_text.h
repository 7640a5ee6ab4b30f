/*
 * ddl_text.h
 *		What the text of an attribute, or of a statement, speaks of.
 *
 * Asked of its tokens and never of its letters, so that no name, string or
 * keyword can pass for a part of another.  The text is the server's own, but for
 * the bodies of routines.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_DDL_TEXT_H
#define MIGR_DDL_TEXT_H

/* Is a name, quoted or not, one of the tokens? */
extern bool migr_ddl_text_names(const char *text, const char *name);

/*
 * May a statement, when it is run, need an enum's label, which is given as a
 * string constant?  By itself, or in an array or a row; or, if is_routine, in
 * the body.  What can't be told counts as yes.
 */
extern bool migr_ddl_text_uses_label(const char *text, const char *label,
									 bool is_routine);

/* The last part of a name that may be qualified, quoted as it is there. */
extern const char *migr_ddl_text_last_name(const char *name);

/* The byte at which a word stands outside of all parentheses, or -1. */
extern int	migr_ddl_text_clause(const char *text, const char *word);

#endif							/* MIGR_DDL_TEXT_H */
