/* SPDX-License-Identifier: MIT */
/* What stands behind the question mark of a request, through the parameters of every type; and a view's URL. */
#include "../../src/serve/params.h"
#include <gscrape/link.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct param list[PARAMS_MAX] = {
	{.name = "host", .type = PARAM_HOST},
	{.name = "id", .type = PARAM_ID},
	{.name = "n", .type = PARAM_NUMBER, .least = 1, .most = 5000, .preset = "500"},
	{.name = "prefix", .type = PARAM_DIGITS},
	{.name = "at", .type = PARAM_TIME},
	{.name = "by", .type = PARAM_CHOICE, .values = "created-by top stack state none", .preset = "top"},
	{.name = "q", .type = PARAM_TEXT, .most = 100},
	{.name = "least", .type = PARAM_SHARE, .preset = "0.5"},
};

/* What was taken must be what the list allows. */
static void check(const struct value v[PARAMS_MAX])
{
	if (v[0].given && !v[0].text[0])
		abort();
	if (v[1].given && v[1].number == 0)
		abort();
	if (v[2].number < 1 || v[2].number > 5000 || v[5].number > 4)
		abort();
	if (!(v[7].share >= 0 && v[7].share <= 1))
		abort();
	if (v[6].given && strlen(v[6].text) > 100)
		abort();
	for (int i = 0; i < PARAMS_MAX && list[i].name; i++)
		for (const char *s = v[i].text; s && *s; s++)
			if ((unsigned char)*s < 0x20)
				abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct params_wanted wanted = {.list = list, .loose = size & 1, .now = 1795449905000};
	struct value v[PARAMS_MAX];
	struct pool p = {0};
	struct link l, again;
	struct buf b = {0};
	struct err e = {0};
	char *url = xstrndup((const char *)data, size);

	if (params_parse(&wanted, (struct str){(const char *)data, size}, &p, v, &e) == 0)
		check(v);
	else if (!e.text[0])
		abort();
	if (link_parse(url, &p, &l, &e) == 0) { /* what was understood is written so that it is understood as the same */
		link_format(&l, "http://a/", &b);
		if (link_parse(b.p, &p, &again, &e) < 0 || again.id != l.id || again.epoch != l.epoch)
			abort();
	}
	buf_release(&b);
	pool_release(&p);
	free(url);
	return 0;
}
