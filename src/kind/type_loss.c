/*
 * type_loss.c
 *		What values lose when a column gets another type.
 *
 * Nothing is lost where that can be proven: by the way in which the server casts
 * one type to the other, and by what the types hold.  All else may lose, whatever
 * it is; a word for what it is said where there is one.
 *
 * A cast that fails loses nothing.  That the text of a value is as good as the
 * value is what dumps live on.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "access/transam.h"
#include "catalog/namespace.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_type.h"
#include "parser/parse_coerce.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"
#include "utils/varlena.h"

#include "base/compat.h"
#include "kind/type_loss.h"

#define ROUNDED "values are rounded"
#define BLANKS "blanks at the end"
#define SPELLING "how values are written"
#define OF_JSON "white space, order and duplicates of keys"
#define ZONE "what the session's time zone makes of it"
#define ANYTHING "what the new type does not hold"

/* A type as a column has it. */
typedef struct StoredType
{
	Oid			oid;			/* InvalidOid: not one of the server's own */
	int32		modifier;
	const MigrLossType *name;
} StoredType;

/* --- names ---------------------------------------------------------------- */

/* The server's own types have names that are not qualified. */
Oid
migr_type_builtin(const char *name, int32 *modifier)
{
	Oid			oid = InvalidOid;

	*modifier = -1;
	if (strchr(name, '.') == NULL)
		migr_compat_parse_type(name, &oid, modifier);
	return oid < FirstNormalObjectId ? oid : InvalidOid;
}

static StoredType
find_type(const MigrLossType *name)
{
	StoredType	type = {InvalidOid, -1, name};

	type.oid = migr_type_builtin(name->name, &type.modifier);
	return type;
}

/* A type without modifier, by its qualified name, in this database; or InvalidOid. */
static Oid
find_here(const MigrLossType *name)
{
	List	   *parts;
	Oid			schema;

	if (name->is_enum || strpbrk(name->name, "[("))
		return InvalidOid;
	parts = textToQualifiedNameList(cstring_to_text(name->name));
	schema = list_length(parts) == 2 ? get_namespace_oid(strVal(linitial(parts)), true)
		: PG_CATALOG_NAMESPACE;
	return OidIsValid(schema) ? GetSysCacheOid2(TYPENAMENSP, Anum_pg_type_oid,
												CStringGetDatum(strVal(llast(parts))),
												ObjectIdGetDatum(schema)) : InvalidOid;
}

/*
 * Are the values of two types stored alike, and read alike?  The model knows
 * nothing of types that extensions have: they are looked up here.
 */
static bool
is_relabeled_here(const StoredType *from, const StoredType *to)
{
	Oid			old = OidIsValid(from->oid) ? from->oid : find_here(from->name);
	Oid			new = OidIsValid(to->oid) ? to->oid : find_here(to->name);
	Oid			function;

	return OidIsValid(old) && OidIsValid(new) &&
		find_coercion_pathway(new, old, COERCION_EXPLICIT, &function) == COERCION_PATH_RELABELTYPE;
}

/* --- what types hold ------------------------------------------------------ */

static bool
is_integer(Oid type)
{
	return type == INT2OID || type == INT4OID || type == INT8OID;
}

static bool
is_number(Oid type)
{
	return is_integer(type) || type == NUMERICOID || type == FLOAT4OID ||
		type == FLOAT8OID || type == CASHOID;
}

/* A string of any length, or of a limited one. */
static bool
is_string(Oid type)
{
	return type == TEXTOID || type == VARCHAROID || type == BPCHAROID;
}

/* Can a value's text end with blanks that count?  Those of char(n) don't. */
static bool
may_end_with_blank(Oid type)
{
	return !OidIsValid(type) || type == TEXTOID || type == VARCHAROID || type == NAMEOID ||
		type == CHAROID || type == JSONOID || type == XMLOID;
}

/* Has a date or a time a zone that the session gives or takes? */
static bool
is_zoned(Oid type)
{
	return type == TIMESTAMPTZOID || type == TIMETZOID;
}

static bool
is_time(Oid type)
{
	return type == DATEOID || type == TIMEOID || type == TIMESTAMPOID ||
		type == INTERVALOID || is_zoned(type);
}

