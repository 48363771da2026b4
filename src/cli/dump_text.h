/* SPDX-License-Identifier: MIT */
/* dump_text.h: the text of a dump that the store was made of, for what the store does not keep. */
#ifndef CLI_DUMP_TEXT_H
#define CLI_DUMP_TEXT_H

#include "session.h"

/* The host's dump of this time, from the archive or the files that are asked about. False when it is not there: that an archive
 * cannot be read, or was never kept, is no failure. */
bool dump_text_of(const struct options *o, const char *host, int64_t time, struct buf *out);

#endif
