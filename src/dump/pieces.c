/* SPDX-License-Identifier: MIT */
/*
 * Lines that a container's runtime cut in pieces:
 *
 *     2026-11-23T10:00:00.000000000Z stderr P {"level":"fatal","stack":"gorou      CRI: P a piece, F the last one
 *     {"log":"{\"level\":\"fatal\",\"sta","stream":"stderr","time":"…"}           docker: no \n at the end, after 16 KiB
 */
#include "unwrap_internal.h"

#define DOCKER_CUT 16384
#define LINE_MAX_JOINED ((size_t)4 << 20)

enum piece { PIECE_NONE, PIECE_MORE, PIECE_LAST };

/* The text of a line of CRI begins behind *at, where P or F stands. */
static enum piece cri_piece(struct str s, size_t *at)
{
	const char *blank = memchr(s.p, ' ', s.n < 48 ? s.n : 48);
	size_t i = blank ? (size_t)(blank - s.p) : s.n;

	if (i < 20 || s.p[0] < '0' || s.p[0] > '9' || s.p[10] != 'T' || s.n - i < 9)
		return PIECE_NONE;
	if (memcmp(s.p + i, " stdout ", 8) != 0 && memcmp(s.p + i, " stderr ", 8) != 0)
		return PIECE_NONE;
	*at = i + 8;
	if (*at + 1 < s.n && s.p[*at + 1] != ' ')
		return PIECE_NONE;
	return s.p[*at] == 'P' ? PIECE_MORE : s.p[*at] == 'F' ? PIECE_LAST : PIECE_NONE;
}

static const struct str log_key = {"{\"log\":\"", 8};

/* *at: where the string of a line of docker's ends. */
static enum piece docker_piece(const struct unwrap *u, struct str s, size_t *at)
{
	size_t end;

	if (!str_begins(s, log_key))
		return PIECE_NONE;
	end = quote_after(s, log_key.n);
	if (end == s.n || !memmem(s.p + end, s.n - end, "\"stream\":\"", 10))
		return PIECE_NONE;
	*at = end;
	if (end > log_key.n + 1 && s.p[end - 1] == 'n' && s.p[end - 2] == '\\')
		return PIECE_LAST;
	return u->docker_whole || end >= DOCKER_CUT ? PIECE_MORE : PIECE_NONE;
}

bool is_piece(const struct unwrap *u, struct str s)
{
	size_t at;

	return cri_piece(s, &at) == PIECE_MORE || docker_piece(u, s, &at) == PIECE_MORE;
}

bool unwrap_join(struct unwrap *u, struct str *s)
{
	size_t at = 0, rest;
	enum piece cri = cri_piece(*s, &at), what = cri ? cri : docker_piece(u, *s, &at);
	struct buf *part = &u->part;

	if (u->part_used)
		buf_reset(part);
	u->part_used = false;
	u->docker_whole |= !cri && what == PIECE_LAST;
	if (what == PIECE_NONE || (what == PIECE_LAST && !part->n))
		return false;
	rest = !part->n ? 0 : cri ? (at + 2 < s->n ? at + 2 : s->n) : log_key.n; /* the first piece keeps what stands before it */
	buf_add(part, s->p + rest, (what == PIECE_MORE && !cri ? at : s->n) - rest);
	if (!rest && cri)
		part->p[at] = 'F';
	if (what == PIECE_MORE && part->n < LINE_MAX_JOINED)
		return true;
	u->undone |= UNWRAP_PIECES;
	u->part_used = true;
	*s = (struct str){part->p, part->n};
	return false;
}

bool unwrap_join_end(struct unwrap *u, struct str *s)
{
	if (!u->part.n || u->part_used)
		return false;
	u->undone |= UNWRAP_PIECES;
	u->part_used = true;
	*s = (struct str){u->part.p, u->part.n};
	return true;
}
