/* SPDX-License-Identifier: MIT */
/*
 * The whole parser: every goroutine with every frame, as slices into the text.
 *
 * A block begins at a line `goroutine N […` and ends behind its creation site (and its ancestors' frames), at a blank
 * line, at the next such line, or with the text. Its header's indent is taken off each of its lines. A line that is
 * neither frame nor file is not fatal: it becomes an opaque frame, and is counted, if frames go on within a few lines or
 * none came before it; otherwise the block has ended, and a log goes on.
 */
#include "line.h"
#include <stdlib.h>

static struct str cut_indent(struct str line, size_t indent)
{
	size_t have = line_indent(line);

	if (indent > have)
		indent = have;
	return (struct str){line.p + indent, line.n - indent};
}

static struct dump_frame *add_frame(struct dump *d, size_t *n)
{
	GROW(d->g.frames, *n, d->cap_frames);
	d->g.frames[*n] = (struct dump_frame){0};
	return &d->g.frames[(*n)++];
}

static void add_ancestor(struct dump *d, uint64_t goroutine, size_t first)
{
	struct dump_goroutine *g = &d->g;

	GROW(g->ancestors, g->n_ancestors, d->cap_ancestors);
	g->ancestors[g->n_ancestors++] = (struct dump_ancestor){.goroutine = goroutine, .first = first};
}

/* State of one block on its way. */
struct block {
	struct dump *d;
	size_t n;    /* frames in all, the ancestors' too */
	size_t open; /* the frame that still waits for its file line, or one of: */
#define OPEN_NONE SIZE_MAX
#define OPEN_CREATED (SIZE_MAX - 1)
	bool in_ancestor;
};

static void file_for_open(struct block *b, const struct line *l)
{
	struct dump_frame *f = b->open == OPEN_CREATED ? &b->d->g.created_by : &b->d->g.frames[b->open];

	f->file = l->file;
	f->line = l->number;
	if (f->kind == FRAME_OPAQUE) { /* a function printed without arguments, as a creation site is */
		f->kind = FRAME_CALL;
		b->d->opaque_lines--;
	}
	b->open = OPEN_NONE;
}

static void opaque(struct block *b, struct str text, bool counted)
{
	struct dump_frame *f = add_frame(b->d, &b->n);

	f->kind = FRAME_OPAQUE;
	f->func = text;
	b->d->opaque_lines += counted;
	b->open = b->n - 1;
}

static void call(struct block *b, const struct line *l)
{
	struct dump_frame *f = add_frame(b->d, &b->n);

	f->func = l->func;
	f->args = l->args;
	b->open = b->n - 1;
}

static void created(struct block *b, const struct line *l)
{
	struct dump_goroutine *g = &b->d->g;

	if (b->in_ancestor) { /* an ancestor's own creation site: its last frame */
		call(b, l);
		return;
	}
	g->created_by = (struct dump_frame){.func = l->func};
	g->parent = l->goroutine;
	b->open = OPEN_CREATED;
}

static void elided(struct block *b, const struct line *l)
{
	struct dump_frame *f = add_frame(b->d, &b->n);

	f->kind = FRAME_ELIDED;
	f->elided = l->number;
	if (!b->in_ancestor)
		b->d->g.elided += l->number ? l->number : 1;
	b->open = OPEN_NONE;
}

static void close_ancestor(struct block *b)
{
	struct dump_goroutine *g = &b->d->g;

	if (g->n_ancestors)
		g->ancestors[g->n_ancestors - 1].n = b->n - g->ancestors[g->n_ancestors - 1].first;
	else
		g->n_frames = b->n;
}

/* Take a line into the block. */
static void block_line(struct block *b, struct str text, const struct line *l)
{
	switch (l->kind) {
	case LINE_FILE:
		if (b->open != OPEN_NONE)
			file_for_open(b, l);
		else
			opaque(b, text, true);
		break;
	case LINE_FUNC:
		if (l->args.p)
			call(b, l);
		else
			opaque(b, text, true);
		break;
	case LINE_LONE:
		opaque(b, text, false);
		break;
	case LINE_CREATED:
		created(b, l);
		break;
	case LINE_ELIDED:
		elided(b, l);
		break;
	case LINE_ANCESTOR:
		close_ancestor(b);
		b->in_ancestor = true;
		add_ancestor(b->d, l->goroutine, b->n);
		b->open = OPEN_NONE;
		break;
	case LINE_OTHER:
		opaque(b, cut_indent(text, SIZE_MAX), true);
		b->open = OPEN_NONE;
		break;
	}
}

/* Go to the next header; counts what is skipped. */
static bool find_header(struct dump *d, struct str *header)
{
	bool section = false;

	if (!d->pos)
		d->pos = dump_mark(d->text);
	while (d->pos < d->text.n) {
		size_t next;
		struct str line = line_at(d->text, d->pos, &next), bare = cut_indent(line, SIZE_MAX);

		d->pos = next;
		if (line_is_header(line)) {
			*header = line;
			return true;
		}
		if (bare.n == 0)
			section = false;
		else if (!section && !line_is_noise(bare, &section))
			d->skipped_lines++;
	}
	return false;
}

