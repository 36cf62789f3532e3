#!/usr/bin/env bash
# check of transactions: verdicts, levels, evidence in words, JSON, pictures and pages.
. "$(dirname "$0")/lib.bash"

# Write skew: serializable no more, but still a snapshot.
skew=$scratch/skew.edn
cat >"$skew" <<'H'
{:process 0, :type :invoke, :f :txn, :time 1000000, :value [[:r :x nil] [:append :y 1]]}
{:process 1, :type :invoke, :f :txn, :time 2000000, :value [[:r :y nil] [:append :x 2]]}
{:process 0, :type :ok, :f :txn, :time 3000000, :value [[:r :x []] [:append :y 1]]}
{:process 1, :type :ok, :f :txn, :time 4000000, :value [[:r :y []] [:append :x 2]]}
{:process 0, :type :invoke, :f :txn, :time 5000000, :value [[:r :x nil] [:r :y nil]]}
{:process 0, :type :ok, :f :txn, :time 6000000, :value [[:r :x [2]] [:r :y [1]]]}
H
expect 1 "$FAULTLINE" check --model list-append "$skew"
expect_text "strict-serializable does not hold: G2-item"
expect_text "T1 did not see 2 in key :x, which T2 appended: T1 before T2."
expect_text "So T1 would come before itself."
expect_text "the transactions at events 0 and 1 would each come before the other"
expect_text "strict-serializable promises: each transaction behaves as if it ran in one moment between"
[ "$("$FAULTLINE" check --model list-append "$skew" 2>/dev/null)" = "$skew"$'\t'"invalid" ] || fail "not one line a file"
expect 0 "$FAULTLINE" check --consistency snapshot-isolation,read-committed "$skew"
expect 0 "$FAULTLINE" check --consistency PL-SI "$skew"
expect 1 "$FAULTLINE" check --consistency snapshot-isolation,serializable "$skew"
expect 1 "$FAULTLINE" check --consistency repeatable_read "$skew"

# The strongest levels that hold, and why the next ones do not.
expect 0 "$FAULTLINE" check --strongest --among serializable,snapshot-isolation,repeatable-read,read-committed "$skew"
expect_text "$skew"$'\t'"snapshot-isolation"
expect_text "repeatable-read does not hold: G2-item: a cycle with two or more anti-dependencies"
expect 0 "$FAULTLINE" check --among awdit "$skew"
expect_text "$skew"$'\t'"causal"

# What nobody can tell of stands beside, with a question mark; evidence for several levels once.
expect 0 "$FAULTLINE" check --strongest "$skew"
expect_text "$skew"$'\t'"strong-snapshot-isolation,eventual"
head -n 4 "$skew" >"$scratch/short.edn"
expect 0 "$FAULTLINE" check --strongest "$scratch/short.edn"
expect_text "short.edn"$'\t'"strong-snapshot-isolation eventual?"
expect_text "eventual may or may not hold: nothing was read"
expect 2 "$FAULTLINE" check --strongest --among eventual "$scratch/short.edn"
expect_text "short.edn"$'\t'"unknown"
expect 1 "$FAULTLINE" check --strongest --among serializable,eventual "$scratch/short.edn"
expect_text "short.edn"$'\t'"none eventual?"
cat >"$scratch/internal.edn" <<'H'
{:process 0, :type :invoke, :f :txn, :time 1000000, :value [[:append :x 1] [:r :x nil]]}
{:process 0, :type :ok, :f :txn, :time 2000000, :value [[:append :x 1] [:r :x []]]}
H
expect 0 "$FAULTLINE" check --strongest "$scratch/internal.edn"
expect_text "snapshot-isolation, monotonic-atomic-view, weak-causal, read-your-writes, monotonic-reads, monotonic-writes, writes-follow-reads do not hold: internal: a read contradicts"
[ "$("$FAULTLINE" check --strongest "$scratch/internal.edn" 2>&1 | grep -c "^Let")" = 1 ] || fail "one evidence is told several times"

