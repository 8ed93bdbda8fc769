#!/usr/bin/env bash
# The journeys in a real browser (ui-tests/), against a JupyterLab of their own: a free port, a
# fresh JUPYTER_AML_HOME, fresh Jupyter folders. Arguments go to Playwright.
set -euo pipefail
cd "$(dirname "$0")/.."

if ! CHROMIUM=$(tools/find_chromium.sh); then
    echo "No Chromium or Chrome found. On Debian: apt-get install chromium fonts-dejavu-core fonts-liberation" >&2
    if [ -n "${CI:-}" ]; then exit 1; fi
    echo >&2
    echo "****************************************************************" >&2
    echo "***  THE BROWSER TESTS WERE SKIPPED: this machine has no      ***" >&2
    echo "***  browser. (With CI=true this is an error.)                ***" >&2
    echo "****************************************************************" >&2
    exit 0
fi
export CHROMIUM

made=.venv/made/ui-tests
if [ ! -e "$made" ] || [ ui-tests/yarn.lock -nt "$made" ] || [ ui-tests/package.json -nt "$made" ]; then
    tools/jlpm_install.sh ui-tests
    touch "$made"
fi

# Short: Unix sockets live below it, and their paths end near 107 bytes.
scratch=$(mktemp -d "${TMPDIR:-/tmp}/aml-ui-XXXXXX")
export JUPYTER_AML_HOME=$scratch/home
export JUPYTER_CONFIG_DIR=$scratch/config JUPYTER_DATA_DIR=$scratch/data JUPYTER_RUNTIME_DIR=$scratch/runtime
export IPYTHONDIR=$scratch/ipython
export JUPYTER_AML_UI_ROOT=$scratch/root
mkdir -p "$JUPYTER_AML_UI_ROOT" "$JUPYTER_RUNTIME_DIR"
JUPYTER_AML_UI_PORT=$(.venv/bin/python tools/free_port.py)
export JUPYTER_AML_UI_PORT

finish() {
    .venv/bin/python -m jupyter_aml.cli.main service stop --force >/dev/null 2>&1 || true
    rm -rf "$scratch"
}
trap finish EXIT

cd ui-tests
jlpm test "$@"
