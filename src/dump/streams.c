/* SPDX-License-Identifier: MIT */
#include "block.h"
#include "line.h"
#include "origin.h"
#include "shape.h"
#include <gscrape/err.h>
#include <stdlib.h>

#define GAP_RAW 16       /* lines of a log that may stand within a block */
#define NOTES_MAX 4096
#define RECORD_BEGINS 4096
#define ORIGINS_MAX 1000 /* names that are told apart */

struct streams *streams_new(void)
{
	struct streams *x = xcalloc(1, sizeof *x);

	x->of_record = NOBODY;
	return x;
}

/* --- grouped profiles */

static bool is_group_line(struct str s)
{
	size_t i = 0;

	if (s.n && s.p[0] == '#')
		return true;
	while (i < s.n && s.p[i] >= '0' && s.p[i] <= '9')
		i++;
	return i && i + 1 < s.n && s.p[i] == ' ' && s.p[i + 1] == '@';
}

static void group_line(struct streams *x, struct stream *t, struct str content)
{
	struct str s = trim_marks(trim_blanks(content));

	if (!s.n || is_group_line(s)) {
		write_line(&t->grouped, "", s);
		t->group_gap = 0;
		return;
	}
	x->sum.skipped++;
	if (++t->group_gap > GAP_RAW)
		t->in_group = false;
}

/* --- streams */

static void move_buf(struct buf *to, struct buf *from)
{
	if (!to->n) { /* as for all texts but those of several services */
		buf_release(to);
		*to = *from;
		*from = (struct buf){0};
		return;
	}
	buf_add(to, from->p, from->n);
	buf_release(from);
}

/* A stream's blocks go behind those of the streams that ended before. */
static void end_stream(struct streams *x, struct stream *t)
{
	close_block(x, t);
	if (!x->n_blocks) {
		free(x->blocks);
		x->blocks = t->blocks;
		x->n_blocks = t->n;
		x->cap_blocks = t->cap;
		t->blocks = NULL;
		t->n = 0;
	}
	for (size_t i = 0; i < t->n; i++) {
		GROW(x->blocks, x->n_blocks, x->cap_blocks);
		x->blocks[x->n_blocks] = t->blocks[i];
		x->blocks[x->n_blocks++].at += x->text.n;
	}
	move_buf(&x->text, &t->text);
	move_buf(&x->grouped, &t->grouped);
	buf_release(&t->shape);
	buf_release(&t->alias);
	buf_release(&t->suffix);
	buf_release(&t->guess);
	buf_release(&t->guessed);
	buf_release(&t->lead);
	buf_release(&t->b.func);
	buf_release(&t->b.half);
	free(t->blocks);
	free(t);
}

static void make_room(struct streams *x)
{
	size_t oldest = 0;

	if (x->n < STREAMS)
		return;
	for (size_t i = 1; i < x->n; i++)
		if (x->all[i]->used < x->all[oldest]->used)
			oldest = i;
	if (x->current == x->all[oldest])
		x->current = NULL;
	end_stream(x, x->all[oldest]);
	x->n--;
	memmove(x->all + oldest, x->all + oldest + 1, (x->n - oldest) * sizeof *x->all);
}

/* The number of the name that is in x->name. */
static uint32_t origin_number(struct streams *x)
{
	if (!x->name.n)
		return NOBODY;
	for (size_t i = 0; i < x->n_origins; i++)
		if (strlen(x->origins[i]) == x->name.n && memcmp(x->origins[i], x->name.p, x->name.n) == 0)
			return (uint32_t)i;
	if (x->n_origins == ORIGINS_MAX)
		return NOBODY;
	GROW(x->origins, x->n_origins, x->cap_origins);
	x->origins[x->n_origins] = xstrndup(x->name.p, x->name.n);
	return (uint32_t)x->n_origins++;
}

/* Whose the line with this prefix is. */
static uint32_t origin_of(struct streams *x, struct str prefix)
{
	if (x->of_record != NOBODY)
		return x->of_record;
	buf_reset(&x->name);
	origin_of_prefix(&x->name, prefix);
	return origin_number(x);
}

