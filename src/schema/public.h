/*
 * public.h
 *		What the server itself made of schema public.
 *
 * Before 15, initdb lets everybody create there, and an upgraded server keeps that.
 * As long as no script says anything about it, that is no difference: equal schemas
 * have equal text on an old server, a new one, and one that was upgraded.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_PUBLIC_H
#define MIGR_PUBLIC_H

#include "model/model.h"

/*
 * Does anything say who owns schema public, or who may use it: a script, if the
 * schema is live, or what was built?
 */
extern bool migr_public_is_said(const MigrSchema *schema, bool is_live);

/* Let schema public be as this server makes it, if it is as another one does. */
extern void migr_public_settle(MigrSchema *schema, bool is_live);

#endif							/* MIGR_PUBLIC_H */
