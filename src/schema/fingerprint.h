/*
 * fingerprint.h
 *		The fingerprint of the schema, kept with the version.
 *
 * No run fails because it can't be taken, and none waits for it longer than a
 * moment.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_FINGERPRINT_H
#define MIGR_FINGERPRINT_H

/* Define migr.record_fingerprints. */
extern void migr_fingerprint_init(void);

/*
 * Record what the schema is now with the revision applied last, if
 * migr.record_fingerprints says so.  A WARNING where it can't be taken.
 */
extern void migr_fingerprint_record(void);

/*
 * Is the schema what it was when its fingerprint was recorded?  NULL if that is
 * not known.
 */
extern const bool *migr_fingerprint_unchanged(void);

#endif							/* MIGR_FINGERPRINT_H */
