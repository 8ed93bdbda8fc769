#!/usr/bin/env bash
# All of pytest: first what may share the machine, two processes at a time; then, alone, what
# kills processes or drives a browser, where a neighbour's load would be felt.
# With arguments: one run with these arguments added.
set -euo pipefail
cd "$(dirname "$0")/.."

pytest() {
    local status=0
    .venv/bin/python -m pytest "$@" || status=$?
    # 5: no test of this kind
    [ "$status" = 5 ] || return "$status"
}

if [ $# -gt 0 ]; then
    pytest -q --numprocesses 2 "$@"
else
    pytest -q --numprocesses 2 -m "not chaos and not browser"
    pytest -q -m "chaos or browser" --durations 10
fi
