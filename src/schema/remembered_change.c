#include "postgres.h"
#include "schema/remembered_change.h"
bool
migr_remembered_change(const MigrScratchJob *job, const MigrRememberedRow *row,
								   const MigrRememberedBuild *build, MigrText *text,
								   MigrScratchSeen *seen)
{
	return false;
}
