#!/usr/bin/env bash
# Checks the manifests of examples/kubernetes and the chart of examples/helm against the schemas of Kubernetes.
set -euo pipefail
cd "$(dirname "$0")/.."
venv=target/kubernetes-validate
if ! "$venv/bin/python" -c 'import kubernetes_validate' 2>/dev/null; then
    rm -rf "$venv"
    mkdir -p target
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check kubernetes-validate==1.37.0
fi
chart=$(mktemp --suffix=.yaml)
trap 'rm -f "$chart"' EXIT
"$venv/bin/python" tools/render_chart.py examples/helm/hearback >"$chart"
for manifest in examples/kubernetes/*.yaml "$chart"; do
    "$venv/bin/kubernetes-validate" --strict "$manifest"
done
