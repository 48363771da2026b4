/* SPDX-License-Identifier: MIT */
/* --verify: every fault of a store, one per line; status 1 when there is any. */
#include "commands.h"
#include "record.h"
#include <gscrape/store.h>
#include <gscrape/text.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct faults {
	struct out out;
	bool json;
};

static void fault(void *ctx, const char *sentence)
{
	struct faults *f = ctx;
	struct jw j = {.out = &f->out.buf};

	if (f->json) {
		jw_obj(&j);
		jw_kstr(&j, "fault", sentence);
		jw_end(&j);
	} else {
		buf_add_visible(&f->out.buf, sentence, strlen(sentence));
	}
	buf_putc(&f->out.buf, '\n');
	out_line(&f->out);
}

static void summary(struct faults *f, const struct options *o, int64_t n)
{
	struct jw j = {.out = &f->out.buf};

	if (f->json) {
		jw_obj(&j);
		jw_kint(&j, "faults", n);
		jw_end(&j);
		buf_putc(&f->out.buf, '\n');
	} else if (n == 0 && !o->quiet) {
		buf_addf(&f->out.buf, "%s: no fault found\n", o->db);
	}
}

/* What is sound, and what the archive has from there on, into a file beside it. */
static int repair(const struct options *o, struct faults *f, struct err *e)
{
	struct repairing how = {fault, f};
	struct index_totals t;
	char *to = xasprintf("%s.repaired", o->db);
	int rc = store_repair(o->db, to, &how, e);

	if (!rc && access(o->output, F_OK) == 0)
		rc = index_archive(&(struct taking){.o = o, .db = to}, &(struct texts){.v = (const char *[]){o->output}, .n = 1}, &t, e) < 0 ? -1 : 0;
	if (!rc && !o->quiet)
		fprintf(stderr, "%s: what is sound of %s\n", to, o->db);
	free(to);
	return rc;
}

static int64_t verify(const struct options *o, struct faults *f, struct err *e)
{
	struct store *s;
	int64_t n;

	if (store_open(&s, o->db, STORE_READ, e) < 0) {
		if (e->kind != ERR_DAMAGED || !o->repair)
			return -1;
		fault(f, e->text);
		return 1;
	}
	n = store_verify(s, fault, f, e);
	store_close(s);
	return n;
}

int run_verify(const struct options *o, struct err *e)
{
	struct faults f = {.json = o->json};
	struct err why = {0};
	int64_t n = verify(o, &f, e);

	if (n > 0 && o->repair) {
		int rc = repair(o, &f, e);

		return out_close(&f.out, &why) < 0 ? fail(e, "%s", why.text) : rc;
	}
	if (n >= 0)
		summary(&f, o, n);
	if (out_close(&f.out, &why) < 0)
		return fail(e, "%s", why.text);
	if (n > 0)
		return fail(e, "%s: %" PRId64 " fault%s", o->db, n, n == 1 ? "" : "s");
	return n < 0 ? -1 : 0;
}
