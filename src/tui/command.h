/* SPDX-License-Identifier: MIT */
/* command.h: what `:` takes besides the names of actions. */
#ifndef TUI_COMMAND_H
#define TUI_COMMAND_H

#include "app.h"

struct command_word {
	const char *name, *help;
	void (*run)(struct app *a, char *arg); /* what stands behind it; may be changed */
};
extern const struct command_word command_words[];
extern const size_t command_words_n;

#endif
