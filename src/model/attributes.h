/*
 * attributes.h
 *		Short names for those who read the attributes of objects all the time.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_ATTRIBUTES_H
#define MIGR_ATTRIBUTES_H

#include "model/attribute_list.h"
#include "model/model.h"

/* As migr_object_value(). */
static inline const char *
value(const MigrObject *object, MigrAttribute attribute)
{
	return migr_object_value(object, attribute);
}

/* Has an attribute the same value, or none, in both? */
static inline bool
same(const MigrObject *from, const MigrObject *to, MigrAttribute attribute)
{
	return migr_ddl_same(value(from, attribute), value(to, attribute));
}

#endif							/* MIGR_ATTRIBUTES_H */