/* --- modifiers ------------------------------------------------------------ */

/* Digits behind the point; fewer than 0 since 15. */
static int
scale_of(int32 modifier)
{
	return (((modifier - VARHDRSZ) & 0x7ff) ^ 1024) - 1024;
}

/* Digits of the fraction of a second. */
static int
precision_of(Oid type, int32 modifier)
{
	if (type == DATEOID)
		return 0;
	if (modifier >= 0 && type == INTERVALOID)
		modifier = INTERVAL_PRECISION(modifier);
	return modifier < 0 || modifier > MAX_TIMESTAMP_PRECISION
		? MAX_TIMESTAMP_PRECISION : modifier;
}

static const char *
loss_of_time(const StoredType *from, const StoredType *to)
{
	int			range = to->oid == INTERVALOID && to->modifier >= 0
		? INTERVAL_RANGE(to->modifier) : INTERVAL_FULL_RANGE;
	int			old_range = from->oid == INTERVALOID && from->modifier >= 0
		? INTERVAL_RANGE(from->modifier) : INTERVAL_FULL_RANGE;

	if (range != INTERVAL_FULL_RANGE && range != old_range)
		return "fields that the new type leaves out";
	return precision_of(to->oid, to->modifier) < precision_of(from->oid, from->modifier)
		? ROUNDED : NULL;
}

/* To a number with a limited number of digits, from one that has no more of them. */
static const char *
loss_of_scale(const StoredType *from, const StoredType *to)
{
	if (to->modifier < 0)
		return NULL;
	if (is_integer(from->oid))
		return scale_of(to->modifier) < 0 ? ROUNDED : NULL;
	return from->oid != NUMERICOID || from->modifier < 0 ||
		scale_of(from->modifier) > scale_of(to->modifier) ? ROUNDED : NULL;
}

/* What is too long fails, unless blanks alone are: these are cut off. */
static const char *
loss_of_length(const StoredType *from, const StoredType *to)
{
	if (!may_end_with_blank(from->oid) || to->oid == TEXTOID ||
		(to->oid == VARCHAROID && to->modifier < 0) ||
		(to->oid == VARCHAROID && from->oid == VARCHAROID && from->modifier >= 0 &&
		 from->modifier <= to->modifier))
		return NULL;
	return BLANKS;
}

/* Of one type, with another modifier. */
static const char *
loss_of_modifier(const StoredType *from, const StoredType *to)
{
	if (to->modifier < 0 || from->modifier == to->modifier)
		return NULL;
	if (to->oid == NUMERICOID)
		return loss_of_scale(from, to);
	if (is_time(to->oid))
		return loss_of_time(from, to);
	if (is_string(to->oid))
		return loss_of_length(from, to);
	/* Another length is an error. */
	return to->oid == BITOID || to->oid == VARBITOID ? NULL : ANYTHING;
}

/* --- time zones ----------------------------------------------------------- */

/*
 * How a value gets or loses its zone, which is the session's if the server casts
 * it: in UTC instead, which is the same for everyone, and has each time of day
 * once a day.  NULL: by no zone.  For psprintf: the column's name.
 */
static const char *
in_utc(Oid old, Oid new)
{
	static const struct
	{
		Oid			old;
		Oid			new;
		const char *expression;
	}			ways[] =
	{
		{TIMESTAMPOID, TIMESTAMPTZOID, "%s AT TIME ZONE 'UTC'"},
		{TIMESTAMPTZOID, TIMESTAMPOID, "%s AT TIME ZONE 'UTC'"},
		{DATEOID, TIMESTAMPTZOID, "%s::timestamp AT TIME ZONE 'UTC'"},
		{TIMESTAMPTZOID, DATEOID, "(%s AT TIME ZONE 'UTC')::date"},
		{TIMESTAMPTZOID, TIMEOID, "(%s AT TIME ZONE 'UTC')::time"},
		{TIMESTAMPTZOID, TIMETZOID, "%s::timetz AT TIME ZONE 'UTC'"},
		{TIMEOID, TIMETZOID, "(%s::text || '+00')::timetz"}
	};

	for (int i = 0; i < (int) lengthof(ways); i++)
	{
		if (ways[i].old == old && ways[i].new == new)
			return ways[i].expression;
	}
	return NULL;
}

