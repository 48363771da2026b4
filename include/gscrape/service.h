/* SPDX-License-Identifier: MIT */
/*
 * service.h: who runs us as a service hears how it goes, in the words of systemd: a datagram to $NOTIFY_SOCKET, and a
 * number before a line that is an error. Where nobody asked, nothing is done.
 */
#ifndef GSCRAPE_SERVICE_H
#define GSCRAPE_SERVICE_H

#include <stdbool.h>
#include <stdint.h>

/* "READY=1", "STATUS=...", several on lines of their own; they may be lost. */
void service_tell(const char *what);
/* How often to tell that we are alive, ms: half of what is asked for; 0: nobody asks. */
int64_t service_watchdog(void);
/* Is this descriptor the journal's? Its lines have times already, and begin with "<3>" for an error, "<4>", "<6>". */
bool service_journal(int fd);

#endif
