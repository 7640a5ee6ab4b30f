/*
 * table.h
 *		What others have to say of a table.
 *
 * Copyright (c) 2026, migr contributors
 */
#ifndef MIGR_TABLE_H
#define MIGR_TABLE_H

#include "lib/stringinfo.h"

#include "model/model.h"

/*
 * Append what sets the options of a table's toast table that from lacks.  Where
 * there is none, the server takes them and forgets them; a column can bring one.
 */
extern void migr_table_set_toast(StringInfo out, const MigrObject *from,
								 const MigrObject *to);

#endif							/* MIGR_TABLE_H */
