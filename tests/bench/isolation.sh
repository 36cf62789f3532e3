#!/usr/bin/env bash
# One table of what `faultline check` takes for transactions, beside the figures of the peers and the
# targets: whole processes, from the file to the verdict, on what `faultline gen` makes and on two
# recorded histories.
#
#   FAULTLINE=build/release/faultline MEASURE=build/release/tests/bench_measure \
#       tests/bench/isolation.sh [quick] [PART...]
#
# quick: a tenth of the transactions. PART: list-append, rw-register, weak, serializable, recorded;
# all if none is named. CORPUS is the folder with the recorded histories; they are left out if it is
# not there. Ten million transactions take 4.5 GB in TMPDIR, and are left out if there is less room.
set -euo pipefail
. "$(dirname "$0")/table.bash"
: "${CORPUS:=$root/../shared/corpus}"
[ "${1:-}" = quick ] && shift
unit=transactions

wants() { # PART, of those on the command line
    local part=$1 named
    shift
    [ $# = 0 ] && return 0
    for named in "$@"; do
        [ "$named" = "$part" ] && return 0
    done
    return 1
}

fits() { # transactions: whether there is room for their text
    local free
    free=$(df --output=avail -B1 "$folder" | tail -n 1)
    [ "$free" -gt $(($1 * 600)) ]
}

# what, transactions, file; then the options of gen
made() {
    local what=$1 count=$2 file=$3
    shift 3
    if ! fits "$count"; then
        line "$what" "$count" "no room" - - - - ''
        return 1
    fi
    "$FAULTLINE" gen --operations "$count" --micro-ops 1-8 --concurrency 20 "$@" "$file"
}

# what, expected verdict, transactions, what stands beside it, model, level asked for; then the options
# of gen, and behind -- those of check
row() {
    local what=$1 expected=$2 count=$(($3 / less)) beside=$4 model=$5 level=$6
    [ "$less" = 1 ] || beside=''
    shift 6
    local file=$folder/history.jsonl gen=()
    while [ $# -gt 0 ] && [ "$1" != -- ]; do
        gen+=("$1")
        shift
    done
    [ $# = 0 ] || shift
    made "$what" "$count" "$file" --model "$model" "${gen[@]}" || return 0
    checked "$what" "$count" "$expected" "$beside" "$file" --model "$model" --consistency "$level" "$@"
    rm -f "$file"
}

# model, sizes, what stands beside a clean one of each size (an associative array's name), then the
# anomalies
sizes() {
    local model=$1 sizes=$2 count anomaly
    local -n peers=$3
    shift 3
    for count in $sizes; do
        row clean valid "$count" "${peers[$count]:-}" "$model" strict-serializable
        for anomaly in "$@"; do
            row "one $anomaly" invalid "$count" "" "$model" strict-serializable --anomaly "$anomaly"
        done
    done
}

declare -A elle_append=(
    [10000]="0.7 s + 0.9 s"
    [100000]="5.3 s + 3.8 s, 7.8 GB"
    [1000000]="79 s + 41 s, 15.8 GB; 2.5 s, 1 GB"
    [10000000]="-"
)
if wants list-append "$@"; then
    section "1. list-append, strict serializable, 20 clients" "Elle + loading; target end to end"
    sizes list-append "10000 100000 1000000 10000000" elle_append G1c G-single G2-item lost-update
fi

declare -A elle_register=([1000000]="65-72 s + loading")
if wants rw-register "$@"; then
    section "2. rw-register, strict serializable, 20 clients" "Elle"
    sizes rw-register "10000 100000 1000000" elle_register G1c G-single G2-item lost-update
    row "clean, linearizable-keys" valid 10000 "160 s, 14 GB" rw-register strict-serializable \
        -- --infer linearizable-keys
    for count in 100000 1000000; do
        row "clean, linearizable-keys" valid "$count" "-" rw-register strict-serializable \
            -- --infer linearizable-keys
    done
fi

if wants weak "$@"; then
    section "3. weak levels of registers, 4.5 micro-operations each" "AWDIT, of 1M; target"
    for level in "monotonic-atomic-view:1.7 s" "read-atomic:2.5 s" "causal:4.7 s, 1.5 GB"; do
        row "${level%%:*}" valid 1000000 "${level#*:} + 0.6 s" rw-register "${level%%:*}" \
            --level "${level%%:*}"
        row "${level%%:*}, 20M reads and writes" valid 4444444 "- ; 10 s" rw-register "${level%%:*}" \
            --level "${level%%:*}"
    done
    row "read-committed" valid 4444444 "- ; 10 s" rw-register read-committed --level read-committed
fi

if wants serializable "$@"; then
    section "4. levels of registers that are hard" "target"
    for level in serializable snapshot-isolation; do
        row "$level" valid 10000 "0.05 s" rw-register "$level" --level "$level"
        row "$level" valid 100000 "30 s" rw-register "$level" --level "$level"
        row "$level, few keys" valid 100000 "-" rw-register "$level" --level "$level" --keys 3
        row "$level, most write" valid 100000 "-" rw-register "$level" --level "$level" --read 20%
        row "$level, 5% crashed" valid 100000 "-" rw-register "$level" --level "$level" --crash 5%
    done
    row "serializable, one G2-item" invalid 100000 "-" rw-register serializable --level serializable \
        --anomaly G2-item
    row "snapshot-isolation, one G-single" invalid 100000 "-" rw-register snapshot-isolation \
        --level snapshot-isolation --anomaly G-single
fi

if wants recorded "$@" && [ -d "$CORPUS/recorded" ]; then
    less=1
    section "5. recorded histories, every anomaly" "Elle + loading; target"
    checked "huge-scc" 14000 invalid "timeouts; 1 s" "$CORPUS/elle/huge-scc.edn" --model list-append
    gzip -dc "$CORPUS/recorded/mariadb-10.11-repeatable-read.edn.gz" >"$folder/mariadb.edn"
    checked "MariaDB 10.11 under faults" 52062 invalid "68 s + 8.6 s, timeouts; 1 s" \
        "$folder/mariadb.edn" --model list-append
fi
finish
