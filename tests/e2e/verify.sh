#!/usr/bin/env bash
# check --certificate, verify and shrink: proofs are accepted, changed ones are rejected, and what is
# shrunk still fails.
. "$(dirname "$0")/lib.bash"

"$FAULTLINE" gen --model register --operations 2000 --keys 5 --seed 1 "$scratch/good.jsonl"
"$FAULTLINE" gen --model register --operations 2000 --seed 2 --anomaly stale-read "$scratch/bad.jsonl"

expect 0 "$FAULTLINE" check --model register --certificate "$scratch/good.cert" "$scratch/good.jsonl"
expect 1 "$FAULTLINE" check --model register --certificate "$scratch/bad.cert" "$scratch/bad.jsonl"
expect 0 "$FAULTLINE" verify "$scratch/good.jsonl" "$scratch/good.cert"
expect_text "is valid as register"
expect 1 "$FAULTLINE" verify "$scratch/bad.jsonl" "$scratch/bad.cert"
expect_text "is invalid as register"

# Another order, another history, other terms, another verdict, another model: all rejected.
sed 's/^order \([0-9]*\) \([0-9]*\) \([0-9]*\) \([0-9]*\)/order \4 \3 \2 \1/' "$scratch/good.cert" >"$scratch/odd.cert"
expect 4 "$FAULTLINE" verify "$scratch/good.jsonl" "$scratch/odd.cert"
expect_text "REJECTED"
expect 4 "$FAULTLINE" verify "$scratch/bad.jsonl" "$scratch/good.cert"
expect 4 "$FAULTLINE" verify --initial 0 "$scratch/good.jsonl" "$scratch/good.cert"
sed '0,/ valid$/s// invalid/; 0,/^order/s//keep/' "$scratch/good.cert" >"$scratch/odd.cert"
expect 4 "$FAULTLINE" verify "$scratch/good.jsonl" "$scratch/odd.cert"
expect 4 "$FAULTLINE" verify --model cas-register "$scratch/good.jsonl" "$scratch/good.cert"

# A history that differs in one value is another one; and a changed byte breaks the seal.
sed '0,/"value":[0-9]*/s//"value":987654/' "$scratch/good.jsonl" >"$scratch/other.jsonl"
expect 4 "$FAULTLINE" verify "$scratch/other.jsonl" "$scratch/good.cert"
expect_text "digest"
sed '$s/.$/x/' "$scratch/good.cert" >"$scratch/odd.cert"
expect 4 "$FAULTLINE" verify "$scratch/good.jsonl" "$scratch/odd.cert"
expect_text "it was changed after it was written"

# What is no certificate at all is bad usage.
expect 254 "$FAULTLINE" verify "$scratch/good.jsonl" "$scratch/good.jsonl"
expect 254 "$FAULTLINE" verify "$scratch/good.jsonl"
sed '$d' "$scratch/good.cert" >"$scratch/odd.cert"
expect 254 "$FAULTLINE" verify "$scratch/good.jsonl" "$scratch/odd.cert"

expect 1 "$FAULTLINE" shrink --model register "$scratch/bad.jsonl" "$scratch/small.jsonl"
expect 1 "$FAULTLINE" check --model register "$scratch/small.jsonl"
[ "$(wc -l <"$scratch/small.jsonl")" -lt 20 ] || fail "not small: $(cat "$scratch/small.jsonl")"
expect 0 "$FAULTLINE" shrink --model register "$scratch/good.jsonl" "$scratch/none.jsonl"
[ ! -e "$scratch/none.jsonl" ] || fail "a valid history was shrunk"

# What a checker refutes is shrunk as well, and only to what was so.
"$FAULTLINE" gen --model set --operations 500 --seed 3 --anomaly lost-add "$scratch/set.jsonl"
expect 1 "$FAULTLINE" shrink --model set "$scratch/set.jsonl" "$scratch/small.jsonl"
expect 1 "$FAULTLINE" check --model set "$scratch/small.jsonl"
[ "$(wc -l <"$scratch/small.jsonl")" -le 4 ] || fail "not small: $(cat "$scratch/small.jsonl")"

# Two reads that agree are only wrong if the total is known to be another.
"$FAULTLINE" gen --model bank --operations 100 --seed 1 "$scratch/bank.jsonl"
expect 0 "$FAULTLINE" shrink --model bank "$scratch/bank.jsonl" "$scratch/none.jsonl"
expect 1 "$FAULTLINE" shrink --model bank --total 12345 "$scratch/bank.jsonl" "$scratch/small.jsonl"
[ "$(wc -l <"$scratch/small.jsonl")" -eq 2 ] || fail "not one read: $(cat "$scratch/small.jsonl")"
expect 254 "$FAULTLINE" shrink --model bank --total much "$scratch/bank.jsonl"
expect_text "--total: 'much' is no integer"
