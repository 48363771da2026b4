/* SPDX-License-Identifier: MIT */
#include <gscrape/target_labels.h>
#include <gscrape/text.h>
#include <string.h>

/* As it is shown, without the characters that part one from the next. */
static void add_without(struct buf *out, struct str s, const char *parting)
{
	struct buf shown = {0};

	buf_add_visible(&shown, s.p, s.n);
	for (size_t i = 0; i < shown.n; i++) {
		if (strchr(parting, shown.p[i]))
			buf_addf(out, "\\x%02x", (unsigned char)shown.p[i]);
		else
			buf_putc(out, shown.p[i]);
	}
	buf_adds(out, ""); /* ends it */
	buf_release(&shown);
}

void target_label_add(struct buf *labels, const char *key, struct str value)
{
	if (labels->n)
		buf_putc(labels, ',');
	add_without(labels, str_of(key), ",=");
	buf_putc(labels, '=');
	add_without(labels, value, ",");
}

bool target_label_next(const char **at, struct str *key, struct str *value)
{
	const char *s = *at;
	size_t n = strcspn(s, ","), k = strcspn(s, "=,");

	if (!*s)
		return false;
	*key = (struct str){s, k};
	*value = k < n ? (struct str){s + k + 1, n - k - 1} : (struct str){s + n, 0};
	*at = s + n + (s[n] == ',');
	return true;
}

struct str target_label_value(const char *labels, const char *key)
{
	struct str k, v;

	while (target_label_next(&labels, &k, &v))
		if (str_eq(k, str_of(key)))
			return v;
	return (struct str){0};
}
