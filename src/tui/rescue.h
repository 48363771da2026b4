/* SPDX-License-Identifier: MIT */
/*
 * rescue.h: signals while the terminal is ours. A fatal one restores the terminal with what is async-signal-safe: the
 * restoring string and the modes were put aside at the start, the handler writes and re-raises. Others are noted, to be
 * asked for by the loop. There is one terminal per process.
 */
#ifndef TUI_RESCUE_H
#define TUI_RESCUE_H

#include <gscrape/buf.h>
#include <termios.h>

/* What is done with signals now is done again behind rescue_disarm(), and when one ends us: to be called before ncurses takes some. */
void rescue_remember(void);
/* From here on: restore is written to fd, and the modes are set, whatever signal or die() ends the program. */
void rescue_arm(int fd, const struct termios *modes, const struct buf *restore);
void rescue_disarm(void);
void rescue_mouse(bool on); /* mouse reports are to be switched off too */
/* The signal that asked for the end (TERM, HUP, INT); 0 none. */
int rescue_ended(void);
/* Stop here until somebody lets the program go on. */
void rescue_stop(void);

enum rescue_came { CAME_RESIZE, CAME_RESUME, CAME_STOP, CAME_MAX };
bool rescue_came(enum rescue_came what); /* once each time */

#endif
