#!/usr/bin/env bash
# Serializable reads of etcd are local and may be stale: partitions bring it to light.
. "$(dirname "$0")/lib.bash"

expect 1 "$FAULTLINE" run etcd-register-serializable --store "$store" --seed 3 --time-limit 20s
expect_text invalid
expect_result 'r["verdict"] == "invalid"'
expect_result 'any(k["verdict"] == "invalid" and 1 <= len(k["witness"]) <= 12 for k in r["check"]["keys"])'
expect 1 "$FAULTLINE" report "$store/etcd-register-serializable/latest"
expect 1 "$FAULTLINE" check --model cas-register "$store/etcd-register-serializable/latest/history.jsonl"
expect_nothing_left
