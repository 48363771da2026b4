/* SPDX-License-Identifier: MIT */
/* The table of options and the table of commands: data, and looking things up in it. */
#include "option_table.h"
#include <ctype.h>
#include <stddef.h>

#define AT(field) .at = offsetof(struct options, field)

/* Commands that share options. */
#define INSIGHT (CMD(DIFF) | CMD(CANARY) | CMD(LEAKS) | CMD(WAITERS) | CMD(LIVES))
#define SHOWS	(CMD(HOSTS) | CMD(STATS) | CMD(MARKS) | CMD(GOROUTINES) | CMD(GOROUTINE) | CMD(QUERY) | CMD(LIST_FUNCS) | INSIGHT)
#define SCREEN	(CMD(BROWSE) | CMD(DUMP))
#define FETCHES (CMD(BROWSE) | CMD(SCRAPE) | CMD(SERVE))
#define EXPORTS (CMD(EXPORT) | CMD(REPORT))
#define FILTERED (CMD(HOSTS) | CMD(CANARY) | CMD(QUERY) | CMD(WAITERS) | CMD(LIVES) | CMD(LIST_FUNCS) | CMD(GOROUTINES) | CMD(DIFF) | CMD(LEAKS) | CMD(REPORT) | CMD(SCRAPE) | CMD(SERVE) | CMD(STATS) | CMD(EXPORT))
#define READS	(SHOWS | SCREEN | EXPORTS | CMD(SERVE) | CMD(PARSE) | CMD(COUNT)) /* files that are named */
#define STORE	(SHOWS | SCREEN | FETCHES | CMD(INDEX) | CMD(MARK) | CMD(VERIFY) | CMD(COPY) | CMD(COMPACT) | CMD(EXPIRE) | EXPORTS)
#define ANY	(STORE | CMD(PARSE) | CMD(COUNT))

#define COMMAND(word, cmd, text) .name = word, .command = CMD_##cmd, .at = NOWHERE, .help = text