/* May a line with this prefix be the stream's? What differs in numbers only may be two services. */
static bool is_of(struct streams *x, const struct stream *t, struct str prefix)
{
	uint32_t origin = origin_of(x, prefix);

	return origin == t->origin || (origin == NOBODY && t->alias.n);
}

/* The stream of which this is the prefix; NULL. What its frames turned out to have may stand before its headers, too, when
 * only the first line of all is another ("ERROR | goroutine 1 [running]:", then blanks in the word's place). */
static struct stream *known_prefix(struct streams *x, struct str prefix)
{
	for (size_t i = 0; i < x->n; i++)
		if (shape_is(str_of_buf(&x->all[i]->shape), prefix) && is_of(x, x->all[i], prefix))
			return x->all[i];
	for (size_t i = 0; i < x->n; i++)
		if (shape_is(str_of_buf(&x->all[i]->alias), prefix) && is_of(x, x->all[i], prefix))
			return x->all[i];
	return NULL;
}

/* The stream of lines with this prefix. */
static struct stream *stream_of(struct streams *x, struct str prefix)
{
	struct stream *t;

	if (trim_blanks(prefix).n && prefix.n <= PREFIX_MAX) {
		t = known_prefix(x, prefix);
		if (t)
			return t;
	} else {
		prefix.n = 0;
		for (size_t i = 0; i < x->n; i++)
			if (!x->all[i]->shape.n && x->all[i]->origin == x->of_record)
				return x->all[i];
	}
	make_room(x);
	t = x->all[x->n++] = xcalloc(1, sizeof *t);
	shape_add(&t->shape, prefix);
	t->origin = origin_of(x, prefix);
	return t;
}

/* The stream whose prefix the line has; *cut is its length. The longest counts. */
static struct stream *prefixed(struct streams *x, struct str line, size_t *cut)
{
	struct stream *best = NULL;

	*cut = 0;
	for (size_t i = 0; i < x->n; i++) {
		struct stream *t = x->all[i];
		size_t n = t->shape.n ? shape_prefix(str_of_buf(&t->shape), line) : 0;
		size_t m = t->alias.n ? shape_prefix(str_of_buf(&t->alias), line) : 0;

		n = m > n ? m : n;
		if (n > *cut && is_of(x, t, (struct str){line.p, n})) {
			*cut = n;
			best = t;
		}
	}
	return best;
}

/* Without the words that stand behind each line of the stream. */
static struct str without_suffix(struct streams *x, const struct stream *t, struct str s)
{
	size_t least = s.n > t->suffix.n * 2 + 64 ? s.n - t->suffix.n * 2 - 64 : 0;

	if (!t->suffix.n)
		return s;
	if (t->suffix.n == 2 && t->suffix.p[0] == ' ' && char_in(t->suffix.p[1], "+|") && s.n && s.p[s.n - 1] == t->suffix.p[1]) {
		x->sum.undone |= UNWRAP_SUFFIX; /* a table's edge, which its longest line touches */
		for (s.n--; s.n && s.p[s.n - 1] == ' '; s.n--)
			;
		return s;
	}
	for (size_t i = least; i < s.n; i++) {
		if (shape_is(str_of_buf(&t->suffix), (struct str){s.p + i, s.n - i})) {
			x->sum.undone |= UNWRAP_SUFFIX;
			s.n = i;
			break;
		}
	}
	return s;
}

/* Does a file follow the function that was guessed, behind the same words? Then they are the prefix of this stream's frames. */
static bool guess_proved(struct streams *x, struct stream *t, struct str line)
{
	struct str s = trim_marks(line);
	size_t n = t->guess.n ? shape_prefix(str_of_buf(&t->guess), s) : 0;

	if (!n || !is_file_line(trim_blanks((struct str){s.p + n, s.n - n}))) {
		t->guess.n = 0;
		return false;
	}
	buf_reset(&t->alias);
	buf_add(&t->alias, t->guess.p, t->guess.n);
	t->guess.n = 0;
	if (t->b.pending == PENDING_FUNC) { /* with those words it was taken for a function */
		t->b.pending = PENDING_NONE;
	} else {
		x->sum.skipped -= x->sum.skipped > 0;
		t->b.gap -= t->b.gap > 0;
	}
	block_line(x, t, str_of_buf(&t->guessed));
	block_line(x, t, (struct str){s.p + n, s.n - n});
	x->sum.columns = x->sum.columns ? x->sum.columns : n;
	x->sum.prefixed += 2;
	return true;
}

