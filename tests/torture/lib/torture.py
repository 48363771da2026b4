# SPDX-License-Identifier: MIT
"""What the tests of tests/torture share: which cases are to be done, and TAP."""
import gzip, json, os, re, shutil, subprocess

TOP, TMP, B, G = (os.environ[k] for k in ("TOP", "TMP", "B", "GSCRAPE"))
B = os.path.join(TOP, B)
PAST = os.path.join(TOP, "tests/data/past/archive")
MOST = 200 # numbers of a call that are tried, each with all that can happen to it
DAY = 86400
SHARE, SEED = int(os.environ.get("SHARE", 1)), int(os.environ.get("SEED", 0))
count = 0


def cases(all):
    """Those of all (a range, or a list of words) that this run does: one in SHARE, or $CASE alone. SHARE=10 with SEED=0 to 9 is all."""
    if "CASE" in os.environ:
        return [type(all[0])(os.environ["CASE"])]
    return all[-SEED % SHARE::SHARE]


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


def run(args, cwd, seconds=600, memory=0, **more):
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


ASKED = [["--stats", "--json"], ["--goroutines", "--group-by", "none", "--json"], ["--lives", "--json"], ["--list-funcs", "--json"],
         ["--export", "folded"]]


def told(db, cwd):
    """What the store answers, to the byte; the sentence where it cannot."""
    return [run(c + ["--db", db], cwd) for c in ASKED]


def snapshots(db, cwd):
    """(host, time) of each snapshot that is stored, none where there is no store."""
    status, out, err = run(["--stats", "--json", "--db", db], cwd)
    rows = [json.loads(l) for l in out.decode().splitlines()] if status == 0 else []
    return {(r["host"], r["time"]) for r in rows}


class Scene:
    """Something that the program does in a folder that is a copy of self.base."""

    def wrong(self, cwd):
        """What is wrong when it was done again, to the end; or None."""
        return None if told("s.db", cwd) == self.want else "another result than an unbroken run's"

    def end(self):
        """Nothing outlives it."""


class Index(Scene):
    """The second half of an archive, into a store of the first."""
    name = "index"

    def __init__(self, big):
        part = os.path.join(TMP, "part")
        part_of(big, part, 12)
        self.archive, self.base = big, os.path.join(TMP, "index")
        os.makedirs(self.base)
        index(part, "s.db", self.base)
        self.before = snapshots("s.db", self.base)

    def run(self, cwd, **more):
        return index(self.archive, "s.db", cwd, **more)

    again = run


class Copy(Scene):
    """Hosts of one store into another, which has an earlier state of them, and others."""
    name = "copy"

    def __init__(self, big):
        part = os.path.join(TMP, "earlier")
        part_of(big, part, 12)
        self.base = os.path.join(TMP, "copy")
        os.makedirs(self.base)
        for archive, db in (PAST, "s.db"), (part, "s.db"), (big, "more.db"):
            index(archive, db, self.base)
        self.before = snapshots("s.db", self.base)

    def run(self, cwd, **more):
        return run(["--copy", "s.db", "--db", "more.db", "-q"], cwd, **more)

    again = run


class Compact(Scene):
    """A store into its own place."""
    name = "compact"

    def __init__(self, big):
        self.base = os.path.join(TMP, "compact")
        os.makedirs(self.base)
        index(big, "s.db", self.base)
        self.before = snapshots("s.db", self.base)

    def run(self, cwd, **more):
        return run(["--compact", "--db", "s.db", "-q"], cwd, **more)

    again = run


class Live(Scene):
    """What is recorded: targets are an archive's hosts, on ports of their own."""

    def serve(self, archive):
        self.server = subprocess.Popen([os.path.join(B, "tools/replay"), "--loop", "--seconds", str(DAY), archive], stdout=subprocess.PIPE, text=True)
        return [self.server.stdout.readline().split()[1] for _ in os.listdir(archive)]

    def end(self):
        self.server.terminate()


