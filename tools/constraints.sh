#!/usr/bin/env bash
# Solve constraints.txt again, for every Python and platform at once (environment markers where
# they differ). Plain pins: no addresses, no hashes, no paths.
set -euo pipefail
cd "$(dirname "$0")/.."

solved=$(mktemp)
trap 'rm -f "$solved"' EXIT
.venv/bin/uv pip compile pyproject.toml tools/constraints.in --quiet --universal --python-version 3.10 \
    --group dev --group docs --extra environments --extra mlflow \
    --no-annotate --no-header --no-emit-index-url --no-emit-find-links \
    "$@" --output-file "$solved"
{
    echo "# Pins for development and CI, written by \`make constraints\`. Users are not held to them."
    grep -v '^#' "$solved"
} >constraints.txt
echo "constraints.txt: $(grep -c == constraints.txt) pins"
