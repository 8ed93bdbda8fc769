#!/usr/bin/env bash
# Write what is made from the Python model again: schema/openapi.json, src/api.ts,
# src/lifecycle.ts, src/jobschema.ts, docs/reference. With --check write nothing and fail if any is out of step.
set -euo pipefail
cd "$(dirname "$0")/.."

check=${1:-}
for generator in openapi typescript reference; do
    [ -e "tools/$generator.py" ] || continue
    .venv/bin/python -m "tools.$generator" $check
done

api=$(mktemp)
trap 'rm -f "$api"' EXIT
# Without the option a field that has a default would be required of a request.
node_modules/.bin/openapi-typescript schema/openapi.json --default-non-nullable=false --output "$api" >/dev/null
if [ "$check" = --check ]; then
    diff --unified=1 src/api.ts "$api" || {
        echo "src/api.ts is out of step with schema/openapi.json. Run: make types" >&2
        exit 1
    }
elif ! cmp --silent src/api.ts "$api"; then
    cp "$api" src/api.ts
    echo "wrote src/api.ts"
fi
