/*
 * ready.h
 *		What a run writes behind its statements is planned before them.
 *
 * Private to run.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_READY_H
#define MIGR_READY_H

/*
 * Plan the queries by which a run is recorded, and look at the tables that they are about, as
 * far as this session has not done so:
 * behind the first statement others wait for its locks.
 */
extern void migr_ready(void);

#endif							/* MIGR_READY_H */
