/*
 * listing.c
 *		The floor of what it takes to see that no file of a directory has changed.
 *
 * Prints the milliseconds of CPU, user and system, of the best of some rounds: of
 * names and their status; and of names, each opened and its status.
 *
 * usage: listing DIRECTORY
 *
 * Copyright (c) 2026, migr contributors
 */
#define _GNU_SOURCE

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define ROUNDS 20

static double
cpu(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e3 +
		(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e3;
}

static void
look(const char *path, int open_files)
{
	DIR		   *dir = opendir(path);
	struct dirent *entry;
	struct stat status;

	if (dir == NULL)
		return;
	while ((entry = readdir(dir)) != NULL)
	{
		int			fd;

		if (!open_files)
		{
			(void) fstatat(dirfd(dir), entry->d_name, &status, AT_SYMLINK_NOFOLLOW);
			continue;
		}
		fd = openat(dirfd(dir), entry->d_name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
		if (fd >= 0)
		{
			(void) fstat(fd, &status);
			close(fd);
		}
	}
	closedir(dir);
}

int
main(int argc, char **argv)
{
	for (int open_files = 0; argc > 1 && open_files < 2; open_files++)
	{
		double		best = -1;

		for (int i = 0; i < ROUNDS; i++)
		{
			double		start = cpu();

			look(argv[1], open_files);
			if (best < 0 || cpu() - start < best)
				best = cpu() - start;
		}
		printf("%.2f\n", best);
	}
	return 0;
}
