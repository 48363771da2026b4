/* SPDX-License-Identifier: MIT */
#include "block.h"
#include "line.h"
#include "shape.h"
#include <gscrape/err.h>
#include <gscrape/gzip.h>
#include <stdlib.h>

#define SUFFIX_MAX 128
#define GAP_RAW 16       /* lines of a log that may stand within a block */
#define GAP_PREFIX 64    /* the same, where the block's own lines have a prefix to be known by */
#define GOROUTINES_MAX (FILE_MAX / 2)

/* A line that belongs to no goroutine. */
void skip_line(struct streams *x, struct str line)
{
	struct str s = trim_blanks(line);

	if (runtime_words(s).n)
		x->front |= FRONT_HEAD;
	else if (str_eq(s, STR("-----")))
		x->front |= FRONT_RULE;
	if (!s.n)
		x->section = false;
	else if (!x->section && !line_is_noise(s, &x->section))
		x->sum.skipped++;
}

void write_line(struct buf *out, const char *indent, struct str s)
{
	buf_adds(out, indent);
	buf_add(out, s.p, s.n);
	buf_putc(out, '\n');
}

/* The function that waits turned out to have no file: it is kept if it is one for certain. */
static void settle(struct streams *x, struct stream *t)
{
	struct block *b = &t->b;
	struct line l;

	if (b->pending == PENDING_FUNC || b->pending == PENDING_PART) {
		line_parse(str_of_buf(&b->func), &l);
		if (b->gap == 0 && l.kind == LINE_FUNC && l.args.p && is_func_name(l.func)) {
			write_line(&t->text, "", str_of_buf(&b->func));
			b->frames++;
		} else {
			x->sum.skipped++;
		}
	}
	b->pending = PENDING_NONE;
}

void close_block(struct streams *x, struct stream *t)
{
	struct block *b = &t->b;

	if (!b->open)
		return;
	settle(x, t);
	b->open = false;
	x->sum.skipped += b->half.n > 0;
	b->half.n = 0;
	t->guess.n = 0;
	if (!b->strong && !b->frames) {
		t->text.n = b->mark;
		x->sum.skipped++;
		return;
	}
	buf_putc(&t->text, '\n');
	GROW(t->blocks, t->n, t->cap);
	t->blocks[t->n++] = (struct begun){.at = b->mark, .id = b->id, .time = t->time, .front = t->front, .origin = t->origin};
}

void begin_block(struct streams *x, struct stream *t, struct str line, const struct found_header *h, int64_t time)
{
	struct block *b = &t->b;
	struct str behind = trim_marks(trim_blanks((struct str){line.p + h->at + h->n, line.n - h->at - h->n}));

	if (b->open && b->id == h->id && !b->frames && b->pending == PENDING_NONE && !b->blanks && !b->gap) {
		t->text.n = b->mark; /* its header stood alone before: a record's short message */
		b->open = false;
	}
	close_block(x, t);
	if (t->text.n > GOROUTINES_MAX) {
		x->sum.too_much = true;
		return;
	}
	*b = (struct block){.open = true, .strong = h->colon && !behind.n, .id = h->id, .mark = t->text.n, .func = b->func, .half = b->half};
	b->half.n = 0;
	write_line(&t->text, "", (struct str){line.p + h->at, h->n});
	t->in_group = false;
	t->time = time;
	t->front = x->front;
	x->front = 0;
	t->suffix.n = 0;
	if (behind.n && behind.n < SUFFIX_MAX)
		shape_add(&t->suffix, (struct str){line.p + h->at + h->n, line.n - h->at - h->n});
	x->current = t;
	x->any = true;
	buf_reset(&t->lead);
	buf_add(&t->lead, x->before.n ? x->before.p : "", x->before.n);
}

/* A line that belongs to the block. */
static void confirmed(struct streams *x, struct block *b)
{
	if (b->blanks)
		x->sum.undone |= UNWRAP_BLANKS;
	if (b->gap || b->leads)
		x->sum.undone |= UNWRAP_BETWEEN;
	b->blanks = b->gap = b->leads = 0;
}

