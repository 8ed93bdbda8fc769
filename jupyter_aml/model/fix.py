"""A way out that a person can take with one click, or by typing what it shows."""

from __future__ import annotations

from typing import Literal

import msgspec

Stage = Literal["queued", "node", "snapshot", "environment", "process", "running", "outputs"]
"""The parts of a job's way, in this order. The first five are its start."""

STAGES: tuple[Stage, ...] = (
    "queued",
    "node",
    "snapshot",
    "environment",
    "process",
    "running",
    "outputs",
)
START_STAGES: tuple[Stage, ...] = STAGES[:5]


class Fix(msgspec.Struct, rename="camel", frozen=True, omit_defaults=True, kw_only=True):
    """``edit``: ``value`` holds options of the ``%%aml`` line in their long form,
    ``--compute cpu-big --timeout 20m``; each takes the place of the option of that name, or is
    added. ``command``: a line to run in the notebook (``%pip install x``), or in a terminal when
    it begins with ``jupyter aml``. ``replace``: two lines, a text in quotes in the
    cell and what takes its place wherever it stands; then the cell runs again. ``open``: a page of
    the front end by name, with what to show after a colon (``sizes:gpu``, ``job:NAME``).
    """

    label: str
    """Verb and object, a button's words: "Run again on cpu-big, 28 GB"."""
    kind: Literal["edit", "command", "replace", "open"]
    value: str
    restarts_at: Stage | None = None
    """The first stage that is gone through again; what lies before it is kept."""
    price_per_hour: float | None = None
    """List price of where it runs afterwards; None where that is nothing or does not change."""
