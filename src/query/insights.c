/* SPDX-License-Identifier: MIT */
/* The columns of what a history means: what moved, who leaks, who waits, how goroutines live. */
#include "query_internal.h"
#include <gscrape/filter.h>
#include <gscrape/values.h>
#include <inttypes.h>

#define IDS_SHOWN 3  /* of those born, for people */
#define IDS_TOLD  20 /* and in JSON */

/* --- what moved --- */

GETTER(moved_host, struct moved, a_text(host_name_of(r->q, x->host)))
GETTER(moved_group_name, struct moved, a_text(moved_group(x)->name))
GETTER(moved_created, struct moved, a_text(moved_group(x)->created.func))
GETTER(moved_created_at, struct moved, a_file(r->p, &moved_group(x)->created))
GETTER(moved_function, struct moved, a_text(moved_group(x)->top.func))
GETTER(moved_state, struct moved, a_text(query_string(r->q, moved_group(x)->states[0].state)))
GETTER(moved_state_shown, struct moved, a_text(x->now ? moved_state(r).text : "gone"))
GETTER(moved_from, struct moved, a_number(x->from))
GETTER(moved_to, struct moved, a_number(x->to))
GETTER(moved_net, struct moved, a_number_if(true, x->net))
GETTER(moved_born, struct moved, a_number(x->born))
GETTER(moved_gone, struct moved, a_number(x->gone))
GETTER(moved_from_time, struct moved, a_time(x->from_time))
GETTER(moved_to_time, struct moved, a_time(x->to_time))

/* "12, 13, 40 and 7 more": those that are new, oldest first */
static struct column_value moved_new(const struct told_row *r)
{
	const struct moved *m = r->thing;
	const char *s = NULL;

	for (uint32_t i = 0; i < m->born && i < IDS_SHOWN; i++)
		s = i ? pool_printf(r->p, "%s, %" PRIu64, s, m->ids[i]) : pool_printf(r->p, "%" PRIu64, m->ids[i]);
	return a_text(m->born > IDS_SHOWN ? pool_printf(r->p, "%s and %u more", s, m->born - IDS_SHOWN) : s);
}

static void moved_new_json(struct jw *j, const struct told_row *r)
{
	const struct moved *m = r->thing;

	jw_arr(j);
	for (uint32_t i = 0; i < m->born && i < IDS_TOLD; i++)
		jw_uint(j, m->ids[i]);
	jw_end(j);
}

static const char *group_of_hosts(struct pool *p, const struct host_group *g)
{
	return g ? pool_printf(p, "%s=%s", g->key, g->value ? g->value : "") : NULL;
}
GETTER(moved_of, struct moved, a_text(group_of_hosts(r->p, x->together)))
GETTER(moved_hosts, struct moved, a_number(x->hosts))

#define OF_HOSTS 2 /* columns that are of hosts together */
static const struct column of_moved[] = {
	{"of", "OF", COLUMN_TEXT, .get = moved_of},
	{"hosts", "HOSTS", COLUMN_NUMBER, .get = moved_hosts},
	{"host", "HOST", COLUMN_TEXT, .get = moved_host},
	{"net", "NET", COLUMN_NET, .get = moved_net},
	{"from", "FROM", COLUMN_NUMBER, .get = moved_from},
	{"to", "TO", COLUMN_NUMBER, .get = moved_to},
	{"born", "BORN", COLUMN_NUMBER, .get = moved_born},
	{"gone", "GONE", COLUMN_NUMBER, .get = moved_gone},
	{"state", NULL, COLUMN_TEXT, .get = moved_state},
	{NULL, "STATE", COLUMN_TEXT, COLUMN_WIDE, .get = moved_state_shown},
	{"new", "NEW", COLUMN_TEXT, COLUMN_WIDE, .get = moved_new, .json = moved_new_json},
	{"group", "GROUP", COLUMN_TEXT, .get = moved_group_name},
	{"created_by", NULL, COLUMN_TEXT, .get = moved_created},
	{"created_at", NULL, COLUMN_TEXT, .get = moved_created_at},
	{"function", "FUNCTION", COLUMN_TEXT, COLUMN_WIDE, .get = moved_function},
	{"from_time", NULL, COLUMN_TIME, .get = moved_from_time},
	{"to_time", NULL, COLUMN_TIME, .get = moved_to_time},
};
const struct columns moved_together_columns = COLUMNS(of_moved);
const struct columns moved_columns = {of_moved + OF_HOSTS, sizeof of_moved / sizeof *of_moved - OF_HOSTS};