const char *
migr_type_in_utc(Oid old, Oid new, const char *column)
{
	const char *expression = in_utc(old, new);

	return expression ? psprintf(expression, column) : NULL;
}

MigrTypeZone
migr_type_zone(const char *from, const char *to)
{
	int32		modifier;
	Oid			old = migr_type_builtin(from, &modifier);
	Oid			new = migr_type_builtin(to, &modifier);
	Oid			elements[] = {get_base_element_type(old), get_base_element_type(new)};

	if (in_utc(old, new))
		return MIGR_TYPE_ZONE_UTC;
	return (OidIsValid(elements[0]) && in_utc(elements[0], elements[1])) ||
		(is_string(old) && is_zoned(new)) || (is_string(new) && old == TIMESTAMPTZOID)
		? MIGR_TYPE_ZONE_SESSION : MIGR_TYPE_ZONE_NONE;
}

/* --- casts ---------------------------------------------------------------- */

/* Does a number stay the same number, or fail? */
static const char *
loss_of_number(const StoredType *from, const StoredType *to)
{
	Oid			old = from->oid;

	switch (to->oid)
	{
		case INT2OID:
		case INT4OID:
		case INT8OID:
			return is_integer(old) || (old == NUMERICOID && from->modifier >= 0 &&
									   scale_of(from->modifier) <= 0) ? NULL : ROUNDED;
		case FLOAT4OID:
			return old == INT2OID ? NULL : ROUNDED;
		case FLOAT8OID:
			return old == INT2OID || old == INT4OID || old == FLOAT4OID ? NULL : ROUNDED;
		case NUMERICOID:
			/* Fewer digits are printed of a float than it has. */
			return old == FLOAT4OID || old == FLOAT8OID ? ROUNDED : loss_of_scale(from, to);
		default:
			return is_integer(old) ? NULL : ROUNDED;
	}
}

/* What goes with a part of a date and time; nothing if all of it is there. */
static const char *
loss_of_part(const StoredType *from, const StoredType *to)
{
	Oid			old = from->oid;
	bool		had_both = old == TIMESTAMPOID || old == TIMESTAMPTZOID;

	switch (to->oid)
	{
		case DATEOID:
			return had_both ? "the time of day" : ANYTHING;
		case TIMEOID:
			return had_both ? "the date" : old == TIMETZOID ? "the time zone"
				: old == INTERVALOID ? "days, months and years" : ANYTHING;
		case TIMETZOID:
			return had_both ? "the date" : old == TIMEOID ? loss_of_time(from, to) : ANYTHING;
		default:
			return had_both || old == DATEOID ? loss_of_time(from, to) : ANYTHING;
	}
}

/* What no one can prove to lose nothing loses something. */
static const char *
loss_of_unproven(Oid old, Oid new)
{
	if (new == CIDROID && old == INETOID)
		return "bits right of the netmask";
	if (new == CHAROID && is_string(old))
		return "all but the first character";
	if (new == NAMEOID && is_string(old))
		return "what is longer than a name";
	if (new == JSONBOID && (old == JSONOID || is_string(old)))
		return OF_JSON;
	if (is_string(old))
		return SPELLING;
	return ANYTHING;
}

/*
 * By a function.  The server casts by itself where nothing is lost, but for
 * numbers and dates, which are told apart, and strings.  Of the other casts it is
 * known that these keep the value or fail.
 */
static bool
is_exact_function(Oid old, Oid new)
{
	static const Oid exact[][2] = {
		{BOOLOID, INT4OID}, {CHAROID, INT4OID}, {INT4OID, CHAROID}, {OIDOID, INT8OID}
	};
	Oid			function;

	for (int i = 0; i < (int) lengthof(exact); i++)
	{
		if (exact[i][0] == old && exact[i][1] == new)
			return true;
	}
	return !is_string(old) && new != NAMEOID &&
		find_coercion_pathway(new, old, COERCION_IMPLICIT, &function) == COERCION_PATH_FUNC &&
		function < FirstNormalObjectId;
}

