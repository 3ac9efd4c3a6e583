#!/usr/bin/env python3
"""Durability test: does everything that Hearback acknowledged survive kills, power cuts, and several instances on PostgreSQL?

    cargo build --release
    tools/durability.py                                   # all of it on SQLite: 60 kills, 20 power cuts, the control
    tools/durability.py --kills 180 --cuts 43 --postgres postgres://postgres@/postgres?host=/run/postgresql

For each run it prints how much was acknowledged and how much was stored afterwards. It fails where anything acknowledged is
missing or stored twice, where events are out of order, and where the control (a disk that never flushes) loses nothing.
It needs only Linux, Python 3.9 and, for the power cuts, a C compiler. With --postgres it creates and drops databases of its
own on that server (with psql). A short form of it runs with the tests: tests/durability/.
"""

import argparse
import collections
import json
import os
import pathlib
import random
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
TOKEN = "hb_token_of_the_durability_tool_0123"
RECORD = struct.Struct("=QQQ")


class Server:
    """A running server with its database, on a free port."""

    def __init__(self, program, url, folder, extra=None):
        self.program, self.url, self.folder, self.extra = program, url, folder, extra or {}
        self.child = self.address = None
        self.start()

    def start(self):
        out = open(self.folder / "server.out", "w+")
        environment = {
            "DATABASE_URL": self.url, "HEARBACK_ADMIN_TOKEN": TOKEN, "HEARBACK_LOG": "error",
            "HEARBACK_LISTEN": "127.0.0.1:0", "PATH": os.environ.get("PATH", ""), **self.extra,
        }
        self.child = subprocess.Popen([self.program, "serve"], stdout=out, stderr=open(self.folder / "server.log", "a"),
                                      env=environment, cwd=self.folder)
        for _ in range(3000):
            out.seek(0)
            said = out.read()
            if " serves on http://" in said and "\n" in said.split(" serves on http://")[1]:
                self.address = said.split(" serves on http://")[1].split("\n")[0].strip()
                return
            if self.child.poll() is not None:
                raise SystemExit(f"the server did not start: {(self.folder / 'server.log').read_text()[-2000:]}")
            time.sleep(0.01)
        raise SystemExit("the server did not start within 30 s")

    def kill(self):
        self.child.send_signal(signal.SIGKILL)
        self.child.wait()

    def ask(self, method, path, body=None, headers=None):
        request = urllib.request.Request(f"http://{self.address}{path}", method=method,
                                         data=None if body is None else json.dumps(body).encode())
        request.add_header("Authorization", f"Bearer {TOKEN}")
        request.add_header("Content-Type", "application/json")
        for name, value in (headers or {}).items():
            request.add_header(name, value)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read() or b"{}")

    def walk(self, path):
        cursor = None
        while True:
            page = path + (f"&cursor={urllib.parse.quote(cursor)}" if cursor else "")
            status, found = self.ask("GET", page)
            if status != 200:
                raise SystemExit(f"{page}: {status} {found}")
            yield from found["data"]
            cursor = found["next_cursor"]
            if not cursor:
                return


def load(servers, name, stop, acknowledged, workers=4):
    """Files feedback until it is stopped or the server is gone. Feedback answered with 201 counts as acknowledged."""
    def work(worker):
        server, number = servers[worker % len(servers)], 0
        while not stop.is_set():
            external = f"{name}-{worker}-{number}"
            number += 1
            headers = {"Idempotency-Key": external} if worker % 2 else None
            try:
                status, answer = server.ask("POST", "/v1/feedback", {
                    "text": f"load {number}", "origin": "load", "external_id": external,
                    "customer": {"external_id": str(number % 20)}}, headers)
            except (OSError, ValueError):
                return
            if status == 201:
                acknowledged[external] = answer["id"]
    threads = [threading.Thread(target=work, args=(worker,)) for worker in range(workers)]
    for thread in threads:
        thread.start()
    return threads


