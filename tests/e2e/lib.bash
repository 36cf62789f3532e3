# For the scripts beside it: a scratch store, checks, and proof that nothing is left behind.
set -euo pipefail
: "${FAULTLINE:?the path of the program}"

scratch=$(mktemp -d "${TMPDIR:-/tmp}/faultline-e2e.XXXXXX")
store=$scratch/store
export FAULTLINE_E2E=$scratch # every process that we start has it, and its children
trap 'rm -rf "$scratch"' EXIT

fail() {
    echo "FAILED: $*" >&2
    exit 1
}

# expect STATUS COMMAND...: runs it, keeps its output in $output, and fails on another status.
expect() {
    local wanted=$1 status=0
    shift
    output=$("$@" 2>&1) || status=$?
    [ "$status" -eq "$wanted" ] ||
        fail "exit status $status instead of $wanted: $*"$'\n'"$output"
}

expect_text() {
    grep -qF -- "$1" <<<"$output" || fail "no '$1' in:"$'\n'"$output"
}

# await SECONDS COMMAND...: until it succeeds; fails if it never does.
await() {
    local until=$((SECONDS + $1))
    shift
    until "$@"; do
        [ $SECONDS -lt $until ] || fail "never came true: $*"
        sleep 0.1
    done
}

has_our_mark() { # PID
    grep -zqFx "FAULTLINE_E2E=$scratch" "/proc/$1/environ" 2>/dev/null
}

# The network namespaces that the journals of our store name and that a process of ours still is in,
# or holds. Of ours: the number of a namespace that is gone may be another's by now.
namespaces_of_ours() {
    local inodes
    inodes=$(cat "$store"/{,*/}*/[0-9]*/journal.jsonl 2>/dev/null |
        grep -o '"inode": *[0-9]*' | grep -o '[0-9]*' | sort -u | sed 's/.*/net:[&]/')
    [ -n "$inodes" ] || return 0
    { find /proc/[0-9]*/ns/net /proc/[0-9]*/fd -maxdepth 1 -lname 'net:*' -printf '%l %p\n' 2>/dev/null || true; } |
        { grep -F -- "$inodes" || true; } |
        while IFS=' /' read -r namespace _ pid _; do
            if has_our_mark "$pid"; then echo "$namespace"; fi
        done | sort -u
}

# Processes whose command line names our store: nodes, and the controller itself.
processes_of_ours() {
    pgrep -f -- "$store" || true
}

expect_nothing_left() {
    [ -z "$(processes_of_ours)" ] ||
        fail "processes are left: $(ps -o pid,args -p "$(processes_of_ours | paste -sd,)")"
    [ -z "$(namespaces_of_ours)" ] || fail "network namespaces are left: $(namespaces_of_ours)"
}

# result EXPRESSION: a Python expression over the latest run's results.json as r.
result() {
    python3 - "$1" "$(echo "$store"/*/latest/results.json)" <<'PY'
import json, sys
r = json.load(open(sys.argv[2]))
print(eval(sys.argv[1]))
PY
}

expect_result() {
    [ "$(result "$1")" = True ] || fail "not so: $1"$'\n'"$(result 'r["summary"]')"
}
