/*
 * text.h
 *		Text as it is stored, and its checksum.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_TEXT_H
#define MIGR_TEXT_H

/*
 * The input with LF line ends and without byte order marks, which stand at the
 * start of each file of a concatenation.  Sets *len.
 */
extern char *migr_text_normalise(const char *input, int *len);

/* SHA-256 in hex, of text with trailing white space removed from each line
 * and from the end. */
extern char *migr_text_checksum(const char *text, int len);

#endif							/* MIGR_TEXT_H */
