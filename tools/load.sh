#!/usr/bin/env bash
# Loads a server of its own and prints one table beside the machine's own limits: tools/load.sh [--help]
exec python3 "$(dirname "$0")/load.py" "$@"
