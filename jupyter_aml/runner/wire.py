"""JSON lines over Unix sockets: between service and node, and between a node and its processes."""

from __future__ import annotations

import os
import select
import socket
import struct
from collections import deque
from typing import Any

from . import json_text

Message = dict[str, Any]

CHUNK = 1 << 16
"""Bytes. For a larger buffer the allocator maps memory anew, and gives it back, at each message."""
# Seconds and microseconds: a process that does not read must not stop the one that made it.
_INT = struct.Struct("i")
_RIGHTS = socket.CMSG_SPACE(_INT.size) if hasattr(socket, "CMSG_SPACE") else 0
_CLOSE_ON_EXEC = getattr(socket, "MSG_CMSG_CLOEXEC", 0)
_PATIENCE = struct.pack("ll", 10, 0)


_close = socket.SocketType.close  # the C type's: the class above it also counts files made of it
_to_json = json_text.make_dumps(ascii_only=True)


def encode(message: Message) -> bytes:
    """One line, newline included."""
    return _to_json(message).encode() + b"\n"


class Lines:
    """Cuts a byte stream into lines. A line may come in many pieces, and many lines in one."""

    def __init__(self) -> None:
        self._rest = bytearray()

    def feed(self, data: bytes) -> list[bytes]:
        """The lines that `data` completes, without their newlines."""
        head, newline, tail = data.rpartition(b"\n")
        if newline and not tail and not self._rest:
            return head.split(b"\n")  # whole ones, as nearly always
        if not newline:
            self._rest += data
            return []
        whole = bytes(self._rest) + head
        self._rest = bytearray(tail)
        return whole.split(b"\n")


class Channel:
    """An end of the socket pair between a node and a process that it made or had made."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._lines = Lines()
        self._ready: deque[bytes] = deque()

    @classmethod
    def pair(cls) -> tuple[Channel, Channel]:
        """The maker's end and the made process's end."""
        one, other = socket.socketpair()
        one.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, _PATIENCE)
        return cls(one), cls(other)

    @classmethod
    def of(cls, fd: int) -> Channel:
        """The end that was left open over an exec, or that came through another channel."""
        sock = socket.socket(fileno=fd)
        sock.set_inheritable(False)
        return cls(sock)

    def fileno(self) -> int:
        return self._sock.fileno()

    def close(self) -> None:
        _close(self._sock)

    def set_inheritable(self) -> None:
        """Keep this end open over an exec."""
        self._sock.set_inheritable(True)

    def send(self, message: Message, *, fd: int | None = None, task: bytes = b"") -> None:
        """Raises `OSError` when the other end is gone. `task` is JSON that is sent as it came."""
        line = encode(message)
        if task:
            line = line[:-2] + b',"task":' + task + b"}\n"
        if fd is None:
            self.send_raw(line)
        else:
            rights = (socket.SOL_SOCKET, socket.SCM_RIGHTS, _INT.pack(fd))
            self._sock.sendmsg([line], [rights])

    def has_news(self, seconds: float) -> bool:
        """Wait that long at most; True also when the other end is gone."""
        return bool(select.select([self._sock], [], [], seconds)[0])

    def receive(self) -> Message | None:
        """Wait for the next message; None when the other end is gone."""
        while not self._ready:
            if not self._read():
                return None
        return json_text.loads(self._ready.popleft())

    def receive_raw(self) -> tuple[bytes, int]:
        """Wait for whatever comes next, and the one descriptor that may come with it (else -1).

        Empty when the other end is gone.
        """
        try:
            data, rights, _, _ = self._sock.recvmsg(CHUNK, _RIGHTS, _CLOSE_ON_EXEC)
        except ConnectionError:
            return b"", -1
        return data, _INT.unpack(rights[0][2])[0] if rights else -1

    def send_raw(self, line: bytes) -> None:
        self._sock.sendall(line)

    def drain(self) -> list[Message] | None:
        """What is there already, without waiting; None when the other end is gone."""
        try:
            alive = self._read(socket.MSG_DONTWAIT)
        except BlockingIOError:
            return []
        messages = [json_text.loads(line) for line in self._ready]
        self._ready.clear()
        return messages if alive or messages else None

    def _read(self, flags: int = 0) -> bool:
        try:
            data = self._take(flags)
        except ConnectionError:
            return False
        self._ready.extend(self._lines.feed(data))
        return bool(data)

    def _take(self, flags: int) -> bytes:
        return self._sock.recv(CHUNK, flags)


class Bare(Channel):
    """The end of a process that a zygote forked: a descriptor, which is closed on exec.

    It waits, reads and writes, and no more: for a socket object many more pages are copied.
    """

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._lines = Lines()
        self._ready = deque()

    def fileno(self) -> int:
        return self._fd

    def close(self) -> None:
        os.close(self._fd)

    def set_inheritable(self) -> None:
        os.set_inheritable(self._fd, True)

    def has_news(self, seconds: float) -> bool:
        waiting = select.poll()
        waiting.register(self._fd, select.POLLIN)
        return bool(waiting.poll(seconds * 1000))

    def send_raw(self, line: bytes) -> None:
        view = memoryview(line)
        while view:
            view = view[os.write(self._fd, view) :]

    def _take(self, flags: int) -> bytes:  # noqa: ARG002  nobody asks without waiting
        return os.read(self._fd, CHUNK)