/* A line of a block, taken apart. */
struct piece {
	bool there;      /* false: the block has ended there for certain */
	struct str text; /* without the block's indent */
	struct line line;
	size_t next;     /* where the one after it begins */
};

static struct piece piece_at(const struct dump *d, size_t pos, size_t indent)
{
	struct piece p = {0};

	if (pos >= d->text.n)
		return p;
	p.text = line_at(d->text, pos, &p.next);
	if (line_indent(p.text) == p.text.n || line_is_header(p.text))
		return p;
	p.there = true;
	p.text = cut_indent(p.text, indent);
	line_parse(p.text, &p.line);
	return p;
}

/* Is it of the grammar beyond doubt? A function is, when its file follows. */
static bool is_certain(const struct piece *p, const struct piece *next, bool file_wanted)
{
	if (p->line.kind == LINE_FILE)
		return file_wanted;
	if (p->line.kind == LINE_FUNC)
		return next->there && next->line.kind == LINE_FILE;
	return p->line.kind != LINE_OTHER;
}

/* How far frames are looked for behind lines that are none. */
#define DOUBTFUL_MAX 8

/* Behind a line that may be of a log: does the block go on? */
static bool goes_on(const struct block *b, const struct piece *doubtful, size_t indent)
{
	const struct line *l = &doubtful->line;
	struct piece p = piece_at(b->d, doubtful->next, indent), next;

	for (int n = 1; p.there; p = next, n++) {
		next = piece_at(b->d, p.next, indent);
		if (n > DOUBTFUL_MAX)
			return false;
		if (is_certain(&p, &next, false))
			return true;
	}
	/* the last lines: of a goroutine that has no other, or functions without a file */
	return b->n == 0 || (l->kind == LINE_FUNC && l->args.p && !memchr(l->func.p, ' ', l->func.n));
}

/* Behind the creation site and its file nothing of the goroutine follows but its ancestors. */
static bool is_behind(const struct block *b, enum line_kind kind)
{
	if (!b->d->g.created_by.func.n || b->in_ancestor || kind == LINE_ANCESTOR)
		return false;
	return kind != LINE_FILE || b->open != OPEN_CREATED;
}

static void read_block(struct dump *d, size_t indent)
{
	struct block b = {.d = d, .open = OPEN_NONE};
	struct piece p = piece_at(d, d->pos, indent), next;
	size_t from = d->pos;

	for (; p.there; p = next) {
		if (is_behind(&b, p.line.kind))
			break;
		next = piece_at(d, p.next, indent);
		if (!is_certain(&p, &next, b.open != OPEN_NONE) && !goes_on(&b, &p, indent))
			break;
		block_line(&b, p.text, &p.line);
		d->pos = p.next;
	}
	close_ancestor(&b);
	d->g.body = (struct str){d->text.p + from, d->pos - from};
	d->g.cut = d->pos >= d->text.n && d->text.n && d->text.p[d->text.n - 1] != '\n';
	if (d->pos >= d->text.n && b.open != OPEN_NONE &&
	    (b.open == OPEN_CREATED || d->g.frames[b.open].kind == FRAME_CALL))
		d->g.cut = true; /* a function without its file line */
	d->cut = d->g.cut;
}

bool dump_next(struct dump *d)
{
	struct dump_goroutine *g = &d->g;
	struct str header;

	if (!find_header(d, &header)) {
		if (d->text.n && d->text.p[d->text.n - 1] != '\n')
			d->cut = true;
		return false;
	}
	*g = (struct dump_goroutine){.frames = g->frames, .ancestors = g->ancestors};
	dump_header(header, &g->head);
	d->goroutines++;
	read_block(d, line_indent(header));
	if (g->n_frames)
		g->rootless = stack_is_rootless(g->frames[g->n_frames - 1].func, g->n_frames, g->elided, g->parent);
	return true;
}

void dump_release(struct dump *d)
{
	free(d->g.frames);
	free(d->g.ancestors);
	*d = (struct dump){0};
}

struct str dump_block(struct str text, uint64_t id)
{
	struct dump d = {.text = text};
	struct str block = {0};

	while (!block.n && dump_next(&d)) {
		const char *begin = d.g.body.p;

		if (d.g.head.id != id || !begin)
			continue;
		for (begin -= begin > text.p; begin > text.p && begin[-1] != '\n'; begin--)
			;
		block = (struct str){begin, (size_t)(d.g.body.p + d.g.body.n - begin)};
	}
	dump_release(&d);
	while (block.n && block.p[block.n - 1] == '\n')
		block.n--;
	return block;
}
