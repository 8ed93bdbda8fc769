"""A job's way from its place in line to its end, on the nodes it was given.

Every step is either durable before it is shown, or can be found again: the attempt's folder, its
claim and exit files and the event log are the truth after a crash, the store follows them.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from jupyter_aml.model import lifecycle
from jupyter_aml.model.errors import AmlError, ErrorBody
from jupyter_aml.model.fix import Stage
from jupyter_aml.model.job import Job, NotebookJob
from jupyter_aml.service.backends.local.data import execution, places
from jupyter_aml.service.backends.local.jobs import notebooks, tasks
from jupyter_aml.service.backends.local.jobs.doing import words_of
from jupyter_aml.service.backends.local.jobs.outcome import LOST, PEER
from jupyter_aml.service.backends.local.state import LiveJob, LiveNode

if TYPE_CHECKING:
    from jupyter_aml.service.backends.local.engine import Engine

Message = dict[str, Any]


class Runs:
    """Starts, follows, ends and finishes jobs for the engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.variables: Mapping[str, str] = {}
        """What leads Azure's SDK to the compatible API from a job: none unless that is open."""

    # -- moving -----------------------------------------------------------------------------

    def move(
        self,
        live: LiveJob,
        status: str,
        reason: str = "",
        *,
        later: bool = False,
        logged: bool = False,
        **fields: Any,
    ) -> None:
        """The only way a live job's status changes: checked, logged, stored, published.

        `later`: the next service would find it out from elsewhere, so its event may wait.
        `logged`: its event is in the log already.
        """
        lifecycle.JOB.check(live.job.status, status, name=live.name)
        live.job = msgspec.structs.replace(live.job, status=status, status_reason=reason, **fields)
        if not logged:
            self._event(live, later=later)
        live.job = msgspec.structs.replace(live.job, last_seq=live.log.last_seq)
        self._engine.save_job(live.job)

    def tell(self, live: LiveJob, reason: str) -> None:
        """Say why a queued job waits now: an event, but nothing for the store."""
        live.job = msgspec.structs.replace(live.job, status_reason=reason)
        self._event(live)
        self._engine.publish_job(live.job)

    def _event(self, live: LiveJob, *, later: bool = False) -> None:
        job = live.job
        append = live.log.append_later if later else live.log.append
        append("status", status=job.status, reason=job.status_reason, attempt=job.attempt)

    # -- starting ---------------------------------------------------------------------------

    def start(self, live: LiveJob, nodes: Sequence[LiveNode]) -> None:
        """Take `nodes` and go; in this very call where nothing is to be made ready first."""
        engine = self._engine
        compute = engine.computes[live.job.spec.compute]
        live.nodes = list(nodes)
        live.preparing_at = engine.clock.monotonic()
        for node in nodes:
            node.jobs.add(live.name)
            if live.takes_no_place:
                node.beside.add(live.name)
            if live.session:
                node.sent[live.name] = live.session
                node.environments.setdefault(live.session, live.job.spec.environment)
            engine.fleet.set_state(node, "running")
        doing = engine.attached.sending(compute) or places.laying_out(live.job.spec)
        if not doing and engine.environments.is_ready(live):
            self._send(live)
        else:
            if doing:
                self.enter(live, "snapshot")
            self.move(live, "Preparing", doing or engine.environments.reason(live))
            live.task = engine.spawn(self._prepare(live), f"prepare {live.name}")
        engine.publish_compute(compute)

    def enter(self, live: LiveJob, stage: Stage) -> None:
        """Note that a stage between having nodes and using them begins: what waits are made of."""
        live.entered = (*live.entered, (stage, self._engine.clock.monotonic()))

    async def _prepare(self, live: LiveJob) -> None:
        environments = self._engine.environments
        if places.laying_out(live.job.spec) or self._engine.attached.has(live):
            try:
                await self._lay_out(live)
                await self._engine.attached.send(live)
            except Exception as error:  # whatever it is, is the job's end, told in its own words
                words = error.message if isinstance(error, AmlError) else str(error)
                self._never_started(live, words)
                return
        if not environments.is_ready(live) and not live.ending:
            self.enter(live, "environment")
            if why := await environments.wait(live):
                self._never_started(live, why.message, error=why)
                return
        if live.job.status == "CancelRequested" or live.ending:
            self._never_started(live, "")
        elif any(node.state not in ("idle", "running") for node in live.nodes):
            live.exits[0] = {"code": None, "reason": LOST}  # while it was being made ready
            self._engine.finishing.soon(live)
        else:
            self._send(live)

    async def _lay_out(self, live: LiveJob) -> None:
        """The code folder of each node, and the copies of inputs, which the nodes share."""
        code = live.job.spec.code
        for number in range(len(live.nodes) if code is not None else 0):
            snapshot, folder = (code or "").removeprefix("snapshot:"), live.layout.work(number)
            await asyncio.to_thread(self._engine.snapshots.lay_out, snapshot, folder)
        if inputs := places.laid_out(live.job.spec):
            await asyncio.to_thread(execution.lay_out, inputs, live.layout.folder)

    def _send(self, live: LiveJob) -> None:
        engine = self._engine
        try:
            messages = self._messages(live)
        except OSError as error:
            self._never_started(live, f"{error.strerror}: {error.filename}")
            return
        live.started_at = engine.clock.monotonic()
        self.move(
            live,
            "Running",
            started_at=live.job.started_at or engine.now(),
            nodes=[node.name for node in live.nodes],
        )
        self.set_timer(live)
        self.follow(live, messages)
        live.log.flush()  # the next service must not take it for one that was never sent
        for node, message in zip(live.nodes, messages, strict=True):
            live.waiting_for[message["rank"]] = node.name
            node.link.send(message)

    def run_on(self, live: LiveJob, node: LiveNode) -> None:
        """`node` has begun what it was sent before its turn (`jobs.ahead`)."""
        live.waiting_for[0] = node.name
        self.begun(live)
        self.move(live, "Running", later=True)
        self.set_timer(live)

    def begun(self, live: LiveJob) -> None:
        """Note that it runs, and where; what it writes is listened to."""
        engine = self._engine
        live.preparing_at = live.started_at = engine.clock.monotonic()
        live.ranks = [0]
        live.job = msgspec.structs.replace(
            live.job,
            started_at=live.job.started_at or engine.now(),
            nodes=[node.name for node in live.nodes],
        )
        # The end of a quick one came with its beginning: then there is nothing to listen to.
        asyncio.get_running_loop().call_soon(self._listen, live)

    def _listen(self, live: LiveJob) -> None:
        if live.waiting_for:
            self._attach(live, 0, hurries=False)

    def make_ready(self, live: LiveJob) -> None:
        """Make the folders of an attempt and listen to what its first process will write.

        Called ahead where the job will likely start at once; raises OSError of a full disk.
        """
        layout, attempt = live.layout, live.job.attempt
        spec = live.job.spec
        is_new = make_folder(layout.attempt_text(attempt))
        for name, output in spec.outputs.items():
            if places.written_directly(output):
                goal = tasks.written_to(layout, name, output)
                is_file = output.type == "uri_file"
                os.makedirs(os.path.dirname(goal) if is_file else goal, exist_ok=True)
            else:
                folder = layout.output(name, "uri_folder")
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if isinstance(spec, NotebookJob):
            notebooks.lay_out(spec, layout.folder)
        self._attach(live, 0, is_new=is_new)
        live.ready = attempt

    def _messages(self, live: LiveJob) -> list[Message]:
        """What each node of the attempt is told to run; its folder is there."""
        if live.ready != live.job.attempt:
            self.make_ready(live)
        return self.tasks_of(live, live.nodes)

    def tasks_of(self, live: LiveJob, nodes: Sequence[LiveNode]) -> list[Message]:
        """What `nodes` would be told to run, in their order."""
        return tasks.build(
            live.job,
            self._engine.keys,
            live.layout,
            [node.place() for node in nodes],
            session_idle=self._engine.settings.session_idle_seconds,
            also={**self.variables, **self._engine.tracking.variables(live)},
        )

    def follow(self, live: LiveJob, messages: Iterable[Message]) -> None:
        """Have the job's log read what its processes write."""
        live.ranks = [
            process["rank"]
            for message in messages
            for process in message.get("processes") or [message]
        ]
        for rank in live.ranks:
            if rank or live.ready != live.job.attempt:
                self._attach(live, rank)

    def _attach(
        self, live: LiveJob, rank: int, *, is_new: bool = False, hurries: bool = True
    ) -> None:
        live.log.attach(
            live.job.attempt,
            rank,
            on_frame=lambda frame: self._frame(live, frame),
            is_new=is_new,
            hurries=hurries,
        )

    def _frame(self, live: LiveJob, frame: Message) -> None:
        if frame.get("k") == "metric" and live.job.spec.parent:
            self._engine.parents.logged(live, frame)
        if frame.get("k") == "progress" and frame.get("total"):
            done = min(1.0, max(0.0, frame["value"] / frame["total"]))
            live.job = msgspec.structs.replace(
                live.job, progress=round(done, 4), doing=words_of(frame)
            )
            self._engine.publish_job(live.job)

    def set_timer(self, live: LiveJob, ran: float = 0.0) -> None:
        """End the attempt at its timeout; it has run for `ran` seconds already."""
        timeout = live.job.spec.timeout
        if timeout is not None:
            left = max(0.0, timeout - ran)
            live.timer = self._engine.clock.call_later(left, lambda: self.end(live, "Timeout"))

    def _never_started(
        self, live: LiveJob, message: str, *, error: ErrorBody | None = None
    ) -> None:
        """`error` is the cause in the words of what was made ready for it."""
        reason = error.code if error is not None else "StartFailed"
        live.exits[0] = {"code": None, "reason": reason, "message": message, "error": error}
        self._engine.finishing.soon(live)

    # -- ending -----------------------------------------------------------------------------

    def end(self, live: LiveJob, reason: str) -> None:
        """Ask a job to end: Canceled, Timeout or Evicted. The first reason asked for stays."""
        if live.ending or live.job.status in lifecycle.JOB.final:
            return
        live.ending = reason
        if live.is_parent:
            self._engine.parents.end(live, reason)
            return
        if live.job.status == "Queued" and self._engine.ahead.cancel(live):
            self.move(live, "CancelRequested", reason)
        elif live.job.status == "Queued":
            compute = self._engine.computes[live.job.spec.compute]
            compute.queue.pop(live.name, None)
            self.move(live, "CancelRequested", reason)
            self._engine.finishing.soon(live)
            self._engine.wake(compute)
        elif reason != "Evicted":
            self.move(live, "CancelRequested", reason)
        self._engine.environments.let_go(live)
        if live.waiting_for:
            self.cancel_processes(live, reason)

    def cancel_processes(self, live: LiveJob, reason: str) -> None:
        grace = self._engine.settings.cancel_grace_seconds
        for node in live.nodes:
            if node.name in live.waiting_for.values():
                node.link.send(
                    {
                        "op": "cancel",
                        "job": live.name,
                        "attempt": live.job.attempt,
                        "reason": reason,
                        "grace": grace,
                    }
                )

    def end_peers(self, live: LiveJob) -> None:
        """All or none: one process of the job is gone, so the others end too."""
        self.cancel_processes(live, PEER)


def make_folder(folder: str) -> bool:
    """Make a private folder; False if it was there already."""
    try:
        os.mkdir(folder, 0o700)
    except FileExistsError:
        return False
    except FileNotFoundError:
        make_folder(os.path.dirname(folder))
        os.mkdir(folder, 0o700)
    return True


def new_job(name: str, spec: Any, now: str) -> Job:
    """A job as it is accepted: in line for its first attempt."""
    return Job(name=name, spec=spec, status="Queued", created_at=now, attempt=1)
