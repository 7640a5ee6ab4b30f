/*
 * attribute_names.c
 *		The attributes that objects of all kinds have, by name.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "model/attribute_names.h"

#define MIGR_ATTRIBUTE_NAME(constant, name) [constant] = name,
static const char *const names[] = {
	MIGR_ATTRIBUTE_NAMES(MIGR_ATTRIBUTE_NAME)
};

MigrAttribute
migr_attribute_find(const char *name)
{
	int			low = 0;
	int			high = MIGR_ATTR_COUNT;

	while (low < high)
	{
		int			middle = (low + high) / 2;
		int			order = strcmp(names[middle], name);

		if (order == 0)
			return middle;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	elog(ERROR, "no kind of object has an attribute \"%s\"", name);
}

const char *
migr_attribute_name(MigrAttribute attribute)
{
	return names[attribute];
}
