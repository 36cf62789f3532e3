#!/usr/bin/env bash
# A run that is ended by hand heals, checks what there is, leaves nothing, and never passes as valid.
. "$(dirname "$0")/lib.bash"

has_lines() {
    [ -s "$store/etcd-register/latest/$2" ] && [ "$(grep -c "$1" "$store/etcd-register/latest/$2")" -ge "$3" ]
}

interrupt_when() { # PATTERN FILE-OF-THE-RUN LINES: once so many lines have it
    "$FAULTLINE" run etcd-register --store "$store" --seed 9 --time-limit 60s \
        --set recovery_time=500ms >"$scratch/out" 2>&1 &
    controller=$!
    await 60 has_lines "$@"
    kill -TERM $controller
    status=0
    wait $controller || status=$?
    output=$(cat "$scratch/out")
    [ $status -eq 2 ] || fail "exit status $status instead of 2: $output"
    expect_text "unknown: interrupted by a signal after"
    expect_result 'r["interrupted"] and r["verdict"] == "unknown"'
    expect_nothing_left
}

interrupt_when '"type":"ok"' history.jsonl 200
expect_result 'r["operations"]["ok"] > 100'
rm -rf "$store"
interrupt_when '"phase":"database"' events.jsonl 1
