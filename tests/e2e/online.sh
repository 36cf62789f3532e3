#!/usr/bin/env bash
# Checking while the test runs: stale reads end a run soon after they happened, and the check at the
# end confirms them; a healthy database is driven to the end, for little processor time.
. "$(dirname "$0")/lib.bash"

expect 1 "$FAULTLINE" run etcd-register-serializable --store "$store" --seed 3 --time-limit 40s \
    --set check.online=true --set check.stop_on_violation=true --set recovery_time=500ms
expect_text "after the violation, at "
expect_result 'r["verdict"] == "invalid"'
expect_result 'r["online"]["violation"]["stopped"] and not r["interrupted"]'
expect_result 'r["online"]["violation"]["at_ns"] <= r["online"]["violation"]["noticed_ns"]'
expect_result '[p["end_ns"] - p["begin_ns"] < 39e9 for p in r["phases"] if p["phase"] == "drive"] == [True]'
grep -q '"event":"online".*"state":"violation"' "$store"/etcd-register-serializable/latest/events.jsonl ||
    fail "no event tells of the violation"
expect_nothing_left

rm -rf "$store"
expect 0 "$FAULTLINE" run etcd-register --store "$store" --seed 7 --time-limit 8s --set recovery_time=500ms \
    --set nemesis.interval=2500ms --set nemesis.duration=1500ms \
    --set check.online=true --set check.stop_on_violation=true
expect_result 'r["verdict"] == "valid"'
expect_result 'r["online"]["checked_until_ns"] > 0 and "violation" not in r["online"]'
expect_result 'r["online"]["keys_ended"] == 0 and r["online"]["cpu_ns"] > 0'
expect_nothing_left

expect 254 "$FAULTLINE" run etcd-register-serializable --store "$store" --set check.stop_on_violation=true
expect_text "check.stop_on_violation: nothing sees a violation before the end"