# Everything as a document; pictures and graphs in files; a page.
{ "$FAULTLINE" check --json --model list-append "$skew" 2>/dev/null || true; } >"$scratch/skew.json"
python3 - "$scratch/skew.json" <<'PY'
import json, sys
[r] = json.load(open(sys.argv[1]))
check = r["check"]
assert check["verdict"] == "invalid" and check["keys"][0]["witness"], check
[level] = check["details"]["levels"]
assert level["promise"].startswith("each transaction behaves") and level["why"] is None, level
[anomaly] = check["details"]["anomalies"]
assert anomaly["anomaly"] == "G2-item" and anomaly["count"] == 1, anomaly
steps = anomaly["examples"][0]["steps"]
assert [s["kind"] for s in steps] == ["rw", "rw"] and steps[0]["from"] == steps[1]["to"], steps
assert steps[0]["because"], steps
[level] = [l for l in check["details"]["levels"] if l["level"] == "strict-serializable"]
assert level["verdict"] == "invalid", level
PY
expect 1 "$FAULTLINE" check --model list-append --cycles "$scratch/cycles" --html "$scratch/skew.html" "$skew"
python3 - "$scratch"/cycles/*G2-item*.svg <<'PY'
import sys, xml.etree.ElementTree as tree
assert len(sys.argv) == 2, sys.argv
svg = tree.parse(sys.argv[1]).getroot()
assert svg.tag.endswith("svg") and "T2" in "".join(svg.itertext()), svg
PY
grep -q 'T1 -> T2 \[label="rw :x"' "$scratch"/cycles/*G2-item*.dot || fail "no graph of the cycle"
grep -q 'src="data:image/svg+xml;base64,' "$scratch/skew.html" || fail "the page has no picture of the cycle"
grep -q '>T1: txn \[\[:r :x' "$scratch/skew.html" && grep -q '>T2: txn \[\[:r :y' "$scratch/skew.html" ||
    fail "the timeline does not say which transactions the evidence is about"
grep -q '<td>strict-serializable</td>' "$scratch/skew.html" || fail "the page names no level, or as JSON does"
if grep -q '<td>{' "$scratch/skew.html"; then fail "the page shows a document of JSON"; fi
expect 254 "$FAULTLINE" check --model list-append --cycles "$scratch/cycles" "$skew" "$skew"
expect_text "of one history"

# Examples are as many as wanted; the count is of all.
lost=$scratch/lost.edn
for i in 1 2 3 4; do
    echo "{:process $i, :type :invoke, :f :txn, :value [[:r $((i / 3)) nil] [:append $((i / 3)) $i]]}"
done >"$lost"
for i in 1 2 3 4; do
    echo "{:process $i, :type :ok, :f :txn, :value [[:r $((i / 3)) []] [:append $((i / 3)) $i]]}"
done >>"$lost"
expect 1 "$FAULTLINE" check --consistency cursor-stability --examples 1 "$lost"
expect_text "lost-update                     2"
"$FAULTLINE" check --json --examples 1 --consistency cursor-stability "$lost" 2>/dev/null >"$scratch/lost.json" || true
python3 - "$scratch/lost.json" <<'PY'
import json, sys
anomalies = json.load(open(sys.argv[1]))[0]["check"]["details"]["anomalies"]
[lost] = [a for a in anomalies if a["anomaly"] == "lost-update"]
assert lost["count"] == 2 and len(lost["examples"]) == 1, lost
PY

# On the page the first of a kind stands for the others, which are folded below it.
expect 1 "$FAULTLINE" check --consistency cursor-stability --html "$scratch/lost.html" "$lost"
grep -q '<details class="large picture" open="open"><summary>lost-update, 1 of 2<' "$scratch/lost.html" || fail "no first example"
grep -q '<details class="picture"><summary>lost-update, 2 of 2<' "$scratch/lost.html" || fail "no second example below the first"

# Of the cycles of further kinds one is told if examples are wanted; else it is said how to see them.
cat >"$scratch/two.edn" <<'H'
{:process 0, :type :invoke, :f :txn, :value [[:append :a 1] [:append :b 1]]}
{:process 1, :type :invoke, :f :txn, :value [[:r :a nil] [:r :b nil]]}
{:process 2, :type :invoke, :f :txn, :value [[:r :x nil] [:append :y 1]]}
{:process 3, :type :invoke, :f :txn, :value [[:r :y nil] [:append :x 1]]}
{:process 0, :type :ok, :f :txn, :value [[:append :a 1] [:append :b 1]]}
{:process 1, :type :ok, :f :txn, :value [[:r :a [1]] [:r :b []]]}
{:process 2, :type :ok, :f :txn, :value [[:r :x []] [:append :y 1]]}
{:process 3, :type :ok, :f :txn, :value [[:r :y []] [:append :x 1]]}
H
expect 1 "$FAULTLINE" check --consistency serializable "$scratch/two.edn"
expect_text "serializable does not hold: G-single: "
expect_text "; also found: G2-item"
expect_text "Cycles of further kinds: --examples N"
if grep -q "Levels:\|Also found" <<<"$output"; then fail "told what nobody asked for: $output"; fi
expect 1 "$FAULTLINE" check --consistency serializable --examples 1 "$scratch/two.edn"
expect_text "Also found: G2-item: a cycle with two or more anti-dependencies"
if grep -q "Cycles of further kinds" <<<"$output"; then fail "all was told already: $output"; fi

# Histories without times: AWDIT's own text.
printf 'w 0 1\n---\nw 0 2\n===\nr 0 2\nw 1 1\n===\nr 0 1\nr 1 1\n' >"$scratch/weak.txt"
expect 0 "$FAULTLINE" check --strongest "$scratch/weak.txt"
expect_text "weak.txt"$'\t'"read-atomic"
expect_text "So T2 wrote key 0 before T1 did"
expect 254 "$FAULTLINE" check --consistency strict-serializable "$scratch/weak.txt"
expect_text "the history has no times"
expect 1 "$FAULTLINE" check --model rw-register "$scratch/weak.txt"
expect_text "strong-session-serializable does not hold"

# Single reads and writes are transactions of one.
cat >"$scratch/stale.jsonl" <<'H'
{"index":0,"time":1,"process":0,"type":"invoke","f":"write","value":1}
{"index":1,"time":2,"process":0,"type":"ok","f":"write","value":1}
{"index":2,"time":3,"process":1,"type":"invoke","f":"read","value":null}
{"index":3,"time":4,"process":1,"type":"ok","f":"read","value":null}
H
expect 1 "$FAULTLINE" check --consistency linearizable "$scratch/stale.jsonl"
expect_text "T1 was over (0.000000 s) before T2 began"
expect 0 "$FAULTLINE" check --consistency sequential "$scratch/stale.jsonl"
expect 254 "$FAULTLINE" check --consistency linearizable "$skew"
expect_text "not single operations"

# What the database promises of each register, where the user says so.
cat >"$scratch/promise.edn" <<'H'
{:process 0, :type :invoke, :f :txn, :value [[:w :x 1]]}
{:process 0, :type :ok, :f :txn, :value [[:w :x 1]]}
{:process 1, :type :invoke, :f :txn, :value [[:w :x 2] [:w :y 1]]}
{:process 2, :type :invoke, :f :txn, :value [[:r :x nil] [:r :y nil]]}
{:process 2, :type :ok, :f :txn, :value [[:r :x 1] [:r :y 1]]}
{:process 1, :type :ok, :f :txn, :value [[:w :x 2] [:w :y 1]]}
H
expect 0 "$FAULTLINE" check --consistency serializable "$scratch/promise.edn"
expect 1 "$FAULTLINE" check --consistency serializable --infer linearizable-keys "$scratch/promise.edn"
expect_text "which was overwritten by 2 of T1, by what the database promises"

# Of two versions that a transaction read of a key, the one that the other is known to have overwritten.
printf '%s\n' "w(0,6,0,0)" "w(0,3,1,1)" "r(0,6,2,2)" "w(0,7,2,2)" "w(1,1,2,2)" "r(0,3,3,3)" "r(0,6,3,3)" "r(1,1,3,3)" \
  >"$scratch/twice_read.plume"
expect 1 "$FAULTLINE" check --consistency consistent-view "$scratch/twice_read.plume"
expect_text "T2 read 6 from key 0, which was overwritten by 7 of T1: T2 before T1."

# What says nothing: a value written twice, nothing that succeeded.
sed 's/append :x 2/append :y 1/; s/:r :x \[2\]/:r :x []/' "$skew" >"$scratch/twice.edn"
expect 2 "$FAULTLINE" check --model list-append "$scratch/twice.edn"
expect_text "the value 1 was written twice to the key :y"
printf '%s\n' "r(0,0,0,0)" "w(0,0,1,1)" "w(0,5,1,1)" >"$scratch/there.plume"
expect 2 "$FAULTLINE" check --consistency read-committed "$scratch/there.plume"
expect_text "the value 0 was in the beginning, and was written to the key 0 (event 2), so that nobody can say"
sed 's/:ok/:info/' "$skew" >"$scratch/crashed.edn"
expect 3 "$FAULTLINE" check --model list-append <(grep -v ':time [56]' "$scratch/crashed.edn")
expect 2 "$FAULTLINE" check --model list-append --time-limit 1ns "$skew"
expect_text "ended the"

# Sessions one after another, the last ones missing: the value that was read may have been written
# there. Of events in the order in which they happened what is there is a history, too.
printf 'r 1 5\n===\nw 1' >"$scratch/cut.awdit"
expect 2 "$FAULTLINE" check --consistency causal "$scratch/cut.awdit"
expect_text "unknown: the history is cut short, and as it tells one session after another"
expect 2 "$FAULTLINE" check --strongest "$scratch/cut.awdit"
expect_text "cut.awdit"$'\t'"unknown"
printf 'r 1 5\n===\nw 1 5\n' >"$scratch/whole.awdit"
expect 0 "$FAULTLINE" check --consistency causal "$scratch/whole.awdit"
expect 0 "$FAULTLINE" convert "$scratch/whole.awdit" "$scratch/whole.jsonl"
head -c -20 "$scratch/whole.jsonl" >"$scratch/cut.jsonl"
expect 2 "$FAULTLINE" check --consistency causal "$scratch/cut.jsonl"
expect 254 "$FAULTLINE" convert "$scratch/cut.awdit" "$scratch/none.jsonl"
expect_text "what is left is no history of its own"
expect 254 "$FAULTLINE" convert "$skew" "$scratch/none.plume"
expect_text "skew.edn:3:1: event 2: a plume history cannot hold"
expect 254 "$FAULTLINE" shrink --model list-append "$skew"
expect_text "histories of transactions are not shrunk"
expect 254 "$FAULTLINE" check --model list-append <(echo '{:process 0 :type :ok :value [[:r :x nil]]}')
expect_text "process 0 completes an operation (ok), but has no open invocation"
head -c -9 "$skew" >"$scratch/cut.edn"
expect 1 "$FAULTLINE" check --consistency serializable "$scratch/cut.edn"
expect_text "; the file ends in the middle of an event, at byte $(wc -c <"$scratch/cut.edn") of the uncompressed text; what follows is missing, and the verdict is of the part before it"

# Mistakes.
expect 254 "$FAULTLINE" check --consistency serialisable "$skew"
expect_text "there is no level 'serialisable'; did you mean 'serializable'? there are: read-uncommitted, read-committed"
for option in "--permits 2" "--total 5" --allow-negative --linearizable; do
    # shellcheck disable=SC2086
    expect 254 "$FAULTLINE" check --model list-append $option "$skew"
    expect_text "${option%% *} is an option of the model"
done
expect 254 "$FAULTLINE" check --model list-append --algorithm zones "$skew"
expect_text "--algorithm is of the models of linearizability"
expect 254 "$FAULTLINE" check --model elle-list-append --consistency serializable "$skew"
expect_text "did you mean 'list-append'?"
expect 254 "$FAULTLINE" check "$skew"
expect_text "say --model list-append or rw-register"
expect 254 "$FAULTLINE" gen --model list-apend "$scratch/none.edn"
expect_text "did you mean 'list-append'?"
expect 254 "$FAULTLINE" chek "$skew"
expect_text "did you mean 'check'?"
expect 254 "$FAULTLINE" check --modle list-append "$skew"
expect_text "did you mean '--model'?"
expect 254 "$FAULTLINE" check --consistency serializable --strongest "$skew"
expect 254 "$FAULTLINE" check --model cas-register --strongest "$skew"
expect_text "list-append and rw-register do"
expect 254 "$FAULTLINE" check --infer nothing-keys "$skew"
expect_text "sequential-keys"
expect 254 "$FAULTLINE" check --model list-append --certificate "$scratch/none" "$skew"
echo '{:process 0, :type :invoke, :f :txn, :value [[:fly :x 1]]}' >"$scratch/odd.edn"
expect 254 "$FAULTLINE" check --model list-append "$scratch/odd.edn"
expect_text "odd.edn:1:1: event 0: [:fly :x 1] is no micro-operation"

# The levels there are.
expect 0 "$FAULTLINE" list levels
expect_text "implies: repeatable-read, snapshot-isolation"
expect_text "promises: transactions behave as if they ran one after another, in some order"
expect_text "defined by: Adya, Liskov & O'Neil"

# An answer that is of another transaction than the one that was invoked.
sed '3s/:append :y 1/:append :y 3/' "$skew" >"$scratch/mixed.edn"
expect 254 "$FAULTLINE" check --model list-append "$scratch/mixed.edn"
expect_text "mixed.edn:3:1: event 2: process 0 completes [:append :y 3] (ok), but it invoked [:append :y 1] there at event 0"

# A model that no transaction is of is told, with the one they are of; without one that one is taken.
cat >"$scratch/registers.edn" <<'R'
{:process 0, :type :invoke, :f :txn, :value [[:w :x 1] [:r :y nil]]}
{:process 0, :type :ok, :f :txn, :value [[:w :x 1] [:r :y nil]]}
R
expect 254 "$FAULTLINE" check --model list-append "$scratch/registers.edn"
expect_text "registers.edn: this is no history of the model list-append: its transactions write registers"
expect_text "say --model rw-register"
expect 0 "$FAULTLINE" check --model rw-register "$scratch/registers.edn"
expect 254 "$FAULTLINE" check --model rw-register "$skew"
expect_text "its transactions append to lists or read them, and none writes a register; say --model list-append"
expect 0 "$FAULTLINE" check --json --consistency snapshot-isolation "$skew"
expect_text '"model": "list-append"'
expect 0 "$FAULTLINE" check --json --consistency serializable "$scratch/registers.edn"
expect_text '"model": "rw-register"'

# The levels are listed with the strongest first, and each before those that it implies.
"$FAULTLINE" list levels >"$scratch/levels.txt"
python3 - "$scratch/levels.txt" <<'PY'
import re, sys
text = open(sys.argv[1]).read()
names = re.findall(r"(?m)^  ([a-z-]+)  \(", text)
assert len(names) == 30 and names[0] == "strict-serializable" and names[-1] == "eventual", names
level = None
for line in text.splitlines():
    found = re.match(r"  ([a-z-]+)  \(", line)
    level = found.group(1) if found else level
    if line.startswith("    implies: "):
        for name in line[13:].split(", "):
            assert names.index(level) < names.index(name), (level, name)
PY

# Who reads a list sees every append in it, and so all that those transactions wrote.
txn() { # process, invoked, completed
  printf '{:process %s :type :invoke :f :txn :value %s}\n{:process %s :type :ok :f :txn :value %s}\n' "$1" "$2" "$1" "$3"
}
first='[[:append :x 1] [:append :y 1]]'
{
  txn 0 "$first" "$first"
  txn 1 '[[:append :x 2] [:r :x nil] [:r :y nil]]' '[[:append :x 2] [:r :x [1 2]] [:r :y []]]'
} >"$scratch/own_behind.edn"
{
  txn 0 "$first" "$first"
  txn 1 '[[:append :x 2]]' '[[:append :x 2]]'
  txn 2 '[[:r :x nil] [:r :y nil]]' '[[:r :x [1 2]] [:r :y []]]'
} >"$scratch/others_behind.edn"
for shown in own_behind others_behind; do
  for level in monotonic-atomic-view read-atomic causal prefix weak-causal snapshot-isolation; do
    expect 1 "$FAULTLINE" check --consistency "$level" "$scratch/$shown.edn"
  done
  expect 1 "$FAULTLINE" check --consistency read-atomic "$scratch/$shown.edn"
  expect_text "appended 1 to key :x, and T"
  expect_text "did not see 1 in key :y"
  expect 0 "$FAULTLINE" check --consistency read-committed "$scratch/$shown.edn"
done
