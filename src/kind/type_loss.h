/*
 * type_loss.h
 *		What values lose when a column gets another type, and by which time zone.
 *
 * Types are named as the model does: the server's own without a schema.  What is
 * said holds for the way in which column_alter.c has values converted.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_TYPE_LOSS_H
#define MIGR_TYPE_LOSS_H

/* The oid of a type that initdb made, by name; or InvalidOid. */
extern Oid migr_type_builtin(const char *name, int32 *modifier);

/* A type; a domain is what it is based on. */
typedef struct MigrLossType
{
	const char *name;
	bool		is_enum;
} MigrLossType;

/* What values may lose; NULL: it is certain that none loses anything. */
extern const char *migr_type_loss(const MigrLossType *old, const MigrLossType *new);

/* How many characters a string may have, but for blanks at its end; 0: any number. */
extern int	migr_type_limit(const char *name);

/*
 * Are all rows written anew when a column gets another type?  expression: what
 * converts values, or NULL.
 */
extern bool migr_type_rewrites(const char *from, const char *to, const char *expression);

/* Whose time zone has a part in what a value becomes? */
typedef enum MigrTypeZone
{
	MIGR_TYPE_ZONE_NONE,
	MIGR_TYPE_ZONE_UTC,			/* by an expression */
	MIGR_TYPE_ZONE_SESSION		/* there is no expression for it */
} MigrTypeZone;

extern MigrTypeZone migr_type_zone(const char *from, const char *to);

/* The expression that converts a column's values in UTC; NULL: by no zone. */
extern const char *migr_type_in_utc(Oid old, Oid new, const char *column);

#endif							/* MIGR_TYPE_LOSS_H */
