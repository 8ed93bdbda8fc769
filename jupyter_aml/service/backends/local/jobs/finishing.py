"""The end of an attempt: read the rest, judge, then end the job or queue it again.

Called once all processes of the attempt are gone, by `runs` as messages come in and by
`recovery` for what ended while no service ran.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

import msgspec

from jupyter_aml.model.compute import AmlCompute
from jupyter_aml.model.job import CellJob, Receipt, ResultInfo
from jupyter_aml.service.backends.local.data import ending, places
from jupyter_aml.service.backends.local.jobs import results, tasks
from jupyter_aml.service.backends.local.jobs.outcome import LOST, Outcome, judge
from jupyter_aml.service.backends.local.jobs.receipts import receipt
from jupyter_aml.service.backends.local.nodes import processes
from jupyter_aml.service.backends.local.state import LiveJob

if TYPE_CHECKING:
    from jupyter_aml.service.backends.local.engine import Engine

log = logging.getLogger(__name__)

Message = dict[str, Any]

_RANKS = 1024
"""More processes than one job has here."""


class Finishing:
    """Ends attempts for the engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def soon(self, live: LiveJob) -> None:
        """End the attempt, all of whose processes are gone: at once, or in a task of its own."""
        if not self._at_once(live):
            self._engine.spawn(self.finish(live), f"finish {live.name}")

    def _at_once(self, live: LiveJob) -> bool:
        """End a job of which nothing has to be read nor waited for; False if there is more to do.

        So end most cells of a sweep: well, and with nothing to show but a few lines of text.
        """
        job = live.job
        sizes = results.plain_sizes(live.exits[0]) if len(live.exits) == 1 else None
        if sizes is None or live.ending or live.samples or len(live.ranks) > 1:
            return False
        if job.status != "Running" or job.spec.outputs or places.laid_out(job.spec):
            return False
        outcome = judge(live.name, job.spec, job.attempt, live.exits, results.PLAIN, "")
        status, reason = outcome.status, outcome.reason
        if status != "Completed" or not live.log.end_unread(
            job.attempt, 0, sizes, status=status, reason=reason, attempt=job.attempt
        ):
            return False
        self._stop_clocks(live)
        nodes = live.nodes
        self._free_nodes(live)
        self._told(live, outcome, receipt=self._receipt(live), logged=True)
        stored = self._engine.saving.final(live.job)
        stored.add_done_callback(lambda stored: self._stored(live, stored))
        for node in nodes:
            self._engine.reports.forget(node, live.name, job.attempt)
        return True

    def _stored(self, live: LiveJob, stored: asyncio.Future[None]) -> None:
        if not stored.cancelled() and (error := stored.exception()) is not None:
            log.error("how job %s ended is not stored", live.name, exc_info=error)
        elif not stored.cancelled():
            self._let_go(live)

    def _stop_clocks(self, live: LiveJob) -> None:
        if live.timer is not None:
            live.timer.cancel()
        live.ended_at = self._engine.clock.monotonic()

    async def finish(self, live: LiveJob) -> None:
        """All processes are gone: read the rest, judge, and end the job or queue it again."""
        self._stop_clocks(live)
        await self._sweep(live)
        await self._drain(live)
        error = await self._last_error(live)
        outcome = judge(
            live.name,
            live.job.spec,
            live.job.attempt,
            live.exits,
            live.done,
            live.ending,
            error,
            live.ending_words,
        )
        nodes = live.nodes
        self._free_nodes(live)
        if outcome.again:
            self._again(live, outcome)
        else:
            await self._end(live, outcome)
        for node in nodes:
            self._engine.reports.forget(node, live.name, live.job.attempt - int(outcome.again))

    async def _sweep(self, live: LiveJob) -> None:
        """Kill what a dead node could not: processes that left the tree on purpose."""
        if any(message.get("reason") in (LOST, "Evicted") for message in live.exits.values()):
            marker = self._engine.keys.marker(live.name, live.job.attempt)
            await asyncio.to_thread(processes.kill_marked, [marker])

    async def _drain(self, live: LiveJob) -> None:
        """Read every stream to its end; waits for as long as a full disk refuses."""
        for rank in live.ranks:
            done = await live.log.drain(live.job.attempt, rank)
            if rank == 0:
                live.done = done

    async def _last_error(self, live: LiveJob) -> Message | None:
        """What the cell raised. Read from its frames only when it did fail."""
        if live.done is None or live.done.get("status") == "ok":
            return None
        folder = live.layout.attempt(live.job.attempt)
        return await asyncio.to_thread(results.last_frame, folder, "error")

    def _free_nodes(self, live: LiveJob) -> None:
        """Nodes that were taken but never heard of the job."""
        compute = self._engine.computes.get(live.job.spec.compute)
        live.waiting_for.clear()
        for node in live.nodes:
            if compute is not None and live.name in node.jobs:
                self._engine.reports.left(compute, node, live)

    def _again(self, live: LiveJob, outcome: Outcome) -> None:
        """Queue the next attempt; the log goes on, the attempt's folder is a new one."""
        words = outcome.error.message if outcome.error else outcome.reason
        live.spent_seconds += self._node_seconds(live)
        live.exits, live.done, live.ranks, live.nodes = {}, None, [], []
        live.ending, live.timer = "", None
        live.preparing_at = live.started_at = live.running_at = live.ended_at = 0.0
        live.entered = ()
        live.log.append("notice", text=f"Attempt {live.job.attempt} ended: {words} Trying again.\n")
        following = live.job.attempt + 1
        self._engine.runs.move(live, "Queued", outcome.reason, attempt=following, nodes=[])
        if live.job.spec.compute in self._engine.computes:
            self._engine.enqueue(live)

    async def _end(self, live: LiveJob, outcome: Outcome) -> None:
        engine = self._engine
        outcome, registered = await ending.finish(engine, live, outcome)
        result = await self._result(live)
        ended = msgspec.structs.replace(
            live.job,
            status=outcome.status,
            status_reason=outcome.reason,
            error=outcome.error,
            exit_code=outcome.exit_code,
            receipt=self._receipt(live),
        )
        diagnosis = await engine.doctor.examine(live, ended)
        self._told(
            live,
            outcome,
            registered=registered,
            result=result,
            receipt=ended.receipt,
            diagnosis=diagnosis,
        )
        await self._keep_samples(live)
        await self.close_book(live)

    def _told(self, live: LiveJob, outcome: Outcome, **fields: Any) -> None:
        """Tell how it ended: in its log, to the store, and to who looks at it."""
        self._engine.runs.move(
            live,
            outcome.status,
            outcome.reason,
            error=outcome.error,
            exit_code=outcome.exit_code,
            ended_at=self._engine.now(),
            outputs=tasks.output_paths(live.job.spec, live.layout),
            new_files=[str(path) for path in (live.done or {}).get("files", [])],
            **fields,
        )
        # In the same step: who sees that it has ended counts it among the running ones no more.
        live.finished.set()
        self._engine.tracking.ended(live)

    async def rebuild(self, live: LiveJob, last: Message) -> None:
        """Store the end that the event log tells of: the service was killed between the two.

        `last` is the line of the final status.
        """
        engine, job = self._engine, live.job
        live.exits = {
            rank: found
            for rank in range(_RANKS)
            if (found := engine.reports.exit_file(live, rank)) is not None
        }
        live.done = results.last_frame(live.layout.attempt(job.attempt), "done")
        error = await self._last_error(live)
        outcome = judge(live.name, job.spec, job.attempt, live.exits, live.done, "", error)
        status = str(last["status"])
        live.job = msgspec.structs.replace(
            job,
            status=status,
            status_reason=str(last.get("reason", "")),
            error=outcome.error if status == "Failed" else None,
            exit_code=outcome.exit_code,
            ended_at=str(last["time"]),
            outputs=tasks.output_paths(job.spec, live.layout),
            result=await self._result(live),
            receipt=self._receipt(live),
            last_seq=live.log.last_seq,
        )
        diagnosis = await engine.doctor.examine(live, live.job)
        live.job = msgspec.structs.replace(live.job, diagnosis=diagnosis)
        await self.close_book(live)

    async def _keep_samples(self, live: LiveJob) -> None:
        """What was measured stays with the job; a quick job has nothing."""
        if live.samples:
            data = msgspec.json.encode(list(live.samples))
            await asyncio.to_thread(live.layout.samples.write_bytes, data)

    async def close_book(self, live: LiveJob) -> None:
        """Nothing of it changes any more: store it so, and let go of it."""
        live.finished.set()
        await self._engine.saving.final(live.job)
        self._let_go(live)

    def _let_go(self, live: LiveJob) -> None:
        """The store has its end."""
        engine = self._engine
        if engine.jobs.get(live.name) is live:
            del engine.jobs[live.name]
        live.log.close()
        live.closed.set()
        if compute := engine.computes.get(live.job.spec.compute):
            engine.publish_compute(compute)

    async def _result(self, live: LiveJob) -> ResultInfo | None:
        if not isinstance(live.job.spec, CellJob) or live.done is None:
            return None
        size = results.size(live.layout.attempt_text(live.job.attempt))
        if size < 0:
            return results.nothing(live.done)
        folder = live.layout.attempt(live.job.attempt)
        key = self._engine.keys.result(live.name, live.job.attempt)
        if results.is_small(size):
            return results.check(folder, key, live.done)
        if live.job.status == "Running":
            self._engine.runs.move(live, "Finalizing", "reading the variables it left")
        return await asyncio.to_thread(results.check, folder, key, live.done)

    def _node_seconds(self, live: LiveJob) -> float:
        """Time since this attempt was given its nodes, times those."""
        began = live.preparing_at or live.started_at
        if not began:
            return 0.0
        return (self._engine.clock.monotonic() - began) * max(1, len(live.nodes))

    def _receipt(self, live: LiveJob) -> Receipt:
        engine = self._engine
        compute = engine.computes.get(live.job.spec.compute)
        spec = compute.compute.spec if compute is not None else None
        now = engine.clock.monotonic()
        started = live.started_at or now
        queued_until = live.preparing_at or started
        return receipt(
            engine.size_of(compute.compute) if compute is not None else None,
            spec.tier if isinstance(spec, AmlCompute) else "dedicated",
            live.exits,
            nodes=max(1, len(live.nodes)),
            node_seconds=live.spent_seconds + self._node_seconds(live),
            queued_seconds=max(0.0, queued_until - live.queued_at) if live.queued_at else 0.0,
            preparing_seconds=max(0.0, started - queued_until),
            stages=engine.waits.seconds(live),
            whole=live.job.spec.compute,
            taken=engine.nodetime.receipt(live.name, compute),
        )
