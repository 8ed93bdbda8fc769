"""A job's way as a row of stages, as the side panel has it (``src/stagelist.ts``). Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass

from jupyter_aml.grammar.phrases import seconds_since_epoch
from jupyter_aml.kernel.widgets import words
from jupyter_aml.kernel.widgets.markup import escape, state_shape
from jupyter_aml.model.job import Job
from jupyter_aml.model.lifecycle import JOB
from jupyter_aml.model.waiting import Wait, WaitStage

_NAMES = {
    "queued": "Queued",
    "node": "Node",
    "snapshot": "Code",
    "environment": "Environment",
    "process": "Process",
    "running": "Running",
    "outputs": "Outputs",
}
_SHAPES = {"done": "done", "current": "preparing", "ahead": "idle", "failed": "failed"}
_CLASSES = {"done": "done", "current": "now", "ahead": "next", "failed": "bad"}


@dataclass(frozen=True)
class StageRow:
    """One stage as it is shown. ``seconds`` is None where it was not reached."""

    name: str
    state: str
    seconds: float | None = None
    usual: tuple[float, float] | None = None
    reason: str = ""
    slower: bool = False

    @property
    def title(self) -> str:
        return _NAMES.get(self.name, self.name)

    @property
    def shape(self) -> str:
        if self.state == "current" and self.slower:
            return "warn"
        if self.state == "current" and self.name == "running":
            return "running"
        return _SHAPES[self.state]

    def time(self, *, has_ended: bool) -> str:
        """``0:41, usually 0:20 to 0:40``, ``usually 0:20``, ``not reached``."""
        usual = self._usual()
        if self.seconds is None:
            if self.state == "ahead":
                return "not reached" if has_ended else usual or "not yet"
            return usual
        time = words.elapsed(self.seconds)
        if self.state == "done" and self.seconds < 10:
            time = f"{self.seconds:.1f} s"
        if self.state == "failed":
            return f"failed after {time}"
        return f"{time}, {usual}" if usual else time

    def _usual(self) -> str:
        if self.usual is None:
            return ""
        if self.usual[1] < 1:
            return "usually under 1 s"
        low, high = map(words.elapsed, self.usual)
        return f"usually {low}" if low == high else f"usually {low} to {high}"


def stages(job: Job, wait: Wait | None, told_at: float, now: float) -> list[StageRow]:
    """The stages of the newest attempt. `wait` was told at `told_at`."""
    start = [
        _started(stage, max(0.0, now - told_at))
        for stage in (wait.stages if wait else [])
        if stage.name not in ("running", "outputs")
    ]
    return [*(start or _plain_start(job, now)), _running(job, now), _outputs(job)]


def _started(stage: WaitStage, since: float) -> StageRow:
    reached = stage.state != "ahead"
    so_far = stage.seconds + (since if stage.state == "current" else 0)
    known = stage.usual_low is not None and stage.usual_high is not None
    return StageRow(
        stage.name,
        stage.state,
        so_far if reached else None,
        (stage.usual_low or 0, stage.usual_high or 0) if known else None,
        stage.reason,
        stage.slower,
    )


def _plain_start(job: Job, now: float) -> list[StageRow]:
    began = seconds_since_epoch(job.created_at)
    until = seconds_since_epoch(job.started_at) or seconds_since_epoch(job.ended_at)
    is_over = until is not None or job.status in JOB.final
    seconds = None if began is None else (now if until is None else until) - began
    return [StageRow("queued", "done" if is_over else "current", seconds)]


def _running(job: Job, now: float) -> StageRow:
    began = seconds_since_epoch(job.started_at)
    if began is None:
        return StageRow("running", "ahead")
    ended = seconds_since_epoch(job.ended_at)
    state = "current"
    if job.status == "Failed":
        state = "failed"
    elif job.status in JOB.final or job.status == "Finalizing":
        state = "done"
    return StageRow("running", state, (now if ended is None else ended) - began)


def _outputs(job: Job) -> StageRow:
    states = {"Finalizing": "current", "Completed": "done"}
    return StageRow("outputs", states.get(job.status, "ahead"))


def html(rows: list[StageRow], progress: float | None, *, has_ended: bool) -> str:
    weights = [math.sqrt(max(1, (row.usual or (0, row.seconds or 1))[1])) for row in rows]
    shares = [min(8, weight / min(weights)) for weight in weights]
    columns = " ".join(f"minmax(104px,{share:.2f}fr)" for share in shares)
    items = "".join(_item(row, progress, has_ended=has_ended) for row in rows)
    return (
        f'<ol class="aml-stages" style="grid-template-columns:{columns}" '
        f'aria-label="Stages">{items}</ol>'
    )


def _item(row: StageRow, progress: float | None, *, has_ended: bool) -> str:
    current = ' aria-current="step"' if row.state == "current" else ""
    title = f' title="{escape(row.reason)}"' if row.reason else ""
    time = escape(row.time(has_ended=has_ended))
    return (
        f'<li class="{_CLASSES[row.state]}"{current}{title}>'
        f'<span class="bar"><i style="width:{_width(row, progress):.0f}%"></i></span>'
        f'<span class="fx4">{state_shape(row.shape)}<span class="ell">{row.title}</span></span>'
        f'<span class="s num ell">{time}</span></li>'
    )


def _width(row: StageRow, progress: float | None) -> float:
    """The part of the bar that is filled, in percent: by progress, else by the usual time."""
    if row.state in ("done", "failed"):
        return 100
    if row.state == "ahead":
        return 0
    if row.name == "running" and progress is not None:
        return 100 * progress
    return min(95, 100 * (row.seconds or 0) / row.usual[1]) if row.usual and row.usual[1] else 50


def text(rows: list[StageRow], *, has_ended: bool) -> str:
    """``queued 0:41  node 3:10``."""
    return "  ".join(f"{row.title.lower()} {row.time(has_ended=has_ended)}".strip() for row in rows)
