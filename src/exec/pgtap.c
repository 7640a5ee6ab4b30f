/*
 * pgtap.c
 *		The tests that pgTAP counts in this session, and those of a section.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/dependency.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_proc.h"
#include "commands/extension.h"
#include "commands/sequence.h"
#include "commands/tablecmds.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "parser/parse_func.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"

#include "exec/pgtap.h"

/* What pgTAP creates for a plan, the sequences in front. */
static const char *const state[] = {
	"__tresults___numb_seq",
	"__tcache___id_seq",
	"__tcache__",
	"__tcache___key"
};

static Oid
find_state(const char *name)
{
	Oid			temporary = LookupNamespaceNoError("pg_temp");

	return OidIsValid(temporary) ? get_relname_relid(name, temporary) : InvalidOid;
}

/* Can a section make a plan here?  It takes temporary tables. */
static bool
can_plan(void)
{
	return !XactReadOnly && !InSecurityRestrictedOperation();
}

/* Where a counter is; false if there is none. */
static bool
read_counter(const char *name, int64 *last, bool *called)
{
	bool		found = get_rel_relkind(find_state(name)) == RELKIND_SEQUENCE;
	bool		is_null;

	if (!found)
		return false;
	SPI_connect();
	SPI_execute(psprintf("SELECT last_value, is_called FROM pg_temp.%s", name), true, 0);
	found = SPI_processed == 1;
	if (found)
	{
		*last = DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[0],
											SPI_tuptable->tupdesc, 1, &is_null));
		*called = DatumGetBool(SPI_getbinval(SPI_tuptable->vals[0],
											 SPI_tuptable->tupdesc, 2, &is_null));
	}
	SPI_finish();
	return found;
}

void
migr_pgtap_note(MigrPgtap *noted)
{
	for (int i = 0; i < MIGR_PGTAP_SEQUENCES; i++)
		noted->sequences[i] = !can_plan() &&
			read_counter(state[i], &noted->last[i], &noted->called[i])
			? find_state(state[i]) : InvalidOid;
}

/* No rollback takes back what a sequence has given out. */
void
migr_pgtap_restore(const MigrPgtap *noted)
{
	for (int i = 0; i < MIGR_PGTAP_SEQUENCES; i++)
	{
		if (OidIsValid(noted->sequences[i]))
			DirectFunctionCall3(setval3_oid, ObjectIdGetDatum(noted->sequences[i]),
								Int64GetDatum(noted->last[i]),
								BoolGetDatum(noted->called[i]));
	}
}

void
migr_pgtap_put_aside(void)
{
	if (!can_plan())
		return;
	for (int i = 0; i < (int) lengthof(state); i++)
	{
		Oid			relation = find_state(state[i]);

		if (OidIsValid(relation))
			RenameRelationInternal(relation, psprintf("__migr_aside_%u", relation), true,
								   get_rel_relkind(relation) == RELKIND_INDEX);
	}
	CommandCounterIncrement();
}

void
migr_pgtap_plan(void)
{
	Oid			pgtap = get_extension_oid("pgtap", true);
	Oid			function;

	if (!OidIsValid(pgtap) || OidIsValid(find_state("__tcache__")))
		return;
	function = LookupFuncName(list_make1(makeString(pstrdup("no_plan"))), 0, NULL,
							  true);
	if (!OidIsValid(function) ||
		getExtensionOfObject(ProcedureRelationId, function) != pgtap)
		return;
	SPI_connect();
	SPI_execute(psprintf("SELECT %s()",
						 quote_qualified_identifier(get_namespace_name(get_func_namespace(function)),
													"no_plan")), false, 0);
	SPI_finish();
}
