# SPDX-License-Identifier: MIT
# needs: curl jq openssl
# Who may ask: addresses, passwords, TLS, other origins; and what stops the server from starting at all.
. "$TOP/tests/serve/lib.sh"
DB=$TMP/db
"$GSCRAPE" --index "$TOP/tests/data/series/127.0.0.1_9091" --archive-tz UTC --db "$DB" >/dev/null 2>&1

# --- what cannot be served: one sentence, exit 1 ---
fails "no store" 1 "/.*nix: .*/" timeout 60 "$GSCRAPE" --serve 127.0.0.1:0 --db "$TMP/nix"
echo 'not a store' >"$TMP/text"
fails "a file of another program" 1 "/.*text: .*/" timeout 60 "$GSCRAPE" --serve 127.0.0.1:0 --db "$TMP/text"
is "which is left alone" "$(cat "$TMP/text")" "not a store"
fails "all addresses without a word" 1 "/.* can be reached by others: give --auth-file FILE, or --no-auth to let everybody read/" timeout 60 "$GSCRAPE" --serve :0 --db "$DB"
fails "no address" 1 "/127.0.0.1:port: no address to serve on.*/" timeout 60 "$GSCRAPE" --serve 127.0.0.1:port --db "$DB"
fails "a port that cannot be" 1 "/127.0.0.1:65536: no address to serve on.*/" timeout 60 "$GSCRAPE" --serve 127.0.0.1:65536 --db "$DB"
fails "no auth file" 1 "$TMP/nobody: No such file or directory" timeout 60 "$GSCRAPE" --serve 127.0.0.1:0 --db "$DB" --auth-file "$TMP/nobody"
echo 'just words' >"$TMP/words"
fails "an auth file of another kind" 1 "$TMP/words:1: wants user:hash, as --hash-password writes it" timeout 60 "$GSCRAPE" --serve 127.0.0.1:0 --db "$DB" --auth-file "$TMP/words"
fails "a certificate without its key" 1 "--tls-cert and --tls-key belong together" timeout 60 "$GSCRAPE" --serve 127.0.0.1:0 --db "$DB" --tls-cert "$TMP/words"
fails "no certificate" 1 "/.*no.pem: No such file.*/" timeout 60 "$GSCRAPE" --serve 127.0.0.1:0 --db "$DB" --tls-cert "$TMP/no.pem" --tls-key "$TMP/words"
fails "a certificate that is none" 1 "/cannot serve on .*: the certificate or its key is no PEM that fits/" timeout 60 "$GSCRAPE" --serve 127.0.0.1:0 --db "$DB" --tls-cert "$TMP/words" --tls-key "$TMP/words"
serve 127.0.0.1:0
case $(grep -c '__asan_init\|__tsan_init' "$GSCRAPE")$(uname -m) in
0x86_64|0aarch64) is "it may do no more than it needs" "$(awk '/^(NoNewPrivs|Seccomp):/ { print $2 }' "/proc/$pid/status" | paste -sd' ')" '1 2' ;;
esac
fails "a port in use" 1 "/cannot listen on 127.0.0.1:${U##*:}: Address already in use \(another port: --serve HOST:PORT; port 0 is any that is free\)/" timeout 60 "$GSCRAPE" --serve "${U#http://}" --db "$DB"

# --- the store is replaced, and goes ---
before=$(get "$U/api/v1/hosts" | jq -c 'map(.host)')
"$GSCRAPE" --index "$TOP/tests/data/series/127.0.0.1_6060" --archive-tz UTC --db "$TMP/other" >/dev/null 2>&1
mv "$TMP/other" "$DB"
for _ in $(seq 1200); do get "$U/api/v1/hosts" | grep -q :6060 && break; sleep 0.02; done # a view is at most 100 ms old
is "a store that was replaced is the one that is served" "$before $(get "$U/api/v1/hosts" | jq -c 'map(.host)')" '["127.0.0.1:9091"] ["127.0.0.1:6060"]'
rm "$DB"
for _ in $(seq 1200); do [ "$(curl -s -o /dev/null -w '%{http_code}' "$U/api/v1/hosts")" = 503 ] && break; sleep 0.02; done
refused "a store that is gone" 503 "$U/api/v1/hosts"
stop
is "and it ends in peace" "$stopped" 0
"$GSCRAPE" --index "$TOP/tests/data/series/127.0.0.1_9091" --archive-tz UTC --db "$DB" >/dev/null 2>&1

# --- passwords ---
printf 'open sesame\n' | "$GSCRAPE" --hash-password ali >"$TMP/auth"
is "a line for the auth file" "$(grep -c '^ali:\$y\$[^:]*$' "$TMP/auth")" 1
ok "the hash is salted" [ "$(printf 'open sesame\n' | "$GSCRAPE" --hash-password ali)" != "$(cat "$TMP/auth")" ]
is "a name with a colon" "$(echo x | "$GSCRAPE" --hash-password a:b 2>&1 | cut -c1-39) ${PIPESTATUS[0]}" "gscrape-tui: a user's name has no colon 0"
serve :0 --auth-file "$TMP/auth"
U=http://127.0.0.1:${U##*:}
refused "nobody" 401 "$U/api/v1/hosts"
is "is told how" "$(curl -sI "$U/" | grep -ci '^www-authenticate: basic')" 1
refused "a wrong password" 401 -u ali:sesame "$U/api/v1/hosts"
refused "a wrong user" 401 -u baba:open\ sesame "$U/api/v1/hosts"
refused "no password" 401 -u ali: "$U/api/v1/hosts"
refused "another scheme" 401 -H 'Authorization: Bearer x' "$U/api/v1/hosts"
is "the right one, again and again" "$(for _ in 1 2 3; do status -u 'ali:open sesame' "$U/api/v1/hosts"; done)" 200200200
refused "a wrong one after that" 401 -u 'ali:open sesamf' "$U/api/v1/hosts"
refused "the page, too, wants it" 401 "$U/"
is "only the health is open" "$(status "$U/healthz")" 200
printf 'other\n' | "$GSCRAPE" --hash-password eve >"$TMP/auth"
for _ in $(seq 1200); do [ "$(status -u eve:other "$U/api/v1/hosts")" == 200 ] && break; sleep 0.05; done
is "a new auth file holds" "$(status -u eve:other "$U/api/v1/hosts") $(status -u 'ali:open sesame' "$U/api/v1/hosts")" "200 401"
stop
serve :0 --no-auth
is "everybody, when that is said" "$(status "http://127.0.0.1:${U##*:}/api/v1/hosts")" 200
stop

