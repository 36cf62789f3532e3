#!/usr/bin/env bash
# kill -9 of the controller in mid-partition: heal restores everything, and the history checks.
. "$(dirname "$0")/lib.bash"

"$FAULTLINE" run etcd-register --store "$store" --seed 11 --time-limit 60s \
    --set 'nemesis.faults=[partition]' --set nemesis.interval=10s --set nemesis.duration=9s \
    >"$scratch/out" 2>&1 &
controller=$!
await 60 grep -qs '"state":"injected"' "$store"/etcd-register/latest/events.jsonl

expect 0 "$FAULTLINE" heal "$store/etcd-register/latest"
expect_text "still going on"
kill -9 $controller
wait $controller 2>/dev/null || true
[ "$(processes_of_ours | wc -l)" -ge 5 ] || fail "the nodes should have outlived the controller"
[ "$(namespaces_of_ours | wc -l)" -ge 5 ] || fail "so should their namespaces"

# A record that was cut short was never acted on.
printf '{"id":999,"undo":"proc' >>"$store/etcd-register/latest/journal.jsonl"
expect 0 "$FAULTLINE" heal "$store/etcd-register/latest"
expect_text "healed"
expect_nothing_left
expect 0 "$FAULTLINE" heal "$store/etcd-register/latest"
expect 0 "$FAULTLINE" heal "$store"

history=$store/etcd-register/latest/history.jsonl
[ "$(wc -l <"$history")" -gt 100 ] || fail "the history is too short"
expect 0 "$FAULTLINE" check --model cas-register "$history"
truncate -s -7 "$history"
expect 0 "$FAULTLINE" check --model cas-register "$history"
expect_text "the file ends in the middle of an event"
