"""What the guard asks of a workspace that costs something: its attribute ``spending``.

A backend without one costs nothing that this service knows of.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from jupyter_aml.model.money import ComputeCost
from jupyter_aml.service.money.hold import Hold
from jupyter_aml.service.money.meter import Spent


@dataclass(frozen=True)
class Use:
    """A compute with a price, for the idle timers."""

    compute: str
    costs: bool
    """It costs something now."""
    busy: bool
    """It runs a job or keeps a session, or has work in line."""
    may_be_deleted: bool = True
    """False for what is kept however long nobody uses it: a deployment only sleeps."""
    endpoint: str = ""
    """Whose requests a deployment answers; empty for what is none."""
    unused: float = math.inf
    """Seconds since it was used, where that is known also of the time without a service: requests
    are answered then, too."""


class Spending(Protocol):
    """Implemented beside a backend; methods that act return when the wish is noted."""

    rehearsal: bool
    price_note: str

    def costing(self) -> Sequence[ComputeCost]:
        """What costs now."""
        ...

    def spent(self) -> Spent:
        """What was spent today, up to now."""
        ...

    def settle(self) -> None:
        """Give the store everything up to now."""
        ...

    def uses(self) -> Sequence[Use]: ...

    async def hold(self, hold: Hold) -> None:
        """Refuse, keep back and announce as `hold` says, from now on; `FREE` lifts everything."""
        ...

    async def stop(self, hold: Hold) -> None:
        """End what `hold` says must not go on. Called again and again until nothing does."""
        ...

    async def stop_idle(self, compute: str, reason: str) -> None:
        """Stop a compute that nobody uses; it can be started again."""
        ...

    async def delete_unused(self, compute: str) -> None: ...
