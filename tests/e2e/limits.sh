#!/usr/bin/env bash
# check --time-limit --memory-limit: histories that no search gets to the end of are unknown, and say
# why. With LIMITS_ROUNDS=10 LIMITS_SECONDS=5 LIMITS_MIB=256 it proves that the limits hold within
# 5 %, and prints what was taken; without, it is short and only asks whether they hold at all.
. "$(dirname "$0")/lib.bash"

sanitized=0
[[ $(ldd "$FAULTLINE" 2>/dev/null || true) =~ lib(a|t|ub)san ]] && sanitized=1

python3 - "$scratch" "$FAULTLINE" "${LIMITS_ROUNDS:-0}" "${LIMITS_SECONDS:-1}" "${LIMITS_MIB:-64}" "$sanitized" <<'PY'
import os, random, sys, time
scratch, program = sys.argv[1:3]
rounds, seconds, mib, sanitized = int(sys.argv[3]), float(sys.argv[4]), int(sys.argv[5]), sys.argv[6] == "1"

def write(name, seed, make):
    path = f"{scratch}/{name}-{seed}.jsonl"
    with open(path, "w") as out:
        for i, (process, kind, f, value) in enumerate(make(random.Random(seed))):
            out.write('{"index":%d,"time":%d,"process":%d,"type":"%s","f":"%s","value":%s}\n'
                      % (i, i * 1000, process, kind, f, value))
    return path

def pairs(r, count, values):
    return ["[%d,%d]" % tuple(r.sample(range(values), 2)) for _ in range(count)]

# 170 cas that nobody knows the end of, and reads that use them up.
def crashed_cas(r):
    events = [(i + 1, "invoke", "cas", v) for i, v in enumerate(pairs(r, 170, 6))]
    events += [(0, "invoke", "write", 0), (0, "ok", "write", 0)]
    for _ in range(400):
        events += [(0, "invoke", "read", "null"), (0, "ok", "read", r.randrange(6))]
    return events

# 170 cas all at once that all succeeded.
def concurrent_cas(r):
    values = pairs(r, 170, 6)
    return [(0, "invoke", "write", 0), (0, "ok", "write", 0)] + \
           [(i + 1, t, "cas", v) for t in ("invoke", "ok") for i, v in enumerate(values)]

# 60 of a few priorities put into a full queue at once, and 49 taken out at once, and then one that
# was not its turn. Every state is as long as the queue: the search runs out of memory, not of time.
def priorities(r):
    low = [r.randrange(50) for _ in range(4000)]
    high = [r.randrange(60, 80) for _ in range(60)]
    taken = r.sample(high, 49) + [49]
    events = [(100, t, "enqueue", v) for v in low for t in ("invoke", "ok")]
    events += [(i, "invoke", "enqueue", v) for i, v in enumerate(high)]
    events += [(200 + i, "invoke", "dequeue", "null") for i in range(50)]
    events += [(i, "ok", "enqueue", v) for i, v in enumerate(high)]
    return events + [(200 + i, "ok", "dequeue", v) for i, v in enumerate(taken)]

# 60 transactions at once over eight of 2,000 registers, in one order that explains them all.
def transactions(r):
    def txn(parts):
        return "[%s]" % ",".join('["%s",%d,%d]' % part for part in parts)
    held, txns = [i % 7 for i in range(2000)], []
    events = [(100, t, "txn", txn([("w", i, v) for i, v in enumerate(held)])) for t in ("invoke", "ok")]
    rest = txn([("r", i, v) for i, v in enumerate(held)][8:])
    for _ in range(60):
        a, b, c = r.sample(range(8), 3)
        parts = [("r", a, held[a]), ("w", b, r.randrange(3)), ("w", c, r.randrange(3))]
        held[b], held[c] = parts[1][2], parts[2][2]
        txns.append(txn(parts))
    r.shuffle(txns)
    events += [(i, t, "txn", v) for t in ("invoke", "ok") for i, v in enumerate(txns)]
    return events + [(100, t, "txn", rest) for t in ("invoke", "ok")]

# Nothing hard, but more of it than the memory holds.
def large(r):
    for i in range(60000 * mib // 4):
        yield (i % 7, "invoke", "write", i)
        yield (i % 7, "ok", "write", i)

histories = [("cas-register", "crashed-cas", crashed_cas), ("cas-register", "concurrent-cas", concurrent_cas),
             ("priority-queue", "priorities", priorities), ("multi-register", "transactions", transactions)]
if rounds:
    histories.append(("cas-register", "large", large))

def run(model, path, seconds):
    start = time.monotonic()
    child = os.fork()
    if child == 0:
        os.dup2(os.open(scratch + "/out", os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 1)
        os.dup2(1, 2)
        os.execl(program, program, "check", "--model", model, "--time-limit", f"{seconds}s",
                 "--memory-limit", f"{mib}MiB", path)
    _, status, usage = os.wait4(child, 0)
    return os.waitstatus_to_exitcode(status), time.monotonic() - start, usage.ru_maxrss / 1024

unknown = 0
reasons = {}
for model, name, make in histories:
    for seed in range(max(1, rounds)):
        path = write(name, seed, make)
        # Without rounds it has all the time it needs to run out of memory, whatever else runs here.
        limit = 60 if name == "priorities" and not rounds and not sanitized else seconds
        status, took, peak = run(model, path, limit)
        words = open(scratch + "/out").read()
        if rounds:
            print("%-16s %d: %.3f s %.1f MiB %s" % (name, seed, took, peak, words.split(", then ")[-1][:60].split("\n")[0]))
        assert status in (0, 1, 2), (name, status, words)
        assert status != 2 or (" ended " in words and "\tunknown" in words), words
        unknown += status == 2
        if status == 2:
            reasons.setdefault(name, set()).update(w for w in ("time", "memory") if f"the {w} limit (" in words)
        # Loose without rounds: what else runs on this machine is not known.
        assert took <= limit * (1.05 if rounds else 30), (name, took)
        assert sanitized or peak <= mib * (1.055 if rounds else 1.25), (name, peak)
        os.remove(path)
assert unknown > 0, "all of them were decided: find harder ones"
assert rounds or sanitized or "memory" in reasons.get("priorities", ()), ("no search ran out of memory", reasons)
PY
