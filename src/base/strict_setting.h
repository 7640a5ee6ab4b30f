/*
 * strict_setting.h
 *		Settings that a session can't weaken.
 *
 * What the database's own setting (ALTER DATABASE … SET) says is read from its
 * catalog whenever it matters, so no value that a session, a role or a client
 * brings along hides it.  Only what a superuser has set in his session goes
 * before it; and anybody may choose the strictest value for himself.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_STRICT_SETTING_H
#define MIGR_STRICT_SETTING_H

/* What becomes of schema changes outside of migr. */
typedef enum MigrGuard
{
	MIGR_GUARD_OFF,
	MIGR_GUARD_LOG,
	MIGR_GUARD_ERROR
} MigrGuard;

/* Which runs somebody else has to approve before. */
typedef enum MigrRequired
{
	MIGR_REQUIRED_NONE,
	MIGR_REQUIRED_DESTRUCTIVE,
	MIGR_REQUIRED_ALL
} MigrRequired;

/* Define migr.protect, migr.guard, migr.check_loader, migr.refuse_on_drift and migr.require_approval. */
extern void migr_safeguard_init(void);

/*
 * May this session set a setting of that sort to any value?  Loading: it was set before the
 * library was there.
 */
extern bool migr_safeguard_may_weaken(bool loading);

/* Raise MG010 if migr.protect is on; command is for the message. */
extern void migr_safeguard_check(const char *command);

/* migr.guard as it is in force. */
extern MigrGuard migr_safeguard_guard(void);

/* migr.check_loader as it is in force. */
extern bool migr_safeguard_check_loader(void);

/* migr.refuse_on_drift as it is in force. */
extern bool migr_safeguard_refuse_on_drift(void);

/* migr.require_approval as it is in force. */
extern MigrRequired migr_safeguard_required(void);

/*
 * The value of a setting that ALTER DATABASE … SET, or else ALTER ROLE ALL …
 * SET, has stored; NULL if neither has.  As it is now, not when the session
 * began.
 */
extern char *migr_safeguard_stored(const char *setting);

#endif							/* MIGR_STRICT_SETTING_H */
