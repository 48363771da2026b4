/* SPDX-License-Identifier: MIT */
/* Views of the store. A view has one user at a time, whichever thread that is; they are opened as they are needed. */
#include "server.h"
#include <stdlib.h>

#define FRESH 100 /* ms: a view that was looked at just now is not looked at again */

static struct source *take_free(struct server *s)
{
	struct source *src;

	pthread_mutex_lock(&s->sources_lock);
	src = s->free_sources;
	if (src)
		s->free_sources = src->next;
	pthread_mutex_unlock(&s->sources_lock);
	return src;
}

static void drop(struct source *src)
{
	query_close(src->q);
	free(src);
}

struct source *source_take(struct server *s, struct err *e)
{
	int64_t now = monotonic_ms();
	struct source *src = take_free(s);

	if (src && now - src->looked < FRESH)
		return src;
	if (src && query_refresh(src->q, e) >= 0) {
		src->looked = now;
		return src;
	}
	if (src) { /* replaced, or gone */
		drop(src);
		atomic_fetch_add(&s->store, 1);
	}
	src = xcalloc(1, sizeof *src);
	src->store = atomic_load(&s->store);
	if (query_open(&src->q, s->o.db, e) < 0) {
		drop(src);
		return NULL;
	}
	src->looked = now;
	return src;
}

void source_give(struct server *s, struct source *src)
{
	if (!src)
		return;
	pthread_mutex_lock(&s->sources_lock);
	src->next = s->free_sources;
	s->free_sources = src;
	pthread_mutex_unlock(&s->sources_lock);
}

void sources_close(struct server *s)
{
	while (s->free_sources) {
		struct source *src = s->free_sources;

		s->free_sources = src->next;
		drop(src);
	}
}
