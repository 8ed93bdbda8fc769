"""The environment beside ``.venv`` that has MLflow too: see ``tools/mlflow_venv.sh``."""

from __future__ import annotations

from pathlib import Path

import pytest

PYTHON = Path(__file__).parents[1] / ".venv" / "mlflow" / "bin" / "python"

needed = pytest.mark.skipif(not PYTHON.exists(), reason="make test-python makes .venv/mlflow")
