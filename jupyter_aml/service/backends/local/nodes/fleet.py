"""Nodes come and go: clusters scale, instances start and stop, ``local`` is always there.

Starting a node is an async generator of records; each is stored before the next step, so that
the next service adopts or cleans up exactly what existed.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

import msgspec

from jupyter_aml.model import lifecycle
from jupyter_aml.model.compute import AmlCompute, Compute, LocalCompute, Sample
from jupyter_aml.model.errors import AmlError, Conflict
from jupyter_aml.model.job import Session
from jupyter_aml.service.backends.local.nodes import processes
from jupyter_aml.service.backends.local.nodes.links import NodeLink, Nursery
from jupyter_aml.service.backends.local.state import LiveCompute, LiveJob, LiveNode, NodeRecord
from jupyter_aml.service.clock import iso
from jupyter_aml.service.store import rows

if TYPE_CHECKING:
    from jupyter_aml.service.backends.local.engine import Engine

log = logging.getLogger(__name__)

_LEAVE_SECONDS = 15.0
"""How long a node may take to end its jobs and itself before it is killed."""

_AGAIN_SECONDS = 2.0
"""Pause before a node that did not come up is asked for again."""


class Fleet:
    """The nodes of every compute."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.nursery = Nursery(engine.folders.run, engine.folders.node_logs)
        self._starts: set[asyncio.Task[None]] = set()

    # -- starting ---------------------------------------------------------------------------

    def add(self, live: LiveCompute, count: int) -> None:
        """Start `count` nodes, each in a task of its own."""
        if live.is_cluster and live.compute.state == "Steady":
            self._engine.change_compute(live, state="Resizing")
        for _ in range(count):
            # In the books at once: the next one is to get other cores.
            node = self._hold(live, self._engine.places.record(live))
            node.asked_at = self._engine.clock.monotonic()
            start = self._engine.spawn(self._add_one(live, node), f"start node {node.name}")
            self._starts.add(start)
            start.add_done_callback(self._starts.discard)

    async def settle_starts(self) -> None:
        """Wait until no node is on its way; those that are not wanted any more are ended."""
        if self._starts:
            await asyncio.wait(set(self._starts))

    async def _add_one(self, live: LiveCompute, node: LiveNode) -> None:
        engine = self._engine
        try:
            async for record in self.start_node(node):
                node.record = record
                await engine.store.write(lambda conn, row=record: rows.save_node(conn, _row(row)))
            await node.link.open()
            self._up(live, node)
        except AmlError as error:
            log.warning("a node of %s did not start: %s", live.name, error)
            await self._failed(live, node, error)

    async def start_node(self, node: LiveNode) -> AsyncIterator[NodeRecord]:
        """Yields what exists so far: first the name and socket, then also pid and start time."""
        record = node.record
        yield record
        answer = await self.nursery.node(
            {
                "name": record.name,
                "socket": record.socket,
                "log": str(self._engine.folders.node_logs / f"{record.name}.log"),
                "affinity": record.cpus,
                "memory": record.memory_bytes,
                "gpus": record.gpus,
                "threads": record.threads,
                "max_jobs": record.max_jobs,
                "disk": str(self._engine.folders.home),
            }
        )
        node.link.pid, node.link.created = answer["pid"], answer["created"]
        yield msgspec.structs.replace(record, pid=answer["pid"], created=answer["created"])

    def _hold(self, live: LiveCompute, record: NodeRecord) -> LiveNode:
        """Take a node into the books; its link reports to the engine."""
        engine = self._engine
        link = NodeLink(record.name, engine.folders.run / f"{record.name}.sock")
        link.pid, link.created = record.pid, record.created
        node = LiveNode(record=record, link=link, state_since=engine.now())
        link.on_message = lambda message: engine.messages.received(live, node, message)
        link.on_lost = lambda: self._lost(live, node)
        live.nodes[record.name] = node
        self._publish(node)
        engine.publish_compute(live)
        return node

    def _up(self, live: LiveCompute, node: LiveNode) -> None:
        node.idle_since = live.idle_since = self._engine.clock.monotonic()
        self._engine.waits.node_up(live, node)
        self.set_state(node, "running" if node.jobs else "idle")
        self.settle(live)
        self._engine.publish_compute(live)
        self._engine.wake(live)

    async def _failed(self, live: LiveCompute, node: LiveNode, error: AmlError) -> None:
        processes.kill(node.record.pid, node.record.created)
        await self._drop(live, node)
        if self._engine.closing or live.emptying or live.compute.state == "Deleting":
            return
        if live.is_instance:
            words = str(error)
            state = "CreateFailed" if live.compute.state == "Creating" else "Unusable"
            self._engine.change_compute(live, state=state, error=words)
            return
        self._engine.change_compute(live, error=str(error))
        self.settle(live)
        await self._engine.clock.sleep(_AGAIN_SECONDS)
        self.keep_up(live)

    def keep_up(self, live: LiveCompute) -> None:
        """Make sure that a compute has the node it cannot be without, and plan."""
        fixed = not live.is_cluster and not live.is_attached and not live.nodes
        if fixed and live.compute.state in ("Running", "Creating", "Starting", "Restarting"):
            self.add(live, 1)
        self._engine.wake(live)

    def settle(self, live: LiveCompute) -> None:
        """Say Running or Steady once nothing is coming any more."""
        coming = any(node.state in ("preparing", "leaving") for node in live.nodes.values())
        if live.is_cluster and live.compute.state in ("Resizing", "Creating") and not coming:
            self._engine.change_compute(live, state="Steady", error="")
        arrived = any(node.state in ("idle", "running") for node in live.nodes.values())
        if live.is_instance and live.compute.state != "Running" and arrived:
            self._engine.change_compute(live, state="Running", reason="", error="")

    # -- states -----------------------------------------------------------------------------

    def set_state(self, node: LiveNode, state: str) -> None:
        """The only writer of a node's state; also called when its jobs changed and that did not."""
        if node.state == state:
            self._engine.nodetime.note(node)
            return
        lifecycle.NODE.check(node.state, state, name=node.name)
        node.state, node.state_since = state, self._engine.now()
        self._engine.nodetime.note(node)
        self._publish(node)

    def rest(self, live: LiveCompute, node: LiveNode) -> None:
        """It has less to do than before: say so once that is nothing."""
        if node.state in ("idle", "running"):  # one that is dead or leaving stays that
            self.set_state(node, "running" if node.jobs or node.ahead else "idle")
        if not (node.jobs - node.beside or node.ahead):
            node.idle_since = live.idle_since = self._engine.clock.monotonic()

    def _publish(self, node: LiveNode) -> None:
        self._engine.changes.publish_newest("node", node.name, node.public)

    def sampled(self, node: LiveNode, message: dict[str, Any]) -> None:
        """Keep a measurement of a node and its jobs."""
        time = message["time"] if isinstance(message["time"], str) else iso(message["time"])
        node.samples.append(msgspec.convert({"time": time, **message["node"]}, Sample))
        for name, values in message.get("jobs", {}).items():
            live = self._engine.jobs.get(name)
            if live is not None:
                live.samples.append(msgspec.convert({"time": time, **values}, Sample))
        self._publish(node)

    def session(self, live: LiveCompute, node: LiveNode, message: dict[str, Any]) -> None:
        """A kept process began, changed or ended."""
        name, state = message["name"], message["state"]
        if state == "ended":
            node.sessions.pop(name, None)
            node.session_processes.pop(name, None)
            node.environments.pop(name, None)
            self._engine.changes.publish("session", name, None)
        else:
            node.sessions[name] = self._session(node, message)
            self._engine.changes.publish("session", name, node.sessions[name])
        if not (node.jobs - node.beside or node.sessions):
            node.idle_since = live.idle_since = self._engine.clock.monotonic()
        if state != "running":  # a session that takes up a cell makes room for nothing
            self._engine.wake(live)

    def resynced(self, live: LiveCompute, node: LiveNode, state: dict[str, Any]) -> None:
        """A connection was opened again: what its sessions said meanwhile was heard by nobody."""
        told = {message["name"]: message for message in state.get("sessions", [])}
        gone = [{"name": name, "state": "ended"} for name in node.sessions if name not in told]
        for message in (*gone, *told.values()):
            self.session(live, node, message)

    def _session(self, node: LiveNode, message: dict[str, Any]) -> Session:
        known = node.sessions.get(message["name"])
        node.session_processes[message["name"]] = message["pid"], message["created"]
        now = self._engine.now()
        return Session(
            name=message["name"],
            compute=node.record.compute,
            node=node.name,
            state=message["state"],
            created_at=known.created_at if known else now,
            last_used_at=now,
            pid=message["pid"],
            memory_bytes=message.get("memory_bytes", 0),
            idle_limit_seconds=int(self._engine.settings.session_idle_seconds),
        )

    # -- ending -----------------------------------------------------------------------------

    def remove(self, live: LiveCompute, node: LiveNode, *, state: str = "leaving") -> None:
        """Take a node away. Its jobs, if any, were told before."""
        self.set_state(node, state)
        if live.is_cluster and live.compute.state == "Steady":
            self._engine.change_compute(live, state="Resizing")
        self._engine.spawn(self._leave(live, node), f"end node {node.name}")

    async def _leave(self, live: LiveCompute, node: LiveNode) -> None:
        await self.end_process(node)
        await self._drop(live, node)
        self.settle(live)
        self._engine.wake_all()

    async def end_process(self, node: LiveNode) -> None:
        """End the process of a node, at the latest by force."""
        told = node.link.send({"op": "leave"})
        # One that is just coming up has no connection yet: it would never hear of it.
        if not told or not await node.link.ended(seconds=_LEAVE_SECONDS):
            processes.kill(node.link.pid, node.link.created)
            await node.link.ended(seconds=_LEAVE_SECONDS)
        node.link.close()
        node.link.remove()

    async def _drop(self, live: LiveCompute, node: LiveNode) -> None:
        """Out of the books; jobs that still counted on it are told."""
        engine = self._engine
        engine.nodetime.gone(node)
        node.link.close()
        engine.reports.node_lost(live, node)
        live.nodes.pop(node.name, None)
        for name in list(node.sessions):
            engine.changes.publish("session", name, None)
        engine.changes.publish("node", node.name, None)
        engine.publish_compute(live)
        await engine.store.write(lambda conn: rows.delete_node(conn, node.name))

    def _lost(self, live: LiveCompute, node: LiveNode) -> None:
        """The node's process is dead and nobody asked for it."""
        if node.state not in ("leaving", "preempted"):
            log.warning("node %s is lost", node.name)
            node.state = "unusable"
            self._engine.spawn(self._replace(live, node), f"replace node {node.name}")

    async def _replace(self, live: LiveCompute, node: LiveNode) -> None:
        await self._drop(live, node)
        if self._engine.closing or live.emptying:
            return
        if live.is_instance and live.compute.state == "Running":
            self._engine.change_compute(
                live, state="Restarting", reason="its node process ended; a new one is starting"
            )
        self.settle(live)
        self.keep_up(live)

    def evict(self, live: LiveCompute, node_name: str) -> None:
        """Take back low-priority nodes as Azure would: their jobs end, retries queue again."""
        spec = live.compute.spec
        if not isinstance(spec, AmlCompute) or spec.tier != "low_priority":
            raise Conflict(
                f"{live.name} is not a low-priority cluster, so its nodes cannot be evicted.",
                target=live.name,
                hint="Create one with `%aml compute create NAME --tier low_priority`.",
            )
        nodes = [n for n in live.nodes.values() if node_name in ("", n.name)]
        nodes = [n for n in nodes if n.state in ("idle", "running")]
        if not nodes:
            raise Conflict(
                f"{live.name} has no node {node_name} to evict."
                if node_name
                else f"{live.name} has no node now.",
                target=live.name,
            )
        for node in nodes:
            for job in self._jobs(node):
                job.ending = job.ending or "Evicted"
            self.remove(live, node, state="preempted")

    def _jobs(self, node: LiveNode) -> list[LiveJob]:
        return [self._engine.jobs[name] for name in node.jobs if name in self._engine.jobs]

    async def empty(self, live: LiveCompute) -> None:
        """Cancel every job of a compute, wait for their true end, then end its nodes.

        Ends by itself whatever a job does: a node's end is also the end of the jobs on it.
        """
        engine = self._engine
        mine = [job for job in engine.jobs.values() if job.job.spec.compute == live.name]
        live.emptying = True  # else a cluster's least nodes come again as they go
        try:
            for job in mine:
                engine.runs.end(job, "Canceled")
            await self._ended(mine, engine.settings.cancel_grace_seconds + _LEAVE_SECONDS)
            for node in list(live.nodes.values()):
                if node.state in ("idle", "running"):
                    self.set_state(node, "leaving")
                await self.end_process(node)
                await self._drop(live, node)
        finally:
            live.emptying = False
        for job in await self._ended(mine, _LEAVE_SECONDS):
            log.error("job %s of %s has no process and no end", job.name, live.name)

    async def _ended(self, jobs: list[LiveJob], seconds: float) -> list[LiveJob]:
        """Wait for the end of `jobs`; those that are still under way after `seconds`."""
        waits = [asyncio.ensure_future(job.finished.wait()) for job in jobs]
        if waits:
            await asyncio.wait(waits, timeout=seconds)
        for wait in waits:
            wait.cancel()
        return [job for job in jobs if not job.finished.is_set()]

    # -- at the start and the end of a service ----------------------------------------------

    async def adopt(self, live: LiveCompute, record: NodeRecord) -> dict[str, Any] | None:
        """Take over a node of an earlier service. Returns its state, or None if it is gone."""
        node = self._hold(live, record)
        if record.pid is not None and processes.created(record.pid) is None:
            await self._forget_dead(live, node)
            return None
        try:
            state = await node.link.open(seconds=5.0 if record.pid else 0.5)
        except AmlError:
            processes.kill(record.pid, record.created)
            await self._forget_dead(live, node)
            return None
        node.record = msgspec.structs.replace(record, pid=node.link.pid, created=node.link.created)
        for message in state.get("sessions", []):
            node.sessions[message["name"]] = self._session(node, message)
        node.idle_since = live.idle_since = self._engine.clock.monotonic()
        self.set_state(node, "idle")
        return state

    async def _forget_dead(self, live: LiveCompute, node: LiveNode) -> None:
        node.link.close()
        del live.nodes[node.name]
        await self._engine.store.write(lambda conn: rows.delete_node(conn, node.name))

    def local(self) -> LiveCompute:
        """The compute that is always there."""
        now = self._engine.now()
        compute = Compute(spec=LocalCompute(), state="Running", created_at=now, state_since=now)
        return LiveCompute(compute=compute)


def _row(record: NodeRecord) -> dict[str, Any]:
    row: dict[str, Any] = msgspec.to_builtins(record)
    return row
