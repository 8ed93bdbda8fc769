"""One connection to the scoring process: a router's frames, or a person's plain HTTP request."""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
from collections.abc import Callable

from .. import frame
from ..begun import Begun
from ..frame import BrokenFrame, Frame, Splitter
from . import plain_http
from .answer import Answer
from .app import Application
from .workers import Workers

_RECEIVE_BYTES = 1 << 18
_SEND_SECONDS = 30
_HOLD_SECONDS = 0.002
"""So long answers are gathered while there is more to do: each write wakes the router, which takes
the processor, or what its caches hold, from the next run."""

_LATE_SECONDS = 0.02
"""A run that takes longer does not keep them back."""


class Channel:
    """What comes in is answered in order, on this thread; with workers in any order, on theirs."""

    def __init__(
        self, connection: socket.socket, app: Application, begun: Begun, workers: Workers | None
    ) -> None:
        self.connection = connection
        self._app = app
        self._begun = begun
        self._workers = workers
        self._splitter = Splitter()
        self._interface: bytes | None = b""
        self._out: list[bytes] = []
        self._held_since = 0.0
        self._lock = threading.Lock()
        # A router that hangs must not hang this process for ever.
        connection.setsockopt(
            socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", _SEND_SECONDS, 0)
        )
        self._is_new = True

    def receive(self, hello: Callable[[], dict[str, bool]]) -> bool:
        """Answer what there is to read. False when the connection is of no more use."""
        try:
            data = self.connection.recv(_RECEIVE_BYTES)
            if not data:
                return False
            if self._is_new and data[0] != 0:
                plain_http.answer_once(self.connection, data, self._app)
                self._app.rest()
                return False
            self._is_new = False
            self._held_since = since = time.perf_counter()
            while data:
                self._handle(self._splitter.feed(data), hello)
                data = self._more(since + _HOLD_SECONDS)
            self._app.rest()
            self._flush()
        except (OSError, BrokenFrame):
            return False
        return True

    def bye(self) -> None:
        """Ask the router to send no more."""
        if not self._is_new:
            try:
                self._send(frame.pack(frame.BYE))
            except OSError:
                pass  # it has gone: then it sends no more either

    def _more(self, until: float) -> bytes:
        """What came while answers were made. An answer that is alone is not kept for it."""
        if len(self._out) < 2 or time.perf_counter() > until:
            return b""
        try:
            return self.connection.recv(_RECEIVE_BYTES, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return b""

    def _handle(self, frames: list[Frame], hello: Callable[[], dict[str, bool]]) -> None:
        requests: list[Frame] = []
        for each in frames:
            if each.kind == frame.REQUEST:
                requests.append(each)
            elif each.kind == frame.PING:
                kind = frame.PONG if self._interface is None else frame.HELLO
                body = b"" if self._interface is None else json.dumps(hello()).encode()
                self._interface = None
                self._out.append(frame.pack(kind, each.number, body=body))
        if self._workers is not None:
            for request in requests:
                self._begun.begin(request.number)
                self._workers.give(lambda request=request: self._answer_alone(request))
        elif self._app.batch_size > 1:
            self._answer_batches(requests)
        else:
            self._answer_each(requests)

    def _answer_each(self, requests: list[Frame]) -> None:
        for request in requests:
            if len(self._out) == 1:
                self._app.meanwhile(_LATE_SECONDS, self._flush_late)
            self._begun.begin(request.number)
            self._queue(request.number, self._app.answer(request.head, request.body))
            if time.perf_counter() - self._held_since > _HOLD_SECONDS:
                self._flush()

    def _answer_batches(self, requests: list[Frame]) -> None:
        size = self._app.batch_size
        for first in range(0, len(requests), size):
            batch = requests[first : first + size]
            self._begun.begin(batch[-1].number)
            answers = self._app.answer_all([(each.head, each.body) for each in batch])
            for each, given in zip(batch, answers, strict=True):
                self._queue(each.number, given)
            self._flush()

    def _answer_alone(self, request: Frame) -> None:
        """On a worker's thread."""
        given = self._app.answer(request.head, request.body)
        try:
            self._send(_packed(request.number, given))
        except OSError:
            pass  # the router has gone, and its clients with it

    def _queue(self, number: int, given: Answer) -> None:
        self._out.append(_packed(number, given))

    def _flush(self) -> None:
        if self._out:
            out, self._out = self._out, []
            self._send(b"".join(out))
            self._held_since = time.perf_counter()

    def _flush_late(self) -> None:
        """In a run that takes long."""
        try:
            self._flush()
        except OSError:
            pass  # the router has gone: the next read says so

    def _send(self, data: bytes) -> None:
        with self._lock:
            self.connection.sendall(data)


def _packed(number: int, given: Answer) -> bytes:
    status, head, body = given
    return frame.HEADER.pack(number, len(head), len(body), status, frame.ANSWER) + head + body
