/* SPDX-License-Identifier: MIT */
/* How much functions were used over a window, who calls one, and whom it calls. */
#include "server.h"
#include <gscrape/insight.h>
#include <stdlib.h>

#define FUNCS_MAX 64 /* query_use looks at no more in one walk */
#define BETWEEN '|'  /* stands in no import path, type or name of Go */

static int by_name(const void *key, const void *f)
{
	return strcmp(key, ((const struct function *)f)->name);
}

/* Host and window of a question; what is left out is all that was recorded. */
static int asked_window(struct request *r, struct window *w, struct err *e)
{
	size_t n;
	const struct host *one = NULL, *h = query_hosts(r->q, &n);

	if (param(r, "host")->text && !(one = asked_host(r, e)))
		return -1;
	*w = (struct window){.host = one ? one->id : 0, .from = param(r, "from")->time, .to = param(r, "to")->time};
	for (size_t i = 0; i < n; i++) {
		if ((one && h[i].id != one->id) || h[i].first == NO_TIME)
			continue;
		if (param(r, "from")->time == NO_TIME && (w->from == NO_TIME || h[i].first < w->from))
			w->from = h[i].first;
		if (param(r, "to")->time == NO_TIME && (w->to == NO_TIME || h[i].last >= w->to))
			w->to = h[i].last + 1;
	}
	return 0;
}

struct named_functions {
	const struct function *f[FUNCS_MAX];
	uint32_t ids[FUNCS_MAX];
	size_t n;
};

/* Those of the names, with BETWEEN between, that were on a stack. */
static int asked_functions(struct request *r, struct named_functions *out, struct err *e)
{
	char *name = pool_strndup(&r->pool, param(r, "funcs")->text, strlen(param(r, "funcs")->text)), *next;
	struct function *all;
	size_t n;

	if (query_functions(r->q, "", &r->pool, &all, &n, e) < 0)
		return -1;
	for (size_t k = 0; name; name = next, k++) {
		const struct function *f;

		if (k == FUNCS_MAX)
			return refuse(r, MHD_HTTP_BAD_REQUEST, e, "funcs: more than %d", FUNCS_MAX);
		if ((next = strchr(name, BETWEEN)))
			*next++ = '\0';
		f = n ? bsearch(name, all, n, sizeof *all, by_name) : NULL;
		if (f) {
			out->f[out->n] = f;
			out->ids[out->n++] = f->func_id;
		}
	}
	return 0;
}

static void use_row(struct request *r, const struct function *f, const struct use *u, size_t cols)
{
	jw_obj(&r->j);
	jw_kstr(&r->j, "func", f->name);
	jw_kuint(&r->j, "ever", u->ever);
	jw_kuint(&r->j, "peak", u->peak);
	jw_key(&r->j, "alive");
	jw_arr(&r->j);
	for (size_t c = 0; c < cols; c++)
		jw_uint(&r->j, u->alive[c]);
	jw_end(&r->j);
	jw_end(&r->j);
}

int answer_uses(struct request *r, struct err *e)
{
	struct named_functions named = {.n = 0};
	struct functions_question ask = {.func_ids = named.ids, .scope = IN_ANY_FRAME};
	struct use *use;

	if (asked_window(r, &ask.w, e) < 0 || asked_functions(r, &named, e) < 0)
		return -1;
	if (param(r, "from")->given && ask.w.from > ask.w.to)
		return refuse(r, MHD_HTTP_BAD_REQUEST, e, "from: is after to");
	ask.n_funcs = named.n;
	ask.w.cols = param(r, "buckets")->number;
	if (query_use(r->q, &ask, &r->pool, &use, e) < 0)
		return -1;
	jw_obj(&r->j);
	jw_ktime(&r->j, "from", ask.w.from);
	jw_ktime(&r->j, "to", ask.w.to);
	jw_key(&r->j, "uses");
	jw_arr(&r->j);
	for (size_t i = 0; i < named.n; i++)
		use_row(r, named.f[i], &use[i], ask.w.cols);
	jw_end(&r->j);
	jw_end(&r->j);
	return 0;
}

int answer_callers(struct request *r, struct err *e)
{
	const char *name = param(r, "func")->text;
	struct callers_question ask = {.n_funcs = 1};
	struct callers callers;
	struct function *all;
	const struct function *f;
	struct window w;
	size_t n;

	if (asked_window(r, &w, e) < 0 || query_functions(r->q, "", &r->pool, &all, &n, e) < 0)
		return -1;
	f = n ? bsearch(name, all, n, sizeof *all, by_name) : NULL;
	if (!f)
		return refuse(r, MHD_HTTP_NOT_FOUND, e, "no function %s was on any stack", name);
	ask = (struct callers_question){&f->func_id, 1, w.host, w.from, w.to};
	if (query_callers(r->q, &ask, &r->pool, &callers, e) < 0)
		return -1;
	callers_json(&r->j, r->q, name, &callers);
	return 0;
}
