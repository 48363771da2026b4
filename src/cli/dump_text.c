/* SPDX-License-Identifier: MIT */
#include "dump_text.h"
#include "loose.h"
#include <gscrape/archive.h>
#include <gscrape/gzip.h>
#include <stdlib.h>

/* The host's dump of this time in the archive; NULL: there is none. */
static const char *archived(const struct archive *a, const char *host, int64_t time)
{
	for (size_t i = 0; i < a->n; i++)
		for (size_t k = 0; k < a->hosts[i].n && strcmp(a->hosts[i].name, host) == 0; k++)
			if (a->hosts[i].files[k].time == time)
				return a->hosts[i].files[k].path;
	return NULL;
}

/* The dump in one of these archives. */
static bool archived_text(const struct options *o, const char *const *paths, size_t n, const struct loose_shot_key *key, struct buf *out)
{
	struct archive a;
	const char *path;
	bool found;

	if (!n || archive_list_all(&a, paths, n, o->archive_tz, NULL) < 0)
		return false;
	path = archived(&a, key->host, key->time);
	found = path && file_read(path, out, FILE_MAX, NULL) >= 0;
	archive_release(&a);
	return found;
}

bool dump_text_of(const struct options *o, const char *host, int64_t time, struct buf *out)
{
	const struct loose_shot_key key = {host, time};
	const struct texts *files = &o->visited;
	struct texts archives = {0};
	struct err why = {0};
	bool found;

	if (!files->n)
		return archived_text(o, (const char *[]){o->output}, 1, &key, out);
	for (size_t i = 0; i < files->n; i++) {
		if (!archive_is(files->v[i], o->archive_tz))
			continue;
		GROW(archives.v, archives.n, archives.cap);
		archives.v[archives.n++] = files->v[i];
	}
	found = archived_text(o, archives.v, archives.n, &key, out);
	free(archives.v);
	return found || (archives.n < files->n && loose_text(o, files, &key, out, &why) > 0);
}
