#!/usr/bin/env bash
# What goes wrong before the test begins: a clear message, exit status 255, everything undone.
. "$(dirname "$0")/lib.bash"

base() { # NAME PROGRAM-LINES...: a plan of its own with a database written here
    cat >"$scratch/$1.yaml"
}
plan_head='cluster: {remote: netns, nodes: 3}
workload: {use: register, client: etcd, keys: 2, concurrency: 3, rate: 50}
time_limit: 2s'

base missing <<PLAN
name: missing
$plan_head
database:
  name: nodb
  install: {programs: [no-such-database-program], hint: "apt-get install no-such-package"}
  start: {run: [no-such-database-program]}
PLAN
expect 255 "$FAULTLINE" run "$scratch/missing.yaml" --store "$store"
expect_text no-such-database-program
expect_text "apt-get install no-such-package"
expect_nothing_left

base never-ready <<PLAN
name: never-ready
$plan_head
database:
  name: sleeper
  install: {programs: [sleep]}
  start: {run: [sleep, "1000"]}
  ready: {http: {method: GET, url: "http://{{node.ip}}:2379/health"}, timeout: 1s, interval: 50ms}
PLAN
expect 255 "$FAULTLINE" run "$scratch/never-ready.yaml" --store "$store"
expect_text "ready"
expect_nothing_left

base dies <<PLAN
name: dies
$plan_head
database:
  name: dier
  install: {programs: [sh]}
  start: {run: [sh, -c, "echo my last words; exit 3"]}
  ready: {http: {method: GET, url: "http://{{node.ip}}:2379/health"}, timeout: 5s, interval: 50ms}
  logs: ["{{node.dir}}/dier.log"]
PLAN
expect 255 "$FAULTLINE" run "$scratch/dies.yaml" --store "$store"
expect_text "my last words"
expect_nothing_left

# A port in use: somebody else listens on a node's address (local nodes share this host).
base port <<PLAN
name: port
cluster: {remote: local, nodes: 3}
workload: {use: register, client: etcd, keys: 2, concurrency: 3, rate: 50}
time_limit: 2s
database: etcd
PLAN
python3 -c '
import socket, time
s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(("0.0.0.0", 2379)); s.listen(); print("up", flush=True); time.sleep(600)' >"$scratch/up" &
listener=$!
await 60 grep -q up "$scratch/up"
expect 255 "$FAULTLINE" run "$scratch/port.yaml" --store "$store"
kill $listener
wait $listener 2>/dev/null || true
expect_text 2379
expect_text "in use"
expect_nothing_left

expect 254 "$FAULTLINE" run "$scratch/no-such-plan.yaml" --store "$store"
expect_text no-such-plan.yaml
expect 254 "$FAULTLINE" run etcd-register --set cluster.nodes=3 --set cluster.failure_tolerance=2
expect_text "failure_tolerance"
