/*
 * script_part.h
 *		Parts of a script, read by themselves.
 *
 * Pure: what is wrong comes back as a value, and the reader of the script, which
 * knows the place, raises it.
 * Private to script.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_SCRIPT_PART_H
#define MIGR_SCRIPT_PART_H

/* Could a statement that begins with this word control the transaction? */
extern bool migr_part_may_control(const char *word, int len);

/*
 * Line (from 1) of the first statement that controls the transaction, or 0.
 * Bad syntax is for the run to report.
 */
extern int	migr_part_control_line(const char *sql);

#endif							/* MIGR_SCRIPT_PART_H */
