"""One thread for all widgets of a kernel: what changes in the service, as it changes.

It listens to the change feed, as a page does, and calls whoever subscribed. It starts with the
first subscriber, ends with the last, and never brings a stopped service back to life.
"""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Callable
from typing import Protocol

import msgspec

from jupyter_aml.client.client import Client, client_of
from jupyter_aml.client.transport import Stream
from jupyter_aml.model.errors import AmlError

SILENCE_SECONDS = 45.0
"""Three heartbeats: a feed that is silent for longer is dead."""
_TICK_SECONDS = 1.0
_FIRST_WAIT, _LONGEST_WAIT = 0.2, 10.0


class Change(msgspec.Struct, frozen=True):
    """A line of the feed; `object` stays as it came until somebody wants it."""

    type: str
    noun: str = ""
    name: str = ""
    object: msgspec.Raw = msgspec.Raw(b"null")


class Listener(Protocol):
    """What a widget hears, always in the thread of the feed."""

    def connected(self) -> None:
        """The present state follows as changes; what was missed meanwhile can be asked for."""
        ...

    def changed(self, change: Change) -> None: ...

    def lost(self) -> None:
        """The service does not answer; what is known grows old."""
        ...

    def tick(self) -> None:
        """A second has passed, about."""
        ...


_log = logging.getLogger(__name__)
_change = msgspec.json.Decoder(Change)
_lives: dict[int, Live] = {}
_lock = threading.Lock()


def subscribe(client: Client, listener: Listener) -> Callable[[], None]:
    """Have `listener` hear of everything from now on. Call what is returned to end it."""
    with _lock:
        live = _lives.get(id(client))
        if live is None:
            live = _lives[id(client)] = Live(client)
        live.listeners.append(listener)
    return lambda: _leave(client, listener)


def _leave(client: Client, listener: Listener) -> None:
    with _lock:
        live = _lives.get(id(client))
        if live is None or listener not in live.listeners:
            return
        live.listeners.remove(listener)
        if live.listeners:
            return
        del _lives[id(client)]
    live.stop()


class Live:
    def __init__(self, client: Client) -> None:
        self.listeners: list[Listener] = []
        # A client of its own: the notebook's would start a service that somebody stopped.
        is_real = isinstance(client, Client)
        self._client = client_of(client.home, start=False) if is_real else client
        self._stopped = threading.Event()
        self._stream: Stream | None = None
        self._thread = threading.Thread(target=self._run, name="aml-widgets", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Afterwards the thread ends, at the latest a second later."""
        self._stopped.set()
        if (stream := self._stream) is not None:
            stream.close()

    def _run(self) -> None:
        try:
            self._listen()
        finally:
            self._client.close()

    def _listen(self) -> None:
        wait = _FIRST_WAIT
        while not self._stopped.is_set():
            try:
                self._stream = self._client.feed.open(uuid.uuid4().hex)
                self._tell(lambda listener: listener.connected())
                wait = _FIRST_WAIT
                self._read(self._stream)
            except AmlError:
                pass  # it is away; what it said is shown as old below
            finally:
                self._drop()
            if not self._stopped.is_set():
                self._tell(lambda listener: listener.lost())
            self._stopped.wait(wait)
            wait = min(wait * 2, _LONGEST_WAIT)

    def _read(self, stream: Stream) -> None:
        """Until it ends, is stopped, or was silent for too long."""
        silence = 0.0
        while not self._stopped.is_set() and silence < SILENCE_SECONDS:
            try:
                line = stream.read_line(_TICK_SECONDS)
            except TimeoutError:
                silence += _TICK_SECONDS
                self._tell(lambda listener: listener.tick())
                continue
            if line is None:
                return
            silence = 0.0
            change = _change.decode(line) if line else None
            if change is not None and change.type == "change":
                self._tell(lambda listener, change=change: listener.changed(change))

    def _tell(self, say: Callable[[Listener], None]) -> None:
        for listener in list(self.listeners):
            try:
                say(listener)
            except Exception:  # a fault of one widget stops neither the others nor the feed
                _log.exception("A widget could not be brought up to date.")

    def _drop(self) -> None:
        stream, self._stream = self._stream, None
        if stream is not None:
            stream.close()
