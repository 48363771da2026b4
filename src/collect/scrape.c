/* SPDX-License-Identifier: MIT */
#include <gscrape/collect.h>

int scrape_run(const struct scrape_options *o, struct err *e)
{
	(void)o;
	return fail(e, "this build cannot scrape yet");
}

int scrape_start(struct scrape **out, const struct scrape_options *o, struct err *e)
{
	*out = NULL;
	return scrape_run(o, e);
}

int scrape_stop(struct scrape *s, struct err *e)
{
	return s ? fail(e, "this build cannot scrape yet") : 0;
}

bool scrape_done(struct scrape *s)
{
	return !s;
}

void scrape_status(struct scrape *s, struct pool *p, struct scrape_status *out)
{
	*out = (struct scrape_status){.message = s ? pool_strndup(p, "", 0) : ""};
}
