"""One scoring process as the router sees it: a connection, and what is in flight on it."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import TYPE_CHECKING, cast

from .. import begun, frame
from ..frame import HEADER, REQUEST, BrokenFrame, Splitter
from .reply import Refusal
from .request import Request
from .table import InstanceSpec

if TYPE_CHECKING:
    from .deployment import Deployment

_FIRST_WAIT, _LONGEST_WAIT = 0.01, 0.25
_STUCK_SECONDS = 2.0
_MOST_ATTEMPTS = 3


class Instance(ABC):
    """What both protocols have in common. A deployment makes it, and sends only when `is_ready`."""

    def __init__(self, name: str, spec: InstanceSpec, deployment: Deployment) -> None:
        self.name = name
        self.spec = spec
        self.deployment = deployment
        self.state = "connecting"
        self.requests = 0
        self.pending: dict[int, Request] = {}
        self.is_wanted = True
        self.is_held = False
        self._connecting: asyncio.Task[None] | None = None

    @property
    def is_ready(self) -> bool:
        """May a request be sent to it?"""
        return self.state == "ready" and not self.is_held

    def start(self) -> None:
        """Connect as soon as it can be connected to."""
        self._connecting = asyncio.get_running_loop().create_task(self._connect())

    def leave(self) -> None:
        """It is not in the table any more: no new request; at once or later, it is gone."""
        if self._connecting is not None:
            self._connecting.cancel()
        self.is_wanted = False
        self._turn("leaving")
        self.left_if_idle()

    def left_if_idle(self) -> None:
        """Close when it is to leave and has answered everything."""
        if self.state == "leaving" and not self.pending:
            if not self.is_wanted:
                self._turn("gone")
            self.close()

    def _turn(self, state: str, *, in_flight: int = 0) -> None:
        self.state = state
        self.deployment.tell(self, in_flight=in_flight)

    @abstractmethod
    def send(self, request: Request) -> None:
        """Hand a request over."""

    @abstractmethod
    def close(self) -> None:
        """Give the connection up."""

    @abstractmethod
    async def _try_once(self) -> bool:
        """Connect, if that can be done by now; False if it has to be tried again."""

    async def _connect(self) -> None:
        wait = _FIRST_WAIT
        while not await self._try_once():
            await asyncio.sleep(wait)
            wait = min(_LONGEST_WAIT, wait * 1.2)

    def became_ready(self) -> None:
        """It can answer from now on."""
        self._turn("ready")
        self.deployment.pump()

    def settle(self, never_ran: Iterable[Request], may_have_run: Iterable[Request]) -> None:
        """Requests of a process that has gone: what never ran goes elsewhere, others are told."""
        again = [each for each in never_ran if not each.is_done]
        ran = [each for each in may_have_run if not each.is_done]
        if self.deployment.spec.idempotent:
            again += [each for each in ran if each.attempts < _MOST_ATTEMPTS]
            ran = [each for each in ran if each.attempts >= _MOST_ATTEMPTS]
        for request in ran:
            request.refuse(
                Refusal(
                    502,
                    "InstanceLost",
                    f"The process of {self.deployment.name} ended while it may have run this "
                    "request, so it was not sent again.",
                )
            )
        self.deployment.again(again)

    def check(self, now: float) -> None:
        """Answer those that take too long. They are in the order in which they were sent."""
        limit = self.deployment.spec.timeout_ms / 1000
        for request in self.pending.values():
            late = now - request.sent_at - limit
            if late < 0:
                break
            if not request.is_done:
                self.probe()
                request.refuse(self.deployment.too_slow())
            if late > _STUCK_SECONDS and self.state == "ready":
                self.stuck()
                break

    def probe(self) -> None:  # noqa: B027 - not every protocol has one
        """Ask for a sign of life."""

    def stuck(self) -> None:  # noqa: B027 - where there are no probes nothing follows from it
        """A request is far over its time."""


class FrameInstance(Instance, asyncio.Protocol):
    """Our own scoring process: many requests on one connection, one write for each loop turn."""

    def __init__(self, name: str, spec: InstanceSpec, deployment: Deployment) -> None:
        super().__init__(name, spec, deployment)
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._splitter = Splitter()
        self._out: list[bytes] = []
        self._number = 0
        self._is_paused = False
        self._is_probed = False

    @property
    def is_ready(self) -> bool:
        """Not while it does not read what it was sent."""
        return self.state == "ready" and not self._is_paused and not self.is_held

    def send(self, request: Request) -> None:
        self._number = number = self._number + 1
        self.pending[number] = request
        self.requests += 1
        request.attempts += 1
        request.instance = self.name
        head = b"%sx-request-id: %s\r\n" % (request.head.forwarded, request.guid)
        out = self._out
        if not out:
            self._loop.call_soon(self._flush)
        out += (HEADER.pack(number, len(head), len(request.body), 0, REQUEST), head, request.body)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def probe(self) -> None:
        if not self._is_probed and self._transport is not None:
            self._is_probed = True
            self._transport.write(frame.pack(frame.PING))

    def stuck(self) -> None:
        if self._is_probed:
            self._turn("stuck", in_flight=len(self.pending))

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport = cast("asyncio.Transport", transport)  # uvloop's is none by inheritance
        self._transport = transport
        self._splitter = Splitter()
        self._is_paused = self._is_probed = False
        transport.write(frame.pack(frame.PING))

    def data_received(self, data: bytes) -> None:
        try:
            frames = self._splitter.feed(data)
        except BrokenFrame:
            self._number = -1  # nobody knows what it has begun
            self.close()
            return
        pending = self.pending
        for kind, number, status, head, body in frames:
            if kind == frame.ANSWER:
                request = pending.pop(number, None)
                if request is not None:
                    request.finish(status, head, body)
            else:
                self._told(kind)
        if self.state == "leaving":
            self.left_if_idle()
        elif self.state == "ready":
            self.deployment.pump()

    def pause_writing(self) -> None:
        self._is_paused = True

    def resume_writing(self) -> None:
        self._is_paused = False
        self.deployment.pump()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  # asyncio's
        self._transport = None
        self._out = []
        if self.state == "gone":
            return
        ran = begun.read(self.spec.begun) if self._number >= 0 else None
        pending, self.pending = self.pending, {}
        if ran is None:
            ran = max(pending, default=0)
        if not self.is_wanted:
            self._turn("gone")
        elif self.state != "connecting":
            self._turn("connecting", in_flight=len(pending))
        self.settle(
            [request for number, request in pending.items() if number > ran],
            [request for number, request in pending.items() if number <= ran],
        )
        if self.is_wanted:
            self.start()

    # its own

    async def _try_once(self) -> bool:
        try:
            await self._loop.create_unix_connection(lambda: self, self.spec.socket)
        except OSError:
            return False
        return True

    def _told(self, kind: int) -> None:
        if kind == frame.HELLO and self.state == "connecting":
            # Its file may be of an earlier router's requests: ours begin above them.
            self._number = begun.read(self.spec.begun) or 0
            self.became_ready()
        elif kind == frame.PONG:
            self._is_probed = False
            if self.state == "stuck":
                self.became_ready()
        elif kind == frame.BYE:
            self._turn("leaving")

    def _flush(self) -> None:
        if self._transport is not None and self._out:
            out, self._out = self._out, []
            self._transport.write(b"".join(out))
