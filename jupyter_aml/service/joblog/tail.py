"""The newest events of a live job, ready to send: followers that keep up never read the disk."""

from __future__ import annotations

LIMIT = 256 * 1024


class Tail:
    """Consecutive lines, the last of which is the newest event."""

    def __init__(self, last_seq: int) -> None:
        """`last_seq` is on disk already; the next line that is added comes after it."""
        self._lines: list[bytes] = []
        self._last_seq = last_seq
        self._bytes = 0

    def add(self, line: bytes) -> None:
        self._lines.append(line)
        self._last_seq += 1
        self._bytes += len(line)
        if self._bytes > LIMIT:
            self._forget_older_half()

    def skip(self, count: int) -> None:
        """So many events came that nobody was there to be sent."""
        self._lines.clear()
        self._last_seq += count
        self._bytes = 0

    def since(self, after: int) -> bytes | None:
        """Every line after event `after`; None when the disk has to be asked."""
        start = len(self._lines) - (self._last_seq - after)
        if start < 0:
            return None
        return b"".join(self._lines[start:])

    def _forget_older_half(self) -> None:
        kept = 0
        for index in range(len(self._lines) - 1, -1, -1):
            kept += len(self._lines[index])
            if kept > LIMIT // 2:
                # the newest line stays even if it is larger than all of this
                del self._lines[: min(index + 1, len(self._lines) - 1)]
                break
        self._bytes = sum(map(len, self._lines))