/* Is the text of one type kept as it is by the other one, if it is let in? */
static bool
is_exact_text(Oid old, Oid new)
{
	return (new == JSONOID && (old == JSONBOID || old == TEXTOID || old == VARCHAROID)) ||
		((new == JSONOID || new == JSONBOID) &&
		 (is_integer(old) || old == NUMERICOID || old == BOOLOID));
}

static const char *loss_of(const StoredType *from, const StoredType *to, bool in_array);

static const char *
loss_of_elements(const StoredType *from, const StoredType *to)
{
	StoredType	old = {get_element_type(from->oid), from->modifier, from->name};
	StoredType	new = {get_element_type(to->oid), to->modifier, to->name};

	return loss_of(&old, &new, true);
}

static const char *
loss_of_cast(const StoredType *from, const StoredType *to)
{
	Oid			function;

	switch (find_coercion_pathway(to->oid, from->oid, COERCION_EXPLICIT, &function))
	{
		case COERCION_PATH_RELABELTYPE:
			return NULL;
		case COERCION_PATH_ARRAYCOERCE:
			return loss_of_elements(from, to);
		case COERCION_PATH_FUNC:
			if (is_exact_function(from->oid, to->oid))
				return NULL;
			break;
		default:
			if (is_exact_text(from->oid, to->oid))
				return NULL;
	}
	return loss_of_unproven(from->oid, to->oid);
}

/* Of two of the server's own types. */
static const char *
loss_of(const StoredType *from, const StoredType *to, bool in_array)
{
	if (in_array && in_utc(from->oid, to->oid))
		return ZONE;
	if (from->oid == to->oid)
		return OidIsValid(get_element_type(to->oid)) ? loss_of_elements(from, to)
			: loss_of_modifier(from, to);
	if (is_string(to->oid))
		return loss_of_length(from, to);
	if (is_number(from->oid) && is_number(to->oid))
		return loss_of_number(from, to);
	if (is_time(from->oid) && is_time(to->oid))
		return loss_of_part(from, to);
	return loss_of_cast(from, to);
}

const char *
migr_type_loss(const MigrLossType *old, const MigrLossType *new)
{
	StoredType	from = find_type(old);
	StoredType	to = find_type(new);

	if (strcmp(old->name, new->name) == 0)
		return NULL;
	if (OidIsValid(from.oid) && OidIsValid(to.oid))
		return loss_of(&from, &to, false);
	if (is_string(to.oid))
		return loss_of_length(&from, &to);
	/* A label is written in one way. */
	if (new->is_enum || is_relabeled_here(&from, &to))
		return NULL;
	return loss_of_unproven(from.oid, to.oid);
}

/* --- rows ----------------------------------------------------------------- */

int
migr_type_limit(const char *name)
{
	int32		modifier;
	Oid			type = migr_type_builtin(name, &modifier);

	return (type == VARCHAROID || type == BPCHAROID) && modifier >= 0 ? modifier - VARHDRSZ : 0;
}

/* Does a value stay as it is stored, in a type with room for more? */
static bool
is_widened(const StoredType *from, const StoredType *to)
{
	if (to->modifier < 0 && to->oid != BPCHAROID)
		return true;
	if (from->modifier < 0 || to->oid == BPCHAROID)
		return from->modifier == to->modifier;
	if (to->oid == NUMERICOID)
		return scale_of(from->modifier) == scale_of(to->modifier) && from->modifier <= to->modifier;
	if (is_time(to->oid))
		return loss_of_time(from, to) == NULL;
	return (to->oid == VARCHAROID || to->oid == VARBITOID) && from->modifier <= to->modifier;
}

bool
migr_type_rewrites(const char *old, const char *new, const char *expression)
{
	MigrLossType names[] = {{old}, {new}};
	StoredType	from = find_type(&names[0]);
	StoredType	to = find_type(&names[1]);
	Oid			function;

	if (strcmp(old, new) == 0)
		return false;
	if (expression || !OidIsValid(from.oid) || !OidIsValid(to.oid))
		return true;
	if (from.oid == to.oid)
		return !is_widened(&from, &to);
	return find_coercion_pathway(to.oid, from.oid, COERCION_ASSIGNMENT, &function) !=
		COERCION_PATH_RELABELTYPE || to.modifier >= 0;
}
