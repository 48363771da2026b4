/* SPDX-License-Identifier: MIT */
#include "temp_store.h"
#include "loose.h"
#include "tell.h"
#include <errno.h>
#include <gscrape/archive.h>
#include <gscrape/dump.h>
#include <gscrape/gzip.h>
#include <gscrape/link.h>
#include <fcntl.h>
#include <signal.h>
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

/* The terminal reads keys from standard input, which the dump has used up: the terminal itself takes its place. */
static void back_to_terminal(void)
{
	int fd = open("/dev/tty", O_RDWR | O_CLOEXEC);

	if (fd < 0)
		return;
	dup2(fd, STDIN_FILENO);
	close(fd);
}

#define HEAD 1024

/* Would it be taken as it stands? A log or page around a dump is undone where loose dumps are read. What cannot be read, or tells
 * nothing, is told by who reads it whole. */
static bool begins_as_dump(const char *path)
{
	char raw[HEAD];
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	ssize_t n = fd < 0 ? -1 : read(fd, raw, sizeof raw);
	struct buf text = {0};
	enum dump_kind kind = DUMP_GOROUTINES;
	struct err unused;

	if (fd >= 0)
		close(fd);
	if (n > 0 && !gzip_is(raw, (size_t)n))
		kind = dump_sniff(raw, (size_t)n);
	else if (n > 0 && gzip_inflate(raw, (size_t)n, &text, (size_t)1 << 20, &unused) >= 0 && text.n)
		kind = dump_sniff(text.p, text.n);
	buf_release(&text);
	return kind == DUMP_GOROUTINES || kind == DUMP_DEBUG1;
}

/* Read by several threads, without a look at what may stand around a dump. Files do so only in numbers, and not where --diff goes by
 * the order in which they are named. */
static bool is_archived(const struct options *o, const struct texts *paths, const char *path)
{
	enum operand kind = operand_kind(path);
	struct stat st;
	char *folder;
	bool yes;

	if (kind == OPERAND_FOLDER)
		return archive_is(path, o->archive_tz);
	if (kind != OPERAND_FILE || paths->n < 2 || o->command == CMD_DIFF || stat(path, &st) < 0 || !S_ISREG(st.st_mode))
		return false;
	folder = archive_file_folder(path, o->archive_tz);
	yes = folder && begins_as_dump(path);
	free(folder);
	return yes;
}

static int take_loose(const struct taking *k, const struct texts *paths, struct index_totals *t, struct temp_store *v, struct err *e)
{
	struct loose_totals loose;
	const struct index_totals *in = &loose.in;
	int rc = loose_record(k->o, paths, k->db, &loose, e);

	v->failed = t->files ? 0 : loose.failed;
	t->hosts += in->hosts;
	t->files += in->recorded + in->known + in->late;
	t->recorded += in->recorded;
	t->known += in->known;
	t->late += in->late;
	t->failed += in->failed;
	t->cut += in->cut;
	t->bytes += in->bytes;
	t->goroutines += in->goroutines;
	t->epochs += in->epochs;
	t->ignored += loose.others;
	say_late(in->late);
	buf_add(&v->notes, loose.told.p, loose.told.n);
	buf_release(&loose.told);
	if (loose.none && t->files)
		return 0;
	return rc == 0 && in->late ? 1 : rc;
}

/* What the archives have is in the store when loose dumps come, and stays there whatever these are. */
static int take(const struct taking *k, const struct texts *paths, struct index_totals *t, struct temp_store *v, struct err *e)
{
	struct texts archived = {0}, loose = {0};
	struct err why = {0};
	int rc = 0, more = 0;

	for (size_t i = 0; i < paths->n; i++) {
		struct texts *to = is_archived(k->o, paths, paths->v[i]) ? &archived : &loose;

		GROW(to->v, to->n, to->cap);
		to->v[to->n++] = paths->v[i];
	}
	*t = (struct index_totals){0};
	if (archived.n)
		rc = index_archive(k, &archived, t, e);
	if (rc >= 0 && loose.n)
		more = take_loose(k, &loose, t, v, &why);
	if (more < 0 && archived.n) {
		tell("%s", why.text);
		more = 1;
	} else if (more < 0) {
		*e = why;
	}
	free(archived.v);
	free(loose.v);
	return rc < 0 || more < 0 ? -1 : rc | more;
}

