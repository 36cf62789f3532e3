#!/usr/bin/env bash
# Every history at which Porcupine or Knossos stop (out of 16 GB, or of 60 s), and its continuation to
# a million operations: ten seeds each, made by `faultline gen`, must be decided, and rightly so. Then
# more than 200 writes, or cas, of unknown outcome among a million operations of one register.
#
#   FAULTLINE=build/release/faultline tests/bench/where_peers_stop.sh [SEEDS]
#
# Takes about ten minutes, and 200 MB in TMPDIR.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
: "${FAULTLINE:=$root/build/release/faultline}" "${SECONDS_MAX:=60}"
seeds=${1:-10}
folder=$(mktemp -d "${TMPDIR:-/tmp}/faultline-bench-XXXXXX")
trap 'rm -rf "$folder"' EXIT
wrong=0

# what, expected verdict, model, operations; then the options of gen
row() {
    local what=$1 expected=$2 model=$3 operations=$4 decided=0 slowest=0 others='' seed
    shift 4
    for ((seed = 1; seed <= seeds; seed++)); do
        "$FAULTLINE" gen --model "$model" --operations "$operations" --seed "$seed" "$@" \
            "$folder/history.jsonl"
        local begin=$EPOCHREALTIME verdict
        verdict=$("$FAULTLINE" check --model "$model" --time-limit "${SECONDS_MAX}s" \
            "$folder/history.jsonl" 2>/dev/null | cut -f2) || true
        slowest=$(awk -v a="$begin" -v b="$EPOCHREALTIME" -v s="$slowest" \
            'BEGIN { printf "%.2f", (b - a > s) ? b - a : s }')
        if [ "$verdict" = "$expected" ]; then
            decided=$((decided + 1))
        else
            others="$others $seed:$verdict"
            wrong=$((wrong + 1))
        fi
    done
    printf '%-44s %9s %-8s %3d of %d %9s s%s\n' "$what" "$operations" "$expected" "$decided" \
        "$seeds" "$slowest" "$others"
}

# what, expected verdict, model, the least operations; then the options of gen
rows() {
    local what=$1 expected=$2 model=$3 operations=$4
    shift 4
    for (( ; operations <= 1000000; operations *= 10)); do
        row "$what" "$expected" "$model" "$operations" "$@"
    done
}

printf '%-44s %9s %-8s %-8s %13s\n' history operations verdict decided slowest
for clients in 5 10 20 100; do
    rows "unique, c=$clients" valid register 1000 --concurrency "$clients"
done
rows "unique, c=20, one stale read" invalid register 1000 --concurrency 20 --anomaly stale-read
for clients in 10 20; do
    rows "5 values + cas, c=$clients" valid cas-register 1000 --values 5 --concurrency "$clients"
done
rows "5 values + cas, c=20, one stale read" invalid cas-register 1000 --values 5 --concurrency 20 \
    --anomaly stale-read
for crashed in 5% 1%; do
    rows "unique, c=5, $crashed crashed, one stale read" invalid register 1000 --concurrency 5 \
        --crash "$crashed" --anomaly stale-read
    rows "5 values + cas, c=5, $crashed crashed, one stale read" invalid cas-register 1000 --values 5 \
        --concurrency 5 --crash "$crashed" --anomaly stale-read
done
for clients in 5 10; do
    row "unique, c=$clients, over 200 crashed writes" valid register 1000000 --concurrency "$clients" \
        --crash 0.001
    row "5 values + cas, c=$clients, over 200 crashed writes" valid cas-register 1000000 --values 5 \
        --concurrency "$clients" --crash 0.001
done

[ "$wrong" = 0 ] || { printf '\n%d histories did not get their verdict\n' "$wrong"; exit 1; }
