# Each parser and each row of the store with some changed texts, the same in each run: what make fuzz does without end, for any compiler.
# $TEXTS other ones, from $FROM on: TEXTS=100000 FROM=7 make TESTS=t_mutated test
out=$(dirname "$GSCRAPE")
export TMPDIR=$TMP
for f in "$TOP"/tests/fuzz/fuzz_*.c; do
	"$TOP/tests/fuzz/run" "$out/mutated/$(basename "$f" .c)" 0 "${TEXTS:-1000}" "${FROM:-1}"
done
