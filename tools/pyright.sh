#!/usr/bin/env bash
# Strict on the folders others build upon, standard on the rest. Folders that do not exist
# yet are left out, since pyright takes them for a mistake.
set -euo pipefail
cd "$(dirname "$0")/.."

pyright
pyright --project tools/pyright-standard.json
