#!/usr/bin/env bash
# Make .venv/mlflow: what .venv has, and MLflow on top. By itself MLflow would bring its packages
# (pyarrow among them) into every other test. Takes ten seconds without a cache, two with one.
set -euo pipefail
cd "$(dirname "$0")/.."

uv venv --quiet --clear --python .venv/bin/python .venv/mlflow
uv pip install --quiet --python .venv/mlflow/bin/python --constraint constraints.txt \
    mlflow scikit-learn
below=$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
own=$(.venv/mlflow/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
# addsitedir reads the .pth files there as well: this package is installed by one.
echo "import site; site.addsitedir('$below')" >"$own/below.pth"
