#!/usr/bin/env bash
# Specimens: stores with a known promise keep it, and each of their bugs is found.
. "$(dirname "$0")/lib.bash"

mkdir -p "$store"
table() {
    BUILD=$(dirname "$FAULTLINE") STORE=$store RUNS=1 JOBS=6 SETTINGS=time_limit=5s \
        "$(dirname "$0")/../specimens/table" "$1"
}
expect 0 table '^(primary primary|chain tail (none|ack)).*cas-|^set .*(none|lost).*linear|^two-phase .*(none|before-commit)'
[ "$(grep -c ' 1/1 ' <<<"$output")" -eq "$(grep -vc '^specimen' <<<"$output")" ] ||
    fail "not every row is as expected:"$'\n'"$output"
for found in read-local ack-at-head lost-tombstone G1a; do expect_text $found; done
expect_nothing_left

# A promise that is not kept is told: what breaks nothing is not as expected.
mkdir "$scratch/rows"
cp "$(dirname "$0")"/../specimens/{table,*.yaml} "$scratch/rows/"
echo 'counter cells none | counter | | counter |' >"$scratch/rows/rows"
expect 1 env BUILD="$(dirname "$FAULTLINE")" STORE="$store" RUNS=1 \
    SETTINGS="time_limit=3s" "$scratch/rows/table"
expect_text 'counter is valid'
expect_text 0/1
expect_nothing_left
