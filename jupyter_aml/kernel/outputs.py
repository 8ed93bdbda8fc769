"""A job's events, shown in the cell as if it had run here.

Streams go to ``sys.stdout`` and ``sys.stderr``, displays through the shell's publisher, the last
value through its display hook: so ``%%capture``, prompts and front ends work as always.

The job's name must be in the metadata of one of the outputs, since from there a notebook that is
opened again finds the run; streams have no metadata. A quick cell needs none: when it could be
lost, it is over. So the first rich output carries it, and after `STRIP_AFTER_SECONDS` the run
strip does. The strip belongs on top: if there is output already, that is cleared and shown again
below it, once and without a flicker (``clear_output(wait=True)``).
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from jupyter_aml.kernel.strip import Strip
from jupyter_aml.model.event import Event
from jupyter_aml.model.job import Job
from jupyter_aml.model.lifecycle import JOB

STRIP_AFTER_SECONDS = 0.4
_MOST_EARLY = 200
"""Outputs that are remembered, to be shown again below the strip."""


class Replay:
    """Shows one job's events through `shell`; without one (a script) as plain text.

    `live` is whether the front end can change what it has shown: then there is a strip.
    """

    def __init__(
        self,
        shell: Any,
        job: str,
        compute: str,
        *,
        live: bool,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.error: Event | None = None
        """The last error that the cell raised."""
        self.result: Event | None = None
        """The last value that was shown, as what it looks like."""
        self.strip = Strip(job=job, compute=compute)
        self.price_per_second: Callable[[], float | None] | None = None
        """Asked once, when the strip is first shown."""
        self.usual: Callable[[], str] | None = None
        """Asked each time the strip is drawn while the job waits."""
        self._shell = shell
        self._live = live
        self._clock = clock
        self._start = clock()
        self._running_since: float | None = None
        self._rate: float | None = None
        self._is_shown = False
        self._drawn_at = self._start
        self._early: list[Callable[[], None]] = []
        self._is_early = live
        self._clears_next = False
        self._is_carried = False
        self._is_dirty = False

    # -- events -----------------------------------------------------------------------------

    def show(self, event: Event) -> None:
        """Show one event. Called in order, each once."""
        kind = event.kind
        if kind in ("stdout", "stderr"):
            self._output(lambda: self._write(kind, event.text))
        elif kind in ("display_data", "update_display_data"):
            self._output(lambda: self._display(event))
        elif kind == "execute_result":
            self.result = event
            self._output(lambda: self._result(event))
        elif kind == "clear_output":
            self._clear(wait=event.wait)
        elif kind == "error":
            self.error = event
        elif kind == "notice":
            self.note(event.text)
        elif kind == "status":
            self._status(event)
        elif kind == "progress":
            self._progress(event)

    def note(self, text: str) -> None:
        """A remark of ours, beside the cell's own output."""
        self._output(lambda: self._write("stderr", text if text.endswith("\n") else f"{text}\n"))

    def flush(self) -> None:
        """Nothing more is coming for now: let the person see what there is."""
        if self._is_dirty:
            self._is_dirty = False
            sys.stdout.flush()
            sys.stderr.flush()

    @property
    def needs_flush(self) -> bool:
        return self._is_dirty

    # -- the strip --------------------------------------------------------------------------

    def wait(self) -> float | None:
        """How long to wait for an event before `tick`; None if there is no strip to draw."""
        if not self._live:
            return None
        due = (
            self._drawn_at + self._pause() if self._is_shown else self._start + STRIP_AFTER_SECONDS
        )
        return max(0.0, due - self._clock())

    def tick(self) -> None:
        """Time has passed: show the strip, or draw its clock anew."""
        if not self._live or (self.wait() or 0) > 0:
            return
        if self._is_shown:
            self._draw()
        else:
            self._raise_strip()

    def finish(self, job: Job) -> None:
        """The job has ended: say what it took, if there is a strip to say it in."""
        self.flush()
        self._early.clear()
        if self._is_shown:
            cause = job.error.message.partition("\n")[0] if job.error else job.status_reason
            self.strip = replace(self.strip, status=job.status, reason=cause, receipt=job.receipt)
            self._draw()

    def canceling(self) -> None:
        """The person asked to stop: say so at once."""
        self.strip = replace(self.strip, status="CancelRequested", reason="")
        if self._is_shown:
            self._draw()
        elif self._live:
            self._raise_strip()

    def _raise_strip(self) -> None:
        """Show the strip on top, whatever was shown before it below."""
        self._is_shown = True
        self._is_early = False
        early, self._early = self._early, []
        if self.price_per_second is not None:
            self._rate = self.price_per_second()
        if early:
            self._shell.display_pub.clear_output(wait=True)
        self._set_clock()
        self._put_on_top()
        for output in early:
            output()
        self.flush()  # else a stream would be gone from the page until the kernel's next flush

    def _put_on_top(self) -> None:
        self._is_carried = True
        self._publish(self.strip.bundle(), self._our_metadata(), self._strip_id())

    def _draw(self) -> None:
        self._set_clock()
        self._publish(self.strip.bundle(), self._our_metadata(), self._strip_id(), update=True)

    def _set_clock(self) -> None:
        now = self._clock()
        self._drawn_at = now
        if self.usual is not None and self._running_since is None:
            self.strip = replace(self.strip, usual=self.usual())
        price = None
        if self._rate and self._running_since is not None:
            price = self._rate * (now - self._running_since)
        self.strip = replace(self.strip, elapsed=now - self._start, price=price)

    def _our_metadata(self) -> dict[str, Any]:
        return {"jupyter_aml": {"job": self.strip.job}}

    def _pause(self) -> float:
        """Seconds between two drawings of the clock: what takes hours needs no seconds."""
        age = self._clock() - self._start
        return 1.0 if age < 60 else 5.0 if age < 600 else 30.0

    def _strip_id(self) -> dict[str, Any]:
        return {"display_id": f"jupyter_aml_{self.strip.job}"}

    def _status(self, event: Event) -> None:
        if event.status == "Running" and self._running_since is None:
            self._running_since = self._clock()
        self.strip = replace(self.strip, status=event.status, reason=event.reason)
        # The last one is drawn by `finish`, which knows what it took.
        if self._is_shown and event.status not in JOB.final:
            self._draw()

    def _progress(self, event: Event) -> None:
        done = None
        if event.value is not None and event.total:
            done = event.value / event.total
        self.strip = replace(self.strip, progress=done, doing=event.text)
        if self._is_shown and self._clock() - self._drawn_at > 0.2:
            self._draw()

    # -- showing ----------------------------------------------------------------------------

    def _output(self, show: Callable[[], None]) -> None:
        """Show an output, after what a ``clear_output(wait=True)`` before it clears."""
        if self._clears_next:
            self._clears_next = False
            self._shell.display_pub.clear_output(wait=True)
            self._again_on_top()
        if self._is_early:
            self._early.append(show)
            if len(self._early) > _MOST_EARLY:
                # Too much to show twice: the strip goes where the output is by now.
                self._early.clear()
                self._is_early = False
        show()

    def _clear(self, *, wait: bool) -> None:
        self._early.clear()
        if self._shell is None:
            return
        if wait:
            self._clears_next = True
        else:
            self._shell.display_pub.clear_output(wait=False)
            self._again_on_top()

    def _again_on_top(self) -> None:
        """Everything was cleared, the strip too."""
        self._is_carried = False
        if self._is_shown:
            self._put_on_top()

    def _write(self, kind: str, text: str) -> None:
        (sys.stdout if kind == "stdout" else sys.stderr).write(text)
        self._is_dirty = True

    def _display(self, event: Event) -> None:
        is_update = event.kind == "update_display_data"
        metadata = event.metadata if is_update else self._carry(event.metadata)
        self._publish(event.data, metadata, event.transient, update=is_update)

    def _result(self, event: Event) -> None:
        if self._shell is None:
            self._publish(event.data, {}, {})
            return
        hook = self._shell.displayhook
        hook.start_displayhook()
        hook.write_output_prompt()
        hook.write_format_data(event.data, self._carry(event.metadata))
        hook.log_output(event.data)
        hook.finish_displayhook()

    def _publish(
        self,
        data: dict[str, Any],
        metadata: dict[str, Any],
        transient: dict[str, Any],
        *,
        update: bool = False,
    ) -> None:
        if self._shell is None:
            if text := data.get("text/plain"):
                self._write("stdout", f"{text}\n")
            return
        self._shell.display_pub.publish(
            data=data, metadata=metadata, transient=transient, update=update
        )

    def _carry(self, metadata: dict[str, Any]) -> dict[str, Any]:
        """The metadata of an output; the first one also carries the job's name."""
        if self._is_carried:
            return metadata
        self._is_carried = True
        return {**metadata, **self._our_metadata()}
