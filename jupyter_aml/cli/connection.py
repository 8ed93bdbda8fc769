"""The client, connected when a verb first uses it: `service status` must not start a service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from jupyter_aml.client import Client


def connection(workspace: str | None) -> Client:
    """What looks like a `Client`, and connects (and starts the service) with its first use."""
    return cast("Client", _Connection(workspace))


class _Connection:
    def __init__(self, workspace: str | None) -> None:
        self._workspace = workspace
        self._client: Client | None = None

    def __getattr__(self, facet: str) -> Any:
        if facet.startswith("_"):
            raise AttributeError(facet)
        if self._client is None:
            from jupyter_aml.client import connect

            self._client = connect(self._workspace)
        return getattr(self._client, facet)
