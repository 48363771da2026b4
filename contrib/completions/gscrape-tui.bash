# bash completion for gscrape-tui; made by gscrape-tui --completions bash

_gscrape_tui_hosts() {
	gscrape-tui --hosts --json 2>/dev/null | sed -n 's/^{"host":"\([^"]*\)".*/\1/p' | tr : _
}

_gscrape_tui() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}
	COMPREPLY=()
	case $prev in
	--report) COMPREPLY=($(compgen -f -- "$cur")); return ;;
	--export) COMPREPLY=($(compgen -W 'pprof folded trace' -- "$cur")); return ;;
	--db|-d) COMPREPLY=($(compgen -f -- "$cur")); return ;;
	--host) COMPREPLY=($(compgen -W "$(_gscrape_tui_hosts)" -- "$cur")); return ;;
	--id) return ;;
	--epoch) return ;;
	--at) return ;;
	--from) return ;;
	--to) return ;;
	--group-by) COMPREPLY=($(compgen -W 'created-by top stack state none' -- "$cur")); return ;;
	--color) COMPREPLY=($(compgen -W 'auto always never' -- "$cur")); return ;;
	--tz) return ;;
	--out) COMPREPLY=($(compgen -f -- "$cur")); return ;;
	--fail-on) COMPREPLY=($(compgen -W 'never watch leak' -- "$cur")); return ;;
	--leak-ignore) COMPREPLY=($(compgen -f -- "$cur")); return ;;
	--config) COMPREPLY=($(compgen -f -- "$cur")); return ;;
	--targets) return ;;
	--targets-file) COMPREPLY=($(compgen -f -- "$cur")); return ;;
	--output|-o) COMPREPLY=($(compgen -f -- "$cur")); return ;;
	--archive-tz) return ;;
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
	--user-file) COMPREPLY=($(compgen -f -- "$cur")); return ;;
	--bearer-file) COMPREPLY=($(compgen -f -- "$cur")); return ;;
	--cacert) COMPREPLY=($(compgen -f -- "$cur")); return ;;
	--cert) COMPREPLY=($(compgen -f -- "$cur")); return ;;
	--key) COMPREPLY=($(compgen -f -- "$cur")); return ;;
	--view) return ;;
	--size) return ;;
	--keys) return ;;
	--format) COMPREPLY=($(compgen -W 'text csv json' -- "$cur")); return ;;
	--theme) COMPREPLY=($(compgen -W 'default light colorblind mono' -- "$cur")); return ;;
	--glyphs) COMPREPLY=($(compgen -W 'auto ascii blocks braille' -- "$cur")); return ;;
	--auth-file) COMPREPLY=($(compgen -f -- "$cur")); return ;;
	--tls-cert) COMPREPLY=($(compgen -f -- "$cur")); return ;;
	--tls-key) COMPREPLY=($(compgen -f -- "$cur")); return ;;
	--cors) return ;;
	--server-name) return ;;
	esac
	case $cur in
	-*) COMPREPLY=($(compgen -W '--scrape --index --serve --dump --hosts --stats --goroutines --goroutine --query --list-funcs --diff --waiters --lives --leaks --report --export --parse --count --verify --hash-password --help --version --db --host --id --epoch --at --from --to --group-by --callers --profile --with-state --json --csv --wide --color --tz --out --quiet --fail-on --leak-ignore --config --targets --targets-file --output --no-archive --strict --archive-tz --interval --timeout --once --jobs --retain --retain-size --max-body --max-goroutines --goroutineleak --on-leak --leak-for --header --user --user-file --bearer-file --cacert --cert --key --insecure --view --size --keys --format --theme --glyphs --mouse --skip-unchanged --two-lines --leaf-first --cursorline --slow-link --sync --screen-reader --no-state --auth-file --no-auth --tls-cert --tls-key --cors --server-name' -- "$cur")) ;;
	*) COMPREPLY=($(compgen -f -- "$cur")) ;;
	esac
}

complete -o filenames -F _gscrape_tui gscrape-tui
