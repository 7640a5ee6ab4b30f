/*
 * offline_write.c
 *		Statements and sections of revisions, as psql reads them.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include "mb/pg_wchar.h"
#include "tcop/tcopprot.h"
#include "utils/builtins.h"

#include "base/ident.h"
#include "run/offline_directed.h"
#include "run/offline_write.h"

bool
migr_offline_is_encoded(const char *text, int len)
{
	for (int i = 0; i < len; i++)
	{
		if (IS_HIGHBIT_SET(text[i]))
			return true;
	}
	return false;
}

char *
migr_offline_array(const List *names)
{
	StringInfoData array;
	ListCell   *lc;

	initStringInfo(&array);
	foreach(lc, names)
		appendStringInfo(&array, "%s%s", array.len > 0 ? ", " : "",
						 quote_literal_cstr(lfirst(lc)));
	return psprintf("ARRAY[%s]::pg_catalog.text[]", array.data);
}

const char *
migr_offline_encoding(void)
{
	return pg_get_client_encoding() == PG_SQL_ASCII ? GetDatabaseEncodingName()
		: pg_get_client_encoding_name();
}

void
migr_offline_set_encoding(MigrOffline *offline, const char *text, int len)
{
	if (offline->is_encoded || !migr_offline_is_encoded(text, len))
		return;
	appendStringInfo(&offline->out, "SET LOCAL client_encoding = %s;\n",
					 quote_literal_cstr(migr_offline_encoding()));
	offline->is_encoded = true;
}

void
migr_offline_heading(MigrOffline *offline, const MigrScript *script, bool up)
{
	const char *parents = script->revises == NIL ? "base" : migr_ident_join(script->revises);

	appendStringInfoChar(&offline->out, '\n');
	migr_offline_set_encoding(offline, script->message, strlen(script->message));
	appendStringInfo(&offline->out, "-- Running %s %s -> %s%s%s\n",
					 up ? "upgrade" : "downgrade",
					 up ? parents : script->revision,
					 up ? script->revision : parents,
					 *script->message ? ", " : "", script->message);
}

/*
 * A setting that another server may not know: a dump turns off what might get in its
 * way before anything else, and where there is no such thing, nothing is to be turned
 * off.
 */
static void
write_setting(MigrOffline *offline, const char *sql, int len, const char *name)
{
	char	   *block = psprintf("BEGIN\n"
								 "    IF EXISTS (SELECT FROM pg_catalog.pg_settings s WHERE s.name OPERATOR(pg_catalog.=) %s) THEN\n"
								 "        %.*s;\n"
								 "    END IF;\n"
								 "END", quote_literal_cstr(name), len, sql);

	appendStringInfo(&offline->out, "DO %s;\n", quote_literal_cstr(block));
}

/* What standalone scripts do otherwise with a setting; true if that is done. */
static bool
write_setting_standalone(MigrOffline *offline, const char *sql, int len,
						 const MigrStatement *statement)
{
	if (!offline->standalone || statement->sets_alone == NULL)
		return false;
	if (strcmp(statement->sets_alone, "client_encoding") == 0)
		appendStringInfoString(&offline->out, "-- The client's encoding is the script's.\n");
	else if (statement->at_head && strchr(statement->sets_alone, '.') == NULL)
		write_setting(offline, sql, len, statement->sets_alone);
	else
		return false;
	return true;
}

/*
 * In the server, data is in the encoding of the script, whatever COPY's option says:
 * so say that.
 */
static void
write_plain(MigrOffline *offline, const MigrSection *section, const MigrStatement *statement)
{
	const char *sql = section->sql + statement->start;
	const MigrCopyData *copy = statement->copy;

	if (copy && statement->encoding_end > 0 && migr_offline_is_encoded(copy->data, copy->len))
		appendStringInfo(&offline->out, "%.*s%s%.*s;\n",
						 statement->encoding_start - statement->start, sql,
						 quote_literal_cstr(migr_offline_encoding()),
						 statement->end - statement->encoding_end,
						 section->sql + statement->encoding_end);
	else
		appendStringInfo(&offline->out, "%.*s;\n", statement->end - statement->start, sql);
	if (copy)
		appendStringInfo(&offline->out, "%.*s\\.\n", copy->len, copy->data);
	offline->has_data = offline->has_data || copy;
	if (statement->changes_settings || statement->log_level == LOGSTMT_ALL)
		offline->is_encoded = false;
}

void
migr_offline_statement(MigrOffline *offline, const MigrSection *section,
					   const MigrStatement *statement)
{
	const char *sql = section->sql + statement->start;
	int			len = statement->end - statement->start;

	if (statement->comments_migr)
		return;
	if (write_setting_standalone(offline, sql, len, statement))
		return;
	if (statement->unknown_setting)
	{
		appendStringInfoString(&offline->out, "-- A parameter that is unknown here is not set.\n");
		return;
	}
	migr_offline_set_encoding(offline, sql, len);
	if (statement->copy)
		migr_offline_set_encoding(offline, statement->copy->data, statement->copy->len);
	if (!migr_offline_directed(&offline->out, section, statement))
		write_plain(offline, section, statement);
}

void
migr_offline_required(MigrOffline *offline, const MigrSection *section, const List *statements)
{
	int			last = 0;

	for (int i = 0; i < list_length(statements); i++)
	{
		if (((MigrStatement *) list_nth(statements, i))->options.required)
			last = i + 1;
	}
	for (int i = 0; i < last; i++)
	{
		const MigrStatement *statement = list_nth(statements, i);

		if (statement->options.required || statement->sets)
			migr_offline_statement(offline, section, statement);
	}
}

bool
migr_offline_section(MigrOffline *offline, const MigrSection *section, const List *statements)
{
	bool		settings = false;
	ListCell   *lc;

	migr_offline_required(offline, section, statements);
	foreach(lc, statements)
	{
		const MigrStatement *statement = lfirst(lc);

		if (statement->options.required)
			continue;
		settings = settings || statement->changes_settings;
		migr_offline_statement(offline, section, statement);
	}
	return settings;
}

char *
migr_offline_text(const MigrOffline *offline)
{
	/* After an error psql would take the data for commands. */
	return offline->has_data ? psprintf("\\set ON_ERROR_STOP on\n%s", offline->out.data)
		: offline->out.data;
}
