/*
 * display.h
 *		Text for people to read: on one line, and no wider than there is room.
 *
 * Widths are those of a terminal, as the server knows them for the database's
 * encoding; no character is ever cut in two.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_DISPLAY_H
#define MIGR_DISPLAY_H

/*
 * A copy on one line: what would break it, or do something else to a terminal
 * than to show a character, is a blank.
 */
extern char *migr_display_line(const char *text);

/* How many columns a line takes. */
extern int	migr_display_width(const char *line);

/* The line, or as much of it as fits into so many columns, with "..." behind. */
extern char *migr_display_cut(const char *line, int columns);

/* How long something took, in at most 9 columns up to 99 hours: "5.0 s". */
extern char *migr_display_duration(int64 microseconds);

#endif							/* MIGR_DISPLAY_H */
