#!/usr/bin/env bash
# Creates the Python environment of the OpenID Connect provider for the sign-in tests, and keeps it in target/ for later
# runs.
set -euo pipefail
cd "$(dirname "$0")/.."
venv=target/oidc-provider
if ! "$venv/bin/python" -c 'import oidc_provider_mock' 2>/dev/null; then
    rm -rf "$venv"
    mkdir -p target
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check oidc-provider-mock==0.3.4
fi
