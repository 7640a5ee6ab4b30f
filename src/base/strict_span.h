/*
 * strict_span.h
 *		A span of time that a session can make longer, and not shorter.
 *
 * migr.refuse_drop_used_within: otherwise as the settings of strict_setting.h.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_STRICT_SPAN_H
#define MIGR_STRICT_SPAN_H

/* No span is longer. */
#define MIGR_SPAN_FOREVER PG_INT32_MAX

/* Define migr.refuse_drop_used_within. */
extern void migr_span_init(void);

/* What is in force, in seconds; 0: off. */
extern int	migr_span_refuse_drop(void);

/*
 * What would be if a superuser had not set something weaker in his session, as the
 * database has it; else the same.
 */
extern int	migr_span_refuse_drop_stored(void);

/* How a span is written: "7 days". */
extern char *migr_span_show(int seconds);

#endif							/* MIGR_STRICT_SPAN_H */
