/*
 * large.c
 *		Memory for what is large and written from its first byte to its last.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include <sys/mman.h>

#include "base/large.h"

/* What the processors have that the server runs on, mostly. */
#define LARGE_PAGE ((Size) 2 * 1024 * 1024)

void *
migr_large_alloc(Size size)
{
	char	   *chunk = palloc(size);

#ifdef MADV_HUGEPAGE
	if (size >= 2 * LARGE_PAGE)
	{
		char	   *first = (char *) TYPEALIGN(LARGE_PAGE, chunk);
		char	   *last = (char *) TYPEALIGN_DOWN(LARGE_PAGE, chunk + size);

		/* It is advice: where it is not taken, nothing is lost. */
		(void) madvise(first, last - first, MADV_HUGEPAGE);
	}
#endif
	return chunk;
}