/* --- some hosts against others --- */

GETTER(canary_host, struct canary_row, a_text(host_name_of(r->q, x->host)))
GETTER(canary_group, struct canary_row, a_text(x->group->name))
GETTER(canary_created, struct canary_row, a_text(x->group->created.func))
GETTER(canary_created_at, struct canary_row, a_file(r->p, &x->group->created))
GETTER(canary_function, struct canary_row, a_text(x->group->top.func))
GETTER(canary_differs, struct canary_row, a_real(x->differs))
GETTER(canary_apart, struct canary_row, a_number_if(true, x->apart))
#define CANARY_SIDE(side)                                                                                                  \
	GETTER(side##_each, struct canary_row, a_real((double)x->side.count / x->side.hosts))                              \
	GETTER(side##_count, struct canary_row, a_number((int64_t)x->side.count))                                          \
	GETTER(side##_hosts, struct canary_row, a_number(x->side.hosts))                                                   \
	GETTER(side##_least, struct canary_row, a_number(x->side.least))                                                   \
	GETTER(side##_most, struct canary_row, a_number(x->side.most))                                                     \
	GETTER(side##_range, struct canary_row, a_text(pool_printf(r->p, "%u..%u", x->side.least, x->side.most)))
CANARY_SIDE(canary)
CANARY_SIDE(rest)

static const struct column of_canary[] = {
	{"differs", "DIFFERS", COLUMN_REAL, .digits = 2, .get = canary_differs},
	{"apart", "APART", COLUMN_FLAG, .get = canary_apart},
	{"canary_each", "CANARY", COLUMN_REAL, .digits = 2, .get = canary_each},
	{"rest_each", "REST", COLUMN_REAL, .digits = 2, .get = rest_each},
	{NULL, "CANARY HAS", COLUMN_TEXT, COLUMN_WIDE, .get = canary_range},
	{NULL, "REST HAS", COLUMN_TEXT, .get = rest_range},
	{"canary_count", NULL, COLUMN_NUMBER, .get = canary_count},
	{"canary_hosts", NULL, COLUMN_NUMBER, .get = canary_hosts},
	{"canary_least", NULL, COLUMN_NUMBER, .get = canary_least},
	{"canary_most", NULL, COLUMN_NUMBER, .get = canary_most},
	{"rest_count", NULL, COLUMN_NUMBER, .get = rest_count},
	{"rest_hosts", NULL, COLUMN_NUMBER, .get = rest_hosts},
	{"rest_least", NULL, COLUMN_NUMBER, .get = rest_least},
	{"rest_most", NULL, COLUMN_NUMBER, .get = rest_most},
	{"host", "MOST ON", COLUMN_TEXT, COLUMN_WIDE, .get = canary_host},
	{"group", "GROUP", COLUMN_TEXT, .get = canary_group},
	{"created_by", NULL, COLUMN_TEXT, .get = canary_created},
	{"created_at", NULL, COLUMN_TEXT, .get = canary_created_at},
	{"function", "FUNCTION", COLUMN_TEXT, COLUMN_WIDE, .get = canary_function},
};
const struct columns canary_columns = COLUMNS(of_canary);

/* --- what leaks --- */

GETTER(suspect_host, struct suspect, a_text(x->host_name))
GETTER(suspect_score, struct suspect, a_real(x->score))
GETTER(suspect_kind, struct suspect, a_text(suspect_kind_name(x->kind)))
GETTER(suspect_created, struct suspect, a_text(x->created.func))
GETTER(suspect_created_at, struct suspect, a_file(r->p, &x->created))
GETTER(suspect_function, struct suspect, a_text(x->place.func))
GETTER(suspect_function_at, struct suspect, a_file(r->p, &x->place))
GETTER(suspect_state, struct suspect, a_text(x->state))
GETTER(suspect_epoch, struct suspect, a_number(x->epoch))
GETTER(suspect_count, struct suspect, a_number(x->count))
GETTER(suspect_of_before, struct suspect, a_number_if(x->before, 1))
GETTER(suspect_growth, struct suspect, a_number_if(true, x->growth))
GETTER(suspect_per_hour, struct suspect, a_real(x->per_hour))
GETTER(suspect_never_ended, struct suspect, a_real(x->never_ended))
GETTER(suspect_since, struct suspect, a_time(x->since))
GETTER(suspect_until, struct suspect, a_time(x->until))
GETTER(suspect_oldest, struct suspect, a_time(query_age_bound(r->q, x->host, x->epoch, x->oldest) == '?' ? NO_TIME : x->oldest))
GETTER(suspect_bound, struct suspect, a_number_if(query_is_grouped(r->q, x->host, x->epoch), 1))
GETTER(suspect_oldest_id, struct suspect, a_number_if(true, (int64_t)x->oldest_id))
GETTER(suspect_object, struct suspect, a_text(x->wait_object ? pool_printf(r->p, "0x%" PRIx64, x->wait_object) : NULL))
GETTER(suspect_object_n, struct suspect, a_number_if(x->wait_object != 0, x->wait_object_n))

static struct column_value suspect_verdict(const struct told_row *r)
{
	const struct suspect *s = r->thing;

	return (struct column_value){.known = true, .text = verdict_name(s->verdict), .bad = s->verdict == VERDICT_LEAK};
}

static const char *all_texts(struct pool *p, const struct argument *v, size_t n)
{
	const char *s = "";

	for (size_t i = 0; i < n; i++)
		s = pool_printf(p, "%s%s%s", s, i ? "; " : "", v[i].text);
	return s;
}

GETTER(suspect_for, struct suspect, a_text(all_texts(r->p, x->evidence, x->n_evidence)))
GETTER(suspect_against, struct suspect, a_text(all_texts(r->p, x->against, x->n_against)))

static void suspect_stack_json(struct jw *j, const struct told_row *r)
{
	stack_array(j, r->p, query_stack(r->q, ((const struct suspect *)r->thing)->stack));
}

static void texts_json(struct jw *j, const struct argument *a, size_t n)
{
	jw_arr(j);
	for (size_t i = 0; i < n; i++)
		jw_str(j, a[i].text);
	jw_end(j);
}

static void terms_json(struct jw *j, const struct argument *a, size_t n)
{
	jw_arr(j);
	for (size_t i = 0; i < n; i++) {
		jw_obj(j);
		jw_kstr(j, "name", a[i].name);
		jw_kdouble(j, "weight", a[i].weight, 2);
		jw_kstr(j, "text", a[i].text);
		jw_end(j);
	}
	jw_end(j);
}

#define ARGUMENTS(name, write, list)                                           \
	static void name(struct jw *j, const struct told_row *r)               \
	{                                                                      \
		const struct suspect *x = r->thing;                            \
                                                                               \
		write(j, x->list, x->n_##list);                                \
	}
ARGUMENTS(suspect_for_json, texts_json, evidence)
ARGUMENTS(suspect_for_terms, terms_json, evidence)
ARGUMENTS(suspect_against_json, texts_json, against)
ARGUMENTS(suspect_against_terms, terms_json, against)

GETTER(suspect_before, struct suspect, ((struct column_value){.known = x->since_before, .n = x->since_before}))
GETTER(suspect_after, struct suspect, a_text(x->after))
GETTER(suspect_whose, struct suspect, a_text(x->whose.func))
GETTER(suspect_whose_at, struct suspect, x->whose.func ? a_place(r->p, &x->whose) : (struct column_value){0})

static void suspect_kin_json(struct jw *j, const struct told_row *r)
{
	const struct suspect *s = r->thing;

	jw_arr(j);
	for (size_t i = 0; i < s->n_relatives; i++) {
		jw_obj(j);
		place_json(j, "created_by", "created_at", &s->relatives[i].created);
		place_json(j, "function", "function_at", &s->relatives[i].place);
		jw_kuint(j, "count", s->relatives[i].count);
		jw_end(j);
	}
	jw_end(j);
}

static void add_place_condition(struct buf *out, struct pool *p, const char *field, const struct frame *f)
{
	buf_addf(out, "%s == ", field);
	filter_add_value(out, f->file ? pool_printf(p, "%s:%" PRIu32, f->file, f->line) : f->func ? f->func : "");
}

static void add_site_condition(struct buf *out, struct pool *p, const struct frame *created, const struct frame *place)
{
	add_place_condition(out, p, "created_by", created);
	buf_adds(out, " and ");
	add_place_condition(out, p, "top", place);
}

/* What goroutines of its `go` statement and place pass: by paths in full, so that no other place is taken for it. */
static const char *suspect_condition(const struct suspect *s, struct pool *p)
{
	struct buf b = {0};
	const char *out;

	add_site_condition(&b, p, &s->created, &s->place);
	for (size_t i = 0; i < s->n_relatives; i++) {
		if (s->relatives[i].ids) /* others, of the same cause */
			continue;
		buf_adds(&b, " or ");
		add_site_condition(&b, p, &s->relatives[i].created, &s->relatives[i].place);
	}
	out = pool_strndup(p, b.p, b.n);
	buf_release(&b);
	return out;
}

GETTER(suspect_filter, struct suspect, a_text(suspect_condition(x, r->p)))
GETTER(suspect_of, struct suspect, a_text(group_of_hosts(r->p, x->together)))
GETTER(suspect_on_hosts, struct suspect, a_number_if(x->together, x->on_hosts))
GETTER(suspect_all_count, struct suspect, a_number_if(x->together, (int64_t)x->all_count))
GETTER(suspect_all_per_hour, struct suspect, ((struct column_value){.known = x->together, .real = x->all_per_hour}))

static const struct column of_suspect[] = {
	{"host", "HOST", COLUMN_TEXT, .get = suspect_host},
	{"verdict", "VERDICT", COLUMN_TEXT, .get = suspect_verdict},
	{"kind", "KIND", COLUMN_TEXT, COLUMN_WIDE, .get = suspect_kind},
	{"score", "SCORE", COLUMN_REAL, .digits = 2, .get = suspect_score},
	{"created_by", "CREATED BY", COLUMN_TEXT, .get = suspect_created},
	{"created_at", NULL, COLUMN_TEXT, .get = suspect_created_at},
	{"function", "FUNCTION", COLUMN_TEXT, .get = suspect_function},
	{"function_at", NULL, COLUMN_TEXT, .get = suspect_function_at},
	{"state", "STATE", COLUMN_TEXT, COLUMN_WIDE, .get = suspect_state},
	{"epoch", NULL, COLUMN_NUMBER, .get = suspect_epoch},
	{"count", "COUNT", COLUMN_NUMBER, .get = suspect_count},
	{"of_process_before", NULL, COLUMN_FLAG, COLUMN_IF_KNOWN, .get = suspect_of_before},
	{"growth", "GROWTH", COLUMN_NET, COLUMN_WIDE, .get = suspect_growth},
	{"per_hour", "PER HOUR", COLUMN_REAL, .digits = 1, .get = suspect_per_hour},
	{"never_ended", NULL, COLUMN_REAL, .digits = 3, .get = suspect_never_ended},
	{"since", "SINCE", COLUMN_TIME, COLUMN_WIDE, .get = suspect_since},
	{"until", NULL, COLUMN_TIME, COLUMN_IF_KNOWN, .get = suspect_until},
	{"after_mark", NULL, COLUMN_TEXT, COLUMN_IF_KNOWN, .get = suspect_after},
	{"since_before_recording", NULL, COLUMN_FLAG, COLUMN_IF_KNOWN, .get = suspect_before},
	{"oldest", NULL, COLUMN_TIME, .get = suspect_oldest},
	{"oldest_id", NULL, COLUMN_ID, .get = suspect_oldest_id},
	{"bound", NULL, COLUMN_FLAG, COLUMN_IF_KNOWN, .get = suspect_bound},
	{"children_of", NULL, COLUMN_TEXT, COLUMN_IF_KNOWN, .get = suspect_whose},
	{"children_of_at", NULL, COLUMN_TEXT, COLUMN_IF_KNOWN, .get = suspect_whose_at},
	{"same_cause", NULL, COLUMN_TEXT, .json = suspect_kin_json},
	{"filter", NULL, COLUMN_TEXT, .get = suspect_filter},
	{"wait_object", NULL, COLUMN_TEXT, COLUMN_IF_KNOWN, .get = suspect_object},
	{"wait_object_waiters", NULL, COLUMN_NUMBER, COLUMN_IF_KNOWN, .get = suspect_object_n},
	{"of", NULL, COLUMN_TEXT, COLUMN_IF_KNOWN, .get = suspect_of},
	{"on_hosts", NULL, COLUMN_NUMBER, COLUMN_IF_KNOWN, .get = suspect_on_hosts},
	{"all_count", NULL, COLUMN_NUMBER, COLUMN_IF_KNOWN, .get = suspect_all_count},
	{"all_per_hour", NULL, COLUMN_REAL, COLUMN_IF_KNOWN, .digits = 1, .get = suspect_all_per_hour},
	{"stack", NULL, COLUMN_TEXT, .json = suspect_stack_json},
	{"evidence", NULL, COLUMN_TEXT, .get = suspect_for, .json = suspect_for_json},
	{"evidence_terms", NULL, COLUMN_TEXT, .json = suspect_for_terms},
	{"against", NULL, COLUMN_TEXT, .get = suspect_against, .json = suspect_against_json},
	{"against_terms", NULL, COLUMN_TEXT, .json = suspect_against_terms},
};
const struct columns suspect_columns = COLUMNS(of_suspect);

/* --- who waits for what --- */

#define WHERE_ROOM 300

GETTER(waiters_host, struct waiters, a_text(host_name_of(r->q, x->host)))
GETTER(waiters_epoch, struct waiters, a_number(x->epoch))
GETTER(waiters_count, struct waiters, a_number(x->count))
GETTER(waiters_what, struct waiters, a_text(x->what))
GETTER(waiters_object, struct waiters, a_text(x->object ? pool_printf(r->p, "0x%" PRIx64, x->object) : NULL))
GETTER(waiters_address, struct waiters, a_text(waiters_where(x, pool_alloc(r->p, WHERE_ROOM), WHERE_ROOM)))
GETTER(waiters_at, struct waiters, a_text(x->place.file ? pool_printf(r->p, "%s:%" PRIu32, x->place.file, x->place.line) : NULL))
GETTER(waiters_state, struct waiters, a_text(x->state))
GETTER(waiters_longest, struct waiters, a_number(x->longest))
GETTER(waiters_longest_at, struct waiters, a_time(x->longest_at))
GETTER(waiters_oldest, struct waiters, a_time(x->oldest))
GETTER(waiters_bound, struct waiters, a_number_if(x->oldest != NO_TIME && waiters_oldest_bound(x) == '<', 1))
GETTER(waiters_oldest_id, struct waiters, a_number_if(true, (int64_t)x->oldest_id))
GETTER(waiters_handed, struct waiters, a_number(x->handed_over))

GETTER(waiters_holder, struct waiters, a_number_if(x->holder != 0, (int64_t)x->holder))
GETTER(waiters_holder_why, struct waiters, a_text(x->holder_why))
GETTER(waiters_deadlock, struct waiters, a_text(x->deadlock))

static struct column_value waiters_sites(const struct told_row *r)
{
	const struct waiters *w = r->thing;
	const char *site = w->n_sites ? a_place(r->p, &w->sites[0].created).text : NULL;

	return a_text(w->n_sites > 1 ? pool_printf(r->p, "%s and %zu more", site ? site : "-", w->n_sites - 1) : site);
}

static void waiters_sites_json(struct jw *j, const struct told_row *r)
{
	const struct waiters *w = r->thing;

	jw_arr(j);
	for (size_t i = 0; i < w->n_sites; i++) {
		jw_obj(j);
		place_json(j, "created_by", "created_at", &w->sites[i].created);
		jw_kstr(j, "function", w->sites[i].top.func);
		jw_kuint(j, "count", w->sites[i].count);
		jw_end(j);
	}
	jw_end(j);
}

static const struct column of_waiters[] = {
	{"host", "HOST", COLUMN_TEXT, .get = waiters_host},
	{"epoch", NULL, COLUMN_NUMBER, .get = waiters_epoch},
	{"count", "WAIT", COLUMN_NUMBER, .get = waiters_count},
	{"what", "FOR", COLUMN_TEXT, .get = waiters_what},
	{"object", NULL, COLUMN_TEXT, .get = waiters_object},
	{"at", NULL, COLUMN_TEXT, COLUMN_IF_KNOWN, .get = waiters_at},
	{NULL, "ADDRESS", COLUMN_TEXT, .get = waiters_address},
	{"state", "STATE", COLUMN_TEXT, COLUMN_WIDE, .get = waiters_state},
	{"holder", "HOLDER?", COLUMN_ID, COLUMN_IF_KNOWN, .get = waiters_holder},
	{"holder_why", "WHY", COLUMN_TEXT, COLUMN_WIDE | COLUMN_IF_KNOWN, .get = waiters_holder_why},
	{"deadlock", NULL, COLUMN_TEXT, COLUMN_IF_KNOWN, .get = waiters_deadlock},
	{"longest", "LONGEST", COLUMN_NUMBER, COLUMN_WIDE, .get = waiters_longest},
	{"longest_at", "AT", COLUMN_TIME, COLUMN_WIDE, .get = waiters_longest_at},
	{"oldest", "OLDEST SINCE", COLUMN_TIME, COLUMN_WIDE, .get = waiters_oldest},
	{"bound", NULL, COLUMN_FLAG, COLUMN_IF_KNOWN, .get = waiters_bound},
	{"oldest_id", "OLDEST ID", COLUMN_ID, .get = waiters_oldest_id},
	{"handed_over", "HANDED OVER", COLUMN_NUMBER, COLUMN_WIDE, .get = waiters_handed},
	{"sites", "CREATED BY", COLUMN_TEXT, .get = waiters_sites, .json = waiters_sites_json},
};
const struct columns waiters_columns = COLUMNS(of_waiters);

GETTER(end_host, struct channel_end, a_text(host_name_of(r->q, x->host)))
GETTER(end_count, struct channel_end, a_number(x->count))
GETTER(end_way, struct channel_end, a_text(channel_way_name(x->way)))
GETTER(end_state, struct channel_end, a_text(x->state))
GETTER(end_function, struct channel_end, a_text(x->place.func))
GETTER(end_oldest, struct channel_end, a_time(x->oldest))
GETTER(end_oldest_id, struct channel_end, a_number_if(x->oldest_id != 0, (int64_t)x->oldest_id))

/* "leaky/main.go:50", or without its folder */
static const char *file_line(struct pool *p, const struct frame *f, bool name)
{
	const char *slash = name && f->file ? strrchr(f->file, '/') : NULL;

	return f->file ? pool_printf(p, "%s:%" PRIu32, slash ? slash + 1 : f->file, f->line) : "-";
}

GETTER(end_at, struct channel_end, a_text(file_line(r->p, &x->place, false)))
GETTER(end_line, struct channel_end, a_text(file_line(r->p, &x->place, true)))

/* "8 receive at main.go:56, both in main.fetch"; of those that are not there any more: "selected at main.go:56 before, …" */
static struct column_value end_partners(const struct told_row *r)
{
	const struct channel_end *x = r->thing;
	const struct channel_partner *to = x->partners;
	static const char *const verbs[][3] = {{"sent", "received", "selected"}, {"sends", "receives", "selects"}, {"send", "receive", "select"}};

	if (!x->n_partners)
		return a_text(strstr(x->state, "nil chan") ? "none: a nil channel has no other end" : "nobody is seen");
	return a_text(pool_printf(r->p, "%s%s at %s%s, %s", to->end->count ? pool_printf(r->p, "%" PRIu32 " ", to->end->count) : "",
				  verbs[to->end->count > 1 ? 2 : to->end->count][to->end->way], file_line(r->p, &to->end->place, true),
				  to->end->count ? "" : " before", to->why));
}

static void end_partners_json(struct jw *j, const struct told_row *r)
{
	const struct channel_end *x = r->thing;

	jw_arr(j);
	for (size_t i = 0; i < x->n_partners; i++) {
		const struct channel_partner *to = &x->partners[i];

		jw_obj(j);
		place_json(j, "function", "at", &to->end->place);
		jw_kstr(j, "way", channel_way_name(to->end->way));
		jw_kuint(j, "count", to->end->count);
		jw_kint(j, "last", to->end->last);
		jw_kstr(j, "why", to->why);
		jw_end(j);
	}
	jw_end(j);
}

static const struct column of_end[] = {
	{"host", "HOST", COLUMN_TEXT, .get = end_host},
	{"count", "WAIT", COLUMN_NUMBER, .get = end_count},
	{"way", NULL, COLUMN_TEXT, .get = end_way},
	{"state", "STATE", COLUMN_TEXT, .get = end_state},
	{"function", NULL, COLUMN_TEXT, .get = end_function},
	{"at", NULL, COLUMN_TEXT, .get = end_at},
	{NULL, "AT", COLUMN_TEXT, .get = end_line},
	{NULL, "FUNCTION", COLUMN_TEXT, COLUMN_WIDE, .get = end_function},
	{"oldest", "OLDEST SINCE", COLUMN_TIME, COLUMN_WIDE, .get = end_oldest},
	{"oldest_id", "OLDEST ID", COLUMN_ID, COLUMN_WIDE, .get = end_oldest_id},
	{"partners", "OTHER END?", COLUMN_TEXT, .get = end_partners, .json = end_partners_json},
};
const struct columns channel_columns = COLUMNS(of_end);

/* --- lives --- */

GETTER(lives_host, struct lives, a_text(host_name_of(r->q, x->host)))
GETTER(lives_group, struct lives, a_text(x->name))
GETTER(lives_created, struct lives, a_text(x->created.func))
GETTER(lives_created_at, struct lives, a_file(r->p, &x->created))
GETTER(lives_function, struct lives, a_text(x->top.func))
GETTER(lives_before, struct lives, a_number(x->before))
GETTER(lives_births, struct lives, a_number(x->births))
GETTER(lives_deaths, struct lives, a_number(x->deaths))
GETTER(lives_killed, struct lives, a_number(x->killed))
GETTER(lives_alive, struct lives, a_number(x->alive))
GETTER(lives_births_rate, struct lives, a_real(x->births_per_minute))
GETTER(lives_deaths_rate, struct lives, a_real(x->deaths_per_minute))
GETTER(lives_ended, struct lives, a_number(x->ended))
GETTER(lives_censored, struct lives, a_number(x->censored))
#define LIVES_BOUND (query_is_grouped(r->q, x->host, 0) ? '>' : 0)
GETTER(lives_bound, struct lives, a_number_if(LIVES_BOUND, 1))
GETTER(lives_p50, struct lives, a_bound(LIVES_BOUND, a_time(x->p50)))
GETTER(lives_p90, struct lives, a_bound(LIVES_BOUND, a_time(x->p90)))
GETTER(lives_p99, struct lives, a_bound(LIVES_BOUND, a_time(x->p99)))
GETTER(lives_max, struct lives, a_bound(LIVES_BOUND, a_time(x->max)))
GETTER(lives_median, struct lives, a_bound(LIVES_BOUND, a_time(x->median)))
GETTER(lives_oldest, struct lives, a_time(x->oldest))
GETTER(lives_oldest_id, struct lives, a_number_if(x->oldest != NO_TIME, (int64_t)x->oldest_id))
GETTER(lives_samples, struct lives, a_number((int64_t)x->samples))

/* "chan 98%, runtime 2%": the states they are in, most first */
static struct column_value lives_families(const struct told_row *r)
{
	const struct lives *l = r->thing;
	const char *text = NULL;
	bool told[FAM_MAX] = {false};

	for (int n = 0; n < FAM_MAX; n++) {
		int most = -1;

		for (int f = 0; f < FAM_MAX; f++)
			if (!told[f] && l->families[f] && (most < 0 || l->families[f] > l->families[most]))
				most = f;
		if (most < 0)
			break;
		told[most] = true;
		text = pool_printf(r->p, "%s%s%s %.0f%%", text ? text : "", text ? ", " : "", family_name((enum family)most),
				   100 * (double)l->families[most] / (double)l->samples);
	}
	return a_text(text);
}

static void lives_families_json(struct jw *j, const struct told_row *r)
{
	const struct lives *l = r->thing;

	jw_obj(j);
	for (int f = 0; f < FAM_MAX; f++)
		if (l->families[f])
			jw_kdouble(j, family_name((enum family)f), (double)l->families[f] / (double)l->samples, 4);
	jw_end(j);
}

static const struct column of_lives[] = {
	{"host", "HOST", COLUMN_TEXT, .get = lives_host},
	{"births", "BORN", COLUMN_NUMBER, .get = lives_births},
	{"deaths", "ENDED", COLUMN_NUMBER, .get = lives_deaths},
	{"alive", "ALIVE", COLUMN_NUMBER, .get = lives_alive},
	{"births_per_minute", "BORN/MIN", COLUMN_REAL, COLUMN_WIDE, 3, .get = lives_births_rate},
	{"deaths_per_minute", "ENDED/MIN", COLUMN_REAL, COLUMN_WIDE, 3, .get = lives_deaths_rate},
	{"p50", "P50", COLUMN_SPAN, .get = lives_p50},
	{"p90", "P90", COLUMN_SPAN, COLUMN_WIDE, .get = lives_p90},
	{"p99", "P99", COLUMN_SPAN, COLUMN_WIDE, .get = lives_p99},
	{"max", "MAX", COLUMN_SPAN, .get = lives_max},
	{"bound", NULL, COLUMN_FLAG, COLUMN_IF_KNOWN, .get = lives_bound},
	{"before", NULL, COLUMN_NUMBER, .get = lives_before},
	{"killed", NULL, COLUMN_NUMBER, .get = lives_killed},
	{"ended", NULL, COLUMN_NUMBER, .get = lives_ended},
	{"censored", "CENSORED", COLUMN_NUMBER, COLUMN_WIDE, .get = lives_censored},
	{"median", "MEDIAN", COLUMN_SPAN, COLUMN_WIDE, .get = lives_median},
	{"oldest", "OLDEST", COLUMN_TIME, COLUMN_WIDE, .get = lives_oldest},
	{"oldest_id", NULL, COLUMN_ID, COLUMN_IF_KNOWN, .get = lives_oldest_id},
	{"families", "STATES", COLUMN_TEXT, COLUMN_WIDE, .get = lives_families, .json = lives_families_json},
	{"group", "GROUP", COLUMN_TEXT, .get = lives_group},
	{"created_by", NULL, COLUMN_TEXT, .get = lives_created},
	{"created_at", NULL, COLUMN_TEXT, .get = lives_created_at},
	{"function", NULL, COLUMN_TEXT, .get = lives_function},
	{"samples", NULL, COLUMN_NUMBER, .get = lives_samples},
	{"born", NULL, COLUMN_NUMBER, .get = lives_births}, /* as --diff calls them */
	{"gone", NULL, COLUMN_NUMBER, .get = lives_deaths},
};
const struct columns lives_columns = COLUMNS(of_lives);

/* --- one of them as JSON: what other faces write one at a time --- */

static void one(struct jw *j, const struct columns *c, struct query *q, const void *thing)
{
	struct pool p = {0};

	columns_json(j, c, &(struct told_row){q, &p, thing});
	pool_release(&p);
}

void suspect_json(struct jw *j, struct query *q, const struct suspect *s)
{
	one(j, &suspect_columns, q, s);
}


