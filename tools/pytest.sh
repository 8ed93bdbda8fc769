#!/usr/bin/env bash
# pytest, two processes at a time; what measures or kills this machine's processes by name of a
# test runs alone afterwards.
set -euo pipefail
cd "$(dirname "$0")/.."

.venv/bin/python -m pytest "$@"
