"""The node's Unix socket: one connection at a time, a new one replaces the old."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable

from . import json_text
from .loop import Loop, Timer
from .wire import CHUNK, Lines, Message, encode

_SOON = 0.02
_MOST_UNSENT = 16 << 20
"""Bytes. A service that reads nothing is cut off; it learns the state when it comes back."""


class Link:
    """`greet` gives the first line of a connection; `obey` gets each message and its line."""

    def __init__(
        self,
        loop: Loop,
        path: str,
        greet: Callable[[], Message],
        obey: Callable[[Message, bytes], None],
    ) -> None:
        self._loop = loop
        self._path = path
        self._greet = greet
        self._obey = obey
        self._peer: socket.socket | None = None
        self._lines = Lines()
        self._unsent = bytearray()
        self._soon: Timer | None = None
        """Rings when what waits for company is sent alone, at `_due`."""
        self._due = 0.0
        self._waits = False
        """For the peer to take more."""
        self._listener = listen(path)
        self._inode = os.stat(path).st_ino
        loop.watch(self._listener.fileno(), self._accept)

    @property
    def connected(self) -> bool:
        return self._peer is not None

    @property
    def reachable(self) -> bool:
        """Whether the socket's file is still this one."""
        try:
            return os.stat(self._path).st_ino == self._inode
        except OSError:
            return False

    def send(self, message: Message, line: bytes = b"") -> None:
        """Nothing happens when nobody is connected: the next one is told the state.

        `line` is the message as `encode` gives it, where somebody has it already.
        """
        if self._peer is None:
            return
        self._unsent += line or encode(message)
        self._flush()

    def send_soon(self, message: Message, line: bytes = b"", *, seconds: float = _SOON) -> None:
        """With what is sent next, or after `seconds`: nobody need wake up for it alone."""
        if self._peer is None:
            return
        due = self._loop.now() + seconds
        if self._soon is None or due < self._due:
            if self._soon is not None:
                self._soon.cancel()
            self._soon, self._due = self._loop.call_later(seconds, self._flush), due
        self._unsent += line or encode(message)

    def close(self) -> None:
        """For good; the socket's file goes too."""
        if self.reachable:
            os.unlink(self._path)
        self.abandon()

    def abandon(self) -> None:
        """In a forked child: close what is the node's, and touch nothing else."""
        self._listener.close()
        if self._peer is not None:
            self._peer.close()

    def _accept(self) -> None:
        peer, _ = self._listener.accept()
        self._hang_up()
        peer.setblocking(False)
        self._peer, self._lines = peer, Lines()
        self._unsent, self._waits = bytearray(), False
        self._loop.watch(peer.fileno(), self._receive)
        self.send(self._greet())

    def _receive(self) -> None:
        assert self._peer is not None
        try:
            data = self._peer.recv(CHUNK)
        except BlockingIOError:
            self._flush()  # woken because it can be written again
            return
        except OSError:
            data = b""
        if not data:
            self._hang_up()
            return
        for line in self._lines.feed(data):
            self._obey(json_text.loads(line), line)
        if self._waits:
            self._flush()

    def _flush(self) -> None:
        if self._soon is not None:
            self._soon.cancel()
            self._soon = None
        if self._peer is None or not self._unsent:
            return
        try:
            del self._unsent[: self._peer.send(self._unsent)]
        except BlockingIOError:
            pass
        except OSError:
            self._hang_up()
            return
        if len(self._unsent) > _MOST_UNSENT:
            self._hang_up()
            return
        if bool(self._unsent) != self._waits:
            self._waits = bool(self._unsent)
            self._loop.watch(self._peer.fileno(), self._receive, writing=self._waits)

    def _hang_up(self) -> None:
        if self._peer is not None:
            self._loop.unwatch(self._peer.fileno())
            self._peer.close()
            self._peer = None


def listen(path: str) -> socket.socket:
    """A socket that only its owner can reach; what a dead process left there is replaced.

    It takes its name when it listens already: who sees the file can connect.
    """
    new = f"{path}.new"
    try:
        os.unlink(new)
    except FileNotFoundError:
        pass
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(new)
    os.chmod(new, 0o600)
    listener.listen(8)
    os.replace(new, path)
    return listener
