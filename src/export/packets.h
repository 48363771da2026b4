/* SPDX-License-Identifier: MIT */
/*
 * packets.h: a Perfetto trace, packet by packet. Texts that come again are numbered: the packet that first needs one
 * brings it along. Zero but for `out` is a trace that has not begun.
 */
#ifndef EXPORT_PACKETS_H
#define EXPORT_PACKETS_H

#include "counter_map.h"
#include "trace.pb-c.h"

/* Each kind of text has its own numbers. */
enum text_kind { TEXT_CATEGORY, TEXT_NAME, TEXT_ANNOTATION, TEXT_VALUE, TEXT_KINDS };

struct packets {
	struct buf *out;
	struct counter_map texts[TEXT_KINDS];
	struct pool pool;           /* of the packet that is being made; emptied when it is put */
	Trace__InternedData *fresh; /* texts that it brings along; NULL none */
};

void packets_begin(struct packets *p, int64_t ms); /* the first packet: times are those of the wall clock */
void packets_track(struct packets *p, Trace__TrackDescriptor *d);
void packets_event(struct packets *p, int64_t ms, Trace__TrackEvent__Type type, uint64_t track, Trace__TrackEvent *event);
void packets_release(struct packets *p);

/* The number of a text that is known by this key. fresh: it is not known yet, packets_bring must follow. */
uint64_t packets_number(struct packets *p, enum text_kind kind, const uint64_t key[COUNTER_KEY], bool *fresh);
void packets_bring(struct packets *p, enum text_kind kind, uint64_t number, char *text);

#endif
