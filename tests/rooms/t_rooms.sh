#!/bin/bash
# The picture in README holds: each library is included by one file or room, and arrows point one way.
cd "$TOP" || exit 1
n=0
say() { n=$((n + 1)); if [ -z "$2" ]; then echo "ok $n - $1"; else echo "not ok $n - $1"; echo "# $2"; fi; }

home() { # home LIBRARY HEADER PLACE...: included there and nowhere else in the program
	local lib=$1 header=$2 bad; shift 2
	bad=$(grep -rlE "#include <$header>" src include | grep -vE "^($(IFS='|'; echo "$*"))" | tr '\n' ' ')
	say "$lib is included by $*" "$bad"
}
home ncurses '(ncursesw/)?n?curses\.h' src/tui/console.c
home libcurl 'curl/.*\.h' src/collect/
home zlib zlib.h src/base/gzip.c
home libdeflate libdeflate.h src/base/gzip.c
home LMDB lmdb.h src/store/lmdb/
home cJSON 'cjson/.*\.h' src/base/json.c
home libmicrohttpd microhttpd.h src/serve/
home xxHash xxhash.h src/base/hash.c
home utf8proc utf8proc.h src/base/text.c
home libarchive 'archive(_entry)?\.h' src/cli/bundle.c
home protobuf-c '(protobuf-c/.*|.*\.pb-c)\.h' src/export/

# What the headers of a room are, and which rooms a room may know.
declare -A headers=([dump]='dump scan symtab unwrap grouped' [store]='store' [history]='recorder' [query]='query' [collect]='archive index collect'
	[export]='export' [tui]='tui' [serve]='serve' [cli]='cli options' [watch]='leak_watch')
forbid() { # forbid ROOM OTHER...: no file of ROOM includes a header of the others
	local room=$1 other h bad=; shift
	for other; do
		for h in ${headers[$other]}; do bad+=$(grep -rl "#include <gscrape/$h\.h>" "src/$room" | sed "s/\$/ ($h.h) /" | tr '\n' ' '); done
		bad+=$(grep -rlE "#include \"(\.\./)?$other/" "src/$room" | tr '\n' ' ')
	done
	say "$room knows nothing of $*" "$bad"
}
forbid base dump store history query export collect watch tui serve cli
forbid dump store history query export collect watch tui serve cli
forbid store history query export collect watch tui serve cli
forbid history query export collect watch tui serve cli
forbid query history export collect watch tui serve cli
forbid export dump store history collect watch tui serve cli
forbid collect query export watch tui serve cli
forbid watch dump store history export collect tui serve cli
forbid tui history collect watch serve cli
forbid serve history watch tui
echo "1..$n"
