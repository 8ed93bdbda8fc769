#!/usr/bin/env bash
# Build dist/*.whl from a clean front end, then install it into an empty environment with no
# Node.js on PATH, and look at what arrived.
set -euo pipefail
cd "$(dirname "$0")/.."

# A bundle that is already there would be taken as it is: stale, or a development one.
jlpm clean:all
jlpm build:prod
rm -rf dist
.venv/bin/python -m build --wheel --no-isolation --outdir dist
# The folder that JupyterLab of .venv looks at was emptied and filled again.
touch .venv/made/front-end .venv/made/develop

.venv/bin/python tools/check_wheel.py dist/*.whl
