"""``serve CONFIG [HOST:PORT]``: the scoring part as a plain HTTP server, without a router.

For a packaged model on another machine, and for looking at one request. A thread for each
connection. `run` is called on the main thread, where it can be ended when it takes too long, one
at a time; unless the config says more: then so many at a time on the threads of the connections.
"""

from __future__ import annotations

import queue
import select
import signal
import socket
import sys
import threading
from collections.abc import Sequence
from types import FrameType

from ..settings import ConfigError
from . import config as configs
from . import plain_http, process
from .answer import Answer
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
    runs = _Runs(app, config.threads)
    with socket.create_server(address, backlog=_BACKLOG) as listener:
        host, port = listener.getsockname()[:2]
        most = config.max_request_bytes
        threading.Thread(target=_accept, args=(listener, runs, most), daemon=True).start()
        print(f"http://{host}:{port}/score is ready", file=sys.stderr, flush=True)
        try:
            runs.work()
        except KeyboardInterrupt:
            return 0
    return 0


class _Runs:
    """An application, asked by the threads of the connections. The main thread is in `work`."""

    def __init__(self, app: Application, threads: int) -> None:
        self._app = app
        self._is_mains = threads == 1
        self._places = threading.BoundedSemaphore(threads)
        self._asked: queue.SimpleQueue[tuple[bytes, bytes, queue.SimpleQueue[Answer]]]
        self._asked = queue.SimpleQueue()
        self._has_ended = False
        self._reader, self._writer = socket.socketpair()
        self._reader.setblocking(False)
        self._writer.setblocking(False)
        # A signal may come to any thread; only the main one runs its handler, and must wake for it.
        signal.set_wakeup_fd(self._writer.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGTERM, self._end)

    def answer(self, head: bytes, body: bytes) -> Answer:
        """On the thread of a connection."""
        with self._places:
            if not self._is_mains:
                return self._app.answer(head, body)
            given: queue.SimpleQueue[Answer] = queue.SimpleQueue()
            self._asked.put((head, body, given))
            self._writer.send(b"\0")
            return given.get()

    def work(self) -> None:
        """Make the answers that are the main thread's to make, until SIGTERM."""
        while not self._has_ended:
            select.select([self._reader], [], [])
            self._reader.recv(4096)
            while not (self._asked.empty() or self._has_ended):
                head, body, given = self._asked.get()
                given.put(self._app.answer(head, body))
                self._app.rest()

    def _end(self, _number: int, _frame: FrameType | None) -> None:
        """No exception: in `run` it would be taken for the script's."""
        self._has_ended = True


def _accept(listener: socket.socket, runs: _Runs, most: int) -> None:
    """On a thread of its own, for as long as the process lives."""
    places = threading.BoundedSemaphore(_CONNECTIONS)
    while True:
        places.acquire()
        try:
            connection, _ = listener.accept()
        except OSError:
            places.release()
            if listener.fileno() < 0:
                return
            continue  # who wanted in has gone again, or there are too many files open
        threading.Thread(target=_one, args=(connection, runs, places, most), daemon=True).start()


def _one(connection: socket.socket, runs: _Runs, places: threading.Semaphore, most: int) -> None:
    try:
        with connection:
            plain_http.answer_once(connection, b"", runs, most=most)
    except OSError:
        pass  # the client has gone
    finally:
        places.release()


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65535:
        raise ConfigError(f"{text!r} is not HOST:PORT")
    return host, int(port)
