/* SPDX-License-Identifier: MIT */
/* All routes. The parser, the answers 404 and 400, and the OpenAPI file come from this table. */
#include "server.h"

#define HTML "text/html; charset=utf-8"
#define SCRIPT "text/javascript; charset=utf-8"
#define STYLE "text/css; charset=utf-8"
#define GROUP_BY "created-by top stack state none label" /* enum group_by */

#define HOST {.name = "host", .type = PARAM_HOST, .required = true, .help = "host:port, or as its archive folder is named"}
#define ANY_HOST {.name = "host", .type = PARAM_HOST, .help = "this host only"}
#define ID {.name = "id", .type = PARAM_ID, .required = true, .help = "the goroutine's number"}
#define EPOCH {.name = "epoch", .type = PARAM_NUMBER, .most = UINT32_MAX, \
	       .help = "which life of the process; 0 or left out: the newest that has the goroutine"}
#define AT {.name = "at", .type = PARAM_TIME, .help = "the time that is looked at; the host's newest moment unless given"}
#define FROM {.name = "from", .type = PARAM_TIME, .help = "begin; the first snapshot unless given"}
#define TO {.name = "to", .type = PARAM_TIME, .help = "end; the last snapshot unless given"}
#define OFFSET {.name = "offset", .type = PARAM_NUMBER, .help = "how many to leave out: the last answer's next"}
#define LIMIT(n, most_) {.name = "limit", .type = PARAM_NUMBER, .least = 1, .most = most_, .preset = n, .help = "how many at most"}
#define WHERE {.name = "where", .type = PARAM_TEXT, .most = 3500, .help = "of goroutines that pass this filter: gscrape-tui(7) has the language"}
#define BY {.name = "by", .type = PARAM_GROUPING, .values = GROUP_BY, .preset = "created-by", .help = "what makes a group: one of " GROUP_BY ", or label.KEY"}, \
	{.name = "label", .type = PARAM_TEXT, .preset = "", .help = "by label: of the values of this one; all of them together"}

#define OF(what) {.name = "of", .type = PARAM_TEXT, .help = "hosts by a label of their targets, together: " what}

#define MOMENT "host,at,time,goroutines,last_good,goroutines_last,ago,down_since,status,unknown" /* known_json() */