const struct option_row option_table[] = {
	{.section = "Commands", COMMAND("scrape", SCRAPE, "record targets without a screen, until stopped")},
	{COMMAND("index", INDEX, "take an archive into the store: only what is new")},
	{.name = "serve", .command = CMD_SERVE, .arg = "ADDR", .type = OPT_TEXT, AT(serve), .flags = OPT_MAYBE,
	 .help = "answer browsers and scripts on ADDR (127.0.0.1:8080)"},
	{.name = "dump", .command = CMD_DUMP, .arg = "VIEW", .type = OPT_TEXT, AT(view),
	 .help = "print a screen of the terminal as text"},
	{COMMAND("hosts", HOSTS, "list the hosts in the store")},
	{COMMAND("stats", STATS, "list the snapshots of all hosts, or of --host")},
	{COMMAND("goroutines", GOROUTINES, "list who is alive at a time")},
	{.name = "goroutine", .command = CMD_GOROUTINE, .arg = "ID", .type = OPT_NUMBER, AT(id), .flags = OPT_POSITIVE,
	 .help = "print the history of one goroutine"},
	{.name = "query", .command = CMD_QUERY, .arg = "FUNC", .type = OPT_TEXT, AT(func),
	 .help = "list goroutines that had a function on their stack"},
	{COMMAND("list-funcs", LIST_FUNCS, "list functions, all or those that match PATTERN")},
	{COMMAND("diff", DIFF, "list what moved between --from and --to")},
	{.name = "canary", .command = CMD_CANARY, .arg = "KEY=VALUE", .type = OPT_TEXT, AT(canary),
	 .help = "list how hosts with this label differ from the rest, in groups"},
	{COMMAND("waiters", WAITERS, "list what goroutines wait for, and how the queues went")},
	{COMMAND("lives", LIVES, "list how many come and go, and how long they live, in groups")},
	{COMMAND("leaks", LEAKS, "name what leaks, with the evidence for and against")},
	{.name = "report", .command = CMD_REPORT, .arg = "FILE", .type = OPT_TEXT, AT(report), .flags = OPT_PATH,
	 .help = "write what leaks into a page or text: .html or .md"},
	{.name = "export", .command = CMD_EXPORT, .arg = "FORMAT", .type = OPT_WORD, AT(export), .values = "pprof folded trace dump grouped dot svg",
	 .help = "write for other tools: pprof, folded, trace, dump, grouped, dot or svg"},
	{COMMAND("parse", PARSE, "print the goroutines of one dump as JSON")},
	{COMMAND("count", COUNT, "group the goroutines of dumps by equal stacks")},
	{.name = "mark", .command = CMD_MARK, .arg = "TEXT", .type = OPT_TEXT, AT(mark),
	 .help = "give a moment a name, such as 'deploy 1.4'"},
	{COMMAND("marks", MARKS, "list the moments that have names")},
	{COMMAND("verify", VERIFY, "check a store from end to end")},
	{.name = "copy", .command = CMD_COPY, .arg = "FILE", .type = OPT_TEXT, AT(copy_to), .flags = OPT_PATH,
	 .help = "copy a store, recorded or not, into a new file, or its hosts into a store that is there"},
	{.name = "expire", .command = CMD_EXPIRE, .arg = "DURATION", .type = OPT_DURATION, AT(expire), .flags = OPT_POSITIVE,
	 .help = "drop what is older from a store that nobody records into"},
	{COMMAND("compact", COMPACT, "give back the space that a store no longer needs")},
	{COMMAND("hash-password", HASH_PASSWORD, "make a line for --auth-file; asks for the password")},
	{.name = "completions", .command = CMD_COMPLETIONS, .arg = "SHELL", .type = OPT_WORD, AT(shell), .flags = OPT_HIDDEN,
	 .values = "bash zsh fish", .help = "print the completions for a shell"},
	{COMMAND("help", HELP, "print this, or the help of one command"), .letter = 'h'},
	{COMMAND("version", VERSION, "print the version"), .letter = 'V'},

	{.section = "Which data",
	 .name = "db", .letter = 'd', .arg = "FILE", .type = OPT_TEXT, AT(db), .flags = OPT_FILE | OPT_PATH, .with = STORE,
	 .preset = "gscrape.db", .help = "the store"},
	{.name = "host", .arg = "HOST", .type = OPT_TEXT, AT(host), .with = (SHOWS & ~CMD(CANARY)) | SCREEN | EXPORTS | CMD(MARK),
	 .help = "this host alone; host:port or host_port"},
	{.name = "of", .arg = "KEY[=VALUE]", .type = OPT_TEXT, AT(of), .with = CMD(DIFF) | CMD(LEAKS) | CMD(CANARY),
	 .help = "hosts with this label of their targets, together"},
	{.name = "id", .arg = "ID", .type = OPT_NUMBER, AT(id), .with = SCREEN, .flags = OPT_POSITIVE,
	 .help = "this goroutine"},
	{.name = "epoch", .arg = "N", .type = OPT_SMALL, AT(epoch), .with = SCREEN | CMD(GOROUTINE),
	 .flags = OPT_POSITIVE, .help = "in the Nth life of the host's process (the newest)"},
	{.name = "at", .arg = "TIME", .type = OPT_TIME, AT(at),
	 .with = SCREEN | CMD(MARK) | CMD(GOROUTINES) | CMD(GOROUTINE) | CMD(WAITERS) | CMD(CANARY) | CMD(EXPORT), .help = "at this time (now)"},
	{.name = "from", .arg = "TIME", .type = OPT_TIME, AT(from),
	 .with = CMD(STATS) | CMD(QUERY) | CMD(GOROUTINE) | CMD(MARKS) | EXPORTS | (INSIGHT & ~CMD(CANARY)), .help = "from this time on"},
	{.name = "to", .arg = "TIME", .type = OPT_TIME, AT(to),
	 .with = CMD(STATS) | CMD(QUERY) | CMD(GOROUTINE) | CMD(MARKS) | EXPORTS | (INSIGHT & ~CMD(WAITERS) & ~CMD(CANARY)),
	 .help = "up to this time"},
	{.name = "where", .arg = "FILTER", .type = OPT_TEXT, AT(where), .with = FILTERED | SCREEN,
	 .help = "of goroutines that pass, as in 'state == select and age > 10m'"},
	{.name = "saved-filter", .arg = "NAME:FILTER", .type = OPT_LIST, AT(saved), .flags = OPT_FILE | OPT_NAMED, .with = FILTERED | SCREEN,
	 .help = "what @NAME stands for in filters; may be given again"},

	{.section = "How it is shown",
	 .name = "group-by", .arg = "WHAT", .type = OPT_GROUPING, AT(group_by),
	 .with = CMD(GOROUTINES) | CMD(DIFF) | CMD(CANARY) | CMD(LIVES) | CMD(HOSTS),
	 .flags = OPT_FILE, .values = "created-by top stack state none label label.KEY", .preset = "created-by",
	 .help = "group by created-by, top, stack, state, none, label or label.KEY"},
	{.name = "callers", AT(callers), .with = CMD(QUERY), .help = "with --query: who calls it and whom it calls, most first"},
	{.name = "channels", AT(channels), .with = CMD(WAITERS), .help = "with --waiters: who sends and receives where, and who may be at the other end"},
	{.name = "profile", AT(profile), .with = CMD(GOROUTINE), .help = "with --goroutine: where it spends its time, most first"},
	{.name = "raw", AT(raw), .with = CMD(GOROUTINE), .help = "with --goroutine: its text in the dump at --at, arguments and all"},
	{.name = "with-state", AT(with_state), .with = CMD(EXPORT), .help = "with --export folded: the state as the innermost frame"},
	{.name = "json", .at = offsetof(struct options, json), .with = ANY & ~SCREEN & ~EXPORTS & ~(CMD(COPY) | CMD(COMPACT) | CMD(EXPIRE) | CMD(MARK)),
	 .help = "print JSON, one value per line"},
	{.name = "csv", AT(csv), .with = SHOWS, .help = "print comma-separated values"},
	{.name = "wide", AT(wide), .flags = OPT_FILE, .with = SHOWS, .help = "all columns of a table, whole, however wide"},
	{.name = "hide-labels", AT(hide_labels), .flags = OPT_FILE, .with = SHOWS | SCREEN | EXPORTS | CMD(SERVE) | CMD(SCRAPE) | CMD(PARSE),
	 .help = "nobody has labels: what they say is not to be seen"},
	{.name = "color", .arg = "WHEN", .type = OPT_CHOICE, AT(color), .flags = OPT_FILE, .with = ANY,
	 .values = "auto always never", .preset = "auto", .help = "colour: auto, always or never"},
	{.name = "tz", .arg = "ZONE", .type = OPT_ZONE, AT(tz), .flags = OPT_FILE, .with = ANY,
	 .preset = "local", .help = "show and read times in this zone"},
	{.name = "out", .arg = "FILE", .type = OPT_TEXT, AT(out), .flags = OPT_PATH, .with = CMD(DUMP) | CMD(COUNT) | CMD(EXPORT),
	 .help = "write there instead of to standard output"},
	{.name = "quiet", .letter = 'q', AT(quiet), .flags = OPT_FILE, .with = FETCHES | CMD(INDEX) | CMD(VERIFY) | CMD(COPY) | CMD(COMPACT) | CMD(EXPIRE) | CMD(EXPORT),
	 .help = "tell of failures only"},
	{.name = "fail-on", .arg = "VERDICT", .type = OPT_CHOICE, AT(fail_on), .with = CMD(LEAKS), .values = "never watch leak",
	 .preset = "never", .help = "exit with 3 on a leak, or on a watch, too"},
	{.name = "leak-ignore", .arg = "FILE", .type = OPT_TEXT, AT(leak_ignore), .flags = OPT_FILE | OPT_PATH,
	 .with = CMD(LEAKS) | CMD(REPORT) | CMD(SCRAPE) | CMD(SERVE) | SCREEN,
	 .help = "say nothing of the suspects it names (leak-ignore beside the configuration)"},
	{.name = "page-url", .arg = "URL", .type = OPT_TEXT, AT(page_url), .flags = OPT_FILE, .with = CMD(LEAKS) | CMD(REPORT) | SCREEN,
	 .preset = "http://127.0.0.1:8080/", .help = "where the page of --serve is, for links to it"},
	{.name = "config", .arg = "FILE", .type = OPT_TEXT, AT(config_file), .flags = OPT_PATH, .with = ANY,
	 .help = "read this configuration file"},

	{.section = "Recording",
	 .name = "targets", .arg = "LIST", .type = OPT_TEXT, AT(targets), .flags = OPT_FILE | OPT_TARGETS, .with = FETCHES,
	 .help = "targets, separated by commas"},
	{.name = "targets-file", .arg = "FILE", .type = OPT_TEXT, AT(targets_file), .flags = OPT_FILE | OPT_PATH | OPT_TARGETS,
	 .with = FETCHES, .help = "targets in Prometheus' file_sd JSON; read again when it changes"},
	{.name = "targets-url", .arg = "URL", .type = OPT_TEXT, AT(targets_url), .flags = OPT_FILE | OPT_TARGETS, .with = FETCHES,
	 .help = "targets from a server, in Prometheus' http_sd JSON"},
	{.name = "targets-dns", .arg = "LIST", .type = OPT_TEXT, AT(targets_dns), .flags = OPT_FILE | OPT_TARGETS, .with = FETCHES,
	 .help = "all addresses of name:6060, or the hosts of _pprof._tcp.name"},
	{.name = "resolver", .arg = "ADDR", .type = OPT_TEXT, AT(resolver), .flags = OPT_FILE, .with = FETCHES,
	 .help = "with --targets-dns: ask this name server"},
	{.name = "kubernetes", .arg = "URL", .type = OPT_TEXT, AT(kubernetes), .flags = OPT_FILE | OPT_TARGETS | OPT_MAYBE, .with = FETCHES,
	 .help = "pods as targets; URL is kubectl proxy's, or the API server's"},
	{.name = "kubeconfig", .arg = "FILE", .type = OPT_TEXT, AT(kubeconfig), .flags = OPT_FILE | OPT_PATH, .with = FETCHES,
	 .help = "with --kubernetes: server and credentials, outside of the cluster"},
	{.name = "service-account", .arg = "DIR", .type = OPT_TEXT, AT(service_account), .flags = OPT_FILE | OPT_PATH, .with = FETCHES,
	 .help = "with --kubernetes: where token and ca.crt are, if not where usual"},
	{.name = "namespace", .arg = "NAME", .type = OPT_TEXT, AT(ns), .flags = OPT_FILE, .with = FETCHES,
	 .help = "with --kubernetes: pods of this namespace (one's own); * is all"},
	{.name = "selector", .arg = "LABELS", .type = OPT_TEXT, AT(selector), .flags = OPT_FILE, .with = FETCHES,
	 .help = "with --kubernetes: pods with such labels, as in 'app in (api,web)'"},
	{.name = "port", .arg = "PORT", .type = OPT_TEXT, AT(port), .flags = OPT_FILE, .with = FETCHES,
	 .help = "with --kubernetes: number or name of the port (pprof)"},
	{.name = "pod-proxy", AT(pod_proxy), .flags = OPT_FILE, .with = FETCHES,
	 .help = "with --kubernetes: ask pods through the API server"},
	{.name = "name-label", .arg = "KEY", .type = OPT_TEXT, AT(name_label), .flags = OPT_FILE, .with = FETCHES,
	 .help = "call targets that are found by this label's value"},
	{.name = "refresh", .arg = "DURATION", .type = OPT_DURATION, AT(refresh), .flags = OPT_FILE | OPT_POSITIVE, .with = FETCHES,
	 .preset = "30s", .help = "time between two questions for targets"},
	{.name = "shard", .arg = "K/N", .type = OPT_TEXT, AT(shard), .flags = OPT_FILE, .with = FETCHES,
	 .help = "of all targets the Kth of N parts, for one of N recorders"},
	{.name = "output", .letter = 'o', .arg = "DIR", .type = OPT_TEXT, AT(output), .flags = OPT_FILE | OPT_PATH,
	 .with = FETCHES | CMD(INDEX) | CMD(VERIFY) | CMD(WAITERS) | CMD(GOROUTINE) | SCREEN, .preset = "output", .help = "the archive of raw dumps"},
	{.name = "no-archive", AT(no_archive), .flags = OPT_FILE, .with = FETCHES, .help = "keep no raw dumps"},
	{.name = "group-readable", AT(group_readable), .flags = OPT_FILE, .with = FETCHES | CMD(INDEX),
	 .help = "let the group read store and archive"},
	{.name = "repair", AT(repair), .with = CMD(VERIFY), .help = "what is sound in a damaged store, into FILE.repaired"},
	{.name = "strict", AT(strict), .with = READS, .help = "take dumps as they are: no log, no page, no prefix"},
	{.name = "archive-tz", .arg = "ZONE", .type = OPT_ZONE, AT(archive_tz), .flags = OPT_FILE,
	 .with = READS | CMD(INDEX) | CMD(VERIFY), .preset = "local",
	 .help = "zone of file names and logs that name none"},
	{.name = "interval", .letter = 'i', .arg = "DURATION", .type = OPT_DURATION, AT(interval),
	 .flags = OPT_FILE | OPT_POSITIVE, .with = FETCHES, .preset = "30s", .help = "time between two scrapes of a target"},
	{.name = "timeout", .arg = "DURATION", .type = OPT_DURATION, AT(timeout), .flags = OPT_FILE | OPT_POSITIVE,
	 .with = FETCHES, .preset = "30s", .help = "give one scrape this long"},
	{.name = "once", AT(once), .with = CMD(SCRAPE), .help = "scrape each target once, then stop"},
	{.name = "jobs", .arg = "N", .type = OPT_NUMBER, AT(jobs), .flags = OPT_FILE | OPT_POSITIVE, .with = FETCHES | CMD(INDEX) | SCREEN,
	 .help = "work on N dumps at a time (one per processor)"},
	{.name = "retain", .arg = "DURATION", .type = OPT_DURATION, AT(retain), .flags = OPT_FILE | OPT_POSITIVE,
	 .with = FETCHES, .help = "drop what is older from archive and store (keep all)"},
	{.name = "retain-size", .arg = "SIZE", .type = OPT_SIZE, AT(retain_size), .flags = OPT_FILE | OPT_POSITIVE,
	 .with = FETCHES, .help = "drop the oldest beyond this size, archive and store each"},
	{.name = "max-body", .arg = "SIZE", .type = OPT_SIZE, AT(max_body), .flags = OPT_FILE | OPT_POSITIVE, .with = FETCHES | CMD(INDEX) | SCREEN,
	 .preset = "64MiB", .help = "take no dump that is longer"},
	{.name = "max-goroutines", .arg = "N", .type = OPT_NUMBER, AT(max_goroutines), .flags = OPT_FILE, .with = FETCHES,
	 .help = "ask for the grouped profile first; beyond N record that alone"},
	{.name = "grouped", AT(grouped), .flags = OPT_FILE, .with = FETCHES,
	 .help = "record grouped profiles (debug=1), for which a process hardly stops"},
	{.name = "goroutineleak", AT(goroutineleak), .flags = OPT_FILE, .with = FETCHES,
	 .help = "ask the goroutineleak profile, where it is there"},
	{.name = "on-leak", .arg = "COMMAND", .type = OPT_TEXT, AT(on_leak), .flags = OPT_FILE, .with = CMD(SCRAPE) | CMD(SERVE),
	 .help = "run this for each new leak, its JSON on standard input"},
	{.name = "leak-for", .arg = "DURATION", .type = OPT_DURATION, AT(leak_for), .flags = OPT_FILE, .with = CMD(SCRAPE) | CMD(SERVE),
	 .preset = "0s", .help = "run it only for what has been a leak for so long"},

	{.section = "How targets are asked",
	 .name = "header", .letter = 'H', .arg = "LINE", .type = OPT_LIST, AT(headers), .flags = OPT_FILE,
	 .with = FETCHES, .help = "send this header, 'Name: value'; may be given again"},
	{.name = "user", .letter = 'u', .arg = "NAME:PASSWORD", .type = OPT_TEXT, AT(user), .flags = OPT_FILE,
	 .with = FETCHES, .help = "basic authentication"},
	{.name = "user-file", .arg = "FILE", .type = OPT_TEXT, AT(user_file), .flags = OPT_FILE | OPT_PATH,
	 .with = FETCHES, .help = "the same in a file, read for each scrape"},
	{.name = "bearer-file", .arg = "FILE", .type = OPT_TEXT, AT(bearer_file), .flags = OPT_FILE | OPT_PATH,
	 .with = FETCHES, .help = "bearer token in a file, read for each scrape"},
	{.name = "cacert", .arg = "FILE", .type = OPT_TEXT, AT(cacert), .flags = OPT_FILE | OPT_PATH, .with = FETCHES,
	 .help = "trust these certificates"},
	{.name = "cert", .arg = "FILE", .type = OPT_TEXT, AT(cert), .flags = OPT_FILE | OPT_PATH, .with = FETCHES,
	 .help = "our certificate for targets that ask for one"},
	{.name = "key", .arg = "FILE", .type = OPT_TEXT, AT(key), .flags = OPT_FILE | OPT_PATH, .with = FETCHES,
	 .help = "its private key"},
	{.name = "insecure", .letter = 'k', AT(insecure), .flags = OPT_FILE, .with = FETCHES,
	 .help = "do not check the targets' certificates"},

	{.section = "The terminal",
	 .name = "view", .arg = "VIEW", .type = OPT_TEXT, AT(view), .with = CMD(BROWSE), .help = "the view to begin with"},
	{.name = "size", .arg = "WxH", .type = OPT_TEXT, AT(size), .with = CMD(DUMP), .preset = "80x24",
	 .help = "columns and lines"},
	{.name = "keys", .arg = "KEYS", .type = OPT_TEXT, AT(keys), .with = SCREEN, .help = "press these keys first"},
	{.name = "format", .arg = "FORMAT", .type = OPT_WORD, AT(format), .with = CMD(DUMP) | CMD(GOROUTINES), .values = "text csv json dump grouped",
	 .preset = "text", .help = "as text, csv or json; --goroutines also as Go's dump, or that grouped"},
	{.name = "theme", .arg = "NAME", .type = OPT_WORD, AT(theme), .flags = OPT_FILE, .with = SCREEN,
	 .values = "default light colorblind mono",
	 .help = "colours: default, light, colorblind or mono"},
	{.name = "glyphs", .arg = "SET", .type = OPT_WORD, AT(glyphs), .flags = OPT_FILE, .with = SCREEN,
	 .values = "auto ascii blocks", .help = "characters for charts: auto, ascii or blocks"},
	{.name = "source", .arg = "FROM=TO", .type = OPT_TEXT, AT(source), .flags = OPT_FILE, .with = SCREEN,
	 .help = "sources whose path begins with FROM are in TO here; several with commas"},
	{.name = "mouse", AT(mouse), .flags = OPT_FILE, .with = CMD(BROWSE),
	 .help = "the wheel scrolls, a click selects or moves in time"},
	{.name = "skip-unchanged", AT(skip_unchanged), .flags = OPT_FILE, .with = CMD(BROWSE),
	 .help = "playback skips samples in which nothing changed"},
	{.name = "two-lines", AT(two_lines), .flags = OPT_FILE, .with = SCREEN, .help = "frames with whole package and path"},
	{.name = "leaf-first", AT(leaf_first), .flags = OPT_FILE, .with = SCREEN,
	 .help = "stacks begin with the function that runs"},
	{.name = "cursorline", AT(cursorline), .flags = OPT_FILE, .with = SCREEN, .help = "the time cursor as a line through charts"},
	{.name = "slow-link", AT(slow_link), .flags = OPT_FILE, .with = SCREEN, .help = "send half the bytes"},
	{.name = "sync", AT(sync), .flags = OPT_FILE, .with = CMD(BROWSE), .help = "paint frames as synchronized output"},
	{.name = "screen-reader", AT(screen_reader), .flags = OPT_FILE, .with = SCREEN,
	 .help = "no charts and boxes: a line for each row"},
	{.name = "no-state", AT(no_state), .flags = OPT_FILE, .with = CMD(BROWSE),
	 .help = "neither restore nor keep where the browsing was"},

	{.section = "The server",
	 .name = "auth-file", .arg = "FILE", .type = OPT_TEXT, AT(auth_file), .flags = OPT_FILE | OPT_PATH,
	 .with = CMD(SERVE), .help = "who may ask: lines made by --hash-password"},
	{.name = "no-auth", AT(no_auth), .flags = OPT_FILE, .with = CMD(SERVE), .help = "let everybody ask who can reach ADDR"},
	{.name = "tls-cert", .arg = "FILE", .type = OPT_TEXT, AT(tls_cert), .flags = OPT_FILE | OPT_PATH,
	 .with = CMD(SERVE), .help = "serve https with this certificate"},
	{.name = "tls-key", .arg = "FILE", .type = OPT_TEXT, AT(tls_key), .flags = OPT_FILE | OPT_PATH, .with = CMD(SERVE),
	 .help = "its private key"},
	{.name = "cors", .arg = "ORIGIN", .type = OPT_TEXT, AT(cors), .flags = OPT_FILE, .with = CMD(SERVE),
	 .help = "let pages of this origin read the answers"},
	{.name = "base-path", .arg = "PATH", .type = OPT_TEXT, AT(base_path), .flags = OPT_FILE, .with = CMD(SERVE),
	 .help = "serve below this path, too, for a proxy that leaves it"},
	{.name = "server-name", .arg = "NAME", .type = OPT_LIST, AT(server_names), .flags = OPT_FILE, .with = CMD(SERVE),
	 .help = "a name to be asked for under; may be given again"},
	{0},
};

