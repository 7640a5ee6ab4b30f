/*
 * memcheck.h
 *		Tells AddressSanitizer what the server tells valgrind of its memory.
 *
 * A server that is built with this in the place of valgrind's own header
 * (script/sanitized-server) has each piece of its memory contexts watched, not only what
 * it gets from malloc().
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_MEMCHECK_H
#define MIGR_MEMCHECK_H

#include <sanitizer/asan_interface.h>

#define VALGRIND_MAKE_MEM_NOACCESS(place, size) ASAN_POISON_MEMORY_REGION(place, size)
#define VALGRIND_MAKE_MEM_DEFINED(place, size) ASAN_UNPOISON_MEMORY_REGION(place, size)
#define VALGRIND_MAKE_MEM_UNDEFINED(place, size) ASAN_UNPOISON_MEMORY_REGION(place, size)
#define VALGRIND_CHECK_MEM_IS_DEFINED(place, size) do {} while (0)
#define VALGRIND_CREATE_MEMPOOL(pool, redzones, zeroed) do {} while (0)
#define VALGRIND_DESTROY_MEMPOOL(pool) do {} while (0)
#define VALGRIND_MEMPOOL_TRIM(pool, place, size) do {} while (0)
#define VALGRIND_MEMPOOL_ALLOC(pool, place, size) ASAN_UNPOISON_MEMORY_REGION(place, size)
#define VALGRIND_MEMPOOL_FREE(pool, place) do {} while (0)
#define VALGRIND_MEMPOOL_CHANGE(pool, from, place, size) ASAN_UNPOISON_MEMORY_REGION(place, size)

#endif							/* MIGR_MEMCHECK_H */
