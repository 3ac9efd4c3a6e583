#!/usr/bin/env python3
"""Estimates what an installation needs, and what reaches its limit first.

    tools/capacity.py [--items 100e6] [--requests 10000] [--database postgres|sqlite] [--cores 16] [--memory 64] [--check]

`--items` is the number of feedback items that are kept, `--requests` the requests a second at the busiest time, `--cores`
and `--memory` (GB) describe one machine. Every cost below was measured on two cores at 100,000 items with the load
generator on the same cores (`benches/README.md`, `tools/load.sh`), so the estimate of processors is an upper one. `--check`
compares what the model says with points that were measured and not used to make it.

It is a calculation on one page, not a promise: measure your own machine with `tools/load.sh` and put its figures in.
"""

import argparse

# Microseconds of processor time a request takes, server, database and load generator together: two cores over the requests
# a second of `benches/README.md`.
REQUEST = {
    "sqlite": {"read": 147, "list": 229, "search": 876, "similar": 1789, "create": 761},
    "postgres": {"read": 202, "list": 390, "search": 1652, "similar": 2358, "create": 1245},
}
# Which requests people and programs send: mostly reads; one in twenty files something.
MIX = {"read": 0.55, "list": 0.30, "search": 0.07, "similar": 0.03, "create": 0.05}
# Similar texts: a part that every text costs and one that grows with the items that are compared by their sketches, in
# microseconds (.81 ms at 100,000 items, 3.4 ms at 1,000,000).
SIMILAR_BASE, SIMILAR_PER_ITEM = 520, 2.9e-3
# Microseconds to group an item as it arrives, with the updates of its theme: 116 s for 100,000 items.
GROUP = 1160
# A cold refinement of a product, in seconds an item: 54 s for 114,000 items.
REFINE = 54 / 114_000
# Loading the state of an item at the start, in microseconds: 6.0 s for 100,000.
LOAD = 60
# Memory of an instance: of the program itself in MB, and of an item in bytes: what is in memory always, what may lie in files
# beyond HEARBACK_ENGINE_MEMORY (in bytes), and what a refinement copies, of the newest texts of a product at most so many.
MEMORY_BASE, MEMORY_ALWAYS, MEMORY_ITEM, ENGINE_MEMORY = 80, 110, 1_000, 1024**3
COPIED, MOST_COPIED = 1_100, 1_000_000
# Bytes on the disk an item: its row, vector, index of words and 2.4 events (20,000 items in 45.7 MB).
DISK_ITEM = 2_285
# Writes a second that one database flushed to its disk: creates with 64 connections, group commit.
WRITES = {"sqlite": 12_124, "postgres": 10_249}
# An answer for similar texts within this many milliseconds still feels immediate.
SIMILAR_LIMIT = 200


def similar_ms(items):
    return (SIMILAR_BASE + SIMILAR_PER_ITEM * items) / 1000


def request_cost(kind, items, database):
    """Microseconds of a request at this number of items."""
    cost = REQUEST[database][kind]
    return cost + SIMILAR_PER_ITEM * max(0, items - 100_000) if kind == "similar" else cost


def cores(items, requests, database):
    """Processors for the requests, and for grouping what they file."""
    answering = sum(share * requests * request_cost(kind, items, database) for kind, share in MIX.items())
    return answering / 1e6, MIX["create"] * requests * GROUP / 1e6


def memory_gb(items):
    state = MEMORY_ALWAYS * items + min(MEMORY_ITEM * items, ENGINE_MEMORY)
    return (MEMORY_BASE * 1e6 + state + COPIED * min(items, MOST_COPIED)) / 1e9


def limits(items, requests, options):
    """What is needed of each resource in parts of what there is, the scarcest first."""
    answering, grouping = cores(items, requests, options.database)
    found = [
        ("memory of an instance, which holds the state of all items", memory_gb(items) / options.memory,
         f"{memory_gb(items):,.1f} GB of {options.memory:g} GB"),
        ("writes of one database", MIX["create"] * requests / WRITES[options.database],
         f"{MIX['create'] * requests:,.0f} creates of {WRITES[options.database]:,} a second"),
        ("grouping of the busiest product, which one instance does", grouping,
         f"{grouping:,.1f} cores of the 1 that a product can use"),
        ("time of a search for similar texts", similar_ms(items) / SIMILAR_LIMIT,
         f"{similar_ms(items):,.0f} ms of {SIMILAR_LIMIT} ms"),
        ("a cold refinement, in one product, within a night", min(items, MOST_COPIED) * REFINE / (10 * 3600),
         f"{min(items, MOST_COPIED) * REFINE / 3600:,.1f} hours of 10"),
        ("loading the state within ten minutes", items * LOAD / 1e6 / 600, f"{items * LOAD / 1e6:,.0f} s of 600 s"),
        ("processors of one machine", (answering + grouping) / options.cores,
         f"{answering + grouping:,.1f} cores of {options.cores:g}"),
    ]
    return sorted(found, key=lambda row: -row[1])


def estimate(options):
    items, requests = options.items, options.requests
    answering, grouping = cores(items, requests, options.database)
    machines = -(-(answering + grouping) // options.cores)
    print(f"{items:,.0f} items, {requests:,.0f} requests a second, {options.database}\n")
    print(f"processors for requests   {answering:8,.1f} cores")
    print(f"processors for grouping   {grouping:8,.1f} cores")
    print(f"machines for both         {machines:8,.0f} of {options.cores:g} cores")
    print(f"memory of each instance   {memory_gb(items):8,.1f} GB at most")
    print(f"disk of the database      {items * DISK_ITEM / 1e9:8,.0f} GB")
    print(f"start until all is loaded {items * LOAD / 1e6:8,.0f} s (requests are answered meanwhile)")
    print("\nWhat reaches its limit first, in parts of what there is:")
    for name, part, words in limits(items, requests, options):
        print(f"  {part:6.2f}  {name}: {words}")


# Points that were measured and that no constant above was taken from.
CHECKS = [
    ("700,000 items: one similar text, ms", lambda: similar_ms(700_000), 2.5),
    ("400,000 items: one similar text, ms", lambda: similar_ms(400_000), 1.7),
    ("100,000 items imported and grouped on SQLite: most memory, MB", lambda: 1000 * memory_gb(100_000), 316),
    ("the same, on another day", lambda: 1000 * memory_gb(100_000), 345),
    ("100,000 items grouped and refined after an import on PostgreSQL, s", lambda: 100_000 * GROUP / 1e6, 131),
    ("100,000 items on PostgreSQL: state loaded, s", lambda: 100_000 * LOAD / 1e6, 6.3),
]


def check():
    print("| point | model | measured | ratio |\n| --- | --- | --- | --- |")
    for name, model, measured in CHECKS:
        print(f"| {name} | {model():,.1f} | {measured:,.1f} | {model() / measured:.2f} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=float, default=100e6)
    parser.add_argument("--requests", type=float, default=10_000)
    parser.add_argument("--database", choices=sorted(REQUEST), default="postgres")
    parser.add_argument("--cores", type=float, default=16)
    parser.add_argument("--memory", type=float, default=64)
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    check() if options.check else estimate(options)


if __name__ == "__main__":
    main()
