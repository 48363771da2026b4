# SPDX-License-Identifier: MIT
"""What the tests of tests/torture share: which cases are to be done, and TAP."""
import os, subprocess

TOP, TMP, B, G = (os.environ[k] for k in ("TOP", "TMP", "B", "GSCRAPE"))
B = os.path.join(TOP, B)
PAST = os.path.join(TOP, "tests/data/past/archive")
SHARE, SEED = int(os.environ.get("SHARE", 1)), int(os.environ.get("SEED", 0))
count = 0


def cases(n):
    """Those of n that this run does: one in SHARE, or $CASE alone."""
    if "CASE" in os.environ:
        return [int(os.environ["CASE"])]
    return [k for k in range(n) if (k + SEED) % SHARE == 0]


def ok(what, good, *why):
    global count
    count += 1
    print(f"{'ok' if good else 'not ok'} {count} - {what}", flush=True)
    for w in () if good else why:
        print("#", str(w)[-1000:], flush=True)


def finish():
    print(f"1..{count}")


def limited(memory):
    """For subprocess: no core dumps, and no more heap than this."""
    import resource

    def limit():
        resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    return limit if memory else None


def run(args, cwd, seconds=60, memory=0, **more):
    """Status (or "hang"), output, complaints."""
    env = {k: v for k, v in os.environ.items() if not k.startswith("GSCRAPE_")}
    env.update(TZ="UTC", LC_ALL="C.UTF-8", NO_COLOR="1", COLUMNS="80", **more)
    p = subprocess.Popen([G] + args, cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                         preexec_fn=limited(memory))
    try:
        out, err = p.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        p.kill()
        p.communicate()
        return "hang", b"", ""
    return p.returncode, out, err.decode(errors="replace")


def index(archive, db, cwd, *args, **more):
    return run(["--index", archive, "--archive-tz", "UTC", "--db", db, *args], cwd, **more)


def gen(out, *numbers):
    """An archive: hosts, snapshots, goroutines, thousandths that change."""
    subprocess.run([os.path.join(B, "tools/gen"), PAST, out, *map(str, numbers)], check=True, stdout=subprocess.DEVNULL)


def part_of(archive, out, n):
    """The first n snapshots of each host."""
    for host in sorted(os.listdir(archive)):
        os.makedirs(os.path.join(out, host), exist_ok=True)
        for f in sorted(os.listdir(os.path.join(archive, host)))[:n]:
            if not os.path.exists(os.path.join(out, host, f)):
                os.link(os.path.join(archive, host, f), os.path.join(out, host, f))
