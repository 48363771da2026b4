/* SPDX-License-Identifier: MIT */
#include <gscrape/collect.h>
#include <stdlib.h>

/* "--user", "--user=…" and abbreviations of them: hiding too much only shortens what `ps` shows. */
static bool names_secret(const char *arg, bool *has_value)
{
	static const char *const options[] = {"user", "header"};
	size_t n = strcspn(arg, "=");

	if (n < 3 || strncmp(arg, "--", 2) != 0)
		return false;
	*has_value = arg[n] == '=';
	for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
		if (strncmp(options[i], arg + 2, n - 2) == 0)
			return true;
	}
	return false;
}

/* Where the value begins in "-uVALUE" or "-qHVALUE"; at the end of the argument when it is the next one.
 * NULL: no secret. */
static char *after_letter(char *arg)
{
	char *at = arg[0] == '-' && arg[1] != '-' ? strpbrk(arg, "uH") : NULL;

	return at ? at + 1 : NULL;
}

static void blank(char *s)
{
	memset(s, 'x', strlen(s));
}

/*
 * Of an argument that may be one target or several: what stands before an "@", back to where an address may begin, and all
 * of a query. Hiding too much only shortens what `ps` shows.
 */
static void blank_targets(char *arg)
{
	char *query;

	for (char *at = strchr(arg, '@'); at; at = strchr(at + 1, '@')) {
		char *from = at;

		while (from > arg && !strchr("/,= \t\n", from[-1]))
			from--;
		memset(from, 'x', (size_t)(at - from));
	}
	for (query = strchr(arg, '?'); query; query = strchr(query, '?')) {
		size_t n = strcspn(query + 1, ", \t\n");

		memset(query + 1, 'x', n);
		query += 1 + n;
	}
}

void secrets_take(int argc, char **argv)
{
	bool next = false, has_value = false;

	for (int i = 1; i < argc; i++) {
		char *title = argv[i], *value;

		argv[i] = xstrdup(title); /* lives as long as the process, as argv does */
		if (next) {
			blank(title);
			next = false;
		} else if ((value = after_letter(title))) {
			next = !*value;
			blank(value);
		} else if (names_secret(title, &has_value)) {
			if (has_value)
				blank(strchr(title, '=') + 1);
			next = !has_value;
		} else {
			blank_targets(title);
		}
	}
}
