"""``serve CONFIG [HOST:PORT]``: the scoring part as a plain HTTP server, without a router.

For a packaged model on another machine, and for looking at one request. A thread for each
connection; one `run` at a time unless the config says more.
"""

from __future__ import annotations

import selectors
import signal
import socket
import sys
import threading
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from types import FrameType

from ..settings import ConfigError
from . import config as configs
from . import plain_http, process
from .app import Application
from .failure import NotReady

_ADDRESS = "127.0.0.1:5001"
_BACKLOG = 128
_CONNECTIONS = 64


def main(arguments: Sequence[str]) -> int:
    """0 when ended by SIGTERM or Ctrl-C, 3 when the model did not load. Raise `ConfigError`."""
    config = configs.read(arguments[0], standalone=True)
    address = _address(arguments[1] if len(arguments) > 1 else _ADDRESS)
    try:
        app = process.load(config)
    except NotReady as error:
        process.say_failure(error.failure)
        return process.FAILED
    signal.signal(signal.SIGTERM, _end)
    with socket.create_server(address, backlog=_BACKLOG) as listener:
        host, port = listener.getsockname()[:2]
        print(f"http://{host}:{port}/score is ready", file=sys.stderr, flush=True)
        try:
            _accept(listener, app, config.threads, config.max_request_bytes)
        except KeyboardInterrupt:
            return 0
    return 0


def _end(_number: int, _frame: FrameType | None) -> None:
    sys.exit(0)


def _accept(listener: socket.socket, app: Application, threads: int, most: int) -> None:
    runs = threading.BoundedSemaphore(threads)
    places = threading.BoundedSemaphore(_CONNECTIONS)
    guarded = _Guarded(app, runs)
    listener.setblocking(False)
    with _until_ready(listener) as wait:
        while True:
            wait()
            try:
                connection, _ = listener.accept()
            except OSError:
                continue  # who wanted in has gone again, or there are too many files open
            connection.setblocking(True)
            places.acquire()
            threading.Thread(
                target=_one, args=(connection, guarded, places, most), daemon=True
            ).start()


@contextmanager
def _until_ready(listener: socket.socket) -> Generator[Callable[[], None]]:
    """Waits for a connection, or a signal, whose handler runs as the wait ends.

    Also for a signal that the system gave to the thread of a connection: the main thread, which
    alone runs handlers, would sleep on in `accept`.
    """
    reader, writer = socket.socketpair()
    with selectors.DefaultSelector() as events, reader, writer:
        for one in (reader, writer):
            one.setblocking(False)
        for one in (reader, listener):
            events.register(one, selectors.EVENT_READ)

        def wait() -> None:
            if any(key.fileobj is reader for key, _ in events.select()):
                reader.recv(4096)

        before = signal.set_wakeup_fd(writer.fileno(), warn_on_full_buffer=False)
        try:
            yield wait
        finally:
            signal.set_wakeup_fd(before)


class _Guarded:
    """An application of which so many answers are made at a time."""

    def __init__(self, app: Application, runs: threading.Semaphore) -> None:
        self._app = app
        self._runs = runs

    def answer(self, head: bytes, body: bytes) -> plain_http.Answer:
        with self._runs:
            return self._app.answer(head, body)


def _one(connection: socket.socket, app: _Guarded, places: threading.Semaphore, most: int) -> None:
    try:
        with connection:
            plain_http.answer_once(connection, b"", app, most=most)
    except OSError:
        pass  # the client has gone
    finally:
        places.release()


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65535:
        raise ConfigError(f"{text!r} is not HOST:PORT")
    return host, int(port)
