/* SPDX-License-Identifier: MIT */
/* Stores by name, open and close, views; and the engine's table. */
#include "memory_store.h"
#include <stdlib.h>

static pthread_mutex_t dbs_lock = PTHREAD_MUTEX_INITIALIZER;
static struct mem_db *dbs; /* those with a name */

static struct mem_db *db_new(const char *name)
{
	struct mem_db *db = xcalloc(1, sizeof *db);

	db->name = xstrdup(name);
	pthread_mutex_init(&db->lock, NULL);
	db->now = xcalloc(1, sizeof *db->now);
	db->now->refs = 1;
	return db;
}

static void db_put(struct mem_db *db)
{
	pthread_mutex_lock(&dbs_lock);
	if (--db->refs == 0) {
		for (struct mem_db **at = &dbs; *at; at = &(*at)->next) {
			if (*at == db) {
				*at = db->next;
				break;
			}
		}
		image_put(db->now);
		pool_release(&db->pool);
		free(db->marks);
		free(db->strings);
		free(db->stacks);
		hash_release(&db->string_index);
		hash_release(&db->stack_index);
		pthread_mutex_destroy(&db->lock);
		free(db->name);
		free(db);
	}
	pthread_mutex_unlock(&dbs_lock);
}

int mem_open(struct store **out, const char *where, enum store_mode mode, struct err *e)
{
	const char *name = where + strlen("memory:");
	struct mem_db *db = NULL;
	struct mem_store *s;
	int rc = 0;

	pthread_mutex_lock(&dbs_lock);
	for (db = *name ? dbs : NULL; db && strcmp(db->name, name) != 0; db = db->next)
		;
	if (!db && *name && mode == STORE_READ) {
		rc = fail(e, "%s: no such store", where);
	} else if (db && mode == STORE_WRITE && db->written) {
		rc = fail(e, "%s: another writer has it open", where);
	} else {
		if (!db) {
			db = db_new(name);
			db->next = *name ? dbs : NULL;
			if (*name)
				dbs = db;
		}
		db->refs++;
		db->written |= mode == STORE_WRITE;
	}
	pthread_mutex_unlock(&dbs_lock);
	if (rc)
		return rc;
	s = xcalloc(1, sizeof *s);
	*s = (struct mem_store){.base = {&memory_ops, xstrdup(where)}, .db = db, .mode = mode};
	*out = &s->base;
	return 0;
}

void mem_close(struct store *store)
{
	struct mem_store *s = mem_of(store);

	store_abort(store);
	if (s->mode == STORE_WRITE) {
		pthread_mutex_lock(&dbs_lock);
		s->db->written = false;
		pthread_mutex_unlock(&dbs_lock);
	}
	db_put(s->db);
	free(s->hosts);
	free(s->base.where);
	free(s);
}

int mem_version(struct store *s, uint64_t *version, struct err *e)
{
	struct mem_db *db = mem_of(s)->db;

	(void)e;
	pthread_mutex_lock(&db->lock);
	*version = db->now->version + db->n_marks;
	pthread_mutex_unlock(&db->lock);
	return 0;
}

int mem_add_mark(struct store *store, const struct mark *m, struct err *e)
{
	struct mem_db *db = mem_of(store)->db;

	(void)e;
	pthread_mutex_lock(&db->lock);
	GROW(db->marks, db->n_marks, db->cap_marks);
	db->marks[db->n_marks++] = (struct mark){m->time, pool_strndup(&db->pool, m->host, strlen(m->host)), pool_strndup(&db->pool, m->text, strlen(m->text))};
	pthread_mutex_unlock(&db->lock);
	return 0;
}

int mem_marks(struct store_view *v, struct pool *p, struct mark **out, size_t *n, struct err *e)
{
	struct mem_db *db = mem_of(v->store)->db;

	(void)e;
	pthread_mutex_lock(&db->lock);
	*n = db->n_marks;
	*out = pool_alloc(p, (*n + 1) * sizeof **out);
	if (*n)
		memcpy(*out, db->marks, *n * sizeof **out);
	pthread_mutex_unlock(&db->lock);
	return 0;
}

int mem_view_open(struct store *store, struct store_view **out, struct err *e)
{
	struct mem_db *db = mem_of(store)->db;
	struct mem_view *v = xcalloc(1, sizeof *v);

	(void)e;
	v->base.store = store;
	pthread_mutex_lock(&db->lock);
	v->image = db->now;
	v->image->refs++;
	pthread_mutex_unlock(&db->lock);
	*out = &v->base;
	return 0;
}

void mem_view_close(struct store_view *view)
{
	struct mem_db *db = mem_of(view->store)->db;

	pthread_mutex_lock(&db->lock);
	image_put(((struct mem_view *)view)->image);
	pthread_mutex_unlock(&db->lock);
	free(view);
}

const struct store_ops memory_ops = {
	.open = mem_open,
	.close = mem_close,
	.version = mem_version,
	.begin = mem_begin,
	.host = mem_host,
	.put_snapshot = mem_put_snapshot,
	.put_liveness = mem_put_liveness,
	.put_memory = mem_put_memory,
	.commit = mem_commit,
	.abort = mem_abort,
	.forget_names = mem_forget_names,
	.view_open = mem_view_open,
	.view_close = mem_view_close,
	.hosts = mem_hosts,
	.snapshots = mem_snapshots,
	.seq_at = mem_seq_at,
	.chart = mem_chart,
	.history = mem_history,
	.epochs_of = mem_epochs_of,
	.alive = mem_alive,
	.liveness = mem_liveness,
	.memory = mem_memory,
	.held = mem_held,
	.children = mem_children,
	.walk_begin = mem_walk_begin,
	.walk_next = mem_walk_next,
	.walk_end = mem_walk_end,
	.strings = mem_strings,
	.stacks = mem_stacks,
	.functions = mem_functions,
	.stacks_with = mem_stacks_with,
	.add_mark = mem_add_mark,
	.marks = mem_marks,
	.put_end = mem_put_end,
	.end = mem_end,
	.expire = mem_expire,
};
