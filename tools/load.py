#!/usr/bin/env python3
"""Loads a server and prints what it reaches, beside what the machine itself reaches in the same minutes.

    tools/load.sh [--items 100000] [--seconds 10] [--database sqlite|postgres|URL] [--program target/release/hearback]

It starts the program on an empty database in a folder of its own (for `postgres` a cluster of its own, by the user
`postgres` where this runs as root), imports generated feedback, waits until that is grouped, refined and drafted while it
files single items, and then measures. Needed: wrk; for PostgreSQL its programs. Figures of other machines can't be
compared, the ratios can.
"""

import argparse
import contextlib
import glob
import json
import os
import re
import shutil
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TOKEN = "hb_load_admin_token_0001"
PENDING = ["hearback_grouping_pending", "hearback_refinements_due", "hearback_themes_stale"]
# What the single creates themselves leave to do at any time.
STEADY = 60


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Postgres:
    """A cluster of its own, which ends with this program."""

    def __init__(self, folder):
        found = sorted(glob.glob("/usr/lib/postgresql/*/bin"))
        if not found:
            sys.exit("PostgreSQL's programs are not installed")
        self.bin, self.folder, self.port = found[-1], folder / "postgres", free_port()
        self.user = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
        self.folder.mkdir()
        if self.user:
            shutil.chown(self.folder, "postgres", "postgres")
            os.chmod(folder, 0o755)
        self.run("initdb", "-A", "trust", "-U", "postgres", "--locale=C.UTF-8", "-E", "UTF8", "-D", self.folder)
        self.run("pg_ctl", "-w", "-D", self.folder, "-l", self.folder / "log", "-o",
                 f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1", "start")
        self.run("createdb", "-h", self.folder, "-p", self.port, "-U", "postgres", "load")
        self.url = f"postgres://postgres@127.0.0.1:{self.port}/load"

    def run(self, program, *arguments):
        command = [*self.user, f"{self.bin}/{program}", *map(str, arguments)]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    def limits(self, seconds):
        """Inserts and point selects a second of bare `pgbench` with 8 clients."""
        at = ["-h", self.folder, "-p", self.port, "-U", "postgres"]
        self.run("createdb", *at, "limits")
        self.run("pgbench", *at, "-i", "-q", "-s", "1", "limits")
        script = self.folder / "insert.sql"
        script.write_text("INSERT INTO pgbench_history (tid, bid, aid, delta, mtime) VALUES (1, 1, 1, 1, now());\n")
        if self.user:
            shutil.chown(script, "postgres", "postgres")
        timed = ["-c", "8", "-j", "2", "-n", "-M", "prepared", "-T", str(seconds)]
        rate = lambda *how: float(re.search(r"tps = ([\d.]+)", self.run("pgbench", *at, *timed, *how, "limits"))[1])
        return {"pgbench insert, 8 clients": rate("-f", script), "pgbench select, 8 clients": rate("-S")}

    def stop(self):
        with contextlib.suppress(subprocess.CalledProcessError):
            self.run("pg_ctl", "-D", self.folder, "-m", "immediate", "stop")


def machine_limits(folder, seconds):
    """Flushes and bare SQLite inserts a second, one after the other."""
    path = folder / "flush"
    with open(path, "wb", buffering=0) as file:
        end, flushes = time.monotonic() + seconds / 2, 0
        while time.monotonic() < end:
            file.write(b"x" * 4096)
            os.fdatasync(file.fileno())
            flushes += 1
    base = sqlite3.connect(folder / "bare.db", isolation_level=None)
    base.execute("PRAGMA journal_mode = WAL")
    base.execute("PRAGMA synchronous = FULL")
    base.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, text TEXT)")
    end, inserts = time.monotonic() + seconds / 2, 0
    while time.monotonic() < end:
        base.execute("INSERT INTO t (text) VALUES (?)", ("x" * 200,))
        inserts += 1
    base.close()
    return {"flush of the disk": flushes * 2 / seconds, "bare SQLite insert": inserts * 2 / seconds}


