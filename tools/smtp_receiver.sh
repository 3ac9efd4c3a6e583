#!/usr/bin/env bash
# Creates the Python environment of the SMTP server for the mail tests, and keeps it in target/ for later runs.
set -euo pipefail
cd "$(dirname "$0")/.."
venv=target/smtp-receiver
if ! "$venv/bin/python" -c 'import aiosmtpd' 2>/dev/null; then
    rm -rf "$venv"
    mkdir -p target
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check aiosmtpd==1.4.6
fi
