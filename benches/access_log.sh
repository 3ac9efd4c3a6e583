#!/usr/bin/env bash
# What the access log costs a read: two servers on equal data, one with the log and one without, are asked in turns by one
# client, so that whatever else the machine does hits both alike. Prints the median of each and their ratio.
#
#   cargo build --release && benches/access_log.sh [ROUNDS]
set -euo pipefail
cd "$(dirname "$0")/.."
program=${HEARBACK:-target/release/hearback}
folder=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null; rm -rf "$folder"' EXIT
for way in with without; do
    days=730
    [ "$way" = without ] && days=0
    port=$([ "$way" = with ] && echo 18091 || echo 18092)
    DATABASE_URL="sqlite://$folder/$way.db" HEARBACK_ADMIN_TOKEN=hb_bench_token_0123456789 HEARBACK_LOG=error \
        HEARBACK_LISTEN=127.0.0.1:$port HEARBACK_ACCESS_DAYS=$days "$program" serve >"$folder/$way.log" 2>&1 &
done
python3 benches/access_log.py "${1:-3000}"
