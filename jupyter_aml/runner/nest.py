"""The node's end of a zygote: gets spares from it, and hears which of them ended."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from .wire import Channel, Message
from .worker import Ended, Worker

if TYPE_CHECKING:
    from .crew import Crew

_TRY_AGAIN = 1.0
"""Seconds until the next spare when one died before its time."""


class Nest:
    """Owns the zygote's worker; the spares that it forks are adopted by the crew like any other.

    `ready` hears what it has loaded, or what it cannot load; `over` that it is gone. Should it be
    killed, its spares go with it, and become the node's own children to be reaped.
    """

    def __init__(
        self,
        crew: Crew,
        worker: Worker,
        how: str,
        ready: Callable[[Message], None],
        over: Callable[[Ended], None],
    ) -> None:
        self._crew = crew
        self._how = how
        self._ready = ready
        self._over = over
        self._spare: Worker | None = None
        self._coming: Channel | None = None
        self._retired = False
        self._made: set[int] = set()
        """Processes whose end it has not told."""
        self.worker = worker
        worker.owner = self
        crew.forest.helpers.add(worker.pid)
        crew.adopt(worker)

    def load(self, modules: list[str]) -> None:
        """The first thing to tell it; then it makes a spare."""
        self.worker.channel.send({"op": "load", "modules": modules})

    def take(self) -> Worker | None:
        """A process that waits for a task, if there is one; the next is on its way then."""
        taken, self._spare = self._spare, None
        if taken is not None:
            self._more()
        return taken

    def _more(self) -> None:
        self._coming, theirs = Channel.pair()
        try:
            self.worker.channel.send({"op": "more"}, fd=theirs.fileno())
        except OSError:
            pass  # it is gone, which is heard of in another way
        finally:
            theirs.close()

    def retire(self) -> None:
        """No more work for it; it ends when the last of its processes has."""
        self._retired = True
        spare, self._spare = self._spare, None
        for worker in (spare, self.worker):
            if worker is not None:
                _end(worker)

    def abandon(self) -> None:
        """In a forked child: close what is the node's."""
        if self._coming is not None:
            self._coming.close()

    # -- `worker.Owner`

    def heard(self, worker: Worker, message: Message) -> None:
        assert worker is self.worker
        if message["op"] == "spare" and self._coming is not None:
            self._spare = Worker(message["pid"], self._coming, self._how)
            self._coming = None
            self._made.add(self._spare.pid)
            self._crew.adopt(self._spare)
            if self._retired:  # it was on its way: nobody else would ever end it
                self.retire()
        elif message["op"] == "gone":
            ended = Ended.of(message["status"], message["cpu_seconds"], message["peak_rss"])
            self._made.discard(message["pid"])
            if self._spare is not None and message["pid"] == self._spare.pid:
                self._spare = None  # killed while it waited
                self._crew.loop.call_later(_TRY_AGAIN, self._more)
            self._crew.worker_ended(message["pid"], ended)
        else:
            self._ready(message)
            self._more()

    def gone(self, worker: Worker, ended: Ended) -> None:
        self._crew.forest.helpers.discard(worker.pid)
        self._spare = None
        self.abandon()
        self._crew.lost(self._made)
        self._over(ended)


def _end(worker: Worker) -> None:
    try:
        worker.channel.send({"op": "end"})
    except OSError:
        pass  # it is ending already