const struct route routes[] = {
	{"/api/hosts", answer_gscrape_hosts, .help = "gscrape: names of all hosts", .shape = "[host]", .flags = ROUTE_LOOSE | ROUTE_QUICK},
	{"/api/goroutine", answer_gscrape_goroutine, .help = "gscrape: one goroutine, an entry per snapshot (seconds)",
	 .shape = "{e:[{t,s,k,c}]}", .flags = ROUTE_LOOSE, .params = {HOST, ID, EPOCH, AT}},
	{"/api/search", answer_gscrape_search, .help = "gscrape: goroutines whose number has these digits in it (seconds)",
	 .shape = "[{id,count,first,last}]", .flags = ROUTE_LOOSE,
	 .params = {HOST, {.name = "id", .type = PARAM_DIGITS, .preset = "", .help = "digits; all, unless given"}, LIMIT("100", 100000)}},
	{"/api/stats", answer_gscrape_stats, .help = "gscrape: goroutines of all hosts over time (seconds)",
	 .shape = "[{host,timestamps,counts}]", .flags = ROUTE_LOOSE},
	{"/api/children", answer_gscrape_children, .help = "gscrape: what a goroutine started (seconds)",
	 .shape = "[{id,funcs,first,last}]", .flags = ROUTE_LOOSE, .params = {HOST, ID, EPOCH, AT}},

	{"/api/v1/hosts", answer_hosts, .help = "all hosts; with where, those in which somebody passes",
	 .shape = "[{host,labels,snapshots,failed,epochs,first,last,goroutines,goroutines_last,last_good,status,now,interval,down_since,why,"
		  "known:{at,time,goroutines,last_good,goroutines_last,ago,down_since,status,unknown}}]",
	 .params = {{.name = "at", .type = PARAM_TIME, .help = "what is known of each then, and who passes; now, unless given"}, WHERE}},
	{"/api/v1/snapshots", answer_snapshots, .help = "snapshots of a host, or a chart of them in buckets",
	 .shape = "{host,from,to,next,snapshots:[{time,epoch,status,goroutines,matching,states,bytes,took,note}]} or {…,time,goroutines,epoch} or "
		  "{host,from,to,buckets:[{from,to,snapshots,failed,min,max,last,matching,gap,epoch}]}",
	 .params = {HOST, FROM, TO, WHERE,
		    {.name = "buckets", .type = PARAM_NUMBER, .most = 5000, .help = "minimum, maximum and last of so many equal pieces"},
		    {.name = "as", .type = PARAM_CHOICE, .values = "rows columns", .preset = "rows",
		     .help = "an object per snapshot, or lists of equal length"},
		    LIMIT("1000", 100000)}},
	{"/api/v1/host_groups", answer_host_groups, .help = "hosts by a label of their targets, those without it last",
	 .shape = "[{label,value,hosts,hosts_known,hosts_down,goroutines_last,now}]",
	 .params = {{.name = "key", .type = PARAM_TEXT, .required = true, .help = "the label's name"}}},
	{"/api/v1/host_group", answer_host_group, .help = "one of these groups over time: what its hosts have together",
	 .shape = "{label,value,hosts:[name],buckets:[{from,to,snapshots,failed,min,max,last,gap,epoch}]}",
	 .params = {{.name = "of", .type = PARAM_TEXT, .required = true, .help = "KEY=VALUE, a label of their targets; KEY: the hosts without it"}, FROM, TO,
		    {.name = "buckets", .type = PARAM_NUMBER, .least = 1, .most = 5000, .preset = "100", .help = "minimum, maximum and last of so many equal pieces; minima and maxima are sums of what need not have been at once"}}},
	{"/api/v1/marks", answer_marks, .help = "moments that have names, of all hosts or of one",
	 .shape = "[{time,host,mark}]", .params = {ANY_HOST, FROM, TO}},
	{"/api/v1/groups", answer_groups, .help = "who is alive at a time, in groups, largest first",
	 .shape = "{" MOMENT ",total,next,groups:[{group,count,stacks,oldest,age,oldest_id,created_by,top,states}]}",
	 .params = {HOST, AT, BY, WHERE, OFFSET, LIMIT("500", 100000)}},
	{"/api/v1/activity", answer_activity, .help = "what became of groups over a window, the largest first: how many there were, came, left, and how long they lived",
	 .shape = "{host,from,to,snapshots,last,total,next,groups:[{group,peak,samples,came,left,there,p50,p90,longest,clipped,alive,last}]}",
	 .params = {HOST, FROM, TO, BY, WHERE,
		    {.name = "buckets", .type = PARAM_NUMBER, .most = 500, .help = "how many at most, and last, in each of so many equal pieces of the window"},
		    OFFSET, LIMIT("500", 100000)}},
	{"/api/v1/goroutines", answer_alive, .help = "who is alive at a time, one by one",
	 .shape = "{" MOMENT ",total,next,goroutines:[{id,epoch,state,func,created_by,parent,first,since,minutes}]}",
	 .params = {HOST, AT, BY, {.name = "group", .type = PARAM_TEXT, .most = 3500, .help = "only those of this group"}, WHERE, OFFSET,
		    LIMIT("500", 100000)}},
	{"/api/v1/goroutine", answer_goroutine, .help = "the history of one goroutine; runs name their stack by its place in stacks",
	 .shape = "{host,epoch,id,parent,first,last,ended,before,created_by,func,user_func,state,total,next,runs:[{from,to,snapshots,lasted,state,"
		  "family,minutes,moved,wait_object,function,stack}],stacks:[{frames:[{func,file,line}],elided_at}]}",
	 .params = {HOST, ID, EPOCH, AT, OFFSET, LIMIT("10000", 100000)}},
	{"/api/v1/children", answer_children, .help = "what a goroutine started; with where, those of them that are there then and pass",
	 .shape = "{total,next,children:[{id,func,user_func,first,last,ended}]}",
	 .params = {HOST, ID, EPOCH, AT, WHERE, OFFSET, LIMIT("10000", 100000)}},
	{"/api/v1/ancestors", answer_ancestors, .help = "a goroutine, who started it, and so on up",
	 .shape = "[{host,epoch,id,parent,first,last,ended,created_by,func,user_func,state}]", .params = {HOST, ID, EPOCH, AT}},
	{"/api/v1/ids", answer_ids, .help = "numbers of goroutines that begin so, for completion", .shape = "{host,more,ids}",
	 .params = {HOST, {.name = "prefix", .type = PARAM_DIGITS, .required = true, .help = "first digits"},
		    {.name = "at", .type = PARAM_TIME, .help = "alive at this time; ever, unless given"}, LIMIT("50", 10000)}},
	{"/api/v1/words", answer_words, .help = "what a filter that is being typed may go on with: the text with each word that fits at its end",
	 .shape = "{texts,more}", .params = {ANY_HOST, AT, {.name = "text", .type = PARAM_TEXT, .most = 3500, .preset = "", .help = "as far as it is typed"}, LIMIT("50", 10000)}},
	{"/api/v1/functions", answer_functions, .help = "functions that were on a stack; with where, on that of somebody who passes then", .shape = "{total,next,functions:[{func,stacks,goroutines,now}]}",
	 .params = {{.name = "q", .type = PARAM_TEXT, .preset = "", .help = "words that must all be there; !word must not, ^ and $ anchor"},
		    AT, WHERE, OFFSET, LIMIT("500", 100000)}},
	{"/api/v1/hits", answer_hits, .help = "goroutines that had a function on their stack, and when",
	 .shape = "{total,next,hits:[{host,epoch,id,func,first,last,lasted,snapshots,at_newest,now}]}",
	 .params = {{.name = "func", .type = PARAM_HOST, .required = true, .help = "its whole name, or a place: server.go:88"},
		    {.name = "host", .type = PARAM_HOST, .help = "on this host only"}, FROM, TO, WHERE, OFFSET, LIMIT("500", 100000)}},
	{"/api/v1/uses", answer_uses, .help = "how much functions were used over a window: by how many goroutines, and at most at once, in pieces of it",
	 .shape = "{from,to,uses:[{func,ever,peak,alive}]}",
	 .params = {{.name = "funcs", .type = PARAM_HOST, .required = true, .most = 3500, .help = "whole names, 64 at most, with | between"}, ANY_HOST, FROM, TO,
		    {.name = "buckets", .type = PARAM_NUMBER, .least = 1, .most = 500, .preset = "1", .help = "how many equal pieces"}}},
	{"/api/v1/callers", answer_callers, .help = "who calls a function, and whom it calls, by samples of a window",
	 .shape = "{func,samples,all,callers:[{path,created_by,samples,share}],callees:[{path,samples,share}]}",
	 .params = {{.name = "func", .type = PARAM_HOST, .required = true, .help = "its whole name"}, ANY_HOST, FROM, TO}},
	{"/api/v1/diff", answer_diff, .help = "what moved between two times, in groups, largest change first",
	 .shape = "{total,next,diff:[{of,hosts,host,group,created_by,created_at,function,state,from,to,net,born,gone,from_time,to_time,new}],notes}",
	 .params = {{.name = "from", .type = PARAM_TIME, .required = true, .help = "the earlier time"},
		    {.name = "to", .type = PARAM_TIME, .help = "the later one; each host's newest moment unless given"},
		    {.name = "host", .type = PARAM_HOST, .help = "this host only"}, OF("KEY=VALUE, or KEY for each of its values"), BY, WHERE, OFFSET, LIMIT("500", 100000)}},
	{"/api/v1/canary", answer_canary, .help = "how hosts with a label differ from the rest at a time, in groups: those that are apart first, the largest difference first",
	 .shape = "{total,next,canary:[{differs,apart,canary_each,rest_each,canary_count,canary_hosts,canary_least,canary_most,rest_count,rest_hosts,"
		  "rest_least,rest_most,host,group,created_by,created_at,function}]}",
	 .params = {{.name = "canary", .type = PARAM_TEXT, .required = true, .help = "KEY=VALUE, a label of their targets"}, OF("KEY=VALUE, both sides"),
		    {.name = "at", .type = PARAM_TIME, .help = "each host's newest moment unless given"}, BY,
		    WHERE, OFFSET, LIMIT("500", 100000)}},
	{"/api/v1/leaks", answer_leaks, .help = "what leaks, likeliest first, and what speaks for and against it",
	 .shape = "{total,next,notes,ignored,looked_at,leaks:[{host,verdict,kind,score,created_by,created_at,function,function_at,state,count,growth,per_hour,"
		  "never_ended,since,oldest,oldest_id,evidence,evidence_terms:[{name,weight,text}],against,against_terms}],"
		  "flows:[{from,to,alive,came,left}]}",
	 .params = {{.name = "host", .type = PARAM_HOST, .help = "this host only"}, OF("KEY=VALUE, or KEY for each of its values"), FROM, TO, WHERE,
		    {.name = "least", .type = PARAM_SHARE, .preset = "0.5", .help = "suspects with a lower score are left out"},
		    {.name = "buckets", .type = PARAM_NUMBER, .most = 500, .help = "how each came and went, in so many equal pieces of the window"},
		    OFFSET, LIMIT("100", 1000)}},
	{"/api/v1/waiters", answer_waiters, .help = "who waits for what: locks, wait groups, descriptors; most waiters first; and who seems to hold it, where the dump is still there",
	 .shape = "{" MOMENT ",total,next,waiters:[{host,epoch,object,at,what,state,count,longest,longest_at,oldest,bound,oldest_id,handed_over,"
		  "holder,holder_why,deadlock,sites:[{created_by,created_at,function,count}]}],flows:[{from,to,waiting}]}",
	 .params = {HOST, AT, {.name = "from", .type = PARAM_TIME, .help = "look back to this time; the first snapshot unless given"}, WHERE,
		    {.name = "buckets", .type = PARAM_NUMBER, .most = 500, .help = "how many waited for each at most, in so many equal pieces"}, OFFSET,
		    LIMIT("500", 100000)}},
	{"/api/v1/channels", answer_channels, .help = "who sends and who receives, by place, most first; and who may be at the other end, which is a guess",
	 .shape = "{" MOMENT ",total,next,channels:[{host,count,way,state,function,at,oldest,oldest_id,partners:[{function,at,way,count,last,why}]}]}",
	 .params = {HOST, AT, WHERE, OFFSET, LIMIT("500", 100000)}},
	{"/api/v1/keys", answer_keys, .help = "what the keys do, in the terminal and in the page", .shape = "[{where,action,keys,help}]",
	 .flags = ROUTE_QUICK},
	{"/api/v1/events", answer_events, "text/event-stream", .help = "server-sent events: hello, snapshot, reset",
	 .shape = "{host,time,epoch,status,goroutines,snapshots}", .flags = ROUTE_QUICK},
	{"/api/v1/openapi.json", answer_openapi, .help = "this list", .shape = "OpenAPI 3.1", .flags = ROUTE_QUICK | ROUTE_LOOSE},

	{"/api/v1/export/pprof", answer_pprof, "application/octet-stream", .help = "a profile of who is alive at a time, for go tool pprof; with from, what changed since",
	 .shape = "profile.proto", .params = {ANY_HOST, AT, {.name = "from", .type = PARAM_TIME, .help = "the earlier time, which is taken off"}, WHERE}},
	{"/api/v1/export/folded", answer_folded, "text/plain; charset=utf-8", .help = "a line per stack with its count, at a time or of a window's samples",
	 .shape = "root;leaf 12", .params = {ANY_HOST, AT, FROM, TO, WHERE}},
	{"/api/v1/export/trace", answer_trace, "application/octet-stream", .help = "lifelines of all goroutines, for Perfetto", .shape = "Perfetto trace",
	 .params = {ANY_HOST, FROM, TO, WHERE}},
	{"/api/v1/export/dump", answer_dump, "text/plain; charset=utf-8", .help = "who is alive at a time as Go prints it, for tools that read dumps",
	 .shape = "goroutine 1 [select]: …", .params = {HOST, AT, WHERE}},
	{"/api/v1/export/grouped", answer_grouped, "text/plain; charset=utf-8", .help = "the same, equal ones together with their number, as --count writes it",
	 .shape = "12 [select]\n#\t…", .params = {HOST, AT, WHERE}},
	{"/api/v1/export/dot", answer_dot, "text/plain; charset=utf-8", .help = "who started whom, of those alive at a time, for Graphviz",
	 .shape = "digraph", .params = {ANY_HOST, AT, WHERE}},
	{"/api/v1/export/svg", answer_svg, "image/svg+xml", .help = "the same as a picture", .shape = "SVG", .params = {ANY_HOST, AT, WHERE}},
	{"/api/v1/export/groups.csv", answer_groups_csv, "text/csv; charset=utf-8", .help = "who is alive at a time, in groups, as a table", .shape = "CSV",
	 .params = {HOST, AT, BY, WHERE}},
	{"/metrics", answer_metrics, "application/openmetrics-text; version=1.0.0; charset=utf-8", .help = "for Prometheus",
	 .shape = "OpenMetrics, or the older text", .flags = ROUTE_LOOSE | ROUTE_METRICS},
	{"/healthz", answer_health, "text/plain; charset=utf-8", .help = "ok, when the store can be read", .shape = "ok",
	 .flags = ROUTE_QUICK | ROUTE_OPEN | ROUTE_LOOSE},

	{"/", answer_asset, HTML, "the page", "HTML", ROUTE_QUICK | ROUTE_ASSET | ROUTE_LOOSE, {{0}}},
	{"/app.js", answer_asset, SCRIPT, "its script", "JavaScript", ROUTE_QUICK | ROUTE_ASSET | ROUTE_LOOSE, {{0}}},
	{"/history.js", answer_asset, SCRIPT, "what its views of hosts share", "JavaScript", ROUTE_QUICK | ROUTE_ASSET | ROUTE_LOOSE, {{0}}},
	{"/overview.js", answer_asset, SCRIPT, "its overview", "JavaScript", ROUTE_QUICK | ROUTE_ASSET | ROUTE_LOOSE, {{0}}},
	{"/host.js", answer_asset, SCRIPT, "its host", "JavaScript", ROUTE_QUICK | ROUTE_ASSET | ROUTE_LOOSE, {{0}}},
	{"/locks.js", answer_asset, SCRIPT, "its locks", "JavaScript", ROUTE_QUICK | ROUTE_ASSET | ROUTE_LOOSE, {{0}}},
	{"/functions.js", answer_asset, SCRIPT, "its functions", "JavaScript", ROUTE_QUICK | ROUTE_ASSET | ROUTE_LOOSE, {{0}}},
	{"/roll.js", answer_asset, SCRIPT, "its long lists", "JavaScript", ROUTE_QUICK | ROUTE_ASSET | ROUTE_LOOSE, {{0}}},
	{"/lib.js", answer_asset, SCRIPT, "its helpers", "JavaScript", ROUTE_QUICK | ROUTE_ASSET | ROUTE_LOOSE, {{0}}},
	{"/viewer.js", answer_asset, SCRIPT, "its goroutine viewer", "JavaScript", ROUTE_QUICK | ROUTE_ASSET | ROUTE_LOOSE, {{0}}},
	{"/leaks.js", answer_asset, SCRIPT, "its leaks", "JavaScript", ROUTE_QUICK | ROUTE_ASSET | ROUTE_LOOSE, {{0}}},
	{"/canary.js", answer_asset, SCRIPT, "its canary", "JavaScript", ROUTE_QUICK | ROUTE_ASSET | ROUTE_LOOSE, {{0}}},
	{"/flame.js", answer_asset, SCRIPT, "its flame graph", "JavaScript", ROUTE_QUICK | ROUTE_ASSET | ROUTE_LOOSE, {{0}}},
	{"/chart.js", answer_asset, SCRIPT, "Chart.js", "JavaScript", ROUTE_QUICK | ROUTE_ASSET | ROUTE_LOOSE, {{0}}},
	{"/style.css", answer_asset, STYLE, "its style", "CSS", ROUTE_QUICK | ROUTE_ASSET | ROUTE_LOOSE, {{0}}},
	{"/icon.svg", answer_asset, "image/svg+xml", "its icon", "SVG", ROUTE_QUICK | ROUTE_ASSET | ROUTE_LOOSE, {{0}}},
	{0},
};

const struct route *route_find(const char *path)
{
	for (const struct route *r = routes; r->path; r++)
		if (strcmp(r->path, path) == 0)
			return r;
	return NULL;
}
