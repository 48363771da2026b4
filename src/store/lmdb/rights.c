/* SPDX-License-Identifier: MIT */
#include "rights.h"
#include <errno.h>
#include <grp.h>
#include <libgen.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAME 64

static const char *user_name(uid_t id, char *out)
{
	struct passwd *u = getpwuid(id);

	if (u)
		snprintf(out, NAME, "%s", u->pw_name);
	else
		snprintf(out, NAME, "user %lu", (unsigned long)id);
	return out;
}

static const char *group_name(gid_t id, char *out)
{
	struct group *g = getgrgid(id);

	if (g)
		snprintf(out, NAME, "%s", g->gr_name);
	else
		snprintf(out, NAME, "%lu", (unsigned long)id);
	return out;
}

/* The file is not the one that refuses: that is the folder. */
static int fail_folder(struct err *e, const char *path, bool make)
{
	char *copy = xstrdup(path), me[NAME];
	int rc = fail_as(e, ERR_IO, make ? "%s: %s may make no file in the folder %s: --db FILE names a store elsewhere" :
			 "%s: %s may not look into the folder %s: --db FILE names a store elsewhere", path, user_name(geteuid(), me), dirname(copy));

	free(copy);
	return rc;
}

int fail_right(struct err *e, int code, const char *path, bool write)
{
	const char *verb = write ? "write" : "read";
	char owner[NAME], group[NAME], me[NAME];
	struct stat st;
	int right;

	if (code != EACCES)
		return fail_errno(e, code, path);
	if (stat(path, &st) < 0)
		return fail_folder(e, path, write && errno == ENOENT);
	user_name(st.st_uid, owner);
	user_name(geteuid(), me);
	right = write ? S_IWUSR | S_IRUSR : S_IRUSR;
	if (st.st_uid == geteuid() && (st.st_mode & (mode_t)right) != (mode_t)right)
		return fail_as(e, ERR_IO, "%s: %s, whose it is, has taken the right to %s it away: chmod u+%s gives it back", path, owner, verb, write ? "rw" : "r");
	if (st.st_uid == geteuid() || st.st_mode & (write ? S_IWOTH : S_IROTH))
		return fail_errno(e, code, path); /* something that these bits do not tell */
	if (st.st_mode & (write ? S_IWGRP : S_IRGRP))
		return fail_as(e, ERR_IO, "%s: %s and the group %s may %s it, %s may not: join that group, or --db FILE names another store", path, owner,
			       group_name(st.st_gid, group), verb, me);
	return fail_as(e, ERR_IO, write ? "%s: %s alone may %s it, %s may not: --db FILE names another store" :
		       "%s: %s alone may %s it, %s may not: record with --group-readable to let a group read, or --db FILE names another store", path, owner, verb, me);
}
