/*
 * guard_text.h
 *		SQL that does something only where it is to be done.
 *
 * Private to diff.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_GUARD_TEXT_H
#define MIGR_GUARD_TEXT_H

#include "lib/stringinfo.h"

#include "model/model.h"

/* A dollar quote, of a word, that a text does not hold. */
extern char *migr_guard_text_quote(const char *text, const char *word);

/* Do what a text says if a condition holds, and what a body says behind it. */
extern void migr_guard_text_if(StringInfo text, const char *condition, const char *behind);

/* Do what a text says unless what it makes turns out to be there. */
extern void migr_guard_text_unless_there(StringInfo text);

/* Append a block of PL/pgSQL statements. */
extern void migr_guard_text_block(StringInfo out, const char *declare, const char *body);

/* That an object is there. */
extern char *migr_guard_text_exists(const MigrObject *object);

/* A statement that notes, by a number, that an object is there; and asks for it. */
extern char *migr_guard_text_note(int number, const MigrObject *object);
extern char *migr_guard_text_noted(int number);

/* The same of its owner; and what gives it to another in its place. */
extern char *migr_guard_text_note_owner(int number, const MigrObject *object);
extern char *migr_guard_text_give_owner(int number, const MigrObject *object);

/*
 * A statement that notes the owner and the privileges of an object, and of its
 * columns.  Append what gives them to another in its place, but to roles of which
 * either of these knows privileges.
 */
extern char *migr_guard_text_note_rights(int number, const MigrObject *object);
extern void migr_guard_text_give_rights(StringInfo out, int number, const MigrObject *from,
										const MigrObject *object);

#endif							/* MIGR_GUARD_TEXT_H */
