"""A notebook job on its node: the copy that is executed in place, and the command that does it.

The node knows commands and cells; a notebook is a command to it. The runner's driver executes the
copy cell by cell, writes it after each, and tells by frames which cell failed.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jupyter_aml import _version
from jupyter_aml.model import notebook
from jupyter_aml.model.errors import ErrorBody
from jupyter_aml.model.job import NotebookJob
from jupyter_aml.service.backends.local.data.places import input_path

_BOOT = Path(_version.__file__).with_name("runner") / "boot.py"


def executed(spec: NotebookJob, folder: Path) -> Path:
    """Where the executed copy of the job in `folder` lies."""
    return folder / "outputs" / notebook.file_name(spec.notebook)


def lay_out(spec: NotebookJob, folder: Path) -> None:
    """Make the copy that an attempt executes. An attempt before it leaves nothing behind."""
    document = notebook.without_outputs(notebook.read(spec.content))
    paths = {name: input_path(folder, name, value) for name, value in spec.inputs.items()}
    document = notebook.with_parameters(document, {**spec.parameters, **paths})
    path = executed(spec, folder)
    path.parent.mkdir(mode=0o700, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.new")
    unfinished.write_text(json.dumps(document, indent=1, ensure_ascii=False), encoding="utf-8")
    unfinished.chmod(0o600)
    unfinished.replace(path)


def command(spec: NotebookJob, python: str, folder: Path, attempt: Path) -> str:
    """What the node's shell runs."""
    words = [python, str(_BOOT), "notebook", str(executed(spec, folder)), str(attempt)]
    if os.name == "nt":
        return subprocess.list2cmdline(words)
    return f"exec {shlex.join(words)}"


def failure(name: str, done: Mapping[str, Any], error: Mapping[str, Any] | None) -> ErrorBody:
    """The end of a notebook in which a cell failed, in words that name the cell."""
    cell = dict(done.get("cell") or {})
    where = f"Cell {cell.get('number', '?')} of {cell.get('of', '?')}"
    raised = error or {}
    words = f"{raised.get('ename', '')}: {raised.get('evalue', '')}".strip(": ")
    line = str(cell.get("line", ""))
    return ErrorBody(
        code="RemoteError",
        message=f"{where} failed: {words or 'its process ended'}.".replace("..", "."),
        target=f"{where}, {line}" if line else name,
        hint="The executed copy holds every cell up to it. Mend this one and run it again.",
        details=[str(part) for part in raised.get("traceback", [])],
    )
