#!/usr/bin/env python3
"""How long a server takes to answer the alerts of Alertmanager, at a rate that is kept.

    DATABASE_URL=sqlite://bench.db python3 benches/load/alerts.py http://127.0.0.1:8080 TOKEN [RATE] [SECONDS]

TOKEN is an admin's. It makes an admin by `hearback invite` (the program is $HEARBACK_PROGRAM, by default
target/release/hearback), because an incident needs an owner, and a product `LOAD`. Then it sends RATE alerts a second (by
default 200) for SECONDS (by default 20) on eight connections. One in twenty begins a new group, and so an incident; the
others repeat one of the last fifty groups. A request that had to wait for a free connection counts from the time when it
was due.
"""

import http.client
import json
import os
import queue
import subprocess
import sys
import threading
import time
import urllib.parse

PROGRAM = os.environ.get("HEARBACK_PROGRAM", "target/release/hearback")
host = urllib.parse.urlparse(sys.argv[1]).netloc
TOKEN = sys.argv[2]
RATE = int(sys.argv[3]) if len(sys.argv) > 3 else 200
SECONDS = int(sys.argv[4]) if len(sys.argv) > 4 else 20
HEAD = {"Authorization": "Bearer " + TOKEN, "Content-Type": "application/json"}


def send(to, path, body):
    to.request("POST", path, json.dumps(body), HEAD)
    answer = to.getresponse()
    return answer.status, answer.read()


def alert(n):
    group = n // 20 if n % 20 == 0 else max(0, n // 20 - n % 50)
    labels = {"alertname": f"Group{group}", "severity": "critical", "service": "checkout"}
    one = {"status": "firing", "labels": labels, "annotations": {"summary": f"Checkout fails ({group})"},
           "startsAt": "2026-11-29T12:00:00Z", "endsAt": "0001-01-01T00:00:00Z", "generatorURL": "http://prometheus/graph",
           "fingerprint": f"{group:016x}"}
    return {"version": "4", "groupKey": f'{{}}:{{alertname="Group{group}"}}', "truncatedAlerts": 0, "status": "firing",
            "receiver": "hearback", "groupLabels": {"alertname": f"Group{group}"}, "commonLabels": labels,
            "commonAnnotations": {}, "externalURL": "http://alertmanager", "alerts": [one]}


def work(due, waits, wrong):
    to = http.client.HTTPConnection(host, timeout=30)
    while (one := due.get()) is not None:
        n, at = one
        status, text = send(to, "/v1/hooks/alertmanager?product=LOAD", alert(n))
        waits.append((time.monotonic() - at) * 1000)
        if status >= 300:
            wrong.append((status, text[:200]))


def main():
    subprocess.run([PROGRAM, "invite", "--admin", "load@example.com"], check=True, capture_output=True)
    first = http.client.HTTPConnection(host)
    send(first, "/v1/products", {"key": "LOAD", "name": "Load"})
    due, waits, wrong = queue.Queue(), [], []
    workers = [threading.Thread(target=work, args=(due, waits, wrong)) for _ in range(8)]
    for worker in workers:
        worker.start()
    began = time.monotonic()
    for n in range(RATE * SECONDS):
        at = began + n / RATE
        time.sleep(max(0, at - time.monotonic()))
        due.put((n, at))
    for _ in workers:
        due.put(None)
    for worker in workers:
        worker.join()
    took = time.monotonic() - began
    waits.sort()
    at = lambda share: waits[min(len(waits) - 1, int(len(waits) * share))]
    print(f"{len(waits)} alerts in {took:.1f} s; ms: p50 {at(.5):.1f}, p99 {at(.99):.1f}, most {waits[-1]:.1f}; "
          f"refused {len(wrong)} {wrong[:1]}")


if __name__ == "__main__":
    main()
