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
#include "base/large.h"
#include "base/text.h"
#include "script/script.h"
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

/* Where files are read. */
typedef struct Directory
{
	const char *path;			/* without links */
	int			fd;				/* AT_FDCWD: files are opened by their paths */
	int			options;
} Directory;

/* A file of it, being read. */
typedef struct Reading
{
	const Directory *directory;
	MigrFile   *file;
	struct stat status;
	bool		is_link;
} Reading;

/* For messages, and where a link leads. */
static char *
path_of(const Reading *reading)
{
	return psprintf("%s/%s", reading->directory->path, reading->file->name);
}

/* What the file is called from the directory's descriptor on. */
static const char *
name_of(const Reading *reading)
{
	return reading->directory->fd == AT_FDCWD ? path_of(reading) : reading->file->name;
}

static void
raise_not_opened(const Reading *reading)
{
	ereport(ERROR,
			(errcode_for_file_access(),
			 errmsg("could not open script file \"%s\": %m", path_of(reading))));
}

/* Raise unless a file with this status can be read; note the status. */
static void
check_file(Reading *reading)
{
	MigrFile   *file = reading->file;

	if (!S_ISREG(reading->status.st_mode))
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("script file \"%s\" is not a regular file", path_of(reading))));
	if (reading->is_link &&
		!lies_within(path_of(reading), reading->directory->path, &reading->status))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("script file \"%s\" is a link that leads out of its directory",
						path_of(reading))));
	if (!migr_text_is_allowed(reading->status.st_size))
		migr_text_check_size(psprintf("file \"%s\"", path_of(reading)), reading->status.st_size);
	file->stamp = migr_file_stamp(&reading->status);
}

/*
 * See what stands there, before anything is opened: a socket can't be at all, and
 * what is as it was need not be.
 */
static void
look(Reading *reading)
{
	if (fstatat(reading->directory->fd, name_of(reading), &reading->status, AT_SYMLINK_NOFOLLOW) != 0)
		raise_not_opened(reading);
	reading->is_link = S_ISLNK(reading->status.st_mode);
	if (reading->is_link && stat(path_of(reading), &reading->status) != 0)
		raise_not_opened(reading);
	check_file(reading);
}

