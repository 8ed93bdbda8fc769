"""One request on its way through the router, from its last byte in to its answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from .head import Head
from .reply import Refusal

if TYPE_CHECKING:
    from .deployment import Deployment


class Asker(Protocol):
    """Who waits for the answer: a client's connection."""

    def answered(self, request: Request, status: int, lines: bytes, body: bytes) -> None:
        """Send it. Called once, unless the client has gone."""


class Request:
    """`asker` is None for a mirrored copy, and once the client has gone."""

    __slots__ = (
        "asker", "attempts", "body", "code", "deployment", "guid", "head", "instance", "is_done",
        "is_mirrored", "queued_at", "sent_at", "started_at",
    )  # fmt: skip

    def __init__(
        self, head: Head, body: bytes, guid: bytes, asker: Asker | None, now: float
    ) -> None:
        self.head = head
        self.body = body
        self.guid = guid
        self.asker = asker
        self.started_at = self.queued_at = self.sent_at = now
        self.attempts = 0
        self.code = ""
        self.instance = ""
        self.is_done = False
        self.is_mirrored = False
        self.deployment: Deployment | None = None

    def finish(self, status: int, lines: bytes, body: bytes) -> None:
        """The one answer. A second one, from an instance that was too slow, is nobody's."""
        if self.is_done:
            return
        self.is_done = True
        assert self.deployment is not None
        self.deployment.finished(self, status, lines, body)

    def refuse(self, refusal: Refusal) -> None:
        """The router's own answer instead of an instance's."""
        self.code = refusal.code
        self.finish(refusal.status, refusal.lines(), refusal.body())
