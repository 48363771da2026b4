/* SPDX-License-Identifier: MIT */
/* Leak suspects. */
#include "room.h"
#include <gscrape/insight.h>

const char *verdict_name(enum verdict v)
{
	static const char *const names[] = {"none", "watch", "leak"};

	return names[v];
}

const char *suspect_kind_name(enum suspect_kind k)
{
	static const char *const names[SUSPECT_MAX] = {"growth", "stuck", "queue"};

	return names[k];
}