class Server:
    def __init__(self, program, url, folder):
        self.port, self.url, self.program = free_port(), url, program
        self.base = f"http://127.0.0.1:{self.port}"
        environment = {**os.environ, "DATABASE_URL": url, "HEARBACK_ADMIN_TOKEN": TOKEN,
                       "HEARBACK_LISTEN": f"127.0.0.1:{self.port}"}
        began = time.monotonic()
        self.process = subprocess.Popen([program, "serve"], env=environment, cwd=folder, stdout=subprocess.DEVNULL,
                                        stderr=open(folder / "log", "a"))
        while True:
            with contextlib.suppress(OSError):
                self.get("/readyz")
                break
            if self.process.poll() is not None:
                sys.exit(f"the server ended: {(folder / 'log').read_text()[-2000:]}")
            time.sleep(0.02)
        self.started_in = time.monotonic() - began

    def get(self, path):
        request = urllib.request.Request(self.base + path, headers={"Authorization": f"Bearer {TOKEN}"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.read().decode()

    def post(self, path, body):
        head = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
        request = urllib.request.Request(self.base + path, json.dumps(body).encode(), head)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.loads(answer.read())

    def memory(self, which):
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(rf"{which}:\s+(\d+) kB", status)[1]) / 1024

    def pending(self):
        found = {}
        for line in self.get("/metrics").splitlines():
            name, _, value = line.partition(" ")
            name = name.partition("{")[0]
            if name in PENDING:
                found[name] = found.get(name, 0) + float(value.split()[-1])
        return sum(found.values())

    def stop(self):
        self.process.terminate()
        self.process.wait(60)


def wrk(server, script, file, connections, seconds):
    """Requests a second, and the 50th and 99th percentile in milliseconds."""
    environment = {**os.environ, "TOKEN": TOKEN, "FILE": str(file)}
    threads = min(2, connections)
    command = ["wrk", f"-t{threads}", f"-c{connections}", f"-d{seconds}", "--latency", "--timeout", "30",
               "-s", str(ROOT / "benches/load" / script), server.base]
    text = subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout
    unit = {"us": 0.001, "ms": 1, "s": 1000, "m": 60000}
    at = lambda share: (lambda m: float(m[1]) * unit[m[2]])(re.search(rf"{share}%\s+([\d.]+)(us|ms|s|m)\b", text))
    failed = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    return {"rate": float(re.search(r"Requests/sec:\s+([\d.]+)", text)[1]), "p50": at(50), "p99": at(99),
            "failed": int(failed[1]) if failed else 0}


class Creating(threading.Thread):
    """Files single items, one after the other, until it is stopped: what a support agent waits meanwhile."""

    def __init__(self, server):
        super().__init__(daemon=True)
        self.server, self.waits, self.is_over = server, [], False

    def run(self):
        n = 0
        while not self.is_over:
            began = time.monotonic()
            self.server.post("/v1/feedback", {"text": f"The refund of order {n} has not arrived yet", "source": "chat"})
            self.waits.append((time.monotonic() - began) * 1000)
            n += 1
            time.sleep(0.02)

    def stop(self):
        self.is_over = True
        self.join()
        ordered = sorted(self.waits)
        return statistics.median(ordered), ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))], len(ordered)


def import_all(server, feedback, items):
    """How long the import and what follows it took, and what single creates waited meanwhile."""
    creating = Creating(server)
    creating.start()
    began = time.monotonic()
    command = [server.program, "import", str(feedback)]
    subprocess.run(command, env={**os.environ, "DATABASE_URL": server.url}, check=True, capture_output=True)
    imported = time.monotonic() - began
    quiet = None
    while quiet is None or time.monotonic() - quiet < 3:
        if server.pending() > STEADY:
            quiet = None
        elif quiet is None:
            quiet = time.monotonic()
        time.sleep(0.25)
    settled = quiet - began - imported
    half, most, count = creating.stop()
    return {"imported": imported, "settled": settled, "p50": half, "p99": most, "creates": count, "items": items}


