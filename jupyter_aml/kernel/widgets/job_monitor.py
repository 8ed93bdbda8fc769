"""`JobMonitor`: one job as it goes: state, stages, progress, cost, its end with cause and fix."""

from __future__ import annotations

import time
from typing import Any

import msgspec
from traitlets import Bool, Float, Unicode

from jupyter_aml.client.client import Client
from jupyter_aml.grammar.phrases import seconds_since_epoch
from jupyter_aml.kernel.status import look
from jupyter_aml.kernel.strip import of_receipt
from jupyter_aml.kernel.widgets import stages, words
from jupyter_aml.kernel.widgets.base import AmlWidget
from jupyter_aml.kernel.widgets.live import Change
from jupyter_aml.kernel.widgets.markup import (
    button,
    escape,
    message,
    shape_of,
    state_shape,
    uncoloured,
)
from jupyter_aml.model.errors import AmlError
from jupyter_aml.model.job import Job, JobSummary
from jupyter_aml.model.lifecycle import JOB
from jupyter_aml.model.waiting import Wait

_BAR = 20
"""Characters of the bar in the text form."""
_WAITS_AGAIN_SECONDS = 5.0


class JobMonitor(AmlWidget):
    """``JobMonitor("maple_river_7k2m9qx4hd")``, or a handle or a job.

    It follows the job in a thread that ends with the job, or with `close`.
    """

    job = Unicode().tag(sync=True)
    """The job's name."""
    status = Unicode().tag(sync=True)
    """Azure's own word: Queued, Running, Completed, Failed, Canceled, ..."""
    value = Float(0.0).tag(sync=True)
    """How far it is, from 0 to 1: to be linked to any progress widget."""
    progress = Float(None, allow_none=True).tag(sync=True)
    """The same, None while the job does not tell."""
    doing = Unicode().tag(sync=True)
    """What the job says of its progress: ``epoch 7 of 20``."""
    is_done = Bool(False).tag(sync=True)

    def __init__(self, job: Any, *, client: Client | None = None) -> None:
        """Raise `NotFound` if there is no such job."""
        name = job if isinstance(job, str) else job.name
        self._is_lost_since: float | None = None
        self._wait: Wait | None = None
        self._told_at = 0.0
        self._price: float | None = None
        super().__init__(client, job=name, _label=f"Job {name}")
        self._job = self.client.jobs.get(name)
        self._price = self._price_per_hour()
        self._take(self._job)
        if not self.is_done:
            self._follow()

    # -- staying up to date ---------------------------------------------------------------------

    def connected(self) -> None:
        """It may have moved on, or ended, before the feed was open."""
        self._is_lost_since = None
        self._ask()

    def changed(self, change: Change) -> None:
        if (change.noun, change.name) != ("job", self.job):
            return
        if bytes(change.object) == b"null":
            return
        summary = msgspec.json.decode(change.object, type=JobSummary)
        if summary.status != self._job.status:
            self._ask()
        else:
            self._job = msgspec.structs.replace(
                self._job, progress=summary.progress, doing=summary.doing
            )
            self._take(self._job)

    def lost(self) -> None:
        if self._is_lost_since is None:
            self._is_lost_since = time.time()
            self._draw()

    def tick(self) -> None:
        if not self.is_done:
            waits = self._wait is not None and self._wait.waiting
            if waits and time.time() - self._told_at > _WAITS_AGAIN_SECONDS:
                self._ask_wait()
            self._draw()

    def _ask(self) -> None:
        try:
            self._take(self.client.jobs.get(self.job))
        except AmlError:
            self.lost()

    def _ask_wait(self) -> None:
        """What it waits for, and how long that usually takes; silent where that is not told."""
        try:
            self._wait = self.client.jobs.wait(self.job)
        except AmlError:
            self._wait = None
        self._told_at = time.time()

    def _take(self, job: Job) -> None:
        with self._drawing:
            before = self.status
            self._job = job
            if job.status != before:
                self._ask_wait()
            with self.hold_sync():
                self.status, self.doing, self.progress = job.status, job.doing, job.progress
                self.value = 1.0 if job.status == "Completed" else job.progress or 0.0
                if before and job.status != before:
                    self._said = f"Job {self.job}: {self._word}"
                self._draw()
                self.is_done = job.status in JOB.final
        if self.is_done and before not in JOB.final:
            self._unfollow()
            self._freeze()

    def _price_per_hour(self) -> float | None:
        """List price of its nodes, for the figure while it runs; None where nothing is paid."""
        try:
            compute = self.client.compute.get(self._job.spec.compute)
            sizes = {size.name: size for size in self.client.compute.sizes().value}
        except AmlError:
            return None
        size = sizes.get(compute.spec.size)
        if size is None:
            return None
        is_low = getattr(compute.spec, "tier", "") == "low_priority"
        price = size.low_priority_price_per_hour if is_low else size.price_per_hour
        return price * self._job.spec.instance_count if price else None

    # -- what it shows --------------------------------------------------------------------------

    @property
    def _word(self) -> str:
        return look(self._job.status).word

    def _state(self) -> tuple[str, str]:
        """Shape and word; an old state is not shown as if it were new."""
        if self._is_lost_since is not None:
            since = words.clock_of(self._is_lost_since)
            return "stale", f"Unknown, was {self._word} at {since}"
        return shape_of(self._job.status), self._word

    def _facts(self) -> str:
        """``14:02, epoch 7 of 20``."""
        job = self._job
        began = seconds_since_epoch(job.started_at or job.created_at)
        ended = seconds_since_epoch(job.ended_at) or time.time()
        found = [words.elapsed(ended - began)] if began is not None else []
        if job.status_reason and job.status not in JOB.final and job.status_reason != job.status:
            found.append(job.status_reason)
        if job.doing:
            found.append(job.doing)
        elif job.progress is not None and not self.is_done:
            found.append(f"{job.progress:.0%}")
        return ", ".join(found)

    def _cost(self) -> str:
        job = self._job
        if job.receipt is not None:
            return ", ".join(of_receipt(job.receipt))
        began = seconds_since_epoch(job.started_at)
        if not self._price or began is None:
            return ""
        return f"would be {words.money(self._price * (time.time() - began) / 3600)} so far"

    def _rows(self) -> list[stages.StageRow]:
        return stages.stages(self._job, self._wait, self._told_at, time.time())

    def _bundle(self, *, is_live: bool = True) -> dict[str, Any]:
        """What has ended needs no view any more: its picture shows everywhere, for good."""
        return super()._bundle(is_live=is_live and not self.is_done)

    def _html(self) -> str:
        return self._drawn(is_live=True)

    def _picture(self) -> str:
        return self._drawn(is_live=False)

    def _drawn(self, *, is_live: bool) -> str:
        job, (shape, word) = self._job, self._state()
        has_ended = job.status in JOB.final
        may_cancel = is_live and not has_ended and job.status != "CancelRequested"
        cancel = button("Cancel", "cancel", name=job.name, icon="stop") if may_cancel else ""
        title = job.spec.display_name or job.name
        second = f'<span class="s">{escape(job.name)}</span>' if title != job.name else ""
        return (
            f'<div class="fx aml-wrap">{state_shape(shape, 16)}<b class="num">{escape(title)}</b>'
            f'<span>{escape(word)}</span><span class="s num">{escape(self._facts())}</span>'
            f'{second}<span class="grow"></span><span class="s num">{escape(self._cost())}</span>'
            f"{cancel}</div>"
            f"{stages.html(self._rows(), job.progress, has_ended=has_ended)}"
            f"{self._error()}"
            f'<div class="s">as of {words.clock_of(time.time())}. Log: '
            f"<code>aml.JobHandle({escape(repr(job.name))}).stream()</code></div>"
        )

    def _error(self) -> str:
        error = self._job.error
        if error is None:
            return ""
        where = "" if error.target == self.job else error.target
        return message(error.message, where, error.hint, uncoloured(error.details))

    def _text(self) -> str:
        job, (_, word) = self._job, self._state()
        sign = look(job.status).shape
        parts = [job.name, f"{sign} {word}", self._facts(), job.spec.compute, self._cost()]
        lines = ["  ".join(part for part in parts if part)]
        lines.append(f"  {stages.text(self._rows(), has_ended=self.is_done)}")
        if job.progress is not None and not self.is_done:
            done = round(job.progress * _BAR)
            lines.append(f"  [{'#' * done}{'.' * (_BAR - done)}] {job.progress:.0%}")
        if job.error is not None:
            lines.append(f"  {job.error.message}")
        return "\n".join(lines)

    def _do(self, action: str, name: str) -> None:
        if action == "cancel" and name == self.job:
            self._take(self.client.jobs.cancel(name))
