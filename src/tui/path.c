/* SPDX-License-Identifier: MIT */
#include "path.h"
#include "canvas.h"
#include <gscrape/text.h>
#include <stdio.h>

char *path_name(char *out, size_t size, const char *func)
{
	char name[512];
	const char *s = query_short(name, sizeof name, func), *dot = strchr(s, '.');
	size_t n = 0;

	if (dot && dot[1])
		s = dot + 1;
	for (; *s; s++)
		if (*s != '(' && *s != ')' && *s != '*')
			name[n++] = *s;
	name[n] = '\0';
	return text_fit(out, size, name);
}

char *stack_path(char *out, size_t size, const struct stack *s, uint32_t end, int cells)
{
	char name[256];
	uint32_t outermost = s->n ? (uint32_t)(stack_root(s) - s->frames) : 0, first_of_tail = outermost, total = s->n > end ? s->n - end : 0;
	int room = cells;
	size_t n = 0;

	out[0] = '\0';
	if (!total)
		return out;
	/* As many as fit from the end, after the root and the mark of what is left out. */
	room -= text_cells(path_name(name, sizeof name, s->frames[outermost].func)) + 6;
	for (first_of_tail = end; first_of_tail < outermost; first_of_tail++) {
		room -= text_cells(path_name(name, sizeof name, s->frames[first_of_tail].func)) + 3;
		if (room + (first_of_tail + 1 == outermost ? 6 : 0) < 0)
			break;
	}
	n = (size_t)snprintf(out, size, "%s", path_name(name, sizeof name, s->frames[outermost].func));
	if (first_of_tail < outermost && n < size)
		n += (size_t)snprintf(out + n, size - n, " > ..");
	for (uint32_t i = first_of_tail; i-- > end && n < size;)
		n += (size_t)snprintf(out + n, size - n, " > %s", path_name(name, sizeof name, s->frames[i].func));
	return out;
}
