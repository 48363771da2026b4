/* SPDX-License-Identifier: MIT */
/*
 * streams.h: the lines near a header, told apart by what stands before them, to blocks.
 *
 * Lines with one prefix are a stream: two services of one log may write their dumps at the same time. A stream has at most
 * one open block; lines without a prefix of any stream belong to the block that was begun last.
 */
#ifndef DUMP_STREAMS_H
#define DUMP_STREAMS_H

#include <gscrape/unwrap.h>

struct streams;

struct streams *streams_new(void);

/* A line without its end, cleaned and decoded; time: of the log's line that it comes from. */
void streams_line(struct streams *x, struct str line, int64_t time);

/* The line of the file that the next lines come from: a record in JSON says whose they are. */
void streams_record(struct streams *x, struct str line);
/* The same of what stands before a string in that line, out of which the next lines come. */
void streams_prefix(struct streams *x, struct str prefix);

/* A goroutine's header in a line, whatever stands around it: its offset and length; false when there is none. */
struct found_header {
	size_t at, n;
	uint64_t id;
	bool colon;
};
bool streams_header(struct str line, struct found_header *out);

bool streams_any(const struct streams *x);  /* is there a block? */
bool streams_sure(const struct streams *x); /* has one its first frame right behind its header? Then lines are in order */
void streams_drop(struct streams *x);

/* From now on lines are only kept; the second time they are taken, the last one first. */
void streams_turn(struct streams *x);

bool streams_busy(const struct streams *x); /* is a block open? */
void streams_close(struct streams *x);      /* nothing more of the open blocks will come */

/* All blocks, stream by stream. Fills in text, grouped, notes, moments, undone, columns, prefixed and too_much, adds to
 * skipped. x is gone. cut: the input ended within a line. */
void streams_end(struct streams *x, bool cut, struct unwrapped *out);

#endif
