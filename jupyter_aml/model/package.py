"""A model packed to run elsewhere: what `model package` wrote, and how it was proven."""

from __future__ import annotations

from typing import Literal

import msgspec

Proof = Literal["proven", "booted", "failed", "skipped"]
"""``proven``: in a clean environment it gives the answer it gave here. ``booted``: it came up there
and says that it is healthy, and there was no sample to ask it."""


class ModelPackage(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """One folder. What is not known is empty."""

    folder: str
    model: str
    """``name:version``."""
    kind: Literal["score", "mlflow", "callable"]
    python: str
    """The Python that it was made with: 3.11."""
    files: int
    bytes: int
    onnx: bool = False
    onnx_note: str = ""
    """What is to be known of the export, or why there is none."""
    proof: Proof = "skipped"
    proof_note: str = ""
    """What was compared, or what went wrong, in words."""
    details: list[str] = []
    """The last lines of what failed."""
