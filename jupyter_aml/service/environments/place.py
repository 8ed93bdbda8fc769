"""Where a deployment runs: an environment, or an interpreter that is there."""

from __future__ import annotations

from dataclasses import dataclass, field

from jupyter_aml.model.environment import KERNEL


@dataclass(frozen=True)
class Place:
    """``python`` is the interpreter of `KERNEL`, and empty for an environment, whose own it is."""

    environment: str = KERNEL
    python: str = ""
    warnings: list[str] = field(default_factory=list[str])
    """What was taken, why, and what of the wish is given otherwise; in sentences."""
