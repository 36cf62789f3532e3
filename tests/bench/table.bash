# What the tables of benches have in common: a folder for histories, which goes away at the end, and one
# row for each whole process, from the file to the verdict. To be sourced; $1 is "quick" or nothing.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
: "${FAULTLINE:=$root/build/release/faultline}" "${MEASURE:=$root/build/release/tests/bench_measure}"
: "${SECONDS_MAX:=60}"
less=1 # so many times fewer operations
[ "${1:-}" = quick ] && less=10
folder=$(mktemp -d "${TMPDIR:-/tmp}/faultline-bench-XXXXXX")
trap 'rm -rf "$folder"' EXIT
wrong=0
unit=operations # what is counted

line() { # what, how many, verdict, seconds, of the processors, MB, bytes of each, beside it
    printf '%-56s %10s %-8s %9s %9s %8s %6s  %s\n' "$@"
}

section() { # title, what the last column is
    printf '\n%s\n' "$1"
    line history "$unit" verdict seconds processor MB "B each" "$2"
}

# what, how many, expected verdict, what stands beside it, file; then the options of check
checked() {
    local what=$1 count=$2 expected=$3 beside=$4 file=$5
    shift 5
    cat "$file" >/dev/null # in memory already, as the peers' were
    local verdict seconds processor bytes
    verdict=$("$MEASURE" "$FAULTLINE" check --time-limit "${SECONDS_MAX}s" "$@" "$file" \
        2>"$folder/errors" | cut -f2) || true
    read -r seconds processor bytes < <(tail -n 1 "$folder/errors")
    [ "$verdict" = "$expected" ] || { verdict="$verdict!"; wrong=$((wrong + 1)); }
    line "$what" "$count" "$verdict" "$seconds" "$processor" \
        "$(awk -v b="$bytes" 'BEGIN { printf "%.1f", b / 1048576 }')" \
        "$(awk -v b="$bytes" -v n="$count" \
            'BEGIN { if (n < 100000) print "-"; else printf "%.0f", b / n }')" "$beside"
}

# The exit status of the whole table.
finish() {
    [ "$wrong" = 0 ] || { printf '\n%d rows did not get their verdict (marked !)\n' "$wrong"; exit 1; }
}
