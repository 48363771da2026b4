/* SPDX-License-Identifier: MIT */
/* block.h: the open block of a stream, line by line; what streams.c and block.c share. */
#ifndef DUMP_BLOCK_H
#define DUMP_BLOCK_H

#include "streams.h"
#include "what.h"

#define STREAMS 16       /* kept apart at a time; one more closes the one that was silent longest */
#define PREFIX_MAX 1024  /* a longer one is none */

enum pending {
	PENDING_NONE,
	PENDING_FUNC,    /* a function, not written yet: its file must come */
	PENDING_CREATED, /* written; its file may come */
	PENDING_LONE,    /* the same of a frame that needs none */
	PENDING_PART,    /* a function whose line goes on in the next */
};

struct block {
	bool open;
	bool strong;    /* its header says all that a header says and nothing else: it may be without frames */
	bool complete;  /* its creation site is there: only ancestors may follow */
	bool ancestors;
	bool late;      /* its first function did not come right behind its header */
	bool bare;      /* its lines have no prefix though its header has one */
	uint64_t id;
	size_t mark;    /* where it begins in the stream's text */
	size_t frames;
	size_t leads;       /* lines like the one before its header, since the last that belongs */
	size_t blanks, gap; /* empty and foreign lines since the last that belongs */
	enum pending pending;
	struct buf func;
	struct buf half;   /* the beginning of a line that a terminal may have broken */
};

/* What stood in front of a block, behind the one before it. */
enum front {
	FRONT_HEAD = 1, /* a panic's or a signal's words */
	FRONT_RULE = 2, /* "-----": a crash goes on with what its next thread was at */
};

struct begun {
	size_t at;
	uint64_t id;
	int64_t time;
	uint32_t front;  /* enum front */
	uint32_t origin; /* into the origins' names; NOBODY: none is told */
};
#define NOBODY UINT32_MAX

struct stream {
	struct buf shape;  /* of the prefix; empty: none but blanks */
	struct buf alias;  /* of another prefix that its frames turned out to have */
	struct buf suffix; /* of what stands behind each line */
	size_t column;     /* where its newest header began, behind a prefix; 0 without */
	char mark;         /* what stood before that */
	struct buf guess;  /* shape of what stands before a function, if the next line proves it */
	struct buf guessed;/* that function */
	struct buf lead;   /* shape of the line that stood right before its header, as logs have it that give each line one */
	struct buf text, grouped;
	struct block b;
	bool in_group;
	size_t group_gap;
	int64_t time;
	unsigned front;    /* of its block */
	uint64_t used;     /* the line that was its last */
	uint32_t origin;   /* whose lines they are, as a block's */
	struct begun *blocks;
	size_t n, cap;
};

struct streams {
	struct stream *all[STREAMS];
	size_t n;
	struct stream *current; /* whose block or group was begun last */
	uint64_t lines;
	uint64_t skipped_before; /* the last line */
	bool half_header;        /* the last line may be the beginning of a header */
	bool section;            /* among lines of a crash that are no loss, up to an empty one */
	struct buf text, grouped; /* of streams that gave way to others */
	struct begun *blocks;
	size_t n_blocks, cap_blocks;
	bool sure;          /* as streams_sure() says */
	bool any;           /* a header came */
	unsigned front;     /* of the block that comes next */
	bool turned;        /* lines are kept, for streams_turn() */
	struct buf kept;
	struct kept_line {
		size_t at, n;
		int64_t time;
		uint32_t origin;
	} *kept_lines;
	size_t n_kept, cap_kept;
	char **origins;     /* names of services */
	size_t n_origins, cap_origins;
	uint32_t of_record; /* whose the record is that lines come from now; NOBODY */
	struct buf name;
	struct buf part;    /* a header's beginning, of which the rest may come */
	int64_t part_time;
	struct buf before;  /* shape of the line before this one, if it belongs to no block */
	struct unwrapped sum;
};

static inline struct str str_of_buf(const struct buf *b)
{
	return (struct str){b->p, b->n};
}

void begin_block(struct streams *x, struct stream *t, struct str line, const struct found_header *h, int64_t time);
/* What a line without its prefix and suffix adds to the stream's open block. */
void block_line(struct streams *x, struct stream *t, struct str content);
void foreign(struct streams *x, struct stream *t, struct str line); /* a line of a log within it */
bool joined(struct stream *t, struct str s);          /* the rest of a function's line that was broken: taken */
bool created_goes_on(struct stream *t, struct str s); /* the same of the "created by" line above */
void close_block(struct streams *x, struct stream *t);

void skip_line(struct streams *x, struct str line); /* one that belongs to no goroutine */
void write_line(struct buf *out, const char *indent, struct str s);

/* moments.c: the moments of all blocks, whose streams have ended. */
void find_moments(struct streams *x, struct unwrapped *out);

#endif