class Record(Live):
    """Two rounds of recording, archive and all, into a store that has some."""
    name, rounds = "record", 2

    def __init__(self, archive, hosts=1):
        self.targets = self.serve(archive)[:hosts]
        self.base = os.path.join(TMP, self.name)
        os.makedirs(self.base)
        self.run(self.base)
        self.before = snapshots("s.db", self.base)

    def run(self, cwd, **more):
        status, out, err = 0, b"", ""
        for _ in range(self.rounds):
            s, o, e = run(["--scrape", "--once", *self.targets, "--db", "s.db", "--output", "output"], cwd, **more)
            status, out, err = s or status, out + o, err + e
        return status, out, err

    def again(self, cwd):
        return index("output", "s.db", cwd)

    def wrong(self, cwd):
        index("output", "fresh.db", cwd)
        missing = snapshots("fresh.db", cwd) - snapshots("s.db", cwd)
        if missing:
            return f"the archive has what the store never gets: {sorted(missing)[:3]}"
        v = run(["--verify", "--db", "s.db"], cwd)
        return None if v[0] == 0 else f"--verify after the next run: {v[1].decode()}"


class Many(Record):
    """One round of as many targets as there are numbers of a call to try: each has files of its own in the archive."""
    name, rounds = "record many", 1

    def __init__(self):
        many = os.path.join(TMP, "many")
        gen(many, MOST, 2, 3, 200)
        super().__init__(many, MOST)


class Retain(Live):
    """Recording with --retain, into a store whose past has nothing but names that the targets do not have."""
    name = "retain"

    def __init__(self, big):
        self.base, other = os.path.join(TMP, "retain"), os.path.join(TMP, "other")
        os.makedirs(self.base)
        shutil.copytree(big, other)
        for folder, _, files in os.walk(other):
            for f in files:
                path = os.path.join(folder, f)
                with gzip.open(path) as was:
                    text = re.sub(rb"^(created by )?([A-Za-z])", rb"\1past.\2", was.read(), flags=re.M)
                with gzip.open(path, "wb") as out:
                    out.write(text.replace(b"past.goroutine ", b"goroutine "))
        self.target = self.serve(big)[0]
        index(other, "s.db", self.base)
        old = snapshots("s.db", self.base)
        run(["--scrape", "--once", self.target, "--db", "s.db", "--no-archive"], self.base)
        self.before = snapshots("s.db", self.base) - old
        assert self.before and old and b"past." in self.functions(self.base)

    def functions(self, cwd):
        return run(["--list-funcs", "--json", "--db", "s.db"], cwd)[1]

    def run(self, cwd, **more):
        return run(["--scrape", "--once", self.target, "--db", "s.db", "--no-archive", "--retain", "1h"], cwd, **more)

    again = run

    def wrong(self, cwd):
        past = [l for l in self.functions(cwd).splitlines() if b"past." in l]
        v = run(["--verify", "--db", "s.db"], cwd)
        return f"{len(past)} names stay that nobody uses: {past[:2]}" if past else v[1].decode() if v[0] else None


def judge(s, cwd, status, err, killed):
    """What is wrong, or None."""
    if status == "hang":
        return "hangs"
    if status not in (0, 1) and not (killed and status == -9):
        return f"ends with {status}"
    if status == 1 and not err.strip():
        return "says nothing"
    v = run(["--verify", "--db", "s.db"], cwd)
    if v[0] != 0:
        return f"--verify: {v[1].decode()}{v[2]}"
    lost = s.before - snapshots("s.db", cwd)
    if lost:
        return f"lost {sorted(lost)[:3]}"
    again = s.again(cwd)
    if again[0] != 0 or again[2]:
        return f"the next run: {again[2]}"
    return s.wrong(cwd)


def shim():
    """The library that lets calls of the system fail."""
    so = os.path.join(TMP, "shim.so")
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", so, os.path.join(TOP, "tests/torture/lib/shim.c"), "-ldl"], check=True)
    return so


def unbroken(s, so):
    """What it does, and tells, when nothing fails: into s.counts, s.want."""
    cwd = os.path.join(TMP, "unbroken")
    shutil.copytree(s.base, cwd)
    status, out, err = s.run(cwd, LD_PRELOAD=so, FAULT_COUNT=os.path.join(TMP, "counts"))
    s.counts = {k: int(v) for k, v in (l.split() for l in open(os.path.join(TMP, "counts")))}
    s.want = told("s.db", cwd)
    ok(f"without a fault it can {s.name}: {s.counts}", status == 0, err)
    shutil.rmtree(cwd)
