"""Where the service listens and what it wants to hear: host, port and token.

The token stays in this process. No browser sees it, no log holds it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from jupyter_aml.model.errors import Unavailable

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True)
class Endpoint:
    """A live service. ``repr`` leaves the token out."""

    host: str
    port: int
    token: str = field(repr=False)
    version: str = ""
    pid: int = 0
    started_at: str = ""

    @property
    def netloc(self) -> str:
        """The ``Host`` header: the service refuses every other."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def parse_url(url: str) -> tuple[str, int]:
    """Host and port of a runtime file's ``url``. Raise `Unavailable` unless it is loopback."""
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        port = None
    if parts.scheme != "http" or parts.hostname not in LOOPBACK or port is None:
        raise Unavailable(
            f"The runtime file names {url!r}, which is no address of this machine.",
            target="service.json",
            hint="Start the service anew: jupyter aml service start",
        )
    return parts.hostname, port
