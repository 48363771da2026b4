/* SPDX-License-Identifier: MIT */
/* What a filter that is being typed may go on with. */
#include "server.h"
#include <gscrape/dump.h>

/* The text up to the word at hand, the word as it is typed, and where the answer goes. */
struct typed {
	struct request *r;
	const char *text;
	size_t begin, n, told, limit;
};

/* The whole text with this word at its end, which gets quotes where its beginning has one. */
static void tell(void *ctx, const char *word)
{
	struct typed *t = ctx;
	const char *typed = t->text + t->begin;
	const char *quote = t->n && char_in(*typed, "\"'") && *word != '"' ? "\"" : "";

	if (!filter_word_fits(word, typed, t->n) || t->told++ >= t->limit)
		return;
	jw_str(&t->r->j, pool_printf(&t->r->pool, "%.*s%s%s%s", (int)t->begin, t->text, quote, word, quote));
}

int answer_words(struct request *r, struct err *e)
{
	const struct serve_options *o = &r->server->o;
	const char *text = param(r, "text")->text;
	struct typed t = {.r = r, .text = text, .begin = filter_word_begin(text, strlen(text)), .limit = param(r, "limit")->number};
	const struct host *h = NULL;

	t.n = strlen(text) - t.begin;
	if (param(r, "host")->text && !(h = asked_host(r, e)))
		return -1;
	jw_obj(&r->j);
	jw_key(&r->j, "texts");
	jw_arr(&r->j);
	filter_offer(&(struct filter_offer){.q = r->q, .at = {h ? h->id : 0, param(r, "at")->time}, .before = {text, t.begin},
		.saved = o->saved, .n_saved = o->n_saved, .fn = tell, .ctx = &t});
	jw_end(&r->j);
	jw_kbool(&r->j, "more", t.told > t.limit);
	jw_end(&r->j);
	return 0;
}
