#!/usr/bin/env bash
# check: one line a file, the worst status of all, errors with their place, standard input, JSON.
. "$(dirname "$0")/lib.bash"

good=$scratch/good.jsonl bad=$scratch/bad.jsonl
cat >"$good" <<'H'
{"index":0,"time":1,"process":0,"type":"invoke","f":"write","value":1}
{"index":1,"time":2,"process":0,"type":"ok","f":"write","value":1}
{"index":2,"time":3,"process":1,"type":"invoke","f":"read","value":null}
{"index":3,"time":4,"process":1,"type":"ok","f":"read","value":1}
H
sed '$s/"value":1/"value":null/' "$good" >"$bad"

expect 0 "$FAULTLINE" check "$good"
expect 1 "$FAULTLINE" check "$bad" "$good"
[ "$("$FAULTLINE" check "$bad" "$good" 2>/dev/null)" = "$(printf '%s\tinvalid\n%s\tvalid' "$bad" "$good")" ] ||
    fail "not one line a file"
expect_text "read"
[ "$("$FAULTLINE" check - <"$good" 2>/dev/null)" = "-"$'\t'"valid" ] || fail "standard input"

"$FAULTLINE" check --json "$bad" >"$scratch/check.json" 2>/dev/null && fail "an invalid history exits 0"
python3 - "$scratch/check.json" <<'PY'
import json, sys
[r] = json.load(open(sys.argv[1]))
assert r["check"]["verdict"] == "invalid" and r["check"]["keys"][0]["witness"], r
PY

printf '{"index":0,"type":"invoke","process":0,"f":"read"}\n{"type":"sideways"}\n' >"$scratch/odd.jsonl"
expect 254 "$FAULTLINE" check --format jsonl "$scratch/odd.jsonl"
expect_text "odd.jsonl:2:"
"$FAULTLINE" check --json "$scratch/odd.jsonl" "$good" >"$scratch/odd.json" 2>/dev/null && fail "a bad history exits 0"
python3 - "$scratch/odd.json" <<'PY'
import json, sys
odd, good = json.load(open(sys.argv[1]))
assert "odd.jsonl:2:" in odd["error"] and good["check"]["verdict"] == "valid", odd
PY
{ "$FAULTLINE" check --json --html "$scratch/no/page.html" "$good" 2>/dev/null || true; } | python3 -m json.tool >/dev/null ||
    fail "no JSON document where the page cannot be written"
expect 254 "$FAULTLINE" check --model fifo-queue "$good"
expect_text "good.jsonl:1:1: event 0:"
expect 254 "$FAULTLINE" check --format no-such-format "$good"
expect_text "edn"
expect 254 "$FAULTLINE" check --model no-such-model "$good"
expect_text "cas-register"
expect 254 "$FAULTLINE" check "$scratch/no-such-file"

# The proof of a verdict is accepted for this history, and rejected for another.
expect 0 "$FAULTLINE" check --certificate "$scratch/good.cert" "$good"
expect 0 "$FAULTLINE" verify "$good" "$scratch/good.cert"
expect 4 "$FAULTLINE" verify "$bad" "$scratch/good.cert"
expect 1 "$FAULTLINE" check --certificate "$scratch/bad.cert" "$bad"
expect 1 "$FAULTLINE" verify "$bad" "$scratch/bad.cert"
expect 254 "$FAULTLINE" check --certificate "$scratch/both.cert" "$good" "$bad"
expect 2 "$FAULTLINE" check --time-limit 1ns "$good"
expect_text "ended the"
expect 254 "$FAULTLINE" check --algorithm stack "$good"
expect_text "does not decide"

# The page of a verdict: whatever it is, and of one history only.
expect 1 "$FAULTLINE" check --html "$scratch/bad.html" "$bad"
grep -q 'class="timeline"' "$scratch/bad.html" || fail "the page has no picture of the violation"
grep -q 'id="timeline-key-0"' "$scratch/bad.html" || fail "the page has no operations to move about in"
expect 0 "$FAULTLINE" check --html "$scratch/good.html" "$good"
expect 2 "$FAULTLINE" check --time-limit 1ns --html "$scratch/unread.html" "$good"
[ -s "$scratch/good.html" ] && [ -s "$scratch/unread.html" ] || fail "no page"
expect 255 "$FAULTLINE" check --html "$scratch/no/page.html" "$good"
expect 254 "$FAULTLINE" check --html "$scratch/both.html" "$good" "$bad"

# A history cut anywhere in its last line is read up to there.
last=$(tail -n 1 "$good" | wc -c)
for cut in $(seq 1 "$last"); do
    head -c -"$cut" "$good" >"$scratch/cut.jsonl"
    expect 0 "$FAULTLINE" check "$scratch/cut.jsonl"
done
expect 3 "$FAULTLINE" check /dev/null --format jsonl

