"""What became of a notebook file into which the outputs of finished jobs were written."""

from __future__ import annotations

from typing import Literal

import msgspec

Filled = Literal["filled", "was whole", "still running", "changed since", "has other output"]


class FilledCell(msgspec.Struct, frozen=True, kw_only=True):
    """One cell that has run as a job. ``number`` counts code cells from 1."""

    number: int
    job: str
    what: Filled


class FilledNotebook(msgspec.Struct, frozen=True, kw_only=True):
    path: str
    cells: list[FilledCell]
