/* SPDX-License-Identifier: MIT */
/* The page, built into the program: the Makefile compresses src/serve/page and Chart.js to PAGE_DIR, here they come in. */
#include "server.h"

#define EMBED(symbol, file)                                                                                  \
	__asm__(".section .rodata\n"                                                                         \
		".global page_" #symbol "\npage_" #symbol ":\n.incbin \"" PAGE_DIR "/" file ".gz\"\n"            \
		".global page_" #symbol "_end\npage_" #symbol "_end:\n.previous\n");                              \
	extern const char page_##symbol[], page_##symbol##_end[]

EMBED(index, "index.html");
EMBED(app, "app.js");
EMBED(history, "history.js");
EMBED(overview, "overview.js");
EMBED(host, "host.js");
EMBED(locks, "locks.js");
EMBED(viewer, "viewer.js");
EMBED(leaks, "leaks.js");
EMBED(functions, "functions.js");
EMBED(roll, "roll.js");
EMBED(lib, "lib.js");
EMBED(canary, "canary.js");
EMBED(flame, "flame.js");
EMBED(chart, "chart.js");
EMBED(style, "style.css");
EMBED(icon, "icon.svg");

static const struct {
	const char *path, *from, *to;
} assets[] = {
	{"/", page_index, page_index_end},
	{"/app.js", page_app, page_app_end},
	{"/history.js", page_history, page_history_end},
	{"/overview.js", page_overview, page_overview_end},
	{"/host.js", page_host, page_host_end},
	{"/locks.js", page_locks, page_locks_end},
	{"/viewer.js", page_viewer, page_viewer_end},
	{"/leaks.js", page_leaks, page_leaks_end},
	{"/functions.js", page_functions, page_functions_end},
	{"/roll.js", page_roll, page_roll_end},
	{"/lib.js", page_lib, page_lib_end},
	{"/canary.js", page_canary, page_canary_end},
	{"/flame.js", page_flame, page_flame_end},
	{"/chart.js", page_chart, page_chart_end},
	{"/style.css", page_style, page_style_end},
	{"/icon.svg", page_icon, page_icon_end},
};

int answer_asset(struct request *r, struct err *e)
{
	for (size_t i = 0; i < sizeof assets / sizeof *assets; i++) {
		if (strcmp(assets[i].path, r->route->path) != 0)
			continue;
		buf_add(&r->out, assets[i].from, (size_t)(assets[i].to - assets[i].from));
		return 0;
	}
	return fail(e, "%s: not built in", r->route->path);
}
