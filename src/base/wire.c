/*
 * wire.c
 *		Values as bytes for another process of the same server, and back.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "base/wire.h"

void
migr_wire_put_int(StringInfo out, int value)
{
	appendBinaryStringInfo(out, (const char *) &value, sizeof(value));
}

void
migr_wire_put_oid(StringInfo out, Oid value)
{
	appendBinaryStringInfo(out, (const char *) &value, sizeof(value));
}

/* Its length, which is -1 for NULL, and its bytes with the zero. */
void
migr_wire_put_text(StringInfo out, const char *text)
{
	int			len = text ? (int) strlen(text) : -1;

	migr_wire_put_int(out, len);
	if (text)
		appendBinaryStringInfo(out, text, len + 1);
}

void
migr_wire_put_texts(StringInfo out, const List *texts)
{
	ListCell   *lc;

	migr_wire_put_int(out, list_length(texts));
	foreach(lc, texts)
		migr_wire_put_text(out, lfirst(lc));
}

void
migr_wire_raise(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_PROTOCOL_VIOLATION),
			 errmsg("a message between processes of migr is cut short"),
			 errhint("The library may have been replaced since this session began: connect again.")));
}

/* The next bytes, so many of them. */
static const char *
take(StringInfo in, int len)
{
	const char *bytes = in->data + in->cursor;

	if (len < 0 || len > in->len - in->cursor)
		migr_wire_raise();
	in->cursor += len;
	return bytes;
}

int
migr_wire_get_int(StringInfo in)
{
	int			value;

	memcpy(&value, take(in, sizeof(value)), sizeof(value));
	return value;
}

Oid
migr_wire_get_oid(StringInfo in)
{
	Oid			value;

	memcpy(&value, take(in, sizeof(value)), sizeof(value));
	return value;
}

int
migr_wire_get_count(StringInfo in, int bytes)
{
	int			count = migr_wire_get_int(in);

	if (count < 0 || count > (in->len - in->cursor) / bytes)
		migr_wire_raise();
	return count;
}

int
migr_wire_get_index(StringInfo in, int count)
{
	int			number = migr_wire_get_int(in);

	if (number < -1 || number >= count)
		migr_wire_raise();
	return number;
}

char *
migr_wire_get_text(StringInfo in)
{
	int			len = migr_wire_get_int(in);

	if (len >= in->len - in->cursor)
		migr_wire_raise();
	return len < 0 ? NULL : pnstrdup(take(in, len + 1), len);
}

char *
migr_wire_get_name(StringInfo in)
{
	char	   *name = migr_wire_get_text(in);

	if (name == NULL)
		migr_wire_raise();
	return name;
}

List *
migr_wire_get_texts(StringInfo in)
{
	List	   *texts = NIL;

	for (int count = migr_wire_get_int(in); count > 0; count--)
		texts = lappend(texts, migr_wire_get_text(in));
	return texts;
}
