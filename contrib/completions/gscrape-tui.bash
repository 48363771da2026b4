# bash completion for gscrape-tui; made by gscrape-tui --completions bash

# What the store of this command line knows. Names come from other machines: nothing may expand them.
_gscrape_tui_ask() { # COMMAND KEY [PATTERN]
	local i db= name
	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		--db|-d) db=${COMP_WORDS[i+1]}; [ "$db" != = ] || db=${COMP_WORDS[i+2]} ;;
		--db=*) db=${COMP_WORDS[i]#--db=} ;;
		esac
	done
	db=${db//[\\\'\"]/}; db=${db/#\~\//$HOME/}
	while IFS= read -r name; do
		[[ $name != "${cur//[\\\'\"]/}"* ]] || COMPREPLY+=("${name#"$typed"}")
	done < <(gscrape-tui "--$1" ${db:+--db "$db"} --json "${@:3}" 2>/dev/null |
		sed -n "s/.*\"$2\":\"\([^\"]*\)\".*/\1/p" | if [[ $2 = host && $cur != *:* ]]; then tr : _; else cat; fi)
}
_gscrape_tui_hosts() { _gscrape_tui_ask hosts host; }
_gscrape_tui_functions() { _gscrape_tui_ask list-funcs func ${cur:+"^${cur//[\\\'\"]/}"}; }

_gscrape_tui() {
	local i=$COMP_CWORD cur=${COMP_WORDS[COMP_CWORD]} prev typed=
	# For bash a word ends at a colon and at an equals sign: what belongs together is put together, and what it has is left out again.
	while ((i > 1)) && [[ ${COMP_WORDS[i]} = : || ${COMP_WORDS[i-1]} = : ]]; do ((i--)); cur=${COMP_WORDS[i]}$cur; done
	((i == COMP_CWORD)) || typed=${cur%"${cur##*:}"}
	[ "$cur" != = ] || cur=
	prev=${COMP_WORDS[i-1]}
	[ "$prev" != = ] || prev=${COMP_WORDS[i-2]}
	COMPREPLY=()
	case $prev in
	--help|-h) COMPREPLY=($(compgen -W 'scrape index serve dump hosts stats goroutines goroutine query list-funcs diff canary waiters lives leaks report export parse count mark marks verify copy expire compact hash-password help version' -- "$cur")); return ;;
	--list-funcs) [[ $cur == -* ]] || { _gscrape_tui_functions; return; } ;;
	--dump) COMPREPLY=($(compgen -W 'overview host goroutine functions leaks locks help options' -- "$cur")); return ;;
	--goroutine) return ;;
	--query) _gscrape_tui_functions; return ;;
	--canary) return ;;
	--report) COMPREPLY=($(compgen -f -X '*-lock' -- "$cur")); return ;;
	--export) COMPREPLY=($(compgen -W 'pprof folded trace dump grouped dot svg' -- "$cur")); return ;;
	--mark) return ;;
	--copy) COMPREPLY=($(compgen -f -X '*-lock' -- "$cur")); return ;;
	--expire) return ;;
	--db|-d) COMPREPLY=($(compgen -f -X '*-lock' -- "$cur")); return ;;
	--host) _gscrape_tui_hosts; return ;;
	--of) return ;;
	--id) return ;;
	--epoch) return ;;
	--at) return ;;
	--from) return ;;
	--to) return ;;
	--where) return ;;
	--saved-filter) return ;;
	--group-by) COMPREPLY=($(compgen -W 'created-by top stack state none label label.KEY' -- "$cur")); return ;;
	--color) COMPREPLY=($(compgen -W 'auto always never' -- "$cur")); return ;;
	--tz) COMPREPLY=($(compgen -W "local UTC $(awk '/^[A-Z]/ {print $3}' /usr/share/zoneinfo/zone.tab 2>/dev/null)" -- "$cur")); return ;;
	--out) COMPREPLY=($(compgen -f -X '*-lock' -- "$cur")); return ;;
	--fail-on) COMPREPLY=($(compgen -W 'never watch leak' -- "$cur")); return ;;
	--leak-ignore) COMPREPLY=($(compgen -f -X '*-lock' -- "$cur")); return ;;
	--page-url) return ;;
	--config) COMPREPLY=($(compgen -f -X '*-lock' -- "$cur")); return ;;
	--targets) return ;;
	--targets-file) COMPREPLY=($(compgen -f -X '*-lock' -- "$cur")); return ;;
	--targets-url) return ;;
	--targets-dns) return ;;
	--resolver) return ;;
	--kubeconfig) COMPREPLY=($(compgen -f -X '*-lock' -- "$cur")); return ;;
	--service-account) COMPREPLY=($(compgen -f -X '*-lock' -- "$cur")); return ;;
	--namespace) return ;;
	--selector) return ;;
	--port) return ;;
	--name-label) return ;;
	--refresh) return ;;
	--shard) return ;;
	--output|-o) COMPREPLY=($(compgen -f -X '*-lock' -- "$cur")); return ;;
	--archive-tz) COMPREPLY=($(compgen -W "local UTC $(awk '/^[A-Z]/ {print $3}' /usr/share/zoneinfo/zone.tab 2>/dev/null)" -- "$cur")); return ;;
	--interval|-i) return ;;
	--timeout) return ;;
	--jobs) return ;;
	--retain) return ;;
	--retain-size) return ;;
	--max-body) return ;;
	--max-goroutines) return ;;
	--on-leak) return ;;
	--leak-for) return ;;
	--header|-H) return ;;
	--user|-u) return ;;
	--user-file) COMPREPLY=($(compgen -f -X '*-lock' -- "$cur")); return ;;
	--bearer-file) COMPREPLY=($(compgen -f -X '*-lock' -- "$cur")); return ;;
	--cacert) COMPREPLY=($(compgen -f -X '*-lock' -- "$cur")); return ;;
	--cert) COMPREPLY=($(compgen -f -X '*-lock' -- "$cur")); return ;;
	--key) COMPREPLY=($(compgen -f -X '*-lock' -- "$cur")); return ;;
	--view) COMPREPLY=($(compgen -W 'overview host goroutine functions leaks locks help options' -- "$cur")); return ;;
	--size) return ;;
	--keys) return ;;
	--format) COMPREPLY=($(compgen -W 'text csv json dump grouped' -- "$cur")); return ;;
	--theme) COMPREPLY=($(compgen -W 'default light colorblind mono' -- "$cur")); return ;;
	--glyphs) COMPREPLY=($(compgen -W 'auto ascii blocks' -- "$cur")); return ;;
	--source) return ;;
	--auth-file) COMPREPLY=($(compgen -f -X '*-lock' -- "$cur")); return ;;
	--tls-cert) COMPREPLY=($(compgen -f -X '*-lock' -- "$cur")); return ;;
	--tls-key) COMPREPLY=($(compgen -f -X '*-lock' -- "$cur")); return ;;
	--cors) return ;;
	--base-path) return ;;
	--server-name) return ;;
	esac
	case $cur in
	-*) COMPREPLY=($(compgen -W '--scrape --index --serve --dump --hosts --stats --goroutines --goroutine --query --list-funcs --diff --canary --waiters --lives --leaks --report --export --parse --count --mark --marks --verify --copy --expire --compact --hash-password --help --version --db --host --of --id --epoch --at --from --to --where --saved-filter --group-by --callers --channels --profile --raw --with-state --json --csv --wide --hide-labels --color --tz --out --quiet --fail-on --leak-ignore --page-url --config --targets --targets-file --targets-url --targets-dns --resolver --kubernetes --kubeconfig --service-account --namespace --selector --port --pod-proxy --name-label --refresh --shard --output --no-archive --group-readable --repair --strict --archive-tz --interval --timeout --once --jobs --retain --retain-size --max-body --max-goroutines --grouped --goroutineleak --on-leak --leak-for --header --user --user-file --bearer-file --cacert --cert --key --insecure --view --size --keys --format --theme --glyphs --source --mouse --skip-unchanged --two-lines --leaf-first --cursorline --slow-link --sync --screen-reader --no-state --auth-file --no-auth --tls-cert --tls-key --cors --base-path --server-name' -- "$cur")) ;;
	*) COMPREPLY=($(compgen -f -X '*-lock' -- "$cur")) ;;
	esac
}

complete -o filenames -F _gscrape_tui gscrape-tui