/* A function behind words that are no prefix known yet: those are remembered, for guess_proved(). */
static void guess(struct stream *t, struct str line)
{
	struct str s = trim_marks(line);
	struct line l;
	size_t n;

	line_parse(trim_blanks(s), &l);
	if (l.kind != LINE_FUNC || !l.args.p)
		return;
	n = func_name_begins(l.func) + (size_t)(l.func.p - s.p);
	if (n == (size_t)(l.func.p - s.p) || n > PREFIX_MAX || !is_func_name((struct str){s.p + n, (size_t)(l.func.p + l.func.n - s.p) - n}))
		return;
	shape_add(&t->guess, (struct str){s.p, n});
	buf_reset(&t->guessed);
	buf_add(&t->guessed, s.p + n, s.n - n);
}

/* Is there a frame's line in the column where the header was? A prefix may be another in each line, of the same width: a
 * number in letters, "stdout" for "stderr". */
static bool is_in_column(const struct stream *t, struct str line)
{
	size_t n = t->column;
	struct str s, func;
	enum what what;

	if (!n || line.n <= n || (line.p[n - 1] != t->mark && !(line.p[n - 1] == '\t' && t->mark == ' ')))
		return false;
	s = trim_marks(trim_blanks((struct str){line.p + n, line.n - n}));
	what = what_is(s);
	func = (struct str){s.p, func_name_ends(s)};
	if (what == WHAT_FILE)
		return t->b.pending != PENDING_NONE;
	return what == WHAT_FUNC ? is_func_name(func) : what == WHAT_CREATED || what == WHAT_ELIDED || what == WHAT_ANCESTOR;
}

/* A line without a known prefix, of a block whose header has one: true when it is dealt with; else the block's lines may do
 * without. */
static bool unprefixed(struct streams *x, struct stream *t, struct str s)
{
	struct str words = trim_marks(trim_blanks(s));
	enum what what = what_is(words);

	if (is_in_column(t, s)) {
		x->sum.prefixed++;
		block_line(x, t, (struct str){s.p + t->column, s.n - t->column});
		return true;
	}
	if (t->b.frames || t->b.pending != PENDING_NONE || t->b.half.n) {
		if (t->b.half.n) /* a line that was broken has its prefix once */
			block_line(x, t, s);
		else if (what != WHAT_BLANK && !joined(t, words) && !created_goes_on(t, words))
			foreign(x, t, s);
		return true;
	}
	t->b.bare = what == WHAT_CREATED || what == WHAT_LONE || what == WHAT_PART ||
		    (what == WHAT_FUNC && is_func_name((struct str){trim_blanks(s).p, func_name_ends(trim_blanks(s))}));
	return false;
}

/* Whose a line without a prefix is: the block's that was begun last, of its record's service. */
static struct stream *bare_stream(const struct streams *x)
{
	struct stream *best = NULL;

	if (x->of_record == NOBODY || (x->current && x->current->origin == x->of_record))
		return x->current;
	for (size_t i = 0; i < x->n; i++)
		if (x->all[i]->origin == x->of_record && (!best || x->all[i]->used > best->used))
			best = x->all[i];
	return best;
}

static void bare_line(struct streams *x, struct str line)
{
	struct stream *t = bare_stream(x);
	struct str s;

	if (!t || !(t->b.open || t->in_group)) {
		skip_line(x, line);
		return;
	}
	s = without_suffix(x, t, line);
	if (t->in_group) {
		group_line(x, t, s);
		return;
	}
	if (guess_proved(x, t, s) || (t->shape.n && !t->b.bare && unprefixed(x, t, s)))
		return;
	guess(t, s);
	block_line(x, t, s);
}

