#!/usr/bin/env python3
"""How long the pages of the console take at a running server, and how large they are.

    DATABASE_URL=sqlite://bench.db python3 benches/load/pages.py http://127.0.0.1:8080 [ROUNDS] > pages.txt

It makes itself an admin by `hearback invite` (the program is $HEARBACK_PROGRAM, by default target/release/hearback),
asks for each list of the console, for its filters and searches, and for the first rows that the lists link to. Each page
is asked for ROUNDS times (by default 40) on one connection, one request at a time: half and 95 in 100 of them were
faster than the figures, in milliseconds. The last line is the address that answers without work, as a measure of the
machine. Only Python's standard library is used.
"""

import http.client
import os
import re
import subprocess
import sys
import time
import urllib.parse

PROGRAM = os.environ.get("HEARBACK_PROGRAM", "target/release/hearback")
LISTS = """/console/inbox
/console/inbox?state=new
/console/inbox?q=refund+card
/console/inbox?q=%ED%99%98%EB%B6%88
/console/inbox?page=last
/console/themes
/console/themes?sort=size
/console/themes/map
/console/themes/proposals
/console/themes/granularity
/console/backlog
/console/backlog/board
/console/customers
/console/customers?q=kim
/console/accounts
/console/to-tell
/console/releases
/console/incidents
/console/metrics
/console/postmortems
/console/rotas
/console/acts
/console/search?q=refund
/console/find?q=refund
/console/find?q=kim
/console/find/customers?q=kim
/console/similar?text=my+card+was+charged+twice
/console/settings
/console/settings/products
/console/settings/members
/console/settings/audit
/console/settings/imports
/console/settings/sources""".split()
DETAILS = ["/console/inbox/", "/console/themes/", "/console/stories/", "/console/customers/", "/console/accounts/",
           "/console/releases/", "/console/incidents/", "/console/metrics/", "/console/products/",
           "/console/settings/products/"]
UUID = r"[0-9a-f]{8}-[0-9a-f-]{27}"


class Visitor:
    """A signed-in admin, on one connection."""

    def __init__(self, address: str) -> None:
        self.host = urllib.parse.urlsplit(address).netloc
        self.connection = http.client.HTTPConnection(self.host)
        self.cookie = ""

    def ask(self, path: str, form: dict | None = None) -> tuple[int, bytes, float]:
        headers = {"Cookie": self.cookie, "Sec-Fetch-Site": "same-origin", "Origin": f"http://{self.host}"}
        body = None
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            body = urllib.parse.urlencode(form)
        began = time.perf_counter()
        self.connection.request("GET" if form is None else "POST", path, body, headers)
        answer = self.connection.getresponse()
        content = answer.read()
        took = time.perf_counter() - began
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie" and "session" in value:
                self.cookie = value.split(";")[0]
        return answer.status, content, took * 1000

    def sign_in(self) -> None:
        email = f"pages-{os.getpid()}@example.com"
        made = subprocess.run([PROGRAM, "invite", "--admin", email], capture_output=True, text=True, check=True)
        path = re.search(r"/console/invite/\S+", made.stdout).group()
        password = "correct horse battery staple"
        form = {"name": "Pages", "email": email, "password": password, "repeated": password}
        status, content, _ = self.ask(path, form)
        if not self.cookie:
            raise SystemExit(f"the invitation was not accepted: {status} {content[:500]!r}")


def main() -> None:
    visitor = Visitor(sys.argv[1])
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 40
    visitor.sign_in()
    paths = list(LISTS)
    seen = "".join(visitor.ask(path)[1].decode() for path in LISTS if "find" not in path)
    for start in DETAILS:
        found = re.search(rf'href="({re.escape(start)}(?:{UUID}|[A-Z]+-[A-Z]*-?[0-9]+|[A-Za-z0-9_]+))["?#]', seen)
        if found and found.group(1) not in paths:
            paths.append(found.group(1))
    print(f"{'page':66} {'status':>6} {'bytes':>8} {'p50':>7} {'p95':>7}")
    for path in paths + ["/healthz"]:
        answers = [visitor.ask(path) for _ in range(rounds)]
        took = sorted(answer[2] for answer in answers)
        status, content, _ = answers[-1]
        p50, p95 = took[rounds // 2], took[min(rounds - 1, rounds * 95 // 100)]
        print(f"{path:66} {status:6} {len(content):8} {p50:7.1f} {p95:7.1f}", flush=True)


if __name__ == "__main__":
    main()
