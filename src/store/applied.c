/*
 * applied.c
 *		Is a script still the one that ran?
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "base/errors.h"
#include "store/applied.h"
#include "store/rebase.h"

void
migr_applied_check(const MigrVersion *version, const MigrScript *script,
				   const MigrNode *stored, const char *file)
{
	if (version == NULL)
		return;

	/* What once ran may always come back; of a stamp nothing is known. */
	if (version->checksum ? strcmp(version->checksum, script->checksum) == 0 : stored == NULL)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_MIGR_SCRIPT_MODIFIED),
			 errmsg("revision \"%s\" was edited after it was applied",
					script->revision),
			 file ? errdetail("The script in file \"%s\" is not the one that was applied.", file)
			 : errdetail("The script is not the one that was applied."),
			 stored && migr_rebase_moves(stored, script)
			 ? errhint("If a branch was rebased, leave it on what it revised, and join the two heads with migr_merge(). With replace => true it moves if all that it then stands on is applied.")
			 : errhint("Undo the edit and write a new revision. In development, downgrade below it, load it and upgrade again: migr_redo('%s'%s) does so. If the edit changes nothing that was run, load it with replace => true.",
					   script->revision, file ? "" : ", scripts")));
}