/* Words of the runtime before the first goroutine. */
static void note(struct streams *x, struct str s)
{
	struct str words = runtime_words(s);

	if (words.n && x->sum.notes.n < NOTES_MAX)
		write_line(&x->sum.notes, "", words);
}

static bool has_goroutines(const struct streams *x)
{
	for (size_t i = 0; i < x->n; i++)
		if (x->all[i]->text.n)
			return true;
	return x->text.n > 0;
}

/* A header in a quotation of the header above, as shells make of a program's errors: nothing new. */
static bool is_echo(const struct streams *x, const struct found_header *h, struct str line)
{
	const struct stream *t = x->current;

	return t && t->b.open && t->b.id == h->id && !t->b.frames && t->b.pending == PENDING_NONE &&
	       (!h->colon || trim_marks(trim_blanks((struct str){line.p + h->at + h->n, line.n - h->at - h->n})).n);
}

static void begin_group(struct streams *x, struct str line, size_t at)
{
	struct stream *t = stream_of(x, (struct str){line.p, at});

	if (t->shape.n) {
		x->sum.columns = x->sum.columns ? x->sum.columns : at;
		x->sum.prefixed++;
	}
	close_block(x, t);
	t->in_group = true;
	t->group_gap = 0;
	x->current = t;
	write_line(&t->grouped, "", trim_blanks((struct str){line.p + at, line.n - at}));
}

static bool is_half_header(struct str s)
{
	static const struct str word = {"goroutine ", 10};

	return s.n && memcmp(s.p, word.p, s.n < word.n ? s.n : word.n) == 0;
}

bool streams_any(const struct streams *x)
{
	return x->any;
}

bool streams_sure(const struct streams *x)
{
	return x->sure;
}

void streams_drop(struct streams *x)
{
	struct unwrapped none;

	streams_end(x, false, &none);
	unwrapped_release(&none);
}

void streams_turn(struct streams *x)
{
	struct buf kept = x->kept;

	x->turned = !x->turned;
	x->kept = (struct buf){0};
	for (size_t i = x->n_kept; i-- > 0;) {
		x->of_record = x->kept_lines[i].origin;
		streams_line(x, (struct str){kept.p + x->kept_lines[i].at, x->kept_lines[i].n}, x->kept_lines[i].time);
	}
	x->n_kept = 0;
	buf_release(&kept);
}

static void keep_line(struct streams *x, struct str line, int64_t time)
{
	GROW(x->kept_lines, x->n_kept, x->cap_kept);
	x->kept_lines[x->n_kept++] = (struct kept_line){x->kept.n, line.n, time, x->of_record};
	buf_add(&x->kept, line.p, line.n);
	buf_putc(&x->kept, '\n');
}

void streams_record(struct streams *x, struct str line)
{
	if (!memmem(line.p, line.n < RECORD_BEGINS ? line.n : RECORD_BEGINS, "{\"", 2)) {
		x->of_record = NOBODY;
		return;
	}
	buf_reset(&x->name);
	origin_of_record(&x->name, line);
	x->of_record = origin_number(x);
}

void streams_prefix(struct streams *x, struct str prefix)
{
	x->of_record = origin_of(x, prefix);
}

static void sort_out(struct streams *x, struct str line, int64_t time);
static bool header_waits(struct streams *x, struct str line, int64_t time);

void streams_line(struct streams *x, struct str line, int64_t time)
{
	uint64_t skipped = x->sum.skipped;

	if (x->turned) {
		keep_line(x, line, time);
		return;
	}
	if (header_waits(x, line, time))
		return;
	sort_out(x, line, time);
	buf_reset(&x->before);
	if (x->sum.skipped > skipped && line.n && line.n < PREFIX_MAX)
		shape_add(&x->before, line);
}

/* A header that a terminal broke waits for its rest; what it was no part of goes its own way. True: the line is
 * taken. */
