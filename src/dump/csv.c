/* SPDX-License-Identifier: MIT */
/*
 * A column of a table, as sites that keep logs hand it over:
 *
 *     Date,Host,Service,Message
 *     2026-11-23T10:00:00Z,web1,shop,"goroutine 1 [chan receive, 14 minutes]:"
 *     2026-11-23T10:00:00Z,web1,shop,main.main()
 */
#include "line.h"
#include "unwrap_internal.h"

#define CELLS_MAX 64

struct row {
	struct str cells[CELLS_MAX]; /* without their quotes */
	bool quoted[CELLS_MAX];
	size_t n;
};

/* Where the quoted cell that begins behind s[i] ends; s.n when it does not. */
static size_t cell_end(struct str s, size_t i)
{
	for (; i < s.n; i++) {
		if (s.p[i] != '"')
			continue;
		if (i + 1 == s.n || s.p[i + 1] != '"')
			return i;
		i++;
	}
	return s.n;
}

/* False: it is no row, for a quote stands where none may. */
static bool row_of(struct str s, struct row *r)
{
	size_t i = 0, end;

	for (r->n = 0; r->n < CELLS_MAX; i = end + 1) {
		bool quoted = r->quoted[r->n] = i < s.n && s.p[i] == '"';
		const char *comma;

		if (quoted) {
			end = cell_end(s, i + 1);
			if (end == s.n)
				return false;
			r->cells[r->n++] = (struct str){s.p + i + 1, end - i - 1};
			end++;
			if (end < s.n && s.p[end] != ',')
				return false;
		} else {
			comma = i < s.n ? memchr(s.p + i, ',', s.n - i) : NULL;
			end = comma ? (size_t)(comma - s.p) : s.n;
			r->cells[r->n] = (struct str){s.p + i, end - i};
			if (memchr(r->cells[r->n].p, '"', r->cells[r->n].n))
				return false;
			r->n++;
		}
		if (end >= s.n)
			return r->n > 1;
	}
	return false;
}

/* A cell's text is a line, in which two quotes are one. */
static void take_cell(struct unwrap *u, struct str cell, bool quoted, int depth)
{
	struct buf *out = &u->decoded[depth];

	buf_reset(out);
	for (size_t i = 0; i < cell.n; i++) {
		buf_putc(out, cell.p[i]);
		i += quoted && cell.p[i] == '"' && i + 1 < cell.n && cell.p[i + 1] == '"';
	}
	u->undone |= UNWRAP_STRINGS;
	unwrap_line(u, (struct str){out->n ? out->p : "", out->n}, depth + 1);
}

/* A header and nothing else, to its colon: a comma may stand among its labels. */
static bool is_whole_header(struct str s)
{
	struct dump_header h;
	bool colon = false;

	return header_span(s, &h, &colon) == s.n && colon;
}

bool csv_take(struct unwrap *u, struct str s, size_t at, int depth)
{
	struct key k = {.kind = KEY_CSV};
	struct row r;

	if (!row_of(s, &r))
		return false;
	for (k.column = 0; k.column < r.n && r.cells[k.column].p != s.p + at; k.column++)
		;
	if (k.column == r.n || (r.n == 2 && !r.cells[1].n) || !(r.quoted[k.column] || is_whole_header(r.cells[k.column])))
		return false;
	k.columns = r.n;
	unwrap_learn(u, &k, depth);
	take_cell(u, r.cells[k.column], r.quoted[k.column], depth);
	return true;
}

bool csv_next(struct unwrap *u, struct str s, const struct key *k, int depth)
{
	struct row r;

	if (!row_of(s, &r) || r.n != k->columns)
		return false;
	take_cell(u, r.cells[k->column], r.quoted[k->column], depth);
	return true;
}
