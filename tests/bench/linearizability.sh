#!/usr/bin/env bash
# One table of what `faultline check` takes, beside the figures of the peers and the targets: whole
# processes, from the file to the verdict, as a user would run them on what `faultline gen` makes.
#
#   FAULTLINE=build/release/faultline MEASURE=build/release/tests/bench_measure \
#       tests/bench/linearizability.sh [quick]
#
# quick: a tenth of the operations. SECONDS_MAX (60, as the peers were given) ends a check.
# Needs 4.5 GB of room for the largest history (see TMPDIR) and about half an hour.
set -euo pipefail
. "$(dirname "$0")/table.bash"

# what, expected verdict, operations, format, what stands beside it; then the options of gen
row() {
    local what=$1 expected=$2 operations=$(($3 / less)) format=$4 beside=$5
    [ "$less" = 1 ] || beside='' # it is not about so few operations
    shift 5
    local file=$folder/history.$format model='' independent=() i
    for ((i = 1; i < $#; i++)); do
        [ "${!i}" = --model ] && { i=$((i + 1)); model=${!i}; }
        [ "$format" = edn ] && [ "${!i}" = --keys ] && independent=(--independent)
    done
    "$FAULTLINE" gen --operations "$operations" "$@" "$file"
    checked "$what" "$operations" "$expected" "$beside" "$file" --model "$model" "${independent[@]}"
    rm -f "$file"
}

section "1. 10M operations on 1,000 registers, 10 clients each" "target"
row "JSON Lines" valid 10000000 jsonl "1.5 s, 32 B/op" --model register --keys 1000
row "EDN" valid 10000000 edn "1.5 s, 32 B/op" --model register --keys 1000

section "2. one register, every written value new, 10 clients" "Porcupine / Knossos, check only"
row "unique, c=10" valid 1000 jsonl "0.04 s / 0.9 s" --model register
row "unique, c=10" valid 10000 jsonl "1.2 s / 5.2 s" --model register
row "unique, c=10" valid 100000 jsonl "out of 16 GB / timeout" --model register
row "unique, c=10" valid 1000000 jsonl "-" --model register
row "unique, c=10" valid 10000000 jsonl "-" --model register
row "unique, c=5" valid 100000 jsonl "3.2 s, 4.4 GB / 7.7 s, 11.6 GB" --model register --concurrency 5
row "unique, c=5" valid 1000000 jsonl "out of 16 GB / -" --model register --concurrency 5
row "unique, c=20" valid 1000 jsonl "30 s / timeout" --model register --concurrency 20
row "unique, c=20" valid 10000 jsonl "timeout / -" --model register --concurrency 20
row "unique, c=20, one stale read" invalid 1000 jsonl "timeout / timeout" --model register \
    --concurrency 20 --anomaly stale-read
row "unique, c=100" valid 1000 jsonl "timeout / -" --model register --concurrency 100
row "unique, c=5, 5% crashed, one stale read" invalid 1000 jsonl "timeout / timeout" \
    --model register --concurrency 5 --crash 5% --anomaly stale-read

declare -A peers=(
    [10:10000:0:valid]="0.4 s / 1.0 s" [10:100000:0:valid]="out of memory / 7.9 s, 12 GB"
    [20:10000:0:valid]="out of memory / 9.2 s, 12 GB" [20:100000:0:valid]="- / timeout"
    [20:10000:0:stale]="timeout / timeout (1k)" [5:10000:1:stale]="timeout / -"
    [5:10000:5:stale]="timeout / timeout (1k)")
section "3. one register, 5 values with cas" "Porcupine / Knossos, check only"
for clients in 5 10 20 50 100; do
    for operations in 10000 100000; do
        for crashed in 0 1 5; do
            row "c=$clients, $crashed% crashed" valid $operations jsonl \
                "${peers[$clients:$operations:$crashed:valid]:--}" --model cas-register \
                --values 5 --concurrency "$clients" --crash "$crashed%"
            row "c=$clients, $crashed% crashed, one stale read" invalid $operations jsonl \
                "${peers[$clients:$operations:$crashed:stale]:--}" --model cas-register \
                --values 5 --concurrency "$clients" --crash "$crashed%" --anomaly stale-read
        done
    done
done

section "4. containers of distinct values, 10 clients" "PolyLin; target of the check alone"
row "FIFO queue" valid 1000000 jsonl "2.4 s, 664 MB; 30-60 ms, 40 B/op" --model fifo-queue
row "priority queue" valid 1000000 jsonl "2.4 s, 631 MB; 30-60 ms, 40 B/op" --model priority-queue
row "stack" valid 1000000 jsonl "4.8 s, 843 MB; 150-250 ms, 80 B/op" --model stack
row "FIFO queue, two in the wrong order" invalid 1000000 jsonl "-" --model fifo-queue \
    --anomaly reordered-dequeue
row "priority queue, a lower one first" invalid 1000000 jsonl "-" --model priority-queue \
    --anomaly inverted-priority
row "stack, two in the wrong order" invalid 1000000 jsonl "-" --model stack --anomaly reordered-pop

finish