static bool header_waits(struct streams *x, struct str line, int64_t time)
{
	struct found_header h;
	struct buf part = x->part;
	bool joined;

	x->part = (struct buf){0};
	if (part.n) {
		size_t n = part.n;

		buf_add(&part, line.p, line.n);
		joined = line.n && streams_header((struct str){part.p, part.n}, &h) && h.colon && h.at + h.n > n;
		sort_out(x, joined ? (struct str){part.p, part.n} : (struct str){part.p, n}, x->part_time);
		buf_release(&part);
		if (joined)
			return true;
	}
	if (line.n > PREFIX_MAX || !is_header_part(line))
		return false;
	buf_add(&x->part, line.p, line.n);
	x->part_time = time;
	return true;
}

static void sort_out(struct streams *x, struct str line, int64_t time)
{
	struct found_header h;
	struct stream *t;
	size_t cut, at;

	x->lines++;
	x->skipped_before = x->sum.skipped;
	x->half_header = is_half_header(trim_blanks(line));
	if (streams_header(line, &h)) {
		if (is_echo(x, &h, line)) {
			x->sum.skipped++;
			return;
		}
		t = stream_of(x, (struct str){line.p, h.at});
		if (t->shape.n) {
			x->sum.columns = x->sum.columns ? x->sum.columns : h.at;
			x->sum.prefixed++;
		}
		if (x->current && x->current != t && x->current->origin == t->origin && (x->current->b.bare || !x->current->shape.n || !t->shape.n))
			close_block(x, x->current);
		t->used = x->lines;
		t->column = t->shape.n ? h.at : 0;
		t->mark = h.at ? line.p[h.at - 1] : 0;
		begin_block(x, t, line, &h, time);
		return;
	}
	at = grouped_header(line);
	if (at != SIZE_MAX) {
		begin_group(x, line, at);
		return;
	}
	t = prefixed(x, line, &cut);
	if (t && !t->b.bare && (t->b.open || t->in_group)) {
		struct str content = without_suffix(x, t, (struct str){line.p + cut, line.n - cut});

		t->used = x->lines;
		x->sum.prefixed++;
		if (t->in_group)
			group_line(x, t, content);
		else
			block_line(x, t, content);
		return;
	}
	if (!has_goroutines(x))
		note(x, line);
	bare_line(x, line);
}

bool streams_busy(const struct streams *x)
{
	for (size_t i = 0; i < x->n; i++)
		if (x->all[i]->b.open || x->all[i]->in_group)
			return true;
	return false;
}

/* A part whose rest never came. */
static void flush_part(struct streams *x)
{
	struct buf part = x->part;

	x->part = (struct buf){0};
	if (part.n)
		sort_out(x, (struct str){part.p, part.n}, x->part_time);
	buf_release(&part);
}

void streams_close(struct streams *x)
{
	flush_part(x);
	for (size_t i = 0; i < x->n; i++) {
		close_block(x, x->all[i]);
		x->all[i]->in_group = false;
	}
}

/* --- the end */

/* The streams of one service stand together. */
static void end_all(struct streams *x)
{
	for (size_t i = 0; i < x->n; i++) {
		uint32_t origin;

		if (!x->all[i])
			continue;
		origin = x->all[i]->origin;
		for (size_t k = i; k < x->n; k++) {
			if (!x->all[k] || x->all[k]->origin != origin)
				continue;
			end_stream(x, x->all[k]);
			x->all[k] = NULL;
		}
	}
}

void streams_end(struct streams *x, bool cut, struct unwrapped *out)
{
	bool within = false;

	flush_part(x);
	for (size_t i = 0; i < x->n; i++)
		within |= x->all[i]->b.open && !x->all[i]->b.complete && (cut || x->all[i]->b.pending == PENDING_FUNC);
	if (cut && (within || x->half_header))
		x->sum.skipped = x->skipped_before; /* what is left of the last line */
	end_all(x);
	*out = x->sum;
	out->cut = within;
	out->text = x->text;
	out->grouped = x->grouped;
	find_moments(x, out);
	out->origins = x->origins;
	out->n_origins = x->n_origins;
	while (within && out->text.n && out->text.p[out->text.n - 1] == '\n')
		out->text.n--; /* as the scanner knows a cut dump */
	free(x->blocks);
	free(x->kept_lines);
	buf_release(&x->kept);
	buf_release(&x->before);
	buf_release(&x->name);
	free(x);
}