/* The bytes of an open file, with room for a header in front, and a NUL behind them. */
static char *
read_bytes(Reading *reading, int fd, int *len)
{
	char	   *bytes;
	int			n = 0;

	if (fstat(fd, &reading->status) != 0)
		raise_not_opened(reading);
	check_file(reading);
	reading->file->tells = migr_file_stamp_tells(&reading->file->stamp);
	bytes = (char *) migr_large_alloc(VARHDRSZ + reading->status.st_size + 1) + VARHDRSZ;
	while (n < reading->status.st_size)
	{
		int			got = read(fd, bytes + n, reading->status.st_size - n);

		CHECK_FOR_INTERRUPTS();
		if (got < 0)
			ereport(ERROR,
					(errcode_for_file_access(),
					 errmsg("could not read script file \"%s\": %m", path_of(reading))));
		if (got == 0)
			break;
		n += got;
	}
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
 * The bytes of a file as text in the database's encoding, which it must be in; a byte
 * order mark says that it is in UTF-8.
 */
static char *
text_of(const char *file, char *bytes, int len)
{
	bool		utf8 = len >= 3 && strncmp(bytes, BOM, 3) == 0;
	int			skip = utf8 ? 3 : 0;
	int			encoding = utf8 ? PG_UTF8 : GetDatabaseEncoding();
	char	   *text;
	ErrorContextCallback context;

	if (!pg_verify_mbstr(encoding, bytes + skip, len - skip, true))
		check_encoding(file, bytes, skip, len, encoding);
	if (encoding == GetDatabaseEncoding())
		return bytes + skip;

	/* Not every character is in every encoding: then name the file, too. */
	context.callback = add_file;
	context.arg = unconstify(char *, file);
	context.previous = error_context_stack;
	error_context_stack = &context;
	text = pg_any_to_server(bytes + skip, len - skip, encoding);
	error_context_stack = context.previous;
	return text;
}

/*
 * Open the file and read it.  Opening does not wait, so that a FIFO can't stop us,
 * nor does it follow what has become a link since it was looked at.
 */
static void
read_text(Reading *reading)
{
	int			flags = O_RDONLY | O_NONBLOCK | O_CLOEXEC | (reading->is_link ? 0 : O_NOFOLLOW);
	int			fd;

	ReserveExternalFD();
	fd = openat(reading->directory->fd, name_of(reading), flags);
	if (fd < 0)
	{
		int			save_errno = errno;

		ReleaseExternalFD();
		errno = save_errno;
		raise_not_opened(reading);
	}
	PG_TRY();
	{
		int			len;
		char	   *bytes = read_bytes(reading, fd, &len);

		reading->file->text = text_of(path_of(reading), bytes, len);
		reading->file->headed = reading->file->text == bytes;
	}
	PG_FINALLY();
	{
		close(fd);
		ReleaseExternalFD();
	}
	PG_END_TRY();
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
script_names(DIR *dir, const char *directory)
{
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
	list_sort(names, migr_ident_compare);
	return names;
}

/* A file of a directory; its text, if that is asked for. */
static MigrFile *
read_file(const Directory *directory, char *name)
{
	MigrFile   *file = palloc0(sizeof(MigrFile));
	Reading		reading = {.directory = directory, .file = file};

	CHECK_FOR_INTERRUPTS();
	file->name = name;
	look(&reading);
	if (!(directory->options & MIGR_SOURCE_CHANGED) || !migr_file_memory_has(&file->stamp))
		read_text(&reading);
	return file;
}

/* The files of a directory, or the one that the path is of. */
static List *
read_path(const char *path, int options)
{
	bool		allow_file = (options & MIGR_SOURCE_FILES) != 0;
	char	   *real = real_path(path, allow_file);
	Directory	directory = {.path = real, .fd = AT_FDCWD, .options = options};
	struct stat status;
	List	   *files = NIL;
	List	   *names;
	ListCell   *name;
	DIR		   *dir;

	if (allow_file && stat(real, &status) == 0 && !S_ISDIR(status.st_mode))
	{
		char	   *slash = strrchr(real, '/');

		*slash = '\0';
		check_name(slash + 1);
		return list_make1(read_file(&directory, slash + 1));
	}
	dir = AllocateDir(real);
	names = script_names(dir, real);
	directory.fd = dirfd(dir);
	foreach(name, names)
		files = lappend(files, read_file(&directory, lfirst(name)));
	FreeDir(dir);
	return files;
}

List *
migr_source_read(const char *path, int options)
{
	List	   *paths;
	List	   *files = NIL;
	ListCell   *lc;
	char	   *copy;

	/* Whoever may set the location has chosen what everybody may read there. */
	if (path == NULL)
		path = script_location;
	else
		check_role(!(options & MIGR_SOURCE_FILES));
	copy = pstrdup(path);
	check_no_parent(path);
	if (!SplitDirectoriesString(copy, ',', &paths) || paths == NIL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("\"%s\" is no list of directories", path)));
	migr_file_memory_begin();
	foreach(lc, paths)
		files = list_concat(files, read_path(lfirst(lc), options));
	return files;
}

List *
migr_source_scripts(const MigrFile *file)
{
	List	   *scripts;

	if (file->text == NULL)
		return migr_file_memory_scripts(&file->stamp);
	scripts = migr_script_parse_headed(file->text, file->name, file->headed);
	if (file->tells)
		migr_file_memory_keep(&file->stamp, scripts);
	return scripts;
}

static List *
stamps_of(const List *files)
{
	List	   *stamps = NIL;
	ListCell   *lc;

	foreach(lc, files)
		stamps = lappend(stamps, &((MigrFile *) lfirst(lc))->stamp);
	return stamps;
}

bool
migr_source_mark(const List *files)
{
	return migr_file_memory_mark(stamps_of(files));
}

bool
migr_source_is_marked(const List *files)
{
	return migr_file_memory_is_marked(stamps_of(files));
}
