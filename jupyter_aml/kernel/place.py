"""Where a cell stands: its id, its notebook, its folder. Told by front ends, each its own way."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jupyter_aml.model.errors import Invalid
from jupyter_aml.model.names import CELL_ID

_NOTICE = (
    "Note: this front end does not say which cell runs, so the output of a job is not put back "
    "into its cell when the notebook is opened again. To see it then: %aml job stream NAME"
)


@dataclass(frozen=True)
class Place:
    """One execution of one cell. What the front end did not tell is "" (or 0)."""

    notebook: str = ""
    """Path of the notebook file; absolute where the front end says so."""
    cell_id: str = ""
    compute: str = ""
    """What the notebook chose to run on, told in the request."""
    execution_count: int = 0
    folder: str = ""
    """What relative paths in a plain cell start from."""

    @property
    def title(self) -> str:
        """How lists call the job: ``cats [5]``."""
        stem = os.path.splitext(os.path.basename(self.notebook))[0]
        return f"{stem} [{self.execution_count}]" if stem else ""


def place_of(shell: Any) -> Place:
    """Where the cell that `shell` is running stands.

    Jupyter's front ends send ``cellId`` with each request, JupyterLab the cell's metadata as
    well; the notebook's path comes with our own metadata, from Jupyter Server's environment
    variable, or from VS Code's variable.
    """
    metadata = _metadata(shell)
    ours = metadata.get("jupyter_aml")
    ours = ours if isinstance(ours, Mapping) else {}
    namespace = getattr(shell, "user_ns", {})
    notebook = ours.get("notebook") or os.environ.get("JPY_SESSION_NAME")
    notebook = notebook or namespace.get("__vsc_ipynb_file__") or ""
    return Place(
        notebook=notebook if isinstance(notebook, str) else "",
        cell_id=_cell_id(metadata.get("cellId")),
        compute=str(ours.get("compute") or ""),
        # Not the shell's own count: newer versions of IPython are one ahead while a cell runs.
        execution_count=shell.displayhook.prompt_count,
        folder=_folder(),
    )


def _folder() -> str:
    try:
        return os.getcwd()
    except FileNotFoundError as error:
        raise Invalid(
            "The folder that this kernel works in has been deleted.",
            target="the working folder",
            hint="Change to one that is there: %cd ~",
        ) from error


class SaidOnce:
    """Tells, once per kernel, that re-attachment cannot work here."""

    def __init__(self) -> None:
        self._was_said = False

    def notice(self, shell: Any, place: Place) -> str:
        """What to say before this cell runs; "" if nothing (any more)."""
        # A terminal has no cells to put output back into.
        if place.cell_id or self._was_said or not is_notebook(shell):
            return ""
        self._was_said = True
        return _NOTICE


def is_notebook(shell: Any) -> bool:
    """Whether a kernel runs the cell, and not a terminal or a script."""
    return getattr(shell, "kernel", None) is not None


def _metadata(shell: Any) -> Mapping[str, Any]:
    """The metadata of the request that is being carried out."""
    try:
        parent = shell.get_parent()
    except (AttributeError, LookupError, RuntimeError):
        return {}
    metadata = parent.get("metadata") if isinstance(parent, Mapping) else None
    return metadata if isinstance(metadata, Mapping) else {}


def _cell_id(told: object) -> str:
    """The id if it is one of nbformat's; VS Code sends an address."""
    return told if isinstance(told, str) and re.match(CELL_ID, told) else ""
