#!/usr/bin/env bash
# Every shipped plan is sound, and says so; a mistake is told with its place before anything starts.
. "$(dirname "$0")/lib.bash"

for plan in $("$FAULTLINE" list plans | tail -n +2); do
    expect 0 "$FAULTLINE" lint "$plan"
    "$FAULTLINE" lint --resolved "$plan" >"$scratch/$plan.yaml"
    "$FAULTLINE" lint --resolved "$scratch/$plan.yaml" >"$scratch/again.yaml"
    cmp "$scratch/$plan.yaml" "$scratch/again.yaml" || fail "$plan: resolved twice differs"
done
[ -s "$scratch/etcd-register.yaml" ] || fail "etcd-register does not ship"

printf 'name: x\ncluster: {remote: netns, nodez: 5}\n' >"$scratch/bad.yaml"
for command in lint run; do
    expect 254 "$FAULTLINE" $command "$scratch/bad.yaml"
    expect_text "bad.yaml:2: cluster.nodez:"
done
[ ! -e "$store" ] || fail "a bad plan made a store"

expect 254 "$FAULTLINE"
expect 254 "$FAULTLINE" no-such-command
expect 254 "$FAULTLINE" run
expect 254 "$FAULTLINE" check
expect 254 "$FAULTLINE" check --no-such-option x
expect_text "--model"
expect 254 "$FAULTLINE" check --time-limit soon x
expect 0 "$FAULTLINE" --help
for command in run check report heal lint list index; do
    expect 0 "$FAULTLINE" $command --help
done

# What only the faults and the model know is told as early, with its place.
refuses() { # TEXT, then the last line of a plan for 2 nodes
    printf 'name: x\ncluster: {remote: netns, nodes: 2}\ndatabase: etcd\nworkload: {use: register, client: etcd}\n%s\n' \
        "$2" >"$scratch/refused.yaml"
    expect 254 "$FAULTLINE" lint "$scratch/refused.yaml"
    expect_text "refused.yaml:5: $1"
}
refuses 'check.model: workload '"'register'"' does write' 'check: {model: set}'
refuses 'nemesis.faults[0]: kill: targets: no node of 2' 'nemesis: {faults: [{kill: {targets: [minority]}}]}'
refuses 'nemesis.faults[0]: partition: grudge: bridge needs at least 3 nodes' 'nemesis: {faults: [{partition: {grudge: [bridge]}}]}'
refuses 'nemesis.faults[0]: partition: grudge: explicit needs' 'nemesis: {faults: [{partition: {grudge: [explicit]}}]}'
