/*
 * large.h
 *		Memory for what is large and written from its first byte to its last.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_LARGE_H
#define MIGR_LARGE_H

/*
 * As palloc().  Where the system has large pages for who asks, it gives these: else half
 * of what it takes to read a large file is to get its pages one by one.
 */
extern void *migr_large_alloc(Size size);

#endif							/* MIGR_LARGE_H */
