/* SPDX-License-Identifier: MIT */
/* What a person wants to know first of one dump: what happened, where, under which Go, and whether it is all there. */
#include <gscrape/text.h>
#include <gscrape/unwrap.h>

#define NOTE_MAX 600 /* bytes: who came first follows it in the same line */

static void part(struct buf *out, const char *sep, struct str s)
{
	if (!s.n)
		return;
	buf_adds(out, out->n ? sep : "");
	buf_add_visible(out, s.p, utf8_whole(s.p, s.n < NOTE_MAX ? s.n : NOTE_MAX));
	buf_adds(out, s.n > NOTE_MAX ? "..." : "");
}

/* "go1.22.3" out of a path like /usr/local/go1.22.3/src or toolchain@v0.0.1-go1.22.3.linux-amd64; empty when none tells. */
static struct str go_version(struct str s)
{
	for (size_t i = 0; i + 5 < s.n; i++) {
		const char *at = memmem(s.p + i, s.n - i, "go1.", 4);
		size_t n = 4;

		if (!at)
			break;
		i = (size_t)(at - s.p);
		while (i + n < s.n && ((at[n] >= '0' && at[n] <= '9') || (at[n] == '.' && i + n + 1 < s.n && at[n + 1] >= '0' && at[n + 1] <= '9')))
			n++;
		if (n > 4 && i && (at[-1] == '/' || at[-1] == '-'))
			return (struct str){at, n};
	}
	return (struct str){0};
}

/* A signal comes from outside; what failed by itself is printed first. */
static bool next_failed(const struct unwrapped *r, struct dump *d)
{
	d->text = (struct str){r->text.p, r->text.n};
	return r->notes.n && r->notes.p[0] != 'S' && dump_next(d);
}

uint64_t unwrap_failed(const struct unwrapped *r)
{
	struct dump d = {0};
	uint64_t id = next_failed(r, &d) ? d.g.head.id : 0;

	dump_release(&d);
	return id;
}

void unwrap_describe(struct buf *out, const struct unwrapped *r)
{
	const char *nl = r->notes.n ? memchr(r->notes.p, '\n', r->notes.n) : NULL;
	struct str note = {r->notes.p, nl ? (size_t)(nl - r->notes.p) : r->notes.n};
	struct dump d = {0};
	struct buf b = {0};

	part(&b, "", note);
	if (next_failed(r, &d)) {
		buf_addf(&b, "; first came goroutine %llu [", (unsigned long long)d.g.head.id);
		buf_add_visible(&b, d.g.head.state.p, d.g.head.state.n);
		buf_putc(&b, ']');
	}
	if (note.n)
		part(&b, "; ", go_version((struct str){r->text.p, r->text.n}));
	if (r->cut)
		part(&b, "; ", STR("cut"));
	buf_add(out, b.n ? b.p : "", b.n);
	buf_release(&b);
	dump_release(&d);
}

void unwrap_tell(struct buf *out, const struct unwrapped *r)
{
	static const struct {
		unsigned bit;
		const char *sentence;
	} undone[] = {
		{UNWRAP_UTF16, "it was UTF-16"},
		{UNWRAP_FRAMED, "docker's frames were taken out"},
		{UNWRAP_MAIL, "a mail was decoded"},
		{UNWRAP_CAST, "a terminal's recording was played"},
		{UNWRAP_PIECES, "lines that were cut in pieces were joined"},
		{UNWRAP_NEWEST, "lines were put in order, of which the newest stood first"},
		{UNWRAP_BYTES, "odd blanks and control characters were made plain"},
		{UNWRAP_ENDS, "odd line ends were made plain"},
		{UNWRAP_COLOURS, "colour codes were taken out"},
		{UNWRAP_STRINGS, "the lines were taken out of quoted strings"},
		{UNWRAP_ESCAPES, "line ends that were spelled out were made lines"},
		{UNWRAP_HTML, "tags were taken out"},
		{UNWRAP_EMPHASIS, "marks of bold words were taken out"},
		{UNWRAP_SUFFIX, "the words behind each line were cut"},
		{UNWRAP_INDENT, "file lines got their tab back"},
		{UNWRAP_BLANKS, "empty lines within goroutines were dropped"},
		{UNWRAP_BETWEEN, "lines of a log within goroutines were dropped"},
	};
	const char *sep = "";

	if (r->prefixed) {
		buf_addf(out, "a prefix of %zu column%s was cut from %llu line%s", r->columns, r->columns == 1 ? "" : "s",
			 (unsigned long long)r->prefixed, r->prefixed == 1 ? "" : "s");
		sep = ", ";
	}
	for (size_t i = 0; i < sizeof undone / sizeof *undone; i++) {
		if (r->undone & undone[i].bit) {
			buf_addf(out, "%s%s", sep, undone[i].sentence);
			sep = ", ";
		}
	}
}
