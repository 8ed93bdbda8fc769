"""Why a job has not started yet, and how long that usually takes here.

"Usual" is learnt from this person's own past starts, which never leave this machine: an interval
that eight of ten starts fall into, silent (None) while there are too few to say so.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from jupyter_aml.model.fix import Fix, Stage

Situation = Literal["ready", "cold", "busy", "node"]
"""How a start begins: a node is free; a node has to start; every node is taken by others. ``node``
is the start of a node alone: what a compute that is starting waits for.
"""


class WaitStage(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """One stage of one start. Times are seconds."""

    name: Stage
    state: Literal["done", "current", "ahead", "failed"]
    started_at: str | None = None
    seconds: float = 0
    """So far, while it is the current one."""
    usual_low: float | None = None
    usual_high: float | None = None
    count: int = 0
    """How many past starts the usual interval was learnt from."""
    slow_after: float | None = None
    """From so many seconds on it is slower than 95 % of past ones; None while that is unknown."""
    reason: str = ""
    """Why this stage is, in words: "2nd in line; all nodes are busy"."""
    slower: bool = False
    """It takes longer than 95 % of past ones did. Never true before ``slow_after`` is known."""


class Wait(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """The start of one job, stage by stage. Stages that it does not have are left out."""

    job: str
    waiting: bool
    """Whether it has not begun to run yet, nor ended."""
    stages: list[WaitStage]
    seconds: float = 0
    """From being accepted until it ran, or until now."""
    usual_low: float | None = None
    usual_high: float | None = None
    count: int = 0
    slow_after: float | None = None
    slower: bool = False
    likely: str = ""
    """The likely reason of a slow start, one sentence; empty unless it is slower."""
    alternative: Fix | None = None
    """Where it would start sooner; only for a start that is slower than usual."""


class UsualStart(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """How long a start usually takes, in seconds from being accepted until it runs."""

    size: str
    environment: str
    situation: Situation
    low: float
    high: float
    count: int
    slow_after: float | None = None


class UsualStartList(msgspec.Struct, rename="camel", frozen=True):
    """What is known; a size without enough past starts is not in it."""

    value: list[UsualStart]
