/* SPDX-License-Identifier: MIT */
#include "renames.h"
#include <gscrape/err.h>
#include <stdlib.h>

void renames_forget(struct renames *r)
{
	free(r->strings.a);
	free(r->stacks.a);
	*r = (struct renames){.view = r->view};
}

static uint32_t *number_at(struct numbers *m, uint32_t handle)
{
	REACH(m->a, m->n, handle);
	return &m->a[handle];
}

int rename_string(struct renames *r, uint32_t *handle, struct err *e)
{
	uint32_t *known = number_at(&r->strings, *handle);
	struct pool p = {0};
	struct str text;
	int rc = 0;

	if (*handle && !*known) {
		rc = store_strings(r->view, handle, 1, &p, &text, e);
		if (!rc)
			*known = symtab_string(r->symtab, text);
		pool_release(&p);
	}
	*handle = *known;
	return rc;
}

static int number_frame(struct renames *r, const struct sym_frame *f, uint32_t *number, struct err *e)
{
	uint32_t func = f->func, file = f->file;

	*number = 0;
	if (rename_string(r, &func, e) < 0 || rename_string(r, &file, e) < 0)
		return -1;
	if (func)
		*number = symtab_frame(r->symtab, symtab_get_string(r->symtab, func), file ? symtab_get_string(r->symtab, file) : STR(""), f->line);
	return 0;
}

static int number_stack(struct renames *r, const struct store_stack *st, uint32_t *number, struct err *e)
{
	uint32_t *frames = xcalloc((size_t)st->n + 1, sizeof *frames);
	struct sym_stack mine = {.n = st->n, .flags = st->flags, .frames = frames};
	int rc = number_frame(r, &st->created, &mine.created, e);

	for (uint32_t i = 0; i < st->n && !rc; i++)
		rc = number_frame(r, &st->frames[i], &frames[i], e);
	if (!rc)
		*number = symtab_stack(r->symtab, &mine);
	free(frames);
	return rc;
}

int rename_stacks(struct renames *r, const uint32_t *handles, size_t n, struct err *e)
{
	uint32_t *asked = xcalloc(n + 1, sizeof *asked);
	struct store_stack *st;
	struct pool p = {0};
	size_t k = 0;
	int rc;

	for (size_t i = 0; i < n; i++) {
		uint32_t *known = number_at(&r->stacks, handles[i]);

		if (handles[i] && !*known) {
			*known = UINT32_MAX; /* once is enough */
			asked[k++] = handles[i];
		}
	}
	st = pool_alloc(&p, (k + 1) * sizeof *st);
	rc = store_stacks(r->view, asked, k, &p, st, e);
	for (size_t i = 0; i < k && !rc; i++)
		rc = number_stack(r, &st[i], &r->stacks.a[asked[i]], e);
	pool_release(&p);
	free(asked);
	return rc;
}

uint32_t rename_stack(const struct renames *r, uint32_t handle)
{
	return handle < r->stacks.n ? r->stacks.a[handle] : 0;
}

int rename_snapshot(struct renames *r, struct snapshot *snap, struct pool *p, struct err *e)
{
	struct state_count *states = pool_alloc(p, ((size_t)snap->n_states + 1) * sizeof *states);
	int rc = rename_string(r, &snap->note, e);

	for (uint32_t i = 0; i < snap->n_states && !rc; i++) {
		states[i] = snap->states[i];
		rc = rename_string(r, &states[i].state, e);
	}
	snap->states = states;
	return rc;
}
