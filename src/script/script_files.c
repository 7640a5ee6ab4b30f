/*
 * script_files.c
 *		Script files of the server, read safely.
 *
 * Copyright (c) 2026, migr contributors
 */
#include "postgres.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "storage/fd.h"
#include "utils/acl.h"
#include "utils/guc.h"
#include "utils/varlena.h"

#include "base/compat.h"
#include "base/ident.h"
#include "base/text.h"
#include "script/script_files.h"

#define BOM "\xEF\xBB\xBF"

static char *schema_location;
static char *script_location;

void
migr_source_init(void)
{
	DefineCustomStringVariable("migr.schema_location",
							   "Files or directories on the server with the DDL of the desired schema, separated by commas.",
							   NULL, &schema_location, "", PGC_SUSET,
							   GUC_LIST_INPUT, NULL, NULL, NULL);
	DefineCustomStringVariable("migr.script_location",
							   "Directories on the server with revision scripts, separated by commas.",
							   "When it is set, migr_upgrade() loads them first.",
							   &script_location, "", PGC_SUSET,
							   GUC_LIST_INPUT, NULL, NULL, NULL);
}

const char *
migr_source_location(void)
{
	return script_location && *script_location != '\0' ? script_location : NULL;
}

const char *
migr_source_schema_location(void)
{
	return schema_location && *schema_location != '\0' ? schema_location : NULL;
}

static void
check_role(bool scripts)
{
	if (!has_privs_of_role(GetUserId(), ROLE_PG_READ_SERVER_FILES))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 scripts ? errmsg("permission denied to read revision scripts on the server")
				 : errmsg("permission denied to read schema files on the server"),
				 errdetail("Only roles with privileges of the \"%s\" role may read files of the server.",
						   "pg_read_server_files"),
				 scripts ? errhint("Anyone who may call migr_load() can hand the scripts over from the client.")
				 : errhint("DDL can be handed over from the client, as \"desired\".")));
}

/*
 * Raise if a component of a list of paths is "..".  Looks at the list as it is
 * written: splitting it resolves what it can, in some server majors.
 */
static void
check_no_parent(const char *paths)
{
	static const char *const ends = "/, \t\"";

	for (const char *at = paths; (at = strstr(at, "..")) != NULL; at += 2)
	{
		if ((at == paths || strchr(ends, at[-1])) &&
			(at[2] == '\0' || strchr(ends, at[2])))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("script directory \"%s\" refers to a parent directory", paths),
					 errhint("Name the directory itself.")));
	}
}

/* The path without links and dots; raises if there is nothing. */
static char *
real_path(const char *path, bool allow_file)
{
	char	   *canonical = pstrdup(path);
	char	   *real;
	char	   *result;

	canonicalize_path(canonical);
	real = realpath(canonical, NULL);
	if (real == NULL)
		ereport(ERROR,
				(errcode_for_file_access(),
				 allow_file ? errmsg("could not open schema file or directory \"%s\": %m", path)
				 : errmsg("could not open script directory \"%s\": %m", path)));
	result = pstrdup(real);
	free(real);
	return result;
}

/* Does a file, all links followed, lie in the directory? */
static bool
lies_within(const char *file, const char *directory, const struct stat *opened)
{
	char	   *real = realpath(file, NULL);
	int			len = strlen(directory);
	struct stat found;
	bool		within;

	if (real == NULL)
		return false;
	within = strncmp(real, directory, len) == 0 &&
		(real[len] == '/' || strcmp(directory, "/") == 0) &&
		stat(real, &found) == 0 &&
		found.st_dev == opened->st_dev && found.st_ino == opened->st_ino;
	free(real);
	return within;
}

static void
check_regular(const char *file, const struct stat *status)
{
	if (!S_ISREG(status->st_mode))
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("script file \"%s\" is not a regular file", file)));
}

/*
 * Open a file of the directory and see that it is what it should be.  Opening
 * does not wait, so that a FIFO can't stop us.
 */
static int
open_file(const char *directory, const char *file, struct stat *status)
{
	int			fd;

	/* A socket can't be opened at all, so look before and after. */
	if (stat(file, status) == 0)
		check_regular(file, status);
	fd = OpenTransientFile(file, O_RDONLY | O_NONBLOCK | PG_BINARY);
	if (fd < 0 || fstat(fd, status) != 0)
		ereport(ERROR,
				(errcode_for_file_access(),
				 errmsg("could not open script file \"%s\": %m", file)));
	check_regular(file, status);
	if (!lies_within(file, directory, status))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("script file \"%s\" is a link that leads out of its directory", file)));
	migr_text_check_size(psprintf("file \"%s\"", file), status->st_size);
	return fd;
}

/* The bytes of a file, with a NUL behind them. */
static char *
read_bytes(const char *directory, const char *file, int *len)
{
	struct stat status;
	int			fd = open_file(directory, file, &status);
	char	   *bytes = palloc(status.st_size + 1);
	int			n = 0;

	while (n < status.st_size)
	{
		int			got = read(fd, bytes + n, status.st_size - n);

		CHECK_FOR_INTERRUPTS();
		if (got < 0)
			ereport(ERROR,
					(errcode_for_file_access(),
					 errmsg("could not read script file \"%s\": %m", file)));
		if (got == 0)
			break;
		n += got;
	}
	CloseTransientFile(fd);
	bytes[n] = '\0';
	*len = n;
	return bytes;
}

