/* SPDX-License-Identifier: MIT */
#include "visit.h"
#include "load.h"
#include <errno.h>
#include <gscrape/archive.h>
#include <gscrape/link.h>
#include <gscrape/recorder.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum operand operand_kind(const char *s)
{
	struct stat st;

	if (strcmp(s, "-") == 0)
		return OPERAND_FILE;
	if (stat(s, &st) == 0 && S_ISDIR(st.st_mode))
		return OPERAND_FOLDER;
	if (stat(s, &st) == 0 && !S_ISSOCK(st.st_mode))
		return OPERAND_FILE;
	if (strstr(s, "://") && link_is(s))
		return OPERAND_LINK;
	return strchr(s, ':') && strchr(s, ':') != s ? OPERAND_TARGET : OPERAND_NONE;
}

/* Of whom and when a file is: an archive's path says both; of any other it is the file's name and time. */
static char *host_of(const char *path, int64_t *time, const struct zone *zone)
{
	const char *base = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
	char *folder, *host = NULL;
	struct stat st;

	*time = now_ms();
	if (strcmp(path, "-") == 0)
		return xstrdup("standard input");
	if (stat(path, &st) == 0)
		*time = (int64_t)st.st_mtim.tv_sec * 1000 + st.st_mtim.tv_nsec / 1000000;
	if (base == path || !archive_time(base, zone, *time, time))
		return xstrdup(base);
	folder = xstrndup(path, (size_t)(base - path - 1));
	host = archive_host(strrchr(folder, '/') ? strrchr(folder, '/') + 1 : folder);
	free(folder);
	return host;
}

static int record_text(const char *db, const char *host, int64_t time, struct str text, struct err *e)
{
	struct scraped scraped = {.time = time, .status = SNAP_OK, .text = text};
	struct outcome outcome;
	struct recorder *r;
	uint32_t id;
	int rc;

	if (recorder_open(&r, db, e) < 0)
		return -1;
	rc = recorder_host(r, host, NULL, &id, e);
	if (rc == 0)
		rc = recorder_add(r, id, &scraped, &outcome, e);
	return recorder_close(r, rc ? NULL : e) < 0 || rc ? -1 : 0;
}

static int visit_file(struct visit *v, const struct options *o, const char *path, struct err *e)
{
	struct unwrapped r;
	struct err why = {0};
	char *host;
	int64_t time;
	int rc = dump_load(path, o, &r, &why);

	if (rc >= 0 && r.kind == DUMP_DEBUG1)
		rc = fail(&why, "%s: is %s: --count and --parse read it (add ?debug=2 for goroutines to browse)", path,
			  dump_kind_name(r.kind));

	if (rc > 0)
		fprintf(stderr, "gscrape-tui: %s\n", why.text); /* what came before the damage is shown */
	if (rc >= 0) {
		host = host_of(path, &time, o->archive_tz);
		rc = record_text(v->db, host, time, (struct str){r.text.p, r.text.n}, e);
		dump_load_tell(path, &r);
		free(host);
	} else {
		fail(e, "%s", why.text);
	}
	unwrapped_release(&r);
	return rc;
}

/* The terminal reads keys from standard input, which the dump has used up: the terminal itself takes its place. */
static void back_to_terminal(void)
{
	int fd = open("/dev/tty", O_RDWR | O_CLOEXEC);

	if (fd < 0)
		return;
	dup2(fd, STDIN_FILENO);
	close(fd);
}

int visit_open(struct visit *v, const struct options *o, const char *path, struct err *e)
{
	const char *tmp = getenv("TMPDIR");
	struct index_totals t = {0};
	int rc;

	*v = (struct visit){.folder = xasprintf("%s/gscrape-tui.XXXXXX", tmp && *tmp ? tmp : "/tmp")};
	if (!mkdtemp(v->folder)) {
		rc = fail_errno(e, errno, v->folder);
		free(v->folder);
		v->folder = NULL;
		return rc;
	}
	v->db = xasprintf("%s/gscrape.db", v->folder);
	if (operand_kind(path) == OPERAND_FOLDER)
		return index_archive(o, path, v->db, &t, e) < 0 ? -1 : 0;
	rc = visit_file(v, o, path, e);
	if (rc == 0 && strcmp(path, "-") == 0)
		back_to_terminal();
	return rc;
}

void visit_close(struct visit *v)
{
	if (v->folder) {
		char *lock = xasprintf("%s-lock", v->db);

		unlink(v->db);
		unlink(lock);
		rmdir(v->folder);
		free(lock);
	}
	free(v->folder);
	free(v->db);
	*v = (struct visit){0};
}