def paths(server, folder):
    """Files of paths that are read again and again."""
    some = json.loads(server.get("/v1/feedback?limit=200"))["data"]
    kinds = {
        "read one": [f"/v1/feedback/{one['id']}" for one in some],
        "list the newest 20": ["/v1/feedback?state=grouped&limit=20"],
        "search two words": [f"/v1/feedback?q={a}+{b}&limit=20" for a, b in
                             [("refund", "card"), ("login", "code"), ("order", "wrong"), ("app", "crashed")]],
        "list of themes": ["/v1/themes?limit=20"],
    }
    for n, (kind, lines) in enumerate(kinds.items()):
        (folder / f"paths{n}").write_text("\n".join(lines) + "\n")
    return {kind: folder / f"paths{n}" for n, kind in enumerate(kinds)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--database", default="sqlite")
    parser.add_argument("--program", default=str(ROOT / "target/release/hearback"))
    options = parser.parse_args()
    if not shutil.which("wrk"):
        sys.exit("wrk is not installed")
    with tempfile.TemporaryDirectory(prefix="hearback-load-") as name, contextlib.ExitStack() as ends:
        folder = Path(name)
        limits = machine_limits(folder, options.seconds)
        url = options.database
        if url == "sqlite":
            url = f"sqlite://{folder}/load.db"
        elif url == "postgres":
            cluster = Postgres(folder)
            ends.callback(cluster.stop)
            limits |= cluster.limits(options.seconds)
            url = cluster.url
        feedback = folder / "feedback.ndjson"
        with open(feedback, "w") as out:
            subprocess.run([sys.executable, ROOT / "benches/load/data.py", str(options.items)], stdout=out, check=True)
        single = folder / "single.ndjson"
        with open(single, "w") as out:
            subprocess.run([sys.executable, ROOT / "benches/load/data.py", "50000", "99"], stdout=out, check=True)
        single.write_text(single.read_text().replace('"origin": "bench"', '"origin": "single"'))
        server = Server(options.program, url, folder)
        ends.callback(lambda: server.stop())
        # What making the tables took is given back within a second.
        time.sleep(2)
        idle = server.memory("VmRSS")
        loaded = import_all(server, feedback, options.items)
        rows = []
        for kind, file in paths(server, folder).items():
            rows.append((f"{kind}, 8 connections", wrk(server, "get.lua", file, 8, options.seconds)))
        rows.append(("similar to a text, 8 connections", wrk(server, "similar.lua", single, 8, options.seconds)))
        for connections in (1, 8, 32, 64):
            measured = wrk(server, "create.lua", single, connections, options.seconds)
            rows.append((f"create, {connections} connections", measured))
        most = server.memory("VmHWM")
        print_table(limits, rows, loaded, server.started_in, (idle, most), options.database)


def print_table(limits, rows, loaded, started_in, memory, database):
    print("| the machine itself | a second |\n| --- | --- |")
    for name, value in limits.items():
        print(f"| {name} | {value:,.0f} |")
    is_postgres = "pgbench insert, 8 clients" in limits
    for_writes = limits.get("pgbench insert, 8 clients", limits["bare SQLite insert"])
    print("\n| | requests a second | p50 ms | p99 ms | failed | in parts of the machine's own |\n| --- | --- | --- | --- | --- | --- |")
    for name, row in rows:
        reads = limits.get("pgbench select, 8 clients")
        limit = for_writes if name.startswith("create") else reads
        ratio = f"{row['rate'] / limit:.2f}" if limit else ""
        print(f"| {name} | {row['rate']:,.0f} | {row['p50']:.2f} | {row['p99']:.1f} | {row['failed']} | {ratio} |")
    print(f"""
| {loaded['items']:,} items on {'PostgreSQL' if is_postgres else database.partition(':')[0]} | |
| --- | --- |
| imported in | {loaded['imported']:.1f} s |
| then grouped, refined and drafted in | {loaded['settled']:.1f} s |
| a single create meanwhile, p50 / p99 of {loaded['creates']} | {loaded['p50']:.1f} / {loaded['p99']:.0f} ms |
| start to the first answer, empty | {started_in:.2f} s |
| memory idle / at most | {memory[0]:.0f} / {memory[1]:.0f} MB |""")


if __name__ == "__main__":
    main()
