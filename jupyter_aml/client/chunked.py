"""HTTP's chunked transfer coding, decoded as it arrives.

``http.client`` decodes it too, but cannot say whether it holds data that a poll of the socket
does not see; following a job needs to wait with a deadline.
"""

from __future__ import annotations


class Chunks:
    """`feed` it what arrives; ``is_over`` after the last chunk."""

    def __init__(self) -> None:
        self.is_over = False
        self._rest = b""
        self._left = 0
        """Bytes of the present chunk that have not come yet, its line end included."""

    @property
    def has_rest(self) -> bool:
        """Whether something came after the end: the connection is not fit for another request."""
        return bool(self._rest)

    def feed(self, data: bytes) -> bytes:
        """The payload in `data`. Raise ValueError if it is not chunked."""
        data = self._rest + data
        payload: list[bytes] = []
        at = 0
        while at < len(data) and not self.is_over:
            if self._left == 0:
                end = data.find(b"\r\n", at)
                if end < 0:
                    break
                size = int(data[at:end].partition(b";")[0], 16)
                if size == 0 and len(data) < end + 4:
                    break
                at = end + 2
                self._left = size + 2
                self.is_over = size == 0
            taken = data[at : at + self._left]
            at += len(taken)
            self._left -= len(taken)
            # The chunk's own line end is not payload.
            payload.append(taken[: len(taken) - max(0, 2 - self._left)])
        self._rest = data[at:]
        return b"".join(payload)
