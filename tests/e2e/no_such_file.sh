#!/usr/bin/env bash
# A file or folder to read that is not there, or is none of its kind, is bad usage: 254, whatever the
# command, and the error names it. 255 is left to what the machine fails at.
. "$(dirname "$0")/lib.bash"

none=$scratch/none empty=$scratch/empty file=$scratch/file.jsonl certificate=$scratch/file.cert
mkdir "$empty"
"$FAULTLINE" gen --model register --operations 20 --seed 1 "$file"
expect 0 "$FAULTLINE" check --model register --certificate "$certificate" "$file"

refuses() { # NAME COMMAND...
    local name=$1
    shift
    expect 254 "$FAULTLINE" "$@"
    expect_text "$name"
}

refuses "$none" check "$none"
refuses "$empty" check "$empty"
refuses "$none.yaml" check --model "$none.yaml" "$file"
refuses "$none" verify "$none" "$certificate"
refuses "$none" verify "$file" "$none"
refuses "$empty" verify "$file" "$empty"
refuses "$none" shrink "$none" "$scratch/out.jsonl"
refuses "$none" convert "$none" "$scratch/out.jsonl"
refuses "$none" report "$none"
refuses "$file" report "$file"
refuses "$none" heal "$none"
refuses "$file" heal "$file"
refuses "$none" index "$none"
refuses "$file" index "$file"
refuses "$none" lint "$none"
refuses "$none" run --store "$store" "$none"
[ ! -e "$store" ] || fail "something was started"

# What is to be written is no input.
expect 255 "$FAULTLINE" convert "$file" "$none/out.jsonl"
expect 255 "$FAULTLINE" check --certificate "$none/out.cert" "$file"
