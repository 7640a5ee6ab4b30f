/*
 * trial_error.h
 *		An error that a trial has met, in words.
 *
 * Private to check.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_TRIAL_ERROR_H
#define MIGR_TRIAL_ERROR_H

/* What is said of an error of what ran; raises what is not the script's. */
extern char *migr_trial_error(const char *what, ErrorData *error);

#endif							/* MIGR_TRIAL_ERROR_H */
