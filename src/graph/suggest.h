/*
 * suggest.h
 *		What may have been meant by a name that no revision has.
 *
 * Looks at every name once; for messages only.
 *
 * Private to graph.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_SUGGEST_H
#define MIGR_SUGGEST_H

#include "graph/graph.h"

/*
 * "Did you mean "…"? ", or "": an id or a label that is near to what was typed;
 * with words, also one such as head.
 */
extern char *migr_suggest_name(const MigrGraph *graph, const char *name, bool words);

/*
 * A hint for what a script names as a parent or dependency and is no id: an id
 * that begins so, or one that is near; NULL if there is none.
 */
extern char *migr_suggest_id(const MigrGraph *graph, const char *name);

#endif							/* MIGR_SUGGEST_H */
