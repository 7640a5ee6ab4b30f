/*
 * online_type.c
 *		A column that gets another type, beside the old one.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "diff/hazard_change.h"
#include "diff/online_form.h"
#include "model/attributes.h"

bool
migr_online_type(MigrOnline *online, int number)
{
	(void) online;
	(void) number;
	return false;
}
