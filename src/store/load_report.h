/*
 * load_report.h
 *		What a load says of scripts that its input does not have.
 *
 * Private to store.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_LOAD_REPORT_H
#define MIGR_LOAD_REPORT_H

#include "nodes/pg_list.h"

/* The rows (MigrLoaded *), and behind them one for each revision (char *). */
extern List *migr_load_report(List *rows, const List *revisions, const char *action);

#endif							/* MIGR_LOAD_REPORT_H */
