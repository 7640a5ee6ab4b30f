/*
 * picture.h
 *		A graph as a picture: of characters, or for programs that draw.
 *
 * Whatever is in messages and labels, what comes out is valid for the program,
 * which shows them as they are.  Pure.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_PICTURE_H
#define MIGR_PICTURE_H

#include "graph/marks.h"

typedef struct MigrPicture
{
	const MigrGraph *graph;
	const int  *order;			/* of drawing, as lanes.h has it */
	const MigrMark *marks;		/* by node */
	const char **messages;		/* by node; each on one line */
} MigrPicture;

/* A picture in one of the formats text, mermaid and dot; raises 22023 for others. */
extern char *migr_picture_draw(const MigrPicture *picture, const char *format);

#endif							/* MIGR_PICTURE_H */
