#!/usr/bin/env bash
# jlpm install in the given folder. The lock file decides; a person who changes package.json
# runs `jlpm install` by hand to write it again.
set -euo pipefail
cd "$(dirname "$0")/../$1"

log=$(mktemp)
trap 'rm -f "$log"' EXIT
echo "jlpm install --immutable ($1)"
for attempt in 1 2 3; do
    if jlpm install --immutable >"$log" 2>&1; then exit 0; fi
    # A lock file out of step does not mend itself; a registry that hiccups may.
    if grep -q YN0028 "$log"; then break; fi
    [ "$attempt" = 3 ] || sleep $((attempt * 5))
done
tail -n 60 "$log" >&2
exit 1
