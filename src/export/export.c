/* SPDX-License-Identifier: MIT */
/* The table of formats. */
#include "room.h"

static const struct export_format formats[] = {
	{.name = "pprof", .span = true, .binary = true, .at = true, .run = export_pprof},
	{.name = "folded", .span = true, .at = true, .run = export_folded},
	{.name = "dump", .at = true, .run = export_dump},
	{.name = "grouped", .at = true, .run = export_grouped},
	{.name = "dot", .at = true, .run = export_dot},
	{.name = "svg", .at = true, .run = export_svg},
	{.name = "trace", .span = true, .binary = true, .run = export_trace},
};
#define FORMATS (sizeof formats / sizeof *formats)

const struct export_format *export_format(const char *name)
{
	for (size_t i = 0; i < FORMATS; i++)
		if (strcmp(formats[i].name, name) == 0)
			return &formats[i];
	return NULL;
}

const char *export_format_name(size_t i)
{
	return i < FORMATS ? formats[i].name : NULL;
}
