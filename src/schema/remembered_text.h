/*
 * remembered_text.h
 *		The text of desired DDL as statements: which words each has, and which names it
 *		acts on.
 *
 * A name can only be meant where its words stand, in whatever form: so statements
 * that have no word of a name in common have nothing to do with each other.  Words
 * are numbered; letters count as the same in either case.
 *
 * Pure.
 *
 * Private to schema.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_REMEMBERED_TEXT_H
#define MIGR_REMEMBERED_TEXT_H

#include "lib/stringinfo.h"
#include "utils/hsearch.h"

#include "schema/remembered_sort.h"

/* A word of a statement. */
typedef struct MigrTextWord
{
	int			number;
	bool		is_referenced;	/* it stands nowhere but behind REFERENCES */
} MigrTextWord;

typedef struct MigrTextStatement
{
	MigrStatementSaid said;
	int			part;			/* of the text */
	int			start;			/* in the part's sql */
	int			end;
	char	   *digest;			/* of its text, and of all that was set before in its part */
	int			word_count;
	MigrTextWord *words;
	int			target_count;
	int		   *targets;		/* words of the names that it acts on */
} MigrTextStatement;

typedef struct MigrText
{
	List	   *parts;			/* char *: as it is split into statements */
	bool		lasts;			/* the same text makes the same the next time */
	bool		is_plain;		/* and each name stands there in its own words */
	bool		spreads;		/* what is done to a table is done to others */
	int			count;
	int			room;
	MigrTextStatement *statements;
	HTAB	   *numbers;		/* of words */
	int			word_count;
} MigrText;

/* Take apart a text in parts (char *), each of which is run by itself. */
extern MigrText *migr_text_read(const List *parts);

/* Read the statements' words as well, for a text that is plain. */
extern void migr_text_read_words(MigrText *text);

/* The numbers of the words of a name, appended to a list; new ones are made known. */
extern List *migr_text_words_of(MigrText *text, List *numbers, const char *name);

#endif							/* MIGR_REMEMBERED_TEXT_H */
