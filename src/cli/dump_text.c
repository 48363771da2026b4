/* SPDX-License-Identifier: MIT */
#include "dump_text.h"
#include "loose.h"
#include <gscrape/archive.h>
#include <gscrape/gzip.h>

/* The host's dump of this time in the archive; NULL: there is none. */
static const char *archived(const struct archive *a, const char *host, int64_t time)
{
	for (size_t i = 0; i < a->n; i++)
		for (size_t k = 0; k < a->hosts[i].n && strcmp(a->hosts[i].name, host) == 0; k++)
			if (a->hosts[i].files[k].time == time)
				return a->hosts[i].files[k].path;
	return NULL;
}

bool dump_text_of(const struct options *o, const char *host, int64_t time, struct buf *out)
{
	const struct texts *files = &o->visited;
	struct archive a = {0};
	struct err why = {0};
	const char *path = NULL;
	bool found;

	if (files->n && !(files->n == 1 && archive_is(files->v[0], o->archive_tz)))
		return loose_text(o, files, &(struct loose_shot_key){host, time}, out, &why) > 0;
	if (archive_list(&a, files->n == 1 ? files->v[0] : o->output, o->archive_tz, NULL) == 0)
		path = archived(&a, host, time);
	found = path && file_read(path, out, FILE_MAX, NULL) >= 0;
	archive_release(&a);
	return found;
}
