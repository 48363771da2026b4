/* SPDX-License-Identifier: MIT */
/* glyphs.h: charts are tables of glyphs, side by side, with one drawing loop. */
#ifndef TUI_GLYPHS_H
#define TUI_GLYPHS_H

#include <stdint.h>

enum glyph_tier { GLYPHS_BLOCKS, GLYPHS_ASCII, GLYPHS_MAX };

struct glyphs {
	const char *name;
	int levels;         /* steps of a column's height in one cell */
	uint32_t step[9];   /* step[0] is blank, step[levels] full */
	uint32_t max_line, gap, rule, axis, tick, left, mark, event, played, unplayed, knob, dot, small_dot, bar, corner;
};

extern const struct glyphs glyph_table[GLYPHS_MAX];

#endif
