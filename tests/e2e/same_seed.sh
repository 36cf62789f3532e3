#!/usr/bin/env bash
# Two runs with the same seed schedule the same operations and the same faults; another seed others.
. "$(dirname "$0")/lib.bash"

schedule() { # STORE: per key the operations in order; then the faults
    python3 - "$1"/*/latest/history.jsonl <<'PY'
import collections, json, sys
keys, faults = collections.defaultdict(list), []
seen = set()
for line in open(sys.argv[1]):
    op = json.loads(line)
    if op["process"] == "nemesis":
        if (op["f"], str(op["value"])) not in seen and isinstance(op["value"], int):
            seen.add((op["f"], str(op["value"])))
            faults.append([op["f"], op["value"]])
    elif op["type"] == "invoke":
        keys[op["key"]].append([op["f"], op["value"]])
print(json.dumps({"keys": {str(k): v for k, v in sorted(keys.items())}, "faults": faults}))
PY
}

for run in a b other; do
    seed=21
    [ $run = other ] && seed=22
    store=$scratch/$run
    expect 0 "$FAULTLINE" run etcd-register --store "$store" --seed $seed --time-limit 8s \
        --set nemesis.interval=3s --set nemesis.duration=2s --set recovery_time=500ms
    schedule "$store" >"$scratch/$run.json"
    result '[(f["id"], f["fault"], f["description"]) for f in r["faults"]]' >"$scratch/$run.faults"
done

python3 - "$scratch" <<'PY'
import ast, json, sys
a, b, other = (json.load(open(f"{sys.argv[1]}/{n}.json")) for n in ("a", "b", "other"))
def prefix(x, y):
    n = min(len(x), len(y))
    return n > 0 and x[:n] == y[:n]
assert a["keys"].keys() == b["keys"].keys() and len(a["keys"]) >= 5
for key in a["keys"]:
    # The final reads come at the end: compare what the shorter run has without them.
    x, y = a["keys"][key][:-12], b["keys"][key][:-12]
    assert prefix(x, y), f"key {key} differs"
    assert not prefix(x, other["keys"].get(key, [])[:-12]), f"key {key} does not follow the seed"
assert prefix(a["faults"], b["faults"]) and len(a["faults"]) >= 4
# On a busy machine one run may get further in its schedule than the other.
x, y = (ast.literal_eval(open(f"{sys.argv[1]}/{n}.faults").read()) for n in ("a", "b"))
assert min(len(x), len(y)) >= 2 and all(p == q for p, q in zip(x, y)), f"the faults differ: {x} {y}"
PY
expect_nothing_left