/* Raise if the bytes from `good` on are no text in an encoding. */
static void
check_encoding(const char *file, const char *bytes, int good, int len,
			   int encoding)
{

	while (good < len)
	{
		const char *at = bytes + good;
		int			n = pg_encoding_mblen(encoding, at);

		if (*at == '\0')
			ereport(ERROR,
					(errcode(ERRCODE_CHARACTER_NOT_IN_REPERTOIRE),
					 errmsg("script file \"%s\" has a NUL at byte %d", file, good)));
		if (n > len - good || !pg_verify_mbstr(encoding, at, n, true))
			ereport(ERROR,
					(errcode(ERRCODE_CHARACTER_NOT_IN_REPERTOIRE),
					 errmsg("script file \"%s\" is not in encoding \"%s\" at byte %d",
							file, pg_encoding_to_char(encoding), good),
					 errdetail("The byte is 0x%02x.", (unsigned char) *at)));
		good += n;
	}
}

static void
add_file(void *arg)
{
	errcontext("script file \"%s\"", (const char *) arg);
}

/*
 * A file as text in the database's encoding, which it must be in; a byte
 * order mark says that it is in UTF-8.
 */
static char *
read_text(const char *directory, const char *file)
{
	int			len;
	char	   *bytes = read_bytes(directory, file, &len);
	bool		utf8 = len >= 3 && strncmp(bytes, BOM, 3) == 0;
	int			skip = utf8 ? 3 : 0;
	int			encoding = utf8 ? PG_UTF8 : GetDatabaseEncoding();

	char	   *text;
	ErrorContextCallback context;

	check_encoding(file, bytes, skip, len, encoding);

	/* Not every character is in every encoding: then name the file, too. */
	context.callback = add_file;
	context.arg = unconstify(char *, file);
	context.previous = error_context_stack;
	error_context_stack = &context;
	text = pg_any_to_server(bytes + skip, len - skip, encoding);
	error_context_stack = context.previous;
	return text;
}

/* Raise if a file's name is no text in the database's encoding. */
static void
check_name(const char *name)
{
	StringInfoData shown;

	if (pg_verify_mbstr(GetDatabaseEncoding(), name, strlen(name), true))
		return;
	initStringInfo(&shown);
	for (; *name != '\0'; name++)
	{
		if (IS_HIGHBIT_SET(*name))
			appendStringInfo(&shown, "\\x%02x", (unsigned char) *name);
		else
			appendStringInfoChar(&shown, *name);
	}
	ereport(ERROR,
			(errcode(ERRCODE_CHARACTER_NOT_IN_REPERTOIRE),
			 errmsg("the name of script file \"%s\" is not in encoding \"%s\"",
					shown.data, GetDatabaseEncodingName())));
}

/* The names of a directory's *.sql files, sorted byte by byte. */
static List *
script_names(const char *directory)
{
	DIR		   *dir = AllocateDir(directory);
	struct dirent *entry;
	List	   *names = NIL;

	while ((entry = ReadDir(dir, directory)) != NULL)
	{
		int			len = strlen(entry->d_name);

		CHECK_FOR_INTERRUPTS();
		if (entry->d_name[0] != '.' && len > 4 &&
			strcmp(entry->d_name + len - 4, ".sql") == 0)
		{
			check_name(entry->d_name);
			names = lappend(names, pstrdup(entry->d_name));
		}
	}
	FreeDir(dir);
	list_sort(names, migr_ident_compare);
	return names;
}

/* A file of a directory. */
static MigrFile *
read_file(const char *directory, char *name)
{
	MigrFile   *file = palloc(sizeof(MigrFile));

	file->name = name;
	file->text = read_text(directory, psprintf("%s/%s", directory, name));
	return file;
}

/* The files of a directory; with allow_file, of a path that is a file's, that one. */
static List *
read_path(const char *path, bool allow_file)
{
	char	   *real = real_path(path, allow_file);
	char	   *slash;
	struct stat status;
	List	   *files = NIL;
	ListCell   *name;

	if (allow_file && stat(real, &status) == 0 && !S_ISDIR(status.st_mode))
	{
		slash = strrchr(real, '/');
		*slash = '\0';
		check_name(slash + 1);
		return list_make1(read_file(*real ? real : "/", slash + 1));
	}
	foreach(name, script_names(real))
		files = lappend(files, read_file(real, lfirst(name)));
	return files;
}

List *
migr_source_read(const char *path, bool allow_file)
{
	List	   *paths;
	List	   *files = NIL;
	ListCell   *lc;
	char	   *copy;

	/* Whoever may set the location has chosen what everybody may read there. */
	if (path == NULL)
		path = script_location;
	else
		check_role(!allow_file);
	copy = pstrdup(path);
	check_no_parent(path);
	if (!SplitDirectoriesString(copy, ',', &paths) || paths == NIL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("\"%s\" is no list of directories", path)));
	foreach(lc, paths)
		files = list_concat(files, read_path(lfirst(lc), allow_file));
	return files;
}
