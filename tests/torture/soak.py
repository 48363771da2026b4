#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A recorder for $SOAK seconds (600, or its share of that), at ten scrapes a second of a fleet in which some do all that targets can
do wrong, with a retention that drops all the time and readers that come and go: memory and descriptors have stopped growing by
the second half, nobody who is well misses scrapes, and the store and what is left of it pass --verify."""
import json, os, signal, subprocess, sys, time

GSCRAPE, TMP, TOP, B = (os.environ[k] for k in ("GSCRAPE", "TMP", "TOP", "B"))
SECONDS = int(os.environ.get("SOAK", 600)) // int(os.environ.get("SHARE", 1))
BAD = ["slow", "cut", "status", "html", "endless", "stall", "limit", "gzip", "empty"]
os.chdir(TMP)
count = 0


def ok(what, good, *why):
    global count
    count += 1
    print(f"{'ok' if good else 'not ok'} {count} - {what}", flush=True)
    for w in () if good else why:
        print("#", str(w)[-2000:])


def resident(pid):
    with open(f"/proc/{pid}/statm") as f:
        return int(f.read().split()[1]) * 4096


def ask(*args):
    return subprocess.run([GSCRAPE, *args, "--db", "soak.db"], capture_output=True, text=True)


servers, fleet, good = [], [], []
for i, mode in enumerate(["good"] + BAD):
    more = ["--bad", mode, "--hosts", "1"] if mode != "good" else ["--hosts", "6"]
    servers.append(subprocess.Popen([f"{TOP}/{B}/tools/replay", "--loop", "--seconds", str(SECONDS + 600), *more, "--targets-file",
                                     f"{i}.json", f"{TOP}/tests/data/series"], stdout=subprocess.PIPE, text=True))
    for _ in range(6 if mode == "good" else 1):
        address = servers[-1].stdout.readline().split("http://")[1].strip()
        fleet.append({"targets": [address]})
        good += [address] * (mode == "good")
with open("fleet.json", "w") as f:
    json.dump(fleet, f)
with open("log", "w") as log:
    recorder = subprocess.Popen([GSCRAPE, "--scrape", "--targets-file", "fleet.json", "--interval", "1s", "--timeout", "3s", "--retain", "20s",
                                 "--max-body", "4MiB", "--db", "soak.db"], stdout=log, stderr=log)
seen, began, answers = [], time.monotonic(), 0
while time.monotonic() - began < SECONDS and recorder.poll() is None:
    got = ask("--goroutines", "--json")  # each a reader of its own
    answers += got.returncode == 0
    if got.returncode == 0:
        seen.append((time.monotonic() - began, resident(recorder.pid), len(os.listdir(f"/proc/{recorder.pid}/fd"))))
    elif answers:
        ok("a reader is answered", False, got.stderr)
        break
    time.sleep(0.5)
ok(f"it records for {SECONDS} s", recorder.poll() is None and len(seen) > 2, open("log").read())
half = [s for s in seen if s[0] >= SECONDS / 2] or seen
first = [s for s in seen if s[0] < SECONDS / 2] or seen
memory, files = (max(s[k] for s in half) / max(s[k] for s in first) for k in (1, 2))
print(f"# {answers} readers; memory {max(s[1] for s in first) >> 20} and {max(s[1] for s in half) >> 20} MiB, descriptors {max(s[2] for s in seen)}")
ok("memory does not grow in the second half", memory < 1.2, seen[-5:])
ok("nor do descriptors", files < 1.3, seen[-5:])
recorder.send_signal(signal.SIGTERM)
ok("it ends when it is asked to", recorder.wait(60) == 0, open("log").read())
hosts = [json.loads(line) for line in ask("--hosts", "--json").stdout.splitlines()]
well = [h for h in hosts if h["host"] in good]
ok("those who are well are recorded, all of them, without a failure", len(well) == 6 and all(h["failed"] == 0 for h in well), well)
ok("and what retention left is 20 s of it", all(h["last"] - h["first"] < 60000 for h in well), well)
verified = ask("--verify")
ok("the store is whole", verified.returncode == 0, verified.stdout + verified.stderr)
for s in servers:
    s.terminate()
print(f"1..{count}")
