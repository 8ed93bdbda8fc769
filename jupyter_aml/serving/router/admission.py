"""What is decided about a head before any of its body is read, by one table."""

from __future__ import annotations

from collections.abc import Callable

from .auth import FOREVER, Guard
from .head import Head
from .reply import Refusal
from .table import Table

_METHODS = {b"/score": (b"POST", b"GET", b"OPTIONS"), b"/swagger.json": (b"GET",), b"/": (b"GET",)}


class Admission:
    """Made anew with each table: heads that an older one accepted are looked at again."""

    def __init__(self, table: Table, wall: Callable[[], float]) -> None:
        self._table = table
        self._guard = Guard(table.auth, table.endpoint)
        self._wall = wall
        self.most_bytes = table.limits.max_request_bytes
        names = (table.host, "localhost", *table.hosts)
        self._hosts = {f"{name}:{table.port}".lower().encode() for name in names}
        self._hosts |= {name.lower().encode() for name in table.hosts}

    def check(self, head: Head) -> None:
        """Accept the head for as long as its key holds. Raise `Refusal`."""
        if head.host not in self._hosts:
            raise Refusal(403, "HostNotAllowed", "The Host header names another address.")
        methods = _METHODS.get(head.path)
        if methods is None:
            raise Refusal(404, "NoRoute", "Scoring is POST /score, its description /swagger.json.")
        if head.method not in methods:
            raise Refusal(405, "MethodNotAllowed", f"{head.path.decode()} takes other methods.")
        head.until = self._until(head)
        if not head.until:
            raise Refusal(
                401, "Unauthorized", "The key or token is missing, wrong or expired: send it as "
                "'Authorization: Bearer ...'.",
            )  # fmt: skip
        if head.pinned and head.pinned.decode("latin-1") not in self._table.deployments:
            name = head.pinned.decode("latin-1")
            raise Refusal(404, "NoDeployment", f"This endpoint has no deployment {name!r}.")
        if head.length > self.most_bytes:
            raise Refusal(
                413, "TooLarge",
                f"The body has {head.length} bytes; {self.most_bytes} are allowed.",
            )  # fmt: skip
        head.accepted = self

    def _until(self, head: Head) -> float:
        if head.path == b"/" or head.method == b"OPTIONS":
            return FOREVER
        return self._guard.until(head.authorization, self._wall())