# --- names and origins ---
printf 'open sesame\n' | "$GSCRAPE" --hash-password ali >"$TMP/auth"
serve 127.0.0.1:0 --auth-file "$TMP/auth" --cors https://grafana.example
guess() { for k in $(seq 400); do curl -s -m 60 -o /dev/null -u "ali:guess $1 $k" "$U/api/v1/hosts" || break; [ -e "$TMP/enough" ] && break; done; }
for i in $(seq 24); do guess "$i" & guessing="$guessing $!"; done
is "while two dozen guess, the right password is let in at once or after a while" "$(curl -s -m 60 -o /dev/null -w '%{http_code}' -u 'ali:open sesame' "$U/api/v1/hosts")" 200
is "and then without waiting" "$(curl -s -m 60 -o /dev/null -w '%{http_code}' -u 'ali:open sesame' "$U/api/v1/hosts")" 200
is "guesses are wrong, and not too many" "$(curl -s -m 60 -o /dev/null -w '%{http_code}' -u 'ali:closed' "$U/api/v1/hosts")" 401
touch "$TMP/enough"
# shellcheck disable=SC2086
wait $guessing
is "a browser may ask from there with a password" "$(curl -s -D - -o /dev/null -X OPTIONS -H 'Origin: https://grafana.example' -H 'Access-Control-Request-Method: GET' -H 'Access-Control-Request-Headers: authorization' "$U/api/v1/hosts" |
	tr -d '\r' | grep -Eic '^(HTTP/1.1 204|access-control-allow-origin: https://grafana.example|access-control-allow-headers: authorization|access-control-allow-methods: get, head)')" 4
is "but from nowhere else" "$(curl -s -D - -o /dev/null -X OPTIONS -H 'Origin: https://evil.example' -H 'Access-Control-Request-Method: GET' "$U/api/v1/hosts" | grep -ci '^access-control')" 0
stop
serve 127.0.0.1:0 --server-name dumps.example --cors https://grafana.example
is "a name that was given" "$(status -H 'Host: dumps.example:443' "$U/api/v1/hosts")" 200
refused "another one" 421 -H 'Host: dumps.example.evil' "$U/api/v1/hosts"
is "the origin that was given may read" "$(curl -si -H 'Origin: https://grafana.example' "$U/api/v1/hosts" | tr -d '\r' | grep -i '^access-control-allow-origin')" "Access-Control-Allow-Origin: https://grafana.example"
is "no other" "$(curl -si -H 'Origin: https://evil.example' "$U/api/v1/hosts" | grep -ci '^access-control')" 0
stop

# --- below a path ---
serve 127.0.0.1:0 --base-path /gs
B=${U%/gs}
is "the address that is told is below the path" "$U" "$B/gs"
is "page, script, data are there, and without it" "$(status "$U/") $(status "$U/app.js") $(status "$U/api/v1/hosts") $(status "$B/healthz") $(status "$B/")" "200 200 200 200 200"
is "without its slash it is sent on" "$(curl -s -o /dev/null -w '%{http_code} %{redirect_url}' "$U?view=host")" "308 $U/?view=host"
refused "a name that only begins so is another" 404 "$U"x/
refused "once is enough" 404 "$U/gs/"
is "the list says so" "$(get "$U/api/v1/openapi.json" | jq -c .servers)" '[{"url":"/gs"}]'
stop
for wrong in gs /gs/ / '/a//b' '/a?b' '/../x' '/a b'; do
	is "no path: $wrong" "$("$GSCRAPE" --serve --db "$DB" --base-path "$wrong" 127.0.0.1:0 2>&1 | grep -c 'base-path') $?" "1 0"
done

# --- TLS ---
openssl req -x509 -newkey rsa:2048 -nodes -keyout "$TMP/key.pem" -out "$TMP/cert.pem" -days 2 -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1 2>/dev/null
serve 127.0.0.1:0 --tls-cert "$TMP/cert.pem" --tls-key "$TMP/key.pem"
is "https" "${U%%:*} $(get --cacert "$TMP/cert.pem" "$U/api/hosts")" 'https ["127.0.0.1_9091"]'
is "and no http there" "$(curl -s -m 60 -o /dev/null -w '%{http_code}' "http:${U#https:}/api/hosts")" 000
stop
is "it ends in peace" "$stopped" 0

# --- IPv6, where there is one ---
if serve '[::1]:0'; then
	is "IPv6" "$(get -g "$U/api/hosts")" '["127.0.0.1_9091"]'
	stop
fi
finish
