"""What a node is reached by: a process of this machine (`links`), or an attached one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

Message = dict[str, Any]


class Link(Protocol):
    """Carries the messages of docs/developer/contracts.md, whatever lies between."""

    name: str
    pid: int | None
    """The node's process, where it is one of this machine."""
    created: float | None
    on_message: Callable[[Message], None]
    on_lost: Callable[[], None]
    """Called once, when the node has ended and nobody asked for it."""

    async def open(self, *, seconds: float = 30.0) -> Message:
        """Connect and return the node's ``state``. Raises `Unavailable` when none answers."""
        ...

    def send(self, *messages: Message) -> bool:
        """False when there is no connection."""
        ...

    def send_soon(self, message: Message) -> None:
        """Not worth waking the node for."""
        ...

    def close(self) -> None:
        """Let go of the node; it goes on by itself."""
        ...

    async def ended(self, *, seconds: float) -> bool:
        """Wait until the node is gone; False when it is still there after `seconds`."""
        ...

    def remove(self) -> None:
        """The node has ended: nothing of it stays on the disk."""
        ...
