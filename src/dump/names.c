/* SPDX-License-Identifier: MIT */
/* Function names: package, short form, display form. */
#include <gscrape/dump.h>

/* Start of the last path element: behind the last slash that is not inside a type argument or receiver. */
static size_t last_element(struct str f)
{
	size_t at = 0;

	for (size_t i = 0; i < f.n && f.p[i] != '(' && f.p[i] != '['; i++)
		if (f.p[i] == '/')
			at = i + 1;
	return at;
}

struct str func_package(struct str f)
{
	size_t i = last_element(f);
	const char *dot = i < f.n ? memchr(f.p + i, '.', f.n - i) : NULL;

	return (struct str){f.p, dot ? (size_t)(dot - f.p) : 0};
}

static int hex(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

void func_display(struct buf *out, struct str f)
{
	for (size_t i = 0; i < f.n; i++) {
		int v = f.p[i] == '%' && i + 2 < f.n && hex(f.p[i + 1]) >= 0 && hex(f.p[i + 2]) >= 0
				? hex(f.p[i + 1]) * 16 + hex(f.p[i + 2]) : -1;

		if (v > 0x20 && v < 0x7f) {
			buf_putc(out, (char)v);
			i += 2;
		} else {
			buf_putc(out, f.p[i]);
		}
	}
	buf_reserve(out, 1);
	out->p[out->n] = '\0';
}

/* A major version, as in pgx/v5: the element before it says more. */
static bool is_version(struct str s)
{
	if (s.n < 2 || s.p[0] != 'v')
		return false;
	for (size_t i = 1; i < s.n; i++)
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
	return true;
}

/* Go's own packages behind others of the same name, whose functions are often of the same name, too: they keep their path. */
static bool is_behind_another(struct str package)
{
	static const char *const paths[] = {"internal/sync", "internal/runtime/atomic", "internal/runtime/maps", "internal/runtime/syscall"};

	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
		if (str_eq(package, str_of(paths[i])))
			return true;
	return false;
}

void func_short(struct buf *out, struct str f)
{
	struct str package = func_package(f);
	size_t from = is_behind_another(package) ? 0 : last_element(f);

	if (from > 1 && package.n > from && is_version((struct str){f.p + from, package.n - from})) {
		const char *slash = memrchr(f.p, '/', from - 1);

		from = slash ? (size_t)(slash - f.p) + 1 : 0;
	}
	func_display(out, (struct str){f.p + from, f.n - from});
}
