"""Announcements that are up now: each changed in place, and gone when it is over."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from jupyter_aml.model.money import Notice
from jupyter_aml.service.clock import Clock, iso


class Notices:
    """`publish` tells open tabs; ``all`` is what a new one is told first."""

    def __init__(
        self, clock: Clock, publish: Callable[[str, str, msgspec.Struct | None], None]
    ) -> None:
        self._clock = clock
        self._publish = publish
        self._up: dict[str, Notice] = {}

    @property
    def all(self) -> list[Notice]:
        return list(self._up.values())

    def put(self, notice: Notice) -> None:
        """Say it, unless it is said in these words already; it keeps the time of its first."""
        known = self._up.get(notice.name)
        since = known.since if known is not None else iso(self._clock.time())
        notice = msgspec.structs.replace(notice, since=since)
        if notice != known:
            self._up[notice.name] = notice
            self._publish("notice", notice.name, notice)

    def drop(self, name: str) -> None:
        """It is over. One that is not up is no error."""
        if self._up.pop(name, None) is not None:
            self._publish("notice", name, None)

    def names(self, prefix: str) -> list[str]:
        return [name for name in self._up if name.startswith(prefix)]

    def texts(self, prefix: str) -> list[str]:
        return [notice.text for name, notice in self._up.items() if name.startswith(prefix)]
