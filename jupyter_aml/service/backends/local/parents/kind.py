"""What a kind of parent is to the engine; `kinds.Kinds` has one for each kind there is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from jupyter_aml.model.job import Job, JobSpec
from jupyter_aml.service.backends.local.parents.planning import Action, Create, View

Check = Callable[[JobSpec], JobSpec]
"""What every job goes through: raises what `jobs.create` would, or fills the gaps of a spec."""

Settle = Callable[[JobSpec], Awaitable[JobSpec]]
"""`Check`, and its code folder and environment are kept: can be stored and run as it is."""


class Kind(Protocol):
    """All methods but `settle`, `spec_of` and `ended` are pure."""

    def check(self, spec: Any, check: Check, /) -> JobSpec:
        """Refuse what is known to fail before anything runs; `check` is for its children."""
        ...

    async def settle(self, spec: Any, settle: Settle, /) -> JobSpec:
        """`check` to the end: what is returned is stored, and its children are made from it."""
        ...

    def metric(self, spec: Any, /) -> str:
        """The metric of its children that its planner wants to see; "" for none."""
        ...

    def plan(self, view: View, /) -> list[Action]: ...

    def spec_of(self, view: View, create: Create, /) -> JobSpec:
        """The spec of a child that was planned without one. Called in a thread; may block."""
        ...

    def told(self, view: View, child: Job, /) -> str:
        """What the parent's log says of a child that has just ended."""
        ...

    def ended(self, child: Job, /) -> None:
        """A child has just ended: what is worth remembering of it beyond its parent."""
        ...
