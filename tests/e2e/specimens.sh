#!/usr/bin/env bash
# Specimens: stores with a known promise keep it, and each of their bugs is found.
. "$(dirname "$0")/lib.bash"

mkdir -p "$store"
table() {
    BUILD=$(dirname "$FAULTLINE") STORE=$store RUNS=1 JOBS=5 \
        "$(dirname "$0")/../specimens/table" "$1"
}
expect 0 table '^(primary primary|chain tail (none|ack)|set observed-remove (none|lost)).*'
[ "$(grep -c ' 1/1 ' <<<"$output")" -eq "$(grep -vc '^specimen' <<<"$output")" ] ||
    fail "not every row is as expected:"$'\n'"$output"
expect_text read-local
expect_nothing_left

# A promise that is not kept is told: what breaks nothing is not as expected.
mkdir "$scratch/rows"
cp "$(dirname "$0")"/../specimens/{table,*.yaml} "$scratch/rows/"
echo 'counter cells none | counter | | counter |' >"$scratch/rows/rows"
expect 1 env BUILD="$(dirname "$FAULTLINE")" STORE="$store" RUNS=1 "$scratch/rows/table"
expect_text 'counter is valid'
expect_text 0/1
expect_nothing_left
