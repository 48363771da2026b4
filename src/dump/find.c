/* SPDX-License-Identifier: MIT */
#include "find.h"
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

typedef unsigned char block __attribute__((vector_size(16)));
#define WIDTH sizeof(block)
#define STRIDE (4 * WIDTH) /* looked at before anything is decided */

static const char word[] = "goroutine";
#define WORD (sizeof word - 1)

static bool begins(const char *p, const char *end, const char *with)
{
	size_t n = strlen(with);

	return (size_t)(end - p) >= n && memcmp(p, with, n) == 0;
}

#define TAG_MAX 200

/* Behind a tag or a colour that begins at p: `</b>`, `<span class="n">`, ESC [1m, or one that is spelled out; p when there is
 * none. */
static const char *over_tag(const char *p, const char *end)
{
	static const struct {
		const char *open, *begins, *close;
	} tags[] = {
		{"<", "/abcdefiklmstuABCDEFIKLMSTU", ">"},
		{"\\u003c", "/abcdefiklmstu", "\\u003e"},
		{"\033[", "0123456789;m", "m"},
		{"\\u001b[", "0123456789;m", "m"},
		{"\\x1b[", "0123456789;m", "m"},
		{"\\033[", "0123456789;m", "m"},
		{"^[[", "0123456789;m", "m"},
	};

	for (size_t i = 0; i < sizeof tags / sizeof *tags; i++) {
		const char *close, *name = p + strlen(tags[i].open);

		if (!begins(p, end, tags[i].open) || name == end || !*name || !strchr(tags[i].begins, *name))
			continue;
		close = memmem(name, end - name < TAG_MAX ? (size_t)(end - name) : TAG_MAX, tags[i].close, strlen(tags[i].close));
		if (close && !memchr(name, '\n', (size_t)(close - name)))
			return close + strlen(tags[i].close);
	}
	return p;
}

/* Behind blanks, in any of the spellings that texts have for them, and what makes words bold or coloured between them. */
static const char *over_blanks(const char *p, const char *end)
{
	static const char *const blanks[] = {" ", "\t", "\xc2\xa0", "\xa0", "&nbsp;", "\\u00a0", "&#160;", "*", "`"};
	const char *from = p, *tag;

	while (p < end && *p == ' ')
		p++;
	if (p < end && ((*p >= '0' && *p <= '9') || (*p >= 'a' && *p <= 'z') || *p == '[')) /* as nearly always */
		return p;
	tag = p;
	do {
		p = tag;
		for (size_t i = 0; i < sizeof blanks / sizeof *blanks; i++) {
			while (begins(p, end, blanks[i])) {
				p += strlen(blanks[i]);
				i = 0;
			}
		}
		tag = over_tag(p, end);
	} while (tag > p && tag - from < FIND_TAIL / 3);
	return tag;
}

/* Does the word at p begin a header? */
static bool is_candidate(const char *p, const char *end)
{
	static const char *const opens[] = {"[", "\\[", "|[", "gp=", "m=", "&#91;", "&#x5b;", "&#x5B;", "&lbrack;", "&lsqb;"};
	const char *number, *s;

	p += WORD;
	if (begins(p, end, " profile: total ") || begins(p, end, "leak profile: total "))
		return true;
	number = over_blanks(p, end);
	for (s = number; s < end && *s >= '0' && *s <= '9'; s++)
		;
	if (number == p || s == number)
		return false;
	p = over_blanks(s, end);
	if (p == s)
		return false;
	for (size_t i = 0; i < sizeof opens / sizeof *opens; i++)
		if (begins(p, end, opens[i]))
			return true;
	return false;
}

/* Where the word is, at or after p; end when it is nowhere. Its first and last letter are looked for together. */
static const char *find_word(const char *p, const char *end)
{
	for (; (size_t)(end - p) >= STRIDE + WORD; p += STRIDE) {
		block hit = {0};
		uint64_t halves[2];

		for (size_t k = 0; k < STRIDE; k += WIDTH) {
			block first, last;

			memcpy(&first, p + k, WIDTH);
			memcpy(&last, p + k + WORD - 1, WIDTH);
			hit |= (block)((first == 'g') & (last == 'e'));
		}
		memcpy(halves, &hit, WIDTH);
		if (!(halves[0] | halves[1]))
			continue;
		for (size_t i = 0; i < STRIDE; i++)
			if (p[i] == 'g' && memcmp(p + i, word, WORD) == 0)
				return p + i;
	}
	for (; (size_t)(end - p) >= WORD; p++)
		if (*p == 'g' && memcmp(p, word, WORD) == 0)
			return p;
	return end;
}

size_t find_header(const char *p, size_t n, size_t i)
{
	const char *end, *at;

	if (i >= n)
		return n;
	end = p + n;
	for (at = find_word(p + i, end); at < end && !is_candidate(at, end); at = find_word(at + 1, end))
		;
	return (size_t)(at - p);
}

size_t find_newlines(const char *p, size_t n)
{
	size_t count = 0;

	while (n >= WIDTH) {
		block sum = {0};
		unsigned char each[WIDTH];

		for (int k = 0; k < 255 && n >= WIDTH; k++, p += WIDTH, n -= WIDTH) {
			block b;

			memcpy(&b, p, WIDTH);
			sum -= (block)(b == '\n');
		}
		memcpy(each, &sum, WIDTH);
		for (size_t i = 0; i < WIDTH; i++)
			count += each[i];
	}
	for (; n; n--)
		count += *p++ == '\n';
	return count;
}