def check(server, acknowledged):
    """Errors in the stored feedback: acknowledged but missing, stored under another id, or stored twice."""
    there = collections.defaultdict(list)
    for row in server.walk("/v1/feedback?limit=200&origin=load"):
        there[row["external_id"]].append(row["id"])
    missing = [external for external, id in acknowledged.items() if there.get(external) != [id]]
    return missing + [external for external, ids in there.items() if len(ids) > 1]


def run_round(server, name, acknowledged, seconds):
    stop = threading.Event()
    threads = load([server], name, stop, acknowledged)
    time.sleep(seconds)
    server.kill()
    stop.set()
    for thread in threads:
        thread.join()


def kills(program, url, folder, rounds):
    server, acknowledged = Server(program, url, folder), {}
    for number in range(rounds):
        run_round(server, f"kill{number}", acknowledged, random.uniform(0.05, 0.6))
        server.start()
        wrong = check(server, acknowledged)
        if wrong:
            server.kill()
            return False, f"kill {number + 1}: {len(wrong)} of {len(acknowledged)} wrong, such as {wrong[:3]}"
    server.kill()
    return True, f"{rounds} kills, {len(acknowledged)} acknowledged, each there once"


def cut_power(folder, undo):
    """Undoes the writes that were not flushed; see tools/shim.c."""
    inodes = {os.stat(path).st_ino: path for path in folder.iterdir()}
    undone = 0
    for kept in undo.iterdir():
        path, data = inodes.get(int(kept.name)), kept.read_bytes()
        kept.unlink()
        records, at = [], 0
        while at + RECORD.size <= len(data):
            offset, length, size = RECORD.unpack_from(data, at)
            at += RECORD.size
            records.append((offset, data[at:at + length], size))
            at += length
        if path is None:
            continue
        with open(path, "r+b") as file:
            for offset, content, size in reversed(records):
                file.seek(offset)
                file.write(content)
                file.truncate(size)
        undone += len(records)
    for path in folder.glob("*-shm"):
        path.unlink()
    return undone


def power_cuts(program, folder, rounds, lies):
    shim, undo, data = folder / "shim.so", folder / "undo", folder / "data"
    undo.mkdir()
    data.mkdir()
    subprocess.run(["cc", "-O1", "-shared", "-fPIC", "-o", shim, ROOT / "tools/shim.c", "-ldl", "-lpthread"], check=True)
    extra = {"LD_PRELOAD": str(shim), "SHIM_FOLDER": str(data), "SHIM_UNDO": str(undo), "SHIM_LIES": "1" if lies else "0"}
    server = Server(program, f"sqlite://{data}/hearback.db", folder, extra)
    acknowledged, undone = {}, 0
    for number in range(rounds):
        run_round(server, f"cut{number}", acknowledged, random.uniform(0.1, 0.8))
        undone += cut_power(data, undo)
        if lies:
            server.extra = {}
        try:
            server.start()
            wrong = check(server, acknowledged)
        except SystemExit as failed:
            if not lies:
                return False, f"power cut {number + 1}: {failed}"
            wrong = list(acknowledged)
        if lies:
            server.kill()
            said = f"the control, a disk that flushes nothing: {len(wrong)} of {len(acknowledged)} lost, as it must"
            return bool(wrong), said if wrong else "the control lost nothing: the power cuts prove nothing"
        if wrong:
            server.kill()
            return False, f"power cut {number + 1}: {len(wrong)} of {len(acknowledged)} wrong, such as {wrong[:3]}"
    server.kill()
    return undone > 0, f"{rounds} power cuts, {undone} writes undone, {len(acknowledged)} acknowledged, each there once"


