"""Asks two servers in turns and compares the medians; see access_log.sh."""

import http.client
import json
import statistics
import sys
import time

PORTS = {"with": 18091, "without": 18092}
HEADERS = {"Authorization": "Bearer hb_bench_token_0123456789", "Content-Type": "application/json"}


def connect(port):
    for _ in range(200):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port)
            connection.request("GET", "/readyz")
            if connection.getresponse().read() is not None:
                return connection
        except OSError:
            time.sleep(0.1)
    sys.exit("a server did not start")


def ask(connection, method, path, body=None):
    connection.request(method, path, body and json.dumps(body), HEADERS)
    answer = connection.getresponse()
    text = answer.read()
    assert answer.status < 300, (answer.status, text[:300])
    return text


def main(rounds):
    connections = {way: connect(port) for way, port in PORTS.items()}
    paths = {}
    for way, connection in connections.items():
        for batch in range(5):
            items = [
                {
                    "text": f"The refund of order {batch}-{n} has not arrived, please look into it. " * 3,
                    "customer": {"external_id": f"c{batch}-{n}", "name": f"Customer {n}", "email": f"c{batch}-{n}@example.com"},
                    "origin": "bench",
                    "external_id": f"{batch}-{n}",
                }
                for n in range(200)
            ]
            ask(connection, "POST", "/v1/feedback/batch", {"feedback": items})
        page = json.loads(ask(connection, "GET", "/v1/feedback?limit=50"))["data"]
        paths[way] = {
            "feedback": f"/v1/feedback/{page[0]['id']}",
            "customer": f"/v1/customers/{page[0]['customer']['id']}",
            "list of 50": "/v1/feedback?limit=50",
        }
    # The servers close connections that are idle for so long; each is opened again by the next request.
    time.sleep(3)
    for connection in connections.values():
        connection.close()
    for what in ["feedback", "customer", "list of 50"]:
        times = {"with": [], "without": []}
        for n in range(rounds):
            # Who is first changes, so that neither gains by it.
            for way in ("with", "without") if n % 2 else ("without", "with"):
                started = time.perf_counter()
                ask(connections[way], "GET", paths[way][what])
                times[way].append(time.perf_counter() - started)
        median = {way: statistics.median(all) * 1e6 for way, all in times.items()}
        ratio = median["with"] / median["without"]
        print(f"{what}: {median['with']:.0f} us with the log, {median['without']:.0f} us without: {ratio:.3f}")


main(int(sys.argv[1]))
