#!/bin/bash
# The picture in README holds: each library is included by one file or room, and arrows point one way.
cd "$TOP" || exit 1
n=0
say() { n=$((n + 1)); if [ -z "$2" ]; then echo "ok $n - $1"; else echo "not ok $n - $1"; echo "# $2"; fi; }

homes='(gscrape/.*' # headers that have one, ours first
home() { # home LIBRARY HEADER PLACE...: included there and nowhere else in the program
	local lib=$1 header=$2 bad; shift 2
	bad=$(grep -rlE "#include <$header>" src include | grep -vE "^($(IFS='|'; echo "$*"))" | tr '\n' ' ')
	homes+="|$header"
	say "$lib is included by $*" "$bad"
}
home ncurses '(ncursesw/)?(n?curses|term)\.h' src/tui/console.c
home libcurl 'curl/.*\.h' src/collect/fetch.c src/base/http.c include/gscrape/collect.h # many transfers at once; one question, one answer
home zlib zlib.h src/base/gzip.c
home libdeflate libdeflate.h src/base/gzip.c
home LMDB lmdb.h src/store/lmdb/
home cJSON 'cjson/.*\.h' src/base/json.c
home libmicrohttpd microhttpd.h src/serve/
home xxHash xxhash.h 'src/base/hash(_wide)?\.c'
home utf8proc utf8proc.h src/base/text.c
home libarchive 'archive(_entry)?\.h' src/cli/bundle.c
home libyaml yaml.h src/collect/kubeconfig.c
home c-ares ares.h src/collect/source_dns.c
home PCRE2 pcre2.h src/base/pattern.c
home libcrypt crypt.h src/serve/auth.c
home protobuf-c '(protobuf-c/.*|.*\.pb-c)\.h' src/export/

homes="^$homes)\$"
while read -r set kind lib header _; do
	[[ $set == build && $kind =~ ^(lib|maybe)$ && ! $header =~ $homes ]] && nowhere+="$lib ($header) "
done <contrib/dependencies
say 'each library that is linked has its home' "${nowhere:-}"

# Whose each public header is, and which rooms a room may not know: neither its files nor its headers.
declare -A headers=([base]='buf confine err fault gzip hash http json keys link match pattern secret service system target_labels text timefmt workers zone'
	[dump]='dump holder scan symtab unwrap grouped' [store]='store' [history]='recorder' [query]='query insight columns filter values'
	[collect]='archive index collect' [export]='export profile' [watch]='leak_watch' [tui]='tui' [serve]='serve' [cli]='cli options')
say 'each public header belongs to one room' "$(diff <(printf '%s\n' ${headers[*]} | sort) <(basename -as .h include/gscrape/*.h | sort))"
say 'each room is in the table' "$(diff <(printf '%s\n' "${!headers[@]}" | sort) <(basename -a src/*/ | sort))"
forbid() { # forbid ROOM OTHER...
	local room=$1 other h files bad=; shift
	files="src/$room $(printf 'include/gscrape/%s.h ' ${headers[$room]})"
	for other; do
		for h in ${headers[$other]}; do bad+=$(grep -rl "#include <gscrape/$h\.h>" $files | sed "s/\$/ ($h.h) /" | tr '\n' ' '); done
		bad+=$(grep -rlE "#include \"(\.\./)*$other/" $files | tr '\n' ' ')
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
forbid serve history watch tui cli

# What is committed at the top is what README's picture has; where there is no history to ask, nothing can have slipped in.
top=$(git -C "$TOP" ls-files 2>/dev/null | cut -d/ -f1 | sort -u | grep -vxE '\.ci|\.clang-format|\.editorconfig|\.gitignore|LICENSE|Makefile|README\.md|contrib|include|man|src|tests')
say "nothing else stands at the top" "$top"
echo "1..$n"
