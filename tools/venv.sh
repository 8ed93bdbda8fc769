#!/usr/bin/env bash
# Make .venv with any Python that is new enough, and put uv into it.
set -euo pipefail
cd "$(dirname "$0")/.."

usable() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; }

python=${PYTHON:-}
if [ -z "$python" ]; then
    # .venv/bin is first on make's PATH: look past it.
    for candidate in python3 python3.13 python3.12 python3.11 python3.10; do
        while read -r path; do
            case $path in "$PWD"/.venv/*) continue ;; esac
            if usable "$path"; then python=$path && break 2; fi
        done < <(type -aP "$candidate" || true)
    done
fi
if [ -z "$python" ] || ! usable "$python"; then
    echo "No Python 3.10 or newer found${python:+ ($python is older)}. Install one, or name it: make PYTHON=/path/to/python3 …" >&2
    exit 1
fi
if ! usable .venv/bin/python; then
    if ! "$python" -m venv .venv; then
        rm -rf .venv
        echo "'$python -m venv' failed. On Debian and Ubuntu: apt-get install python3-venv" >&2
        exit 1
    fi
fi
# pip's own constraint on itself would be refused by its older self: upgrade first.
.venv/bin/python -m pip install --quiet --upgrade pip
.venv/bin/python -m pip install --quiet --constraint constraints.txt uv
