# SPDX-License-Identifier: MIT
# needs: curl SCHEMATHESIS=
# What /api/v1/openapi.json says of the server, tried by schemathesis with what that allows and what it does not. SCHEMATHESIS names the
# program; CI fetches it. That every allowed value is taken is not asked: no schema has the grammar of filters, or that from is before to.
. "$TOP/tests/serve/lib.sh"
DB=$TMP/db
"$GSCRAPE" --index "$TOP/tests/data/series" --archive-tz UTC --db "$DB" >/dev/null 2>&1
ok "it starts" serve 127.0.0.1:0
cd "$TMP" || exit 1
timeout 600 "$SCHEMATHESIS" run "$U/api/v1/openapi.json" --max-examples 10 --phases examples,coverage,fuzzing --exclude-checks positive_data_acceptance \
	--seed 1 >report 2>&1
is "the server is as its OpenAPI says" "$? $(grep -c '❌' report)" "0 0"
grep -aE '❌|^/|curl -X|error' report | head -20 | sed 's/^/# /'
stop
finish
