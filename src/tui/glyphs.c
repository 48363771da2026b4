/* SPDX-License-Identifier: MIT */
#include "glyphs.h"

const struct glyphs glyph_table[GLYPHS_MAX] = {
	[GLYPHS_BLOCKS] = {"blocks", 8, {' ', 0x2581, 0x2582, 0x2583, 0x2584, 0x2585, 0x2586, 0x2587, 0x2588}, .max_line = 0x2502,
			   .gap = 0xb7, .rule = 0x2500, .axis = 0x2500, .tick = 0x252c, .left = 0x2524, .mark = 0x25b2, .event = 0x25bc,
			   .played = 0x2501, .unplayed = 0x2500, .knob = 0x25cf, .dot = 0x2022, .small_dot = 0xb7, .bar = 0x2502,
			   .corner = 0x2514},
	[GLYPHS_ASCII] = {"ascii", 7, {' ', '.', ':', '-', '=', '+', '*', '#'}, .max_line = '|', .gap = '?', .rule = '-', .axis = '-',
			  .tick = '+', .left = '|', .mark = '^', .event = 'v', .played = '=', .unplayed = '-', .knob = 'O', .dot = ':',
			  .small_dot = '.', .bar = '|', .corner = '`'},
};