def instances(program, url, folder, count, seconds):
    """Several servers on one database, one of which is killed repeatedly: every event must be read once and in order."""
    servers = []
    for number in range(count):
        own = folder / f"instance{number}"
        own.mkdir()
        servers.append(Server(program, url, own))
    stop, acknowledged, seen = threading.Event(), {}, []

    def follow():
        after = ""
        while not stop.is_set():
            path = "/v1/events?limit=200" + (f"&after={after}" if after else "")
            try:
                status, page = servers[0].ask("GET", path)
            except OSError:
                continue
            if status == 200 and page["data"]:
                seen.extend(event["id"] for event in page["data"])
                after = page["data"][-1]["id"]
            else:
                time.sleep(0.05)

    threads = load(servers, "many", stop, acknowledged, workers=2 * count)
    reader = threading.Thread(target=follow)
    reader.start()
    end = time.time() + seconds
    while time.time() < end:
        time.sleep(random.uniform(1, 2))
        victim = servers[random.randrange(1, count)] if count > 1 else None
        if victim:
            victim.kill()
            victim.start()
            threads += load([victim], f"again{len(threads)}", stop, acknowledged, workers=2)
    stop.set()
    for thread in threads + [reader]:
        thread.join()
    wrong = check(servers[0], acknowledged)
    every = [event["id"] for event in servers[0].walk("/v1/events?limit=200")]
    for server in servers:
        server.kill()
    if wrong:
        return False, f"{len(wrong)} of {len(acknowledged)} wrong, such as {wrong[:3]}"
    if seen != every[:len(seen)]:
        return False, f"the reader saw {len(seen)} events that are not the first {len(seen)} of {len(every)}"
    return True, f"{count} instances, {len(acknowledged)} acknowledged, {len(seen)} events followed, each once and in order"


def sql(url, statement):
    subprocess.run(["psql", "-q", "-c", statement, url], check=True, stdout=subprocess.DEVNULL)


class PostgresDatabase:
    """A temporary database on a server, dropped at the end."""

    def __init__(self, server):
        self.server, self.name = server, f"hearback_durability_{os.getpid()}_{random.randrange(10**6)}"

    def __enter__(self):
        sql(self.server, f"CREATE DATABASE {self.name}")
        parts = urllib.parse.urlsplit(self.server)
        return urllib.parse.urlunsplit(parts._replace(path=f"/{self.name}"))

    def __exit__(self, *_):
        sql(self.server, f"DROP DATABASE {self.name} WITH (FORCE)")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=ROOT / "target/release/hearback", type=pathlib.Path)
    parser.add_argument("--kills", default=60, type=int, help="kill -9 under load, on each database")
    parser.add_argument("--cuts", default=20, type=int, help="power cuts under load, on SQLite")
    parser.add_argument("--instances", default=3, type=int, help="servers on one PostgreSQL")
    parser.add_argument("--seconds", default=30, type=float, help="how long the instances work")
    parser.add_argument("--postgres", help="URL of a database server on which databases may be made")
    chosen = parser.parse_args()
    program = chosen.program.resolve()
    if not program.exists():
        raise SystemExit(f"{program} is not there: cargo build --release, or --program")
    tasks = [
        ("SQLite, kills", lambda folder: kills(program, f"sqlite://{folder}/data/hearback.db", folder, chosen.kills)),
        ("SQLite, power cuts", lambda folder: power_cuts(program, folder, chosen.cuts, False)),
        ("SQLite, control", lambda folder: power_cuts(program, folder, 1, True)),
    ]
    if chosen.postgres:
        def on_postgres(work):
            def run(folder):
                with PostgresDatabase(chosen.postgres) as url:
                    return work(url, folder)
            return run
        tasks.append(("PostgreSQL, kills", on_postgres(lambda url, folder: kills(program, url, folder, chosen.kills))))
        tasks.append(("PostgreSQL, instances", on_postgres(
            lambda url, folder: instances(program, url, folder, chosen.instances, chosen.seconds))))
    failed = False
    for name, task in tasks:
        folder = pathlib.Path(tempfile.mkdtemp(prefix="hearback-durability-"))
        began = time.time()
        try:
            held, said = task(folder)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        print(f"{'held  ' if held else 'FAILED'} {name}: {said} ({time.time() - began:.0f} s)", flush=True)
        failed |= not held
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
