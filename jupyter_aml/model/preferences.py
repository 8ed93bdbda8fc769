"""What a user prefers, on every surface: kept by the service, honoured by magics, CLI and Lab."""

from __future__ import annotations

from typing import Annotated

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
