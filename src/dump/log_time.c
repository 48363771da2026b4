/* SPDX-License-Identifier: MIT */
#include "unwrap_internal.h"
#include <gscrape/timefmt.h>

static bool is_digits(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i] < '0' || p[i] > '9')
			return false;
	return true;
}

/* 2021-09-16T03:24:13.2720341Z or 2019/04/15 17:44:16 at p: as RFC 3339 into out, or false. */
static bool date_at(const char *p, size_t n, char out[48])
{
	size_t i = 19, k;

	if (n < 19 || !is_digits(p, 4) || (p[4] != '-' && p[4] != '/') || p[7] != p[4] || !is_digits(p + 5, 2) || !is_digits(p + 8, 2) ||
	    (p[10] != ' ' && p[10] != 'T') || !is_digits(p + 11, 2) || p[13] != ':' || !is_digits(p + 14, 2) || p[16] != ':' ||
	    !is_digits(p + 17, 2))
		return false;
	memcpy(out, p, 19);
	out[4] = out[7] = '-';
	out[10] = 'T';
	k = 19;
	if (i < n && (p[i] == '.' || p[i] == ',')) {
		out[k++] = '.';
		for (i++; i < n && p[i] >= '0' && p[i] <= '9'; i++)
			if (k < 23)
				out[k++] = p[i];
	}
	if (i < n && p[i] == 'Z') {
		out[k++] = 'Z';
	} else if (n - i >= 5 && (p[i] == '+' || p[i] == '-') && is_digits(p + i + 1, 2)) {
		memcpy(out + k, p + i, 3);
		out[k + 3] = ':';
		memcpy(out + k + 4, p + i + 3 + (p[i + 3] == ':'), 2);
		k += is_digits(out + k + 4, 2) ? 6 : 0;
	}
	out[k] = '\0';
	return true;
}

/* The first time that a line of a log tells. */
int64_t log_time(struct str s, const struct zone *zone)
{
	char text[48];
	int64_t t;

	if (s.n > 4096)
		s.n = 4096;
	for (size_t i = 0; i + 19 <= s.n; i++)
		if ((s.p[i + 4] == '-' || s.p[i + 4] == '/') && date_at(s.p + i, s.n - i, text))
			return time_parse(text, now_ms(), zone, &t, NULL) == 0 ? t : NO_TIME;
	return NO_TIME;
}
