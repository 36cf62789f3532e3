#!/usr/bin/env bash
# A run that is ended by hand heals, checks what there is, leaves nothing, and never passes as valid.
. "$(dirname "$0")/lib.bash"

interrupt_when() { # SECONDS PATTERN-IN-EVENTS
    "$FAULTLINE" run etcd-register --store "$store" --seed 9 --time-limit 60s \
        --set recovery_time=500ms >"$scratch/out" 2>&1 &
    controller=$!
    for _ in $(seq 300); do
        grep -qs "$2" "$store"/etcd-register/latest/events.jsonl && break
        sleep 0.1
    done
    sleep "$1"
    kill -TERM $controller
    status=0
    wait $controller || status=$?
    output=$(cat "$scratch/out")
    [ $status -eq 2 ] || fail "exit status $status instead of 2: $output"
    expect_text "unknown: interrupted by a signal after"
    expect_result 'r["interrupted"] and r["verdict"] == "unknown"'
    expect_nothing_left
}

interrupt_when 3 '"phase":"drive"'
expect_result 'r["operations"]["ok"] > 100'
rm -rf "$store"
interrupt_when 0 '"phase":"database"'