#define MANY SIZE_MAX
#define QUESTION {.operands = "[FILE... | DIR...]", .most = MANY, .files = true} /* of the store, or of files */

const struct command_row command_table[CMD_MAX] = {
	[CMD_BROWSE] = {.operands = "[TARGET... | FILE... | DIR... | -]", .most = MANY},
	[CMD_SCRAPE] = {.operands = "[TARGET...]", .most = MANY, .also = CMD(SERVE)},
	[CMD_INDEX] = {.operands = "[DIR | FILE...]", .most = MANY},
	[CMD_SERVE] = {.operands = "[ADDR | FILE... | DIR...]", .most = MANY, .also = CMD(SCRAPE)},
	[CMD_DUMP] = {.operands = "[FILE... | DIR... | -]", .most = MANY},
	[CMD_HOSTS] = QUESTION,
	[CMD_STATS] = QUESTION,
	[CMD_GOROUTINES] = QUESTION,
	[CMD_GOROUTINE] = QUESTION,
	[CMD_QUERY] = QUESTION,
	[CMD_DIFF] = QUESTION,
	[CMD_CANARY] = {0},
	[CMD_WAITERS] = QUESTION,
	[CMD_LIVES] = QUESTION,
	[CMD_EXPORT] = QUESTION,
	[CMD_LEAKS] = {.operands = "[FILE... | DIR...]", .most = MANY, .files = true, .also = CMD(REPORT)},
	[CMD_REPORT] = {.operands = "[FILE... | DIR...]", .most = MANY, .files = true, .also = CMD(LEAKS)},
	[CMD_LIST_FUNCS] = {.operands = "[PATTERN]", .most = 1},
	[CMD_PARSE] = {.operands = "[FILE]", .most = 1},
	[CMD_HASH_PASSWORD] = {.operands = "[USER]", .most = 1},
	[CMD_COUNT] = {.operands = "[FILE... | DIR]", .most = MANY},
	[CMD_HELP] = {.operands = "[COMMAND]", .most = 1},
};

const struct option_row *option_find(const char *name, size_t n)
{
	for (const struct option_row *r = option_table; r->name; r++)
		if (strlen(r->name) == n && memcmp(r->name, name, n) == 0)
			return r;
	return NULL;
}

const struct option_row *option_letter(char letter)
{
	for (const struct option_row *r = option_table; r->name; r++)
		if (r->letter == letter)
			return r;
	return NULL;
}

const struct option_row *option_command(enum command c)
{
	for (const struct option_row *r = option_table; r->name; r++)
		if (c != CMD_BROWSE && r->command == c)
			return r;
	return NULL;
}

char *option_variable(const struct option_row *row, char *out, size_t size)
{
	static const char prefix[] = "GSCRAPE_";
	size_t n = 0;

	for (const char *p = prefix; *p && n + 1 < size; p++)
		out[n++] = *p;
	for (const char *p = row->name; *p && n + 1 < size; p++)
		out[n++] = *p == '-' ? '_' : (char)toupper((unsigned char)*p);
	out[n] = '\0';
	return out;
}
