/* SPDX-License-Identifier: MIT */
#include "packets.h"

#define SEQUENCE 1 /* all packets are of one sequence, and share its numbered texts */
#define MOST_FRESH 32 /* texts of a kind that one packet brings along */
enum { FLAG_CLEARED = 1, FLAG_NEEDS_TEXTS = 2 };
enum { CLOCK_WALL = 1, CLOCK_BOOT = 6 }; /* the latter is that of packets that name none */

static void put(struct packets *p, Trace__Packet *packet)
{
	Trace__Trace all = TRACE__TRACE__INIT;

	packet->has_trusted_packet_sequence_id = 1;
	packet->trusted_packet_sequence_id = SEQUENCE;
	packet->interned_data = p->fresh;
	all.n_packet = 1;
	all.packet = &packet;
	buf_reserve(p->out, trace__trace__get_packed_size(&all));
	p->out->n += trace__trace__pack(&all, (uint8_t *)p->out->p + p->out->n);
	p->fresh = NULL;
	pool_release(&p->pool);
}

void packets_begin(struct packets *p, int64_t ms)
{
	Trace__ClockSnapshot__Clock boot = TRACE__CLOCK_SNAPSHOT__CLOCK__INIT, wall = boot, *clocks[] = {&boot, &wall};
	Trace__ClockSnapshot snapshot = TRACE__CLOCK_SNAPSHOT__INIT;
	Trace__Packet packet = TRACE__PACKET__INIT;

	boot.has_clock_id = wall.has_clock_id = boot.has_timestamp = wall.has_timestamp = 1;
	boot.clock_id = CLOCK_BOOT;
	wall.clock_id = CLOCK_WALL;
	boot.timestamp = wall.timestamp = packet.timestamp = (uint64_t)ms * 1000000;
	snapshot.n_clocks = 2;
	snapshot.clocks = clocks;
	packet.clock_snapshot = &snapshot;
	packet.has_timestamp = packet.has_sequence_flags = 1;
	packet.sequence_flags = FLAG_CLEARED;
	put(p, &packet);
}

void packets_track(struct packets *p, Trace__TrackDescriptor *d)
{
	Trace__Packet packet = TRACE__PACKET__INIT;

	packet.track_descriptor = d;
	put(p, &packet);
}

void packets_event(struct packets *p, int64_t ms, Trace__TrackEvent__Type type, uint64_t track, Trace__TrackEvent *event)
{
	Trace__Packet packet = TRACE__PACKET__INIT;

	event->has_type = event->has_track_uuid = 1;
	event->type = type;
	event->track_uuid = track;
	packet.has_timestamp = packet.has_sequence_flags = 1;
	packet.timestamp = (uint64_t)ms * 1000000;
	packet.sequence_flags = FLAG_NEEDS_TEXTS;
	packet.track_event = event;
	put(p, &packet);
}

uint64_t packets_number(struct packets *p, enum text_kind kind, const uint64_t key[COUNTER_KEY], bool *fresh)
{
	struct counter_row *row = counter_row(&p->texts[kind], key);

	*fresh = row->n == 0;
	if (*fresh)
		row->n = (int64_t)p->texts[kind].n;
	return (uint64_t)row->n;
}

static Trace__Text ***list_of(Trace__InternedData *d, enum text_kind kind, size_t **n)
{
	switch (kind) {
	case TEXT_CATEGORY:
		*n = &d->n_event_categories;
		return &d->event_categories;
	case TEXT_NAME:
		*n = &d->n_event_names;
		return &d->event_names;
	case TEXT_ANNOTATION:
		*n = &d->n_debug_annotation_names;
		return &d->debug_annotation_names;
	default:
		*n = &d->n_debug_annotation_string_values;
		return &d->debug_annotation_string_values;
	}
}

void packets_bring(struct packets *p, enum text_kind kind, uint64_t number, char *text)
{
	Trace__Text *one = pool_alloc(&p->pool, sizeof *one), ***list;
	size_t *n;

	if (!p->fresh) {
		p->fresh = pool_alloc(&p->pool, sizeof *p->fresh);
		trace__interned_data__init(p->fresh);
	}
	trace__text__init(one);
	one->has_iid = 1;
	one->iid = number;
	one->text = text;
	list = list_of(p->fresh, kind, &n);
	if (!*list)
		*list = pool_alloc(&p->pool, MOST_FRESH * sizeof **list);
	(*list)[(*n)++] = one;
}

void packets_release(struct packets *p)
{
	for (size_t i = 0; i < TEXT_KINDS; i++)
		counter_map_release(&p->texts[i]);
	pool_release(&p->pool);
}
