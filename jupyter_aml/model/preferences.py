"""What a user prefers, on every surface: kept by the service, honoured by magics, CLI and Lab."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta


class Preferences(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """A user's own settings. `preferences.update` replaces them whole."""

    default_compute: str = "local"
    """Where a cell runs that names no compute."""
    snapshot_limit_mb: Annotated[int, Meta(ge=1, le=100_000)] = 100
    """A code folder over this is refused before it is sent."""
    fetch_limit_mb: Annotated[int, Meta(ge=0, le=100_000)] = 1024
    """A variable over this stays on the compute until it is asked for."""
    jobs_keep_server_alive: bool = True
    """Running local jobs count as activity of Jupyter Server, so that a hub does not cull it."""
    keep_kernels: bool = True
    """Kernels on instances go on when Jupyter Server ends, and are found again by the next."""
    budget_per_day: Annotated[float, Meta(gt=0, le=1_000_000)] | None = None
    """Dollars that compute may cost in a day; null for no limit."""
    budget_per_notebook: Annotated[float, Meta(gt=0, le=1_000_000)] | None = None
    """Dollars that the jobs of one notebook may cost in a day; null for no limit."""
    currency: Literal["USD"] = "USD"
    """What amounts are in."""
    budget_action: Literal["warn", "hold", "stop"] = "stop"
    """How far the guard goes: say so, also take no new paid work, also stop what costs."""
    budget_warn_at: Annotated[float, Meta(ge=0.1, le=1)] = 0.8
    """The share of a budget from which on the guard warns."""
    budget_hold_at: Annotated[float, Meta(ge=0.1, le=1)] = 0.95
    """The share of a budget from which on no new paid work is taken."""
    stop_idle_minutes: Annotated[int, Meta(ge=5, le=43_200)] | None = 480
    """Compute that costs and did nothing for so long is stopped, announced before; null never."""
    remind_uncalled_days: Annotated[int, Meta(ge=1, le=3650)] | None = 7
    """An endpoint that is up, costs and was not called for so long is told of, again and again."""
    delete_unused_days: Annotated[int, Meta(ge=1, le=3650)] | None = 30
    """Compute with a price that nobody used for so long is deleted, announced a day before."""