# ... and the summary says where it ends; --whole refuses it, compressed or not, and takes what is whole.
head -c -5 "$good" >"$scratch/cut.jsonl"
size=$(wc -c <"$scratch/cut.jsonl")
expect 254 "$FAULTLINE" check --whole "$scratch/cut.jsonl"
expect_text "cut.jsonl: the file ends in the middle of an event, at byte $size of the uncompressed text; what follows is missing, and --whole"
expect 0 "$FAULTLINE" check "$scratch/cut.jsonl"
expect_text "; the file ends in the middle of an event, at byte $size of the uncompressed text; what follows is missing, and the verdict is of the part before it"
{ "$FAULTLINE" check --json --whole "$scratch/cut.jsonl" "$good" 2>/dev/null || true; } >"$scratch/whole.json"
python3 - "$scratch/whole.json" <<'PY'
import json, sys
cut, good = json.load(open(sys.argv[1]))
assert "in the middle of an event" in cut["error"], cut
assert good["check"]["verdict"] == "valid" and not good["truncated"] and good["truncated_at"] == 0, good
PY
"$FAULTLINE" gen --model register --operations 2000 --seed 1 "$scratch/long.jsonl"
gzip -k "$scratch/long.jsonl"
expect 0 "$FAULTLINE" check --whole --model register "$scratch/long.jsonl.gz"
head -c -100 "$scratch/long.jsonl.gz" >"$scratch/cut.jsonl.gz"
expect 254 "$FAULTLINE" check --whole --model register "$scratch/cut.jsonl.gz"
expect_text "the file ends in the middle of the compressed data, at byte $(zcat "$scratch/cut.jsonl.gz" 2>/dev/null | wc -c) of the uncompressed text"
expect 0 "$FAULTLINE" check --model register "$scratch/cut.jsonl.gz"
expect_text "of the part before it"
printf '[{:type :invoke, :f :read, :process 0}\n{:type :ok, :f :read, :process 0}' >"$scratch/open.edn"
expect 254 "$FAULTLINE" check --whole "$scratch/open.edn"
expect_text "in the middle of the list of events, at byte $(wc -c <"$scratch/open.edn")"
expect 0 "$FAULTLINE" check --whole "$good"

# A model in a file: its operations, its mistakes, and a history that has others.
cat >"$scratch/light.yaml" <<'H'
name: light
initial: dark
operations:
  - {f: press, from: dark, to: bright}
  - {f: press, from: bright, to: dark}
  - {f: look, result: dark, from: dark}
  - {f: look, result: bright, from: bright}
H
cat >"$scratch/light.jsonl" <<'H'
{"index":0,"time":1,"process":0,"type":"invoke","f":"press","value":null}
{"index":1,"time":2,"process":0,"type":"ok","f":"press","value":null}
{"index":2,"time":3,"process":1,"type":"invoke","f":"look","value":null}
{"index":3,"time":4,"process":1,"type":"ok","f":"look","value":"bright"}
H
expect 0 "$FAULTLINE" check --model "$scratch/light.yaml" "$scratch/light.jsonl"
expect_text "linearizable as light"
expect 254 "$FAULTLINE" check --model "$scratch/light.yaml" "$good"
expect_text "the model 'light' has no operation 'write'; it has 'press', 'look'"
sed 's/from: bright, to: dark/form: bright/' "$scratch/light.yaml" >"$scratch/odd.yaml"
expect 254 "$FAULTLINE" check --model "$scratch/odd.yaml" "$scratch/light.jsonl"
expect_text "odd.yaml:5: operations[1].form: there is no such key; did you mean 'from'?"
expect 254 "$FAULTLINE" check --model "$scratch/no-such.yaml" "$good"

# Histories that say what they are of: their header, or values that are [key value].
printf '# stack\npush 7 1 2\npush 8 3 4\npop 8 5 6\n' >"$scratch/stack.txt"
expect 0 "$FAULTLINE" check "$scratch/stack.txt"
expect_text "linearizable as stack"
expect 254 "$FAULTLINE" check --model fifo-queue "$scratch/stack.txt"
expect_text "its header says that it is a history of a stack"
cat >"$scratch/keyed.edn" <<'H'
{:type :invoke, :f :write, :value [4 1], :process 0}
{:type :ok, :f :write, :value [4 1], :process 0}
{:type :invoke, :f :read, :value [4 nil], :process 0}
{:type :ok, :f :read, :value [4 1], :process 0}
H
expect 254 "$FAULTLINE" check --model register "$scratch/keyed.edn"
expect_text "say --independent"
expect 254 "$FAULTLINE" shrink --model register "$scratch/keyed.edn"
expect_text "say --independent"
expect 0 "$FAULTLINE" check --model register --independent "$scratch/keyed.edn"
