/* SPDX-License-Identifier: MIT */
/*
 * Who may ask: lines "user:hash", the hash by crypt(3). Checking one takes some ten milliseconds on purpose, so the
 * password that was right last is remembered for each user, and compared without telling by time how much of it fits.
 */
#include "server.h"
#include <gscrape/gzip.h>
#include <crypt.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

struct login {
	char *user, *hash;
	char *right; /* the password that was right last; NULL */
};

struct auth {
	pthread_mutex_t lock;
	char *path;
	struct timespec changed;
	int64_t looked; /* monotonic ms */
	struct login *logins;
	size_t n, cap;
};

static void forget(struct auth *a)
{
	for (size_t i = 0; i < a->n; i++) {
		free(a->logins[i].user);
		free(a->logins[i].hash);
		free(a->logins[i].right);
	}
	a->n = 0;
}

static int add_line(struct auth *a, const char *line, size_t n, int number, struct err *e)
{
	const char *colon = memchr(line, ':', n);

	if (n == 0 || line[0] == '#')
		return 0;
	if (!colon || colon == line || colon + 4 > line + n || colon[1] != '$')
		return fail(e, "%s:%d: wants user:hash, as --hash-password writes it", a->path, number);
	GROW(a->logins, a->n, a->cap);
	a->logins[a->n++] = (struct login){xstrndup(line, (size_t)(colon - line)),
					   xstrndup(colon + 1, (size_t)(line + n - colon - 1)), NULL};
	return 0;
}

static int auth_load(struct auth *a, struct err *e)
{
	struct buf text = {0};
	struct stat st;
	int rc = 0, number = 0;

	if (stat(a->path, &st) < 0)
		return fail_errno(e, errno, a->path);
	a->changed = st.st_mtim;
	if (file_read(a->path, &text, 1 << 20, e) != 0) {
		buf_release(&text);
		return -1;
	}
	forget(a);
	for (size_t at = 0; at < text.n && rc == 0;) {
		const char *nl = memchr(text.p + at, '\n', text.n - at);
		size_t n = nl ? (size_t)(nl - text.p) - at : text.n - at;

		rc = add_line(a, text.p + at, n - (n && text.p[at + n - 1] == '\r'), ++number, e);
		at += n + 1;
	}
	buf_release(&text);
	return rc < 0 ? -1 : a->n ? 0 : fail(e, "%s: names nobody", a->path);
}

int auth_open(struct auth **out, const char *path, struct err *e)
{
	struct auth *a = xcalloc(1, sizeof *a);

	pthread_mutex_init(&a->lock, NULL);
	a->path = xstrdup(path);
	*out = a;
	return auth_load(a, e);
}

void auth_close(struct auth *a)
{
	if (!a)
		return;
	forget(a);
	free(a->logins);
	free(a->path);
	pthread_mutex_destroy(&a->lock);
	free(a);
}

/* Once a second: has the file changed? A broken one lets nobody in until it is mended. */
static void look_again(struct auth *a)
{
	int64_t now = monotonic_ms();
	struct stat st;

	if (now - a->looked < 1000)
		return;
	a->looked = now;
	if (stat(a->path, &st) < 0 || st.st_mtim.tv_sec != a->changed.tv_sec || st.st_mtim.tv_nsec != a->changed.tv_nsec) {
		struct err e;

		if (auth_load(a, &e) < 0)
			forget(a);
	}
}

static struct login *auth_find(struct auth *a, const char *user)
{
	for (size_t i = 0; i < a->n; i++)
		if (strcmp(a->logins[i].user, user) == 0)
			return &a->logins[i];
	return NULL;
}

static bool same(const char *a, const char *b)
{
	size_t na = strlen(a), nb = strlen(b);
	unsigned char differ = na != nb;

	for (size_t i = 0; i < na; i++)
		differ |= (unsigned char)(a[i] ^ b[nb ? i % nb : 0]);
	return !differ;
}

bool auth_known(struct auth *a, const char *user, const char *password)
{
	struct login *l;
	bool known;

	pthread_mutex_lock(&a->lock);
	look_again(a);
	l = auth_find(a, user);
	known = l && l->right && same(password, l->right);
	pthread_mutex_unlock(&a->lock);
	return known;
}

static char *hash_of(struct auth *a, const char *user)
{
	struct login *l;
	char *hash;

	pthread_mutex_lock(&a->lock);
	l = auth_find(a, user);
	if (!l && a->n) /* an unknown user takes as long as a known one */
		l = &a->logins[0];
	hash = l ? xstrdup(l->hash) : NULL;
	pthread_mutex_unlock(&a->lock);
	return hash;
}

static void remember(struct auth *a, const char *user, const char *hash, const char *password)
{
	struct login *l;

	pthread_mutex_lock(&a->lock);
	l = auth_find(a, user);
	if (l && strcmp(l->hash, hash) == 0) {
		free(l->right);
		l->right = xstrdup(password);
	}
	pthread_mutex_unlock(&a->lock);
}

static bool is_user(struct auth *a, const char *user)
{
	bool yes;

	pthread_mutex_lock(&a->lock);
	yes = auth_find(a, user) != NULL;
	pthread_mutex_unlock(&a->lock);
	return yes;
}

int auth_check(struct auth *a, const char *user, const char *password)
{
	struct crypt_data *work = xcalloc(1, sizeof *work);
	const char *got;
	char *hash;
	int right = 0;

	hash = hash_of(a, user);
	if (hash) {
		got = crypt_r(password, hash, work);
		right = got && got[0] != '*' && same(got, hash) && is_user(a, user);
		if (right)
			remember(a, user, hash, password);
	}
	free(hash);
	free(work);
	return right;
}

int serve_hash_password(const char *user, const char *password, struct buf *out, struct err *e)
{
	char setting[CRYPT_GENSALT_OUTPUT_SIZE];
	struct crypt_data *work;
	const char *hash;
	int rc = 0;

	if (!*user || strpbrk(user, ":\n\r#"))
		return fail(e, "a user's name has no colon, # or newline in it, and is not empty");
	if (!*password || strlen(password) > 500 || strpbrk(password, "\n\r"))
		return fail(e, "a password is 1 to 500 bytes on one line");
	if (!crypt_gensalt_rn("$y$", 0, NULL, 0, setting, sizeof setting))
		return fail(e, "crypt: %s", strerror(errno));
	work = xcalloc(1, sizeof *work);
	hash = crypt_r(password, setting, work);
	if (hash && hash[0] != '*')
		buf_addf(out, "%s:%s\n", user, hash);
	else
		rc = fail(e, "crypt: %s", strerror(errno));
	free(work);
	return rc;
}
