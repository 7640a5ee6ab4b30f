/*
 * copyin.c
 *		COPY … FROM stdin with data from memory.
 *
 * The server's COPY does the work; what stands here is what the command does
 * before it starts: open the table, check rights, row security and WHERE.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "access/sysattr.h"
#include "access/table.h"
#include "access/xact.h"
#include "commands/copy.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "nodes/bitmapset.h"
#include "nodes/makefuncs.h"
#include "optimizer/optimizer.h"
#include "parser/parse_coerce.h"
#include "parser/parse_collate.h"
#include "parser/parse_expr.h"
#include "parser/parse_relation.h"
#include "utils/lsyscache.h"
#include "utils/rls.h"

#include "base/compat.h"
#include "exec/copyin.h"

/*
 * What the server's COPY has yet to read.  Its callback gets no argument of
 * ours, so this is file-static; set for one call, and a COPY that fails leaves
 * nothing that is ever read again.
 */
static const char *source;
static int	source_len;

static int
read_source(void *to, int min, int max)
{
	int			n = Min(max, source_len);

	memcpy(to, source, n);
	source += n;
	source_len -= n;
	return n;
}

/* The columns that COPY writes, as a set for the check of rights. */
static Bitmapset *
target_columns(Relation rel, List *names)
{
	TupleDesc	desc = RelationGetDescr(rel);
	Bitmapset  *columns = NULL;
	ListCell   *lc;

	foreach(lc, names)
	{
		AttrNumber	column = get_attnum(RelationGetRelid(rel), strVal(lfirst(lc)));

		/* COPY itself complains of names that are none. */
		if (column > 0)
			columns = bms_add_member(columns,
									 column - FirstLowInvalidHeapAttributeNumber);
	}
	for (int i = 0; names == NIL && i < desc->natts; i++)
	{
		if (!TupleDescAttr(desc, i)->attisdropped &&
			!TupleDescAttr(desc, i)->attgenerated)
			columns = bms_add_member(columns,
									 i + 1 - FirstLowInvalidHeapAttributeNumber);
	}
	return columns;
}

/* Rows are filtered before generated columns are computed. */
static void
check_no_generated(TupleDesc desc, Node *where)
{
	Bitmapset  *columns = NULL;
	int			whole_row = 0 - FirstLowInvalidHeapAttributeNumber;

	pull_varattnos(where, 1, &columns);
	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute column = TupleDescAttr(desc, i);

		if (column->attgenerated &&
			(bms_is_member(whole_row, columns) ||
			 bms_is_member(i + 1 + whole_row, columns)))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_COLUMN_REFERENCE),
					 errmsg("generated columns are not supported in COPY FROM WHERE conditions"),
					 errdetail("Column \"%s\" is a generated column.",
							   NameStr(column->attname))));
	}
}

/* COPY … WHERE, in the form that COPY evaluates. */
static Node *
transform_where(ParseState *pstate, Relation rel, ParseNamespaceItem *nsitem,
				Node *where)
{
	if (where == NULL)
		return NULL;
	addNSItemToQuery(pstate, nsitem, false, true, true);
	where = transformExpr(pstate, where, EXPR_KIND_COPY_WHERE);
	where = coerce_to_boolean(pstate, where, "WHERE");
	assign_expr_collations(pstate, where);
	check_no_generated(RelationGetDescr(rel), where);
	where = eval_const_expressions(NULL, where);
	return (Node *) make_ands_implicit(canonicalize_qual((Expr *) where, false));
}

/* The options, but the data's encoding is the database's: so is the script's. */
static List *
with_database_encoding(List *options)
{
	List	   *result = NIL;
	ListCell   *lc;

	foreach(lc, options)
	{
		if (strcmp(lfirst_node(DefElem, lc)->defname, "encoding") != 0)
			result = lappend(result, lfirst(lc));
	}
	return lappend(result,
				   makeDefElem(pstrdup("encoding"),
							   (Node *) makeString(pstrdup(GetDatabaseEncodingName())),
							   -1));
}

uint64
migr_copyin_run(CopyStmt *copy, const char *sql, const char *data, int len)
{
	ParseState *pstate = make_parsestate(NULL);
	ParseNamespaceItem *nsitem;
	CopyFromState state;
	Relation	rel;
	Node	   *where;
	uint64		rows;

	pstate->p_sourcetext = sql;
	rel = table_openrv(copy->relation, RowExclusiveLock);
	nsitem = addRangeTableEntryForRelation(pstate, rel, RowExclusiveLock, NULL,
										   false, false);
	where = transform_where(pstate, rel, nsitem, copy->whereClause);
	migr_compat_check_insert(pstate, nsitem, target_columns(rel, copy->attlist));
	if (check_enable_rls(RelationGetRelid(rel), InvalidOid, false) == RLS_ENABLED)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("COPY FROM not supported with row-level security"),
				 errhint("Use INSERT statements instead.")));
	if (XactReadOnly && !rel->rd_islocaltemp)
		PreventCommandIfReadOnly("COPY FROM");

	source = data;
	source_len = len;
	state = migr_compat_begin_copy_from(pstate, rel, where, read_source,
										copy->attlist,
										with_database_encoding(copy->options));
	rows = CopyFrom(state);
	EndCopyFrom(state);

	table_close(rel, NoLock);
	free_parsestate(pstate);
	return rows;
}
