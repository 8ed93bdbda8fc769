"""What nodes say: each message goes to the part of the engine that it is for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jupyter_aml.service.backends.local.state import LiveCompute, LiveNode

if TYPE_CHECKING:
    from jupyter_aml.service.backends.local.engine import Engine


class Messages:
    """Of all nodes, in the order in which they came."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._early: list[tuple[LiveCompute, LiveNode, dict[str, Any]]] | None = None

    def hold(self) -> None:
        """Keep what nodes say: an exit of a job not yet taken up would be lost."""
        self._early = []

    def release(self) -> None:
        """Act on what was kept, and from now on at once."""
        early, self._early = self._early or [], None
        for live, node, message in early:
            self.received(live, node, message)

    def received(self, live: LiveCompute, node: LiveNode, message: dict[str, Any]) -> None:
        """One message of a node; called by its link."""
        if self._early is not None:
            self._early.append((live, node, message))
            return
        engine, op = self._engine, message.get("op")
        if op == "exited":
            engine.reports.exited(live, node, message)
        elif op == "started":
            engine.reports.started(message)
        elif op == "sample":
            engine.fleet.sampled(node, message)
        elif op == "session":
            engine.fleet.session(live, node, message)
        elif op == "refused":
            engine.reports.refused(live, node, message)
        elif op == "state":
            engine.reports.resynced(live, node, message)
            engine.fleet.resynced(live, node, message)
