"""Running local jobs count as activity, so that a hub does not cull the server under them.

Jupyter Server takes the newest of all settings that end in ``_last_activity`` as its own last
activity; JupyterHub and ``shutdown_no_activity_timeout`` go by it.
"""

from __future__ import annotations

from collections.abc import Callable
from logging import Logger
from typing import TypeVar

import msgspec

from jupyter_aml.model.errors import AmlError
from jupyter_aml.server import upstream
from jupyter_aml.server.endpoint import Endpoint
from jupyter_aml.server.link import ServiceLink

ACTIVITY = "jupyter_aml_last_activity"


class Running(msgspec.Struct):
    """The part of `ServiceStatus` that counts. Looking does not keep the service alive."""

    running: dict[str, int] = {}


class Wish(msgspec.Struct, rename="camel"):
    """The part of `Preferences` that counts."""

    jobs_keep_server_alive: bool = True


T = TypeVar("T", Running, Wish)


class Keeper:
    """`touch` is called by each `check` that finds jobs running."""

    def __init__(self, link: ServiceLink, touch: Callable[[], None], log: Logger) -> None:
        self._link = link
        self._touch = touch
        self._log = log

    async def check(self) -> bool:
        """Called once a minute. True if jobs of a live service kept the server active."""
        try:
            endpoint = await self._link.find()
            is_kept = endpoint is not None and await self._is_wanted(endpoint)
        except (AmlError, OSError, msgspec.DecodeError) as error:
            # A service on its way up or down; the next look is a minute away.
            self._log.debug("jupyter_aml: no look at running jobs: %s", error)
            return False
        if is_kept:
            self._touch()
        return is_kept

    async def _is_wanted(self, endpoint: Endpoint) -> bool:
        status = await _get(endpoint, "/v1/service", Running)
        if not status.running.get("jobs"):
            return False
        return (await _get(endpoint, "/v1/preferences", Wish)).jobs_keep_server_alive


async def _get(endpoint: Endpoint, target: str, kind: type[T]) -> T:
    async with await upstream.ask(endpoint, "GET", target, head_seconds=10) as answer:
        return msgspec.json.decode(await answer.read(), type=kind)
