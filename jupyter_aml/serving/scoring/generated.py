"""Scoring scripts that nobody had to write: for MLflow models, and for a Python object.

They are ordinary scripts of the `score.py` contract, copied to where the person can read and
change them; one that is there already is left alone.
"""

from __future__ import annotations

import os
import shutil

from .config import ScoreConfig

SOURCES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "scripts")
_NAMES = {"mlflow": "mlflow_model.py", "callable": "python_object.py"}


def write_script(config: ScoreConfig) -> None:
    """Afterwards a deployment without a script has one."""
    name = _NAMES.get(config.kind)
    if name is None or os.path.exists(config.script_path):
        return
    os.makedirs(os.path.dirname(config.script_path), exist_ok=True)
    temporary = f"{config.script_path}.{os.getpid()}"
    shutil.copyfile(os.path.join(SOURCES, name), temporary)
    os.replace(temporary, config.script_path)  # instances may start at the same moment
