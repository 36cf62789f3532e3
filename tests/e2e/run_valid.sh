#!/usr/bin/env bash
# A healthy etcd keeps linearizability through partitions, kills and pauses.
. "$(dirname "$0")/lib.bash"

for nodes in 3 5 7; do
    expect 0 "$FAULTLINE" run etcd-register --store "$store" --seed 7 --time-limit 10s \
        --set cluster.nodes=$nodes --set cluster.failure_tolerance=1 \
        --set nemesis.interval=2500ms --set nemesis.duration=1500ms --set recovery_time=500ms
    expect_text valid
    expect_text "failed: value differs"
    expect_result 'r["verdict"] == "valid" and r["exit_status"] == 0'
    expect_result "len(r['cluster']['nodes']) == $nodes"
    expect_result 'sum(f["proven"] for f in r["faults"]) >= 1'
    expect_result 'all(f["operations_overlapping"] > 0 for f in r["faults"] if f["proven"])'
    expect_result 'r["operations"]["ok"] > 100'
    [ -s "$store/etcd-register/latest/report.html" ] || fail "no report"
    [ "$("$FAULTLINE" check --model cas-register "$store"/etcd-register/latest/history.jsonl | cut -f2)" = valid ] ||
        fail "the recorded history does not check"
    expect_nothing_left
done
