"""Bodies that come in chunks, read strictly."""

from __future__ import annotations

import re

from .reply import Refusal

_SIZE = re.compile(rb"([0-9A-Fa-f]{1,8})(?:[ \t]*;[^\r\n]*)?")
_LINE_BYTES = 4096


class Chunks:
    """Feed it what comes after a head; `body` is whole when `is_done`, `rest` follows it."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._parts: list[bytes] = []
        self._length = 0
        self._held = b""
        self._is_trailing = False
        self.is_done = False
        self.rest = b""

    @property
    def body(self) -> bytes:
        """The chunks, joined."""
        return b"".join(self._parts)

    def feed(self, data: bytes) -> None:
        """Raise `Refusal`: not chunks, or too many."""
        self._held += data
        while not self.is_done and self._step():
            pass
        if self.is_done:
            self.rest, self._held = self._held, b""

    def _step(self) -> bool:
        """Take one chunk or one trailing line; False when more bytes are needed."""
        line, end, rest = self._held.partition(b"\r\n")
        if not end:
            if len(line) > _LINE_BYTES:
                raise _broken()
            return False
        if self._is_trailing:
            self._held = rest
            self.is_done = not line
            return True
        match = _SIZE.fullmatch(line)
        if match is None:
            raise _broken()
        size = int(match[1], 16)
        if self._length + size > self._most:
            raise Refusal(413, "TooLarge", f"The body has more than {self._most} bytes.")
        if not size:
            self._held, self._is_trailing = rest, True
            return True
        if len(rest) < size + 2:
            return False
        if rest[size : size + 2] != b"\r\n":
            raise _broken()
        self._parts.append(rest[:size])
        self._length += size
        self._held = rest[size + 2 :]
        return True


def _broken() -> Refusal:
    return Refusal(400, "BadRequest", "The chunks of the body are broken.")
