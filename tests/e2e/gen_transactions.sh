#!/usr/bin/env bash
# gen: histories of transactions, in both spellings, and what it says to impossible wishes.
. "$(dirname "$0")/lib.bash"

gen() { expect 0 "$FAULTLINE" gen "$@"; }

gen --model list-append --operations 300 --micro-ops 2-5 --keys 2 --writes-per-key 8 --level SI \
    --crash 2% --fail 2% --anomaly G1c --at 30% "$scratch/lists.jsonl"
python3 - "$scratch/lists.jsonl" <<'PY'
import json, sys
events = [json.loads(line) for line in open(sys.argv[1])]
invoked = [e for e in events if e["type"] == "invoke"]
assert len(invoked) == 300 and {e["type"] for e in events} == {"invoke", "ok", "fail", "info"}
micros = [m for e in events for m in e["value"]]
assert {m[0] for m in micros} == {"r", "append"} and max(m[1] for m in micros) > 20
assert all(2 <= len(e["value"]) <= 5 for e in invoked)
assert max(len(m[2] or []) for m in micros if m[0] == "r") <= 8
PY

gen --model rw-register --operations 20 --micro-ops 3 --format edn -
expect_text "[:w "
expect_text "[:r "
[ "$(grep -c ":type :invoke" <<<"$output")" = 20 ] || fail "not 20 transactions"
gen --model rw-register --operations 20 -
expect_text '["w",'

# Without times, one session after the other: what was read tells where to look for an order.
gen --model rw-register --level serializable --operations 10000 --concurrency 20 "$scratch/timed.jsonl"
expect 0 "$FAULTLINE" convert --format dbcop-hist "$scratch/timed.jsonl" "$scratch/untimed.hist"
for level in serializable snapshot-isolation; do
    expect 0 "$FAULTLINE" check --model rw-register --time-limit 60s --consistency "$level" "$scratch/untimed.hist"
done

expect 254 "$FAULTLINE" gen --model list-append --micro-ops 8-1 -
expect_text "--micro-ops: '8-1' is not a range, such as 1-8"
expect 254 "$FAULTLINE" gen --model list-append --micro-ops 0 -
expect 254 "$FAULTLINE" gen --model list-append --micro-ops 1- -
expect 254 "$FAULTLINE" gen --model rw-register --anomaly G0 -
expect_text "transactions have no anomaly \"G0\"; there are: G1a, G1b"
expect 254 "$FAULTLINE" gen --model rw-register --level linearizable -
expect_text "no store keeps the level \"linearizable\"; did you mean 'serializable'? there are: strict-serializable"
expect 254 "$FAULTLINE" gen --model register --level serializable -
expect_text "only transactions have --level"
