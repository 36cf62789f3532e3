#!/usr/bin/env bash
# An ordinary user needs no root: network namespaces, iptables and all.
. "$(dirname "$0")/lib.bash"

as_user=()
if [ "$(id -u)" -eq 0 ]; then
    # The store must be the user's; the program and its data only need to be readable by it.
    chmod 755 "$scratch"
    install -d -o 65534 -g 65534 "$store"
    cp -r "$(dirname "$0")/../../workloads" "$FAULTLINE" "$scratch/"
    chmod -R a+rX "$scratch/workloads" "$scratch/faultline"
    FAULTLINE=$scratch/faultline
    as_user=(setpriv --reuid 65534 --regid 65534 --clear-groups env HOME=/nonexistent
        FAULTLINE_DATA="$scratch/workloads")
fi
expect 0 "${as_user[@]}" "$FAULTLINE" run etcd-register --store "$store" --seed 5 --time-limit 12s \
    --set nemesis.interval=3s --set nemesis.duration=2s --set recovery_time=1s
expect_result 'r["verdict"] == "valid"'
expect_result 'sum(f["proven"] for f in r["faults"]) >= 3'
expect_result '"partition" in [f["fault"] for f in r["faults"] if f["proven"]]'
expect_nothing_left
