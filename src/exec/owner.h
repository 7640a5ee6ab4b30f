/*
 * owner.h
 *		Who owns what a statement names, for who may not touch it.
 *
 * Looked up before the statement runs, since nothing can be looked up when it has
 * failed; takes no lock that the statement would not.
 *
 * Private to exec.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_OWNER_H
#define MIGR_OWNER_H

#include "nodes/nodes.h"

/* Does a statement (a raw tree) need somebody's leave for what it names? */
extern bool migr_owner_matters(Node *statement);

/*
 * A hint that names the first object that the statement names and somebody else
 * owns, and him; or whose the schema is in which it may create nothing.  NULL if
 * there is none, or for a superuser.
 */
extern char *migr_owner_hint(const char *sql);

#endif							/* MIGR_OWNER_H */
