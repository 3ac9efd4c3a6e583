#!/usr/bin/env python3
"""What samples of metrics cost: sends them to a running server, and prints bytes and memory.

    hearback serve &                     # with HEARBACK_ADMIN_TOKEN, and SQLite
    benches/metric_cost.py http://127.0.0.1:8080 TOKEN data/hearback.db PID [SERIES] [SAMPLES]

Each series is a metric's; samples are 15 seconds apart and end now, so a second run needs another database. The size of
the database is measured after its log is written back, and again after the job `metrics` has rolled everything up, for
which the script waits until the size rests.
"""
import json
import math
import os
import sys
import time
import urllib.request
from datetime import datetime, timedelta, timezone

address, token, database, pid = sys.argv[1:5]
series = int(sys.argv[5]) if len(sys.argv) > 5 else 100
samples = int(sys.argv[6]) if len(sys.argv) > 6 else 1_000_000
AT_ONCE = 5_000


def send(path, body):
    request = urllib.request.Request(address + path, json.dumps(body).encode(), method="POST")
    request.add_header("Authorization", "Bearer " + token)
    request.add_header("Content-Type", "application/json")
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def size():
    return sum(os.path.getsize(database + end) for end in ("", "-wal") if os.path.exists(database + end))


def memory():
    with open(f"/proc/{pid}/status") as status:
        return {line.split()[0]: int(line.split()[1]) for line in status if line.startswith(("VmRSS", "VmHWM"))}


def value(n, at):
    return round(100 + 40 * math.sin(at / 300 + n) + (at * 7919 % 100) / 10, 2)


before, started = size(), time.time()
each = samples // series
begin = datetime.now(timezone.utc) - timedelta(seconds=15 * each)
for n in range(series):
    key = f"cost-{n}"
    send("/v1/metrics", {"key": key, "name": key, "kind": "technical", "direction": "down"})
    for first in range(0, each, AT_ONCE):
        some = range(first, min(each, first + AT_ONCE))
        at = lambda k: (begin + timedelta(seconds=15 * k)).isoformat(timespec="milliseconds")
        taken = send(f"/v1/metrics/{key}/samples", {"samples": [{"at": at(k), "value": value(n, k)} for k in some]})
        assert taken["accepted"] == len(some), taken
took = time.time() - started
print(f"{series} series, {series * each} samples in {took:.0f} s ({series * each / took:.0f} a second)")
print(f"database: {size() - before} bytes more, {(size() - before) / (series * each):.2f} a sample, before roll-up")
rests, last = 0, size()
while rests < 4:
    time.sleep(20)
    rests, last = (rests + 1, last) if size() == last else (0, size())
print(f"database: {last - before} bytes more, {(last - before) / (series * each):.2f} a sample, rolled up")
print(f"memory in kB: {memory()}")
