/* SPDX-License-Identifier: MIT */
/* settings.h: what can be set while it runs. */
#ifndef TUI_SETTINGS_H
#define TUI_SETTINGS_H

#include "session.h"

struct setting {
	const char *name, *help;
	const char *const *values;                /* to choose from, ends with NULL; NULL: yes or no, or any text */
	size_t at;                                /* yes or no: a bool of struct session */
	const char *(*get)(const struct session *a);
	int (*set)(struct session *a, const char *value, struct err *e);
	const char *form;                         /* of what is typed, which no list of values has; NULL: there is one */
};
extern const struct setting settings[];
extern const size_t settings_n;
const struct setting *setting_named(const char *name);
const char *setting_value(const struct session *a, const struct setting *s);
void setting_change(struct session *a, const struct setting *s, const char *value); /* acts at once, and is kept */
void setting_next(struct session *a, const struct setting *s);
int set_glyphs(struct session *a, const char *name, struct err *e); /* auto, blocks, ascii */

#endif
