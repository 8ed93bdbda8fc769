"""`JobHandle`: one job in the person's hand, from any notebook, at any time.

It is a name and a way to the service, nothing else: after a restart of the kernel
``aml.JobHandle("maple_river_7k2m9qx4hd")`` is the same handle again.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from typing import Any, TypeVar

from jupyter_aml.client.client import Client
from jupyter_aml.client.follow import Following
from jupyter_aml.grammar import Result
from jupyter_aml.kernel import results
from jupyter_aml.kernel.named import Named
from jupyter_aml.kernel.raising import exception_of
from jupyter_aml.kernel.shell import current_shell, namespace
from jupyter_aml.model.errors import NotFound
from jupyter_aml.model.event import Event
from jupyter_aml.model.job import CellJob, Job, UpdateJob
from jupyter_aml.model.lifecycle import JOB
from jupyter_aml.model.registry import JobMetrics

RETURNED = "returned"
"""The variable that holds what a function run by `@aml.remote` returned."""

T = TypeVar("T")


class JobHandle(Named):
    """A job: its state, its output, its result. ``await job`` waits for the result."""

    def __init__(self, name: str, *, client: Client | None = None, job: Job | None = None) -> None:
        super().__init__(client)
        self.name = name
        self._job = job

    # -- state ------------------------------------------------------------------------------

    @property
    def job(self) -> Job:
        """The job as it is now."""
        if self._job is None or self._job.status not in JOB.final:
            self._job = self.client.jobs.get(self.name)
        return self._job

    @property
    def status(self) -> str:
        """Azure's own word: Queued, Running, Completed, Failed, Canceled, ..."""
        return self.job.status

    @property
    def is_done(self) -> bool:
        return self.status in JOB.final

    # -- waiting ----------------------------------------------------------------------------

    def wait(self, timeout: float | None = None) -> JobHandle:
        """Return when the job has ended, however it did. Raise TimeoutError after `timeout` s."""
        if not self.is_done:
            self._wait(self._following(after=self.job.last_seq), timeout)
        return self

    def result(self, timeout: float | None = None) -> Any:
        """Wait, and return what it made: a cell's variables by name, a function's value.

        Raise what it raised, `JobFailed` or `JobCanceled`.
        """
        return self.wait(timeout)._made()

    def cancel(self, *, wait: bool = True) -> JobHandle:
        """Ask it to stop and wait until it really has. A job that has ended is left as it is."""
        self._job = self.client.jobs.cancel(self.name)
        return self.wait() if wait else self

    def update(
        self,
        *,
        display_name: str | None = None,
        description: str | None = None,
        tags: dict[str, str] | None = None,
        properties: dict[str, str] | None = None,
    ) -> JobHandle:
        """Change what is given; `tags` and `properties` replace those that are there."""
        body = UpdateJob(
            display_name=display_name, description=description, tags=tags, properties=properties
        )
        self._job = self.client.jobs.update(self.name, body)
        return self

    # -- output -----------------------------------------------------------------------------

    def events(self, after: int = 0) -> Iterator[Event]:
        """Its events from `after` on, until it ends."""
        return iter(self._following(after=after))

    def logs(self) -> str:
        """What it has printed so far, stdout and stderr in order."""
        events = self.client.jobs.follow(self.name, wait=False)
        return "".join(event.text for event in events if event.kind in ("stdout", "stderr"))

    def metrics(self) -> JobMetrics:
        """What it logged so far, by `aml.log` and through MLflow."""
        return self.client.jobs.metrics(self.name)

    def stream(self) -> JobHandle:
        """Show its output here from the first line, as it comes, until it ends.

        An interrupt stops the watching, not the job.
        """
        from jupyter_aml.kernel.watching import watch

        self._job = watch(self.client, self.name, self.job.spec.compute)
        return self

    def fetch(self, *names: str) -> dict[str, Any]:
        """Bring the variables it left (or those named) into this notebook, and return them."""
        job = self.wait().job
        mine = namespace()
        found = results.load(self.client, job, mine).variables
        missing = [name for name in names if name not in found]
        if missing:
            raise NotFound(
                f"The job {self.name} left no variable {', '.join(missing)}.",
                target=self.name,
                hint=f"It left: {', '.join(found) or 'none'}.",
            )
        wanted = {name: value for name, value in found.items() if not names or name in names}
        mine.update(wanted)
        if not names:
            self._note_brought()
        return wanted

    # -- async ------------------------------------------------------------------------------

    def __await__(self) -> Generator[Any, None, Any]:
        return self._finished().__await__()

    async def __aiter__(self) -> AsyncIterator[Event]:
        """Its events, from the first to the last."""
        following = self._following()
        try:
            while (event := await _in_thread(following, following.next_event)) is not None:
                yield event
        finally:
            following.close()

    async def _finished(self) -> Any:
        following = self._following()
        await _in_thread(following, lambda: self._wait(following, None))
        return await _in_thread(following, self._made)

    # -- inside -----------------------------------------------------------------------------

    def _note_brought(self) -> None:
        from jupyter_aml.kernel.notebook import notebook_of

        notebook_of(current_shell()).brought.add(self.name)

    def _following(self, *, after: int = 0) -> Following:
        return Following(self.client.jobs, self.name, after=after)

    def _wait(self, following: Following, timeout: float | None) -> None:
        deadline = None if timeout is None else time.monotonic() + timeout
        try:
            while True:
                left = None if deadline is None else max(0.0, deadline - time.monotonic())
                if following.next_event(left) is None:
                    break
        except TimeoutError:
            raise TimeoutError(f"The job {self.name} has not ended within {timeout} s.") from None
        finally:
            following.close()
        self._job = self.client.jobs.get(self.name)

    def _made(self) -> Any:
        job = self.job
        left = results.load(self.client, job, namespace())
        if job.status != "Completed":
            raise exception_of(job, None, left.exception)
        if isinstance(job.spec, CellJob) and job.spec.collect == [RETURNED]:
            return returned(job, left.variables)
        return left.variables

    # -- looks ------------------------------------------------------------------------------

    def _words(self) -> tuple[str]:
        return (self.name,)

    def _result(self) -> Result:
        from jupyter_aml.grammar.views import job as view

        return view.shown(self.job, time.time())


def returned(job: Job, variables: dict[str, Any]) -> Any:
    """The value of a function that ran as `job`. Raise `CannotTravel` if it could not come."""
    if RETURNED in variables:
        return variables[RETURNED]
    from jupyter_aml.model.errors import CannotTravel

    why = job.result.kept.get(RETURNED, "it was lost") if job.result else "it was lost"
    raise CannotTravel(
        f"What the function returned did not come back: {why}.",
        target=job.name,
        hint="Return plain data, or write it to a file of the job.",
    )


async def _in_thread(following: Following, act: Callable[[], T]) -> T:
    """`act` in a thread; if the task is cancelled, `following` ends, and the thread with it."""
    import asyncio

    try:
        return await asyncio.to_thread(act)
    except asyncio.CancelledError:
        following.close()
        raise