void foreign(struct streams *x, struct stream *t, struct str line)
{
	struct block *b = &t->b;

	skip_line(x, line);
	if (!b->open)
		return;
	if (b->complete || (b->blanks && b->frames && b->pending == PENDING_NONE) || b->gap >= (t->shape.n && !b->bare ? GAP_PREFIX : GAP_RAW))
		close_block(x, t);
	else
		b->gap++;
}

static void file_line(struct streams *x, struct stream *t, struct str s, bool indented)
{
	struct block *b = &t->b;

	if (b->pending == PENDING_NONE) {
		foreign(x, t, s);
		return;
	}
	confirmed(x, b);
	if (!indented)
		x->sum.undone |= UNWRAP_INDENT;
	if (b->pending == PENDING_PART) { /* the rest was cut off */
		b->func.n = func_name_ends(str_of_buf(&b->func));
		buf_adds(&b->func, "(...)");
	}
	if (b->pending == PENDING_FUNC || b->pending == PENDING_PART) {
		x->sure |= !b->frames && !b->late;
		write_line(&t->text, "", str_of_buf(&b->func));
		b->frames++;
	}
	write_line(&t->text, "\t", s);
	if (b->pending == PENDING_CREATED)
		b->complete = !b->ancestors;
	b->pending = PENDING_NONE;
}

static void function(struct streams *x, struct stream *t, struct str s, enum pending as)
{
	if (t->b.pending == PENDING_FUNC && !is_func_name((struct str){s.p, func_name_ends(s)})) {
		foreign(x, t, s); /* a log's line that ends with a parenthesis */
		return;
	}
	settle(x, t);
	t->b.late = !t->b.frames && (t->b.blanks || t->b.gap);
	t->b.pending = as;
	buf_reset(&t->b.func);
	buf_add(&t->b.func, s.p, s.n);
}

/* The rest of a function's line that was broken. True when it is one. */
bool joined(struct stream *t, struct str s)
{
	struct block *b = &t->b;

	if (b->pending != PENDING_PART || b->func.n + s.n > PREFIX_MAX || what_is(s) == WHAT_FILE)
		return false;
	if (b->func.p[b->func.n - 1] == ',')
		buf_putc(&b->func, ' ');
	buf_add(&b->func, s.p, s.n);
	if (what_is(str_of_buf(&b->func)) == WHAT_FUNC)
		b->pending = PENDING_FUNC;
	else if (!is_func_part(str_of_buf(&b->func)))
		b->pending = PENDING_NONE;
	return true;
}

static void frame_without_file(struct streams *x, struct stream *t, struct str s, enum what what)
{
	struct block *b = &t->b;

	settle(x, t);
	confirmed(x, b);
	write_line(&t->text, what == WHAT_LONE && str_begins(s, STR("goroutine running")) ? "\t" : "", s);
	b->pending = what == WHAT_CREATED ? PENDING_CREATED : what == WHAT_LONE && s.p[0] == 'n' ? PENDING_LONE : PENDING_NONE;
	b->ancestors |= what == WHAT_ANCESTOR;
	b->frames++;
}

/* Of a stack that goes on; none does behind a creation site. */
static bool is_frame(enum what what)
{
	return what == WHAT_FUNC || what == WHAT_PART || what == WHAT_LONE || what == WHAT_ELIDED || what == WHAT_CREATED;
}

#define NAME_MIN 60   /* the same, of a name that has no path in it */
#define BROKEN_MIN 40 /* columns, without the prefix, that a terminal has at the least */

/* The beginning of a file's line, or of a function's name, of which a terminal put the rest into the next line. */
static bool is_half(const struct block *b, struct str s, bool indented)
{
	bool file = b->pending == PENDING_FUNC || b->pending == PENDING_CREATED || b->pending == PENDING_LONE;

	if (s.n < BROKEN_MIN || s.n > PREFIX_MAX || b->gap || b->blanks || (!memchr(s.p, '/', s.n) && (indented || s.n < NAME_MIN)))
		return false;
	if (indented)
		return file && !memmem(s.p, s.n, ": ", 2) && s.p[0] != '{';
	return b->pending == PENDING_NONE && !b->complete && is_func_name(s) && !memchr(s.p, ':', s.n);
}