int take_paths(const struct taking *k, const struct texts *paths, struct index_totals *t, struct err *e)
{
	struct temp_store v = {0};
	int rc = take(k, paths, t, &v, e);

	buf_release(&v.notes);
	return rc;
}

/* What a signal that ends us may touch: the store must not outlive whoever asked for it. */
static const int ending[] = {SIGHUP, SIGINT, SIGQUIT, SIGABRT, SIGALRM, SIGTERM, SIGUSR1, SIGUSR2, SIGXCPU};
#define ENDING (sizeof ending / sizeof *ending)
static struct {
	pid_t owner; /* 0: there is nothing */
	char *db, *lock, *folder;
	struct sigaction before[ENDING];
} left;

/* Another thread may be making the store meanwhile. */
static void remove_store(void)
{
	if (getpid() != left.owner) /* a child before it is another program */
		return;
	for (int i = 0; i < 100; i++) {
		unlink(left.db);
		unlink(left.lock);
		if (rmdir(left.folder) == 0 || errno != ENOTEMPTY)
			return;
	}
}

static void on_end(int sig)
{
	remove_store();
	signal(sig, SIG_DFL);
	raise(sig);
}

static void leave_nothing(struct temp_store *v)
{
	static bool at_exit;
	struct sigaction act = {.sa_handler = on_end};

	left.db = v->db = xasprintf("%s/gscrape.db", v->folder);
	left.lock = xasprintf("%s-lock", v->db);
	left.folder = v->folder;
	left.owner = getpid();
	if (!at_exit)
		at_exit = atexit(remove_store) == 0; /* die() */
	for (size_t i = 0; i < ENDING; i++) {
		sigaction(ending[i], NULL, &left.before[i]);
		if (left.before[i].sa_handler == SIG_DFL)
			sigaction(ending[i], &act, NULL);
	}
}

/* No signal comes between the folder and who removes it. False with errno. */
static bool make_folder(struct temp_store *v)
{
	sigset_t all, was;
	bool made;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &was);
	made = mkdtemp(v->folder) != NULL;
	if (made)
		leave_nothing(v);
	pthread_sigmask(SIG_SETMASK, &was, NULL);
	return made;
}

static void left_nothing(void)
{
	remove_store();
	left.owner = 0;
	for (size_t i = 0; i < ENDING; i++)
		sigaction(ending[i], &left.before[i], NULL);
	free(left.lock);
}

int temp_store_open(struct temp_store *v, const struct options *o, const struct texts *paths, struct err *e)
{
	const char *tmp = getenv("TMPDIR");
	struct index_totals t = {0};
	int rc;

	*v = (struct temp_store){.folder = xasprintf("%s/gscrape-tui.XXXXXX", tmp && *tmp ? tmp : "/tmp")};
	if (!make_folder(v)) {
		rc = fail_errno(e, errno, v->folder);
		temp_store_close(v);
		return rc;
	}
	rc = take(&(struct taking){.o = o, .db = v->db, .passing = true}, paths, &t, v, e);
	for (size_t i = 0; i < paths->n && rc >= 0; i++)
		if (strcmp(paths->v[i], "-") == 0)
			back_to_terminal();
	return rc < 0 ? -1 : 0;
}

int run_on_files(const struct options *o, int (*run)(const struct options *o, struct err *e), struct err *e)
{
	struct options mine = *o;
	struct temp_store v;
	int rc;

	for (size_t i = 0; i < o->operands.n; i++)
		if (operand_kind(o->operands.v[i]) != OPERAND_FILE && operand_kind(o->operands.v[i]) != OPERAND_FOLDER)
			return fail(e, "%s: no such file or folder", o->operands.v[i]);
	rc = temp_store_open(&v, o, &o->operands, e);
	mine.db = v.db;
	mine.visited = o->operands;
	buf_putc(&v.notes, '\0');
	mine.told = v.notes.p;
	mine.operands = (struct texts){0};
	if (rc == 0)
		rc = run(&mine, e);
	temp_store_close(&v);
	return rc;
}

void temp_store_close(struct temp_store *v)
{
	if (v->db)
		left_nothing();
	free(v->folder);
	free(v->db);
	buf_release(&v->notes);
	*v = (struct temp_store){0};
}
