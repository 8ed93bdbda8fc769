"""Where a model without code of its own runs: in an environment of the packages that it names.

For deployments, online and batch, of MLflow models for which nobody named an environment. An
interpreter that has everything at the versions asked for is used as it is; else an environment is
defined, which is built once for all models that ask for the same.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Sequence
from pathlib import Path

from jupyter_aml.model.environment import EnvironmentContent
from jupyter_aml.model.registry import Model
from jupyter_aml.service.environments import requirements, satisfied
from jupyter_aml.service.environments.catalogue import Catalogue
from jupyter_aml.service.environments.place import Place
from jupyter_aml.service.environments.satisfied import Installed
from jupyter_aml.service.models.packages import Packages, packages_of

_TABLES = ("numpy", "pandas")
"""What our scoring of a model without code reads requests and files with, besides MLflow."""
_MLFLOW = frozenset({"mlflow", "mlflow-skinny"})


class Codeless:
    """`look` asks an interpreter what it has; it may block."""

    def __init__(
        self,
        catalogue: Catalogue,
        look: Callable[[str], Installed | None] = satisfied.look,
    ) -> None:
        self._catalogue = catalogue
        self._look = look

    async def place(
        self, model: Model, interpreters: Sequence[str], needed: Sequence[str] = ()
    ) -> Place:
        """For `model`, whose `interpreters` are tried in order; `needed` is what else has to be
        there. Nothing is built yet. Raises `Invalid` for a description that cannot be read."""
        folder = Path(model.local_path)
        wanted = await asyncio.to_thread(packages_of, folder)
        lines = requirements.with_runner(
            requirements.read(wanted.requirements), [*_needs(wanted), *needed]
        )
        there = [path for path in dict.fromkeys(interpreters) if os.path.exists(path)]
        reasons: list[str] = []
        for python in there:
            why = await asyncio.to_thread(self._why_not, python, wanted.python, lines)
            if not why:
                said = f"No environment was built: {python} has what {model.reference} asks for."
                return Place(python=python, warnings=[said])
            reasons.append(f"{python} has {why}")
        return await self._defined(model, wanted, lines, reasons)

    def _why_not(self, python: str, version: str, lines: Sequence[str]) -> str:
        installed = self._look(python)
        if installed is None:
            return "nothing to say for itself"
        return satisfied.lacks(installed, version, lines)

    async def _defined(
        self, model: Model, wanted: Packages, lines: list[str], reasons: Sequence[str]
    ) -> Place:
        content = EnvironmentContent(
            requirements=lines, python=wanted.python, left_out=wanted.left_out
        )
        record = await self._catalogue.define(content, needed=())
        why = f": {reasons[0]}" if reasons else ""
        said = f"{model.reference} runs in an environment of the packages that it names{why}."
        return Place(environment=record.reference, warnings=[said, *record.warnings])


def _needs(wanted: Packages) -> list[str]:
    """MLflow as the model was saved with, unless it names one itself; and what reads tables."""
    named = set(requirements.names_of(wanted.requirements))
    if named & _MLFLOW:
        return [*_TABLES]
    return [f"mlflow=={wanted.mlflow}" if wanted.mlflow else "mlflow", *_TABLES]