/* The line whose beginning waits, in place of its rest; what does not fit was a line of a log. True when s was changed. */
static bool completed(struct streams *x, struct block *b, struct str *s)
{
	bool name = b->pending == PENDING_NONE;
	size_t n = b->half.n;
	enum what what;

	buf_add(&b->half, s->p, s->n);
	what = what_is(str_of_buf(&b->half));
	b->half.n = n;
	if (name ? what != WHAT_FUNC && what != WHAT_PART : what != WHAT_FILE) {
		x->sum.skipped++;
		b->gap++;
		return false;
	}
	*s = (struct str){b->half.p, n + s->n};
	return true;
}

/* The rest of the "created by" line above, which is written already: " in goroutine 5" and what stands before it. */
bool created_goes_on(struct stream *t, struct str s)
{
	const char *nl = t->text.n > 1 ? memrchr(t->text.p, '\n', t->text.n - 1) : NULL;
	size_t from = nl ? (size_t)(nl - t->text.p) + 1 : 0, n = t->text.n - 1;
	struct line was, is;

	if (t->b.pending != PENDING_CREATED || t->b.gap || t->b.blanks || n - from < BROKEN_MIN || s.n > PREFIX_MAX)
		return false;
	line_parse((struct str){t->text.p + from, n - from}, &was);
	for (int blank = 0; blank < 2 && !was.goroutine; blank++) {
		t->text.n = n;
		buf_adds(&t->text, blank ? " " : "");
		buf_add(&t->text, s.p, s.n);
		line_parse((struct str){t->text.p + from, t->text.n - from}, &is);
		if (is.kind == LINE_CREATED && !memchr(is.func.p, ' ', is.func.n)) {
			buf_putc(&t->text, '\n');
			return true;
		}
	}
	t->text.n = n;
	buf_putc(&t->text, '\n');
	return false;
}

/* What a line without its prefix and suffix adds to the stream's open block. */
void block_line(struct streams *x, struct stream *t, struct str content)
{
	struct str s = trim_marks(trim_blanks(without_spelled_tab(trim_blanks(content))));
	struct block *b = &t->b;
	enum what what = what_is(s);

	if ((what == WHAT_PART || b->pending == PENDING_PART) && s.p + s.n < content.p + content.n && s.p[s.n] == ',')
		s.n++; /* it was broken between arguments */

	if (what == WHAT_BLANK && content.n == s.n) {
		x->section = false;
		b->blanks++;
		return;
	}
	if (what == WHAT_FOREIGN && t->lead.n && shape_is(str_of_buf(&t->lead), content)) {
		skip_line(x, content);
		b->blanks = 0; /* the log's own */
		if (++b->leads > GAP_PREFIX)
			close_block(x, t); /* nothing stands between them any more: the log goes on */
		return;
	}
	if ((b->complete && what != WHAT_ANCESTOR) || (b->pending == PENDING_CREATED && !b->ancestors && is_frame(what))) {
		close_block(x, t);
		skip_line(x, content);
		return;
	}
	if (joined(t, s) || (what == WHAT_FOREIGN && !b->half.n && !line_indent(content) && created_goes_on(t, s)))
		return;
	if (b->half.n) {
		if (completed(x, b, &s))
			what = what_is(s);
		b->half.n = 0;
	}
	if (what == WHAT_FOREIGN && is_half(b, s, line_indent(content) > 0)) {
		buf_add(&b->half, s.p, s.n);
		return;
	}
	b->complete = false;
	switch (what) {
	case WHAT_FILE:
		file_line(x, t, s, content.n && content.p[0] == '\t');
		break;
	case WHAT_FUNC:
		function(x, t, s, PENDING_FUNC);
		break;
	case WHAT_PART:
		function(x, t, s, PENDING_PART);
		break;
	case WHAT_BLANK:
	case WHAT_FOREIGN:
		foreign(x, t, content);
		break;
	default:
		frame_without_file(x, t, s, what);
	}
}
