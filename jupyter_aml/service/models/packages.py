"""What an MLflow model says that it needs: its conda file, or else its list of requirements.

Both were written by MLflow when the model was saved. Everything here reads files, so callers run
it in a thread.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from jupyter_aml.service.environments import conda
from jupyter_aml.service.models.inspection import mlmodel

CONDA = "conda.yaml"
REQUIREMENTS = "requirements.txt"
_MINOR = re.compile(r"\d+\.\d+")


@dataclass(frozen=True)
class Packages:
    """``python`` is a minor version ("3.11"), empty where the model does not say."""

    requirements: list[str]
    python: str
    mlflow: str
    """The version of MLflow that saved it; empty where the model does not say."""
    left_out: list[str]
    """What its conda file asks for beyond, in sentences."""


def packages_of(folder: Path) -> Packages:
    """Raises `Invalid` for a description that cannot be read."""
    told = mlmodel(folder)
    function = _fields(_fields(told.get("flavors")).get("python_function"))
    file = folder / _conda_name(function.get("env"))
    found = conda.read(file.read_text(encoding="utf-8")) if file.is_file() else None
    lines = found.requirements if found else _lines(folder / REQUIREMENTS)
    # The packages were chosen for the conda file's Python; MLmodel names the one that saved it.
    asked = found.python.lstrip("=") if found else ""
    python = _MINOR.match(asked) or _MINOR.match(str(function.get("python_version") or ""))
    return Packages(
        requirements=[_whole(line, folder) for line in lines],
        python=python[0] if python else "",
        mlflow=str(told.get("mlflow_version") or ""),
        left_out=found.warnings if found else [],
    )


def _conda_name(told: object) -> str:
    """``env`` of the flavour: the name of the conda file, or names by kind since MLflow 2."""
    name = told if isinstance(told, str) else _fields(told).get("conda")
    return Path(str(name or CONDA)).name


def _lines(file: Path) -> list[str]:
    return file.read_text(encoding="utf-8").splitlines() if file.is_file() else []


def _whole(line: str, folder: Path) -> str:
    """A wheel that lies in the model, by its whole path."""
    is_wheel = line.strip().endswith(".whl") and " " not in line.strip()
    return str(folder / line.strip()) if is_wheel else line


def _fields(value: object) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}
