/*
 * text.h
 *		Text as it is stored: its size, its form, its checksum.
 *
 * A script's checksum stays the same whatever an editor or a client does to
 * line ends and blanks at the ends of lines.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_TEXT_H
#define MIGR_TEXT_H

#include "datatype/timestamp.h"
#include "lib/stringinfo.h"
#include "nodes/pg_list.h"

/* Define migr.max_script_size. */
extern void migr_text_init(void);

/* May a script have so many bytes, by migr.max_script_size? */
extern bool migr_text_is_allowed(int64 bytes);

/* Raise 54000 if a script of this many bytes is over migr.max_script_size. */
extern void migr_text_check_size(const char *what, int64 bytes);

/*
 * The input with LF line ends and without byte order marks, which stand at the
 * start of each file of a concatenation; the input itself if it has none of
 * these.  Sets *len.
 */
extern const char *migr_text_normalise(const char *input, int *len);

/*
 * What has been normalised with the returns that it had within ranges of it (two
 * numbers each, in order: the first byte, and that behind the last); NULL if
 * there were none.
 */
extern char *migr_text_restore_returns(const char *input, const char *normalised,
									   const List *ranges, int *len);

/* SHA-256 in hex, of text with trailing white space removed from each line
 * and from the end. */
extern char *migr_text_checksum(const char *text, int len);

/* SHA-256 in hex, of the bytes as they are. */
extern char *migr_text_sha256(const char *bytes, int len);

/* The same as 32 bytes. */
extern void migr_text_digest(const char *bytes, int len, unsigned char *digest);

/* Append a comment of one line, whatever names with line ends there are in it. */
extern void migr_text_comment(StringInfo out, const char *prefix, const char *text);

/* Read a point in time; false if it is none. */
extern bool migr_text_timestamp(const char *text, TimestampTz *result);

/* Strings (char *) in one, with something between. */
extern char *migr_text_join(const List *strings, const char *between);

/* Two parts with a blank line between; either may be empty. */
extern char *migr_text_paragraphs(const char *first, const char *second);

#endif							/* MIGR_TEXT_H */
