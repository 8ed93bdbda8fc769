"""The frames between router and scoring process (contracts.md).

One connection carries many requests at once, so that one system call moves what one turn of a
loop gathered; and a scoring process needs no HTTP parser.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

HEADER = struct.Struct(">QIIHBx")
"""Id, length of the head, length of the body, status, kind."""

REQUEST, ANSWER, HELLO, BYE, PING, PONG = range(1, 7)

_MOST_BYTES = 1 << 31


class Frame(NamedTuple):
    """One frame. `status` is an answer's."""

    kind: int
    number: int
    status: int
    head: bytes
    body: bytes


class BrokenFrame(Exception):
    """The other side does not speak this protocol; the connection is of no more use."""


def pack(kind: int, number: int = 0, head: bytes = b"", body: bytes = b"") -> bytes:
    """A frame that carries no status: everything but answers."""
    return HEADER.pack(number, len(head), len(body), 0, kind) + head + body


class Splitter:
    """Cuts a byte stream into frames. Bytes of an unfinished frame are joined once, at its end."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._held = 0
        self._needed = HEADER.size

    def feed(self, data: bytes) -> list[Frame]:
        """The frames that are whole now. Raise `BrokenFrame`."""
        if self._parts:
            self._parts.append(data)
            self._held += len(data)
            if self._held < self._needed:
                return []
            data = b"".join(self._parts)
            self._parts = []
        return self._cut(data)

    def _cut(self, data: bytes) -> list[Frame]:
        frames: list[Frame] = []
        at, end, size = 0, len(data), HEADER.size
        needed = size
        while end - at >= size:
            number, head, body, status, kind = HEADER.unpack_from(data, at)
            if not REQUEST <= kind <= PONG or head + body > _MOST_BYTES:
                raise BrokenFrame(f"kind {kind}, {head + body} bytes")
            needed = size + head + body
            if end - at < needed:
                break
            middle = at + size + head
            frames.append(
                Frame(kind, number, status, data[at + size : middle], data[middle : at + needed])
            )
            at += needed
            needed = size
        if at < end:
            self._parts = [data[at:] if at else data]
            self._held, self._needed = end - at, needed
        return frames
