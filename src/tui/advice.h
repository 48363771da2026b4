/* SPDX-License-Identifier: MIT */
/* advice.h: what to do about a scrape that failed. */
#ifndef TUI_ADVICE_H
#define TUI_ADVICE_H

/* For the reason that a snapshot has in writing, a question or a hint for one line; "" where there is none. */
const char *advice_for(const char *why);

#endif
