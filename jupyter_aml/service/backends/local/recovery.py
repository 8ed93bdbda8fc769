"""Take up what an earlier service left, however it ended.

Nodes are adopted by pid and start time. For each job that had not ended, in this order: a final
status in its event log is the truth; a node that still runs it keeps running it; an exit file
ends it; a claim without either means that it ran and was lost; no claim means that it never
started, so it may.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from jupyter_aml.model.compute import AmlCompute
from jupyter_aml.model.job import Job
from jupyter_aml.model.names import LOCAL
from jupyter_aml.service.backends.local.nodes import processes
from jupyter_aml.service.backends.local.nodes.links import NodeLink
from jupyter_aml.service.backends.local.state import LiveCompute, LiveJob, LiveNode, NodeRecord
from jupyter_aml.service.store import rows

if TYPE_CHECKING:
    from jupyter_aml.service.backends.local.engine import Engine
    from jupyter_aml.service.backends.local.facets.computes import Computes

log = logging.getLogger(__name__)


class Recovery:
    """Used once, by `LocalBackend.open`, before the first request."""

    def __init__(self, engine: Engine, computes: Computes) -> None:
        self._engine = engine
        self._computes = computes
        self._states: dict[str, dict[str, Any]] = {}
        self._parents: list[LiveJob] = []

    async def run(self) -> None:
        engine = self._engine
        engine.computes[LOCAL] = engine.fleet.local()
        for compute in rows.list_computes(engine.store.reader):
            engine.computes[compute.name] = LiveCompute(compute=compute)
        engine.messages.hold()
        engine.taking_up = True
        self._states |= engine.attached.adopt()
        await self._adopt_nodes()
        await self._end_strangers()
        await self._take_up_jobs()
        for live in self._parents:  # an inner one before the one that it is a part of
            await engine.parents.resume(live)
        engine.nodetime.taken_up()
        engine.messages.release()
        engine.taking_up = False
        self._go_on()

    # -- nodes ------------------------------------------------------------------------------

    async def _adopt_nodes(self) -> None:
        engine = self._engine
        records = [msgspec.convert(row, NodeRecord) for row in rows.list_nodes(engine.store.reader)]
        found = await asyncio.gather(*(self._adopt(record) for record in records))
        for record, state in zip(records, found, strict=True):
            if state is not None:
                self._states[record.name] = state

    async def _adopt(self, record: NodeRecord) -> dict[str, Any] | None:
        engine = self._engine
        live = engine.computes.get(record.compute)
        if live is None:
            processes.kill(record.pid, record.created)
            await engine.store.write(lambda conn: rows.delete_node(conn, record.name))
            return None
        return await engine.fleet.adopt(live, record)

    async def _end_strangers(self) -> None:
        """Nodes that came up while the service that asked for them died: nobody knows them."""
        engine = self._engine
        known = {node.name for node in engine.nodes()}
        for socket in engine.folders.run.glob("*.sock"):
            if socket.stem in known or socket.stem.startswith("nursery-"):
                continue
            link = NodeLink(socket.stem, socket)
            with contextlib.suppress(Exception):
                # A stale socket file answers with whatever error it likes; it is removed below.
                await link.open(seconds=0.5)
                link.send({"op": "leave"})
                await link.ended(seconds=10)
            link.close()
            with contextlib.suppress(OSError):
                socket.unlink()

    # -- jobs -------------------------------------------------------------------------------

    async def _take_up_jobs(self) -> None:
        engine = self._engine
        for stored in rows.active_jobs(engine.store.reader):
            found = rows.get_job(engine.store.reader, stored.name, payload=True)
            if found is not None:
                await self._take_up(found)

    async def _take_up(self, job: Job) -> None:
        engine = self._engine
        layout = engine.folders.layout(job.name)
        layout.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        live = LiveJob(job=job, log=engine.logs.open(job.name, layout.folder), layout=layout)
        live.queued_at = engine.clock.monotonic()
        engine.jobs[job.name] = live
        if not live.log.last_seq:  # killed before anything else was said of it
            live.log.append_later("status", status="Queued", reason="", attempt=1)
        if live.log.final_status is not None:
            await self._close_book(live, live.log.final_status)
            return
        if live.is_parent:
            self._parents.insert(0, live)
            return
        self._newest_attempt(live)
        nodes = self._nodes_of(live)
        claims = self._ranks(live, "claim")
        if (node := self._ahead_on(live, nodes)) is not None:
            engine.environments.begin(live)
            engine.ahead.adopt(live, node)
        elif nodes:
            self._go_on_following(live, nodes)
        elif claims or self._ranks(live, "exit"):
            self._lost(live, claims)
        else:
            self._queue_again(live)

    async def _close_book(self, live: LiveJob, status: str) -> None:
        """The log knows the end, the store was killed before it heard of it."""
        engine = self._engine
        last = _final_line(live.layout.folder / "events.log")
        ending = engine.parents if live.is_parent else engine.finishing
        await ending.rebuild(live, last or {"status": status, "time": engine.now()})

    def _newest_attempt(self, live: LiveJob) -> None:
        """A retry may have begun that the store did not hear of."""
        numbers = [int(p.name) for p in live.layout.folder.iterdir() if p.name.isdigit()]
        newest = max([live.job.attempt, *numbers])
        if newest != live.job.attempt:
            live.job = msgspec.structs.replace(live.job, attempt=newest)

    def _ranks(self, live: LiveJob, kind: str) -> list[int]:
        folder = live.layout.attempt(live.job.attempt)
        return sorted(
            int(path.suffix[1:]) for path in folder.glob(f"{kind}.*") if path.suffix[1:].isdigit()
        )

    def _nodes_of(self, live: LiveJob) -> dict[LiveNode, dict[str, Any]]:
        """Adopted nodes that run this attempt, or have its exit to tell."""
        found: dict[LiveNode, dict[str, Any]] = {}
        for node in self._engine.nodes():
            state = self._states.get(node.name, {})
            said = [*state.get("jobs", []), *state.get("exits", [])]
            mine = [
                one
                for one in said
                if one["job"] == live.name and one["attempt"] == live.job.attempt
            ]
            if mine:
                found[node] = {**state, "rank": min(one["rank"] for one in mine)}
        return found

    def _ahead_on(self, live: LiveJob, nodes: dict[LiveNode, dict[str, Any]]) -> LiveNode | None:
        """The node to which it was sent before its turn, which has not come yet."""
        for node, state in nodes.items():
            mine = [one for one in state.get("jobs", []) if one["job"] == live.name]
            is_begun = live.job.status != "Queued" or not mine or mine[0].get("pid")
            if live.session and not is_begun:
                return node
        return None

    def _go_on_following(self, live: LiveJob, nodes: dict[LiveNode, dict[str, Any]]) -> None:
        engine = self._engine
        if live.job.status in ("Queued", "Preparing", "NotStarted"):
            engine.runs.move(live, "Running", started_at=live.job.started_at or engine.now())
        ran = self._ran(live)
        live.started_at = live.preparing_at = engine.clock.monotonic() - ran
        engine.runs.set_timer(live, ran)
        live.nodes = list(nodes)
        engine.runs.follow(live, self._attempt_ranks(live))
        for node, state in nodes.items():
            node.jobs.add(live.name)
            if live.takes_no_place:
                node.beside.add(live.name)
            if live.session:
                node.sent[live.name] = live.session
            engine.fleet.set_state(node, "running")
            live.waiting_for[state["rank"]] = node.name
        if live.job.status == "CancelRequested":
            live.ending = live.job.status_reason or "Canceled"
        missing = live.job.spec.instance_count - len(nodes)
        for node, state in nodes.items():
            compute = engine.computes[node.record.compute]
            engine.reports.resynced(compute, node, state)
        if missing > 0:
            # Some of its nodes are gone: all or none.
            live.exits[-1] = {"code": None, "reason": "NodeLost"}
            engine.runs.end_peers(live)

    def _ran(self, live: LiveJob) -> float:
        """Seconds since the attempt was claimed."""
        folder = live.layout.attempt(live.job.attempt)
        claimed = [path.lstat().st_mtime for path in folder.glob("claim.*")]
        return max(0.0, self._engine.clock.time() - min(claimed)) if claimed else 0.0

    def _attempt_ranks(self, live: LiveJob) -> list[dict[str, Any]]:
        ranks = {*self._ranks(live, "claim"), *self._ranks(live, "stdout"), 0}
        return [{"rank": rank} for rank in sorted(ranks)]

    def _lost(self, live: LiveJob, claims: list[int]) -> None:
        """It ran, and nobody runs it any more: exit files say how it ended, else it was lost."""
        engine = self._engine
        if live.job.status in ("Queued", "Preparing", "NotStarted"):
            engine.runs.move(live, "Running", started_at=live.job.started_at or engine.now())
        live.started_at = live.preparing_at = engine.clock.monotonic()
        if live.job.status == "CancelRequested":
            live.ending = live.job.status_reason or "Canceled"
        engine.runs.follow(live, self._attempt_ranks(live))
        exits = self._ranks(live, "exit")
        for rank in {*claims, *exits}:
            lost = {"code": None, "reason": "NodeLost", "rank": rank}
            live.exits[rank] = engine.reports.exit_file(live, rank) or lost
        self._kill_claimed(live, claims)
        engine.finishing.soon(live)

    def _kill_claimed(self, live: LiveJob, claims: list[int]) -> None:
        """A process whose node died but which lives on (no parent-death signal here)."""
        folder = live.layout.attempt(live.job.attempt)
        for rank in claims:
            with contextlib.suppress(OSError, msgspec.DecodeError, KeyError):
                claim = _claim(folder / f"claim.{rank}")
                processes.kill(claim["pid"], claim["created"])

    def _queue_again(self, live: LiveJob) -> None:
        """It never started: in line again, under the same attempt."""
        engine = self._engine
        job = live.job
        if job.status == "CancelRequested":
            live.ending = job.status_reason or "Canceled"
            engine.finishing.soon(live)
            return
        if job.spec.compute not in engine.computes:
            live.exits[0] = {
                "code": None,
                "reason": "StartFailed",
                "message": f"its compute {job.spec.compute} was deleted",
            }
            engine.finishing.soon(live)
            return
        if job.status != "Queued":
            engine.runs.move(live, "Queued", "the service was restarted")
        engine.environments.begin(live)
        engine.computes[job.spec.compute].queue[job.name] = live

    # -- computes ---------------------------------------------------------------------------

    def _go_on(self) -> None:
        """Finish what was under way; then plan everything."""
        engine = self._engine
        for live in list(engine.computes.values()):
            state = live.compute.state
            spec = live.compute.spec
            if live.is_attached:
                engine.attached.go_on(live)
            if state == "Deleting":
                engine.spawn(self._computes.finish_delete(live), f"delete {live.name}")
            elif state == "Stopping":
                engine.spawn(engine.instances.finish_stop(live), f"stop {live.name}")
            elif isinstance(spec, AmlCompute) and state in ("Creating", "Resizing"):
                engine.fleet.settle(live)
            engine.fleet.keep_up(live)


def _claim(path: Path) -> dict[str, Any]:
    """Who claimed an attempt: the target of a link, or what stands in a file (`runner.claim`)."""
    return msgspec.json.decode(os.readlink(path) if path.is_symlink() else path.read_bytes())


def _final_line(path: Path) -> dict[str, Any] | None:
    """The line of the final status: the last of the log, unless the writer was killed in it."""
    for line in reversed(path.read_bytes().splitlines()[-3:]):
        with contextlib.suppress(msgspec.DecodeError):
            event: dict[str, Any] = msgspec.json.decode(line)
            if event.get("kind") == "status":
                return event
    return None
