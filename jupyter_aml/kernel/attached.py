"""A job that this kernel waits for: its output here, ■ cancels it, and its true end is awaited."""

from __future__ import annotations

from jupyter_aml.client.client import Client
from jupyter_aml.grammar import phrases
from jupyter_aml.grammar.views import waits
from jupyter_aml.kernel import live
from jupyter_aml.kernel.leaving import is_leaving
from jupyter_aml.kernel.live import Interrupts
from jupyter_aml.kernel.notebook import Notebook
from jupyter_aml.kernel.outputs import Replay
from jupyter_aml.kernel.raising import interrupted
from jupyter_aml.kernel.shell import current_shell
from jupyter_aml.model.errors import AmlError
from jupyter_aml.model.job import CellJob, Job


class Attached:
    """One run of `spec` as the job `name`, shown by `replay`."""

    def __init__(self, notebook: Notebook, name: str, spec: CellJob, replay: Replay) -> None:
        self._notebook = notebook
        self._client: Client = notebook.client
        self._name = name
        self._spec = spec
        self._replay = replay
        self._is_canceling = False

    def run(self) -> Job:
        """Send it and show what it does. Returns the job as it ended, however it did.

        A second ■ raises KeyboardInterrupt while it still runs.
        """
        following = self._client.jobs.run(self._spec, self._name)
        self._replay.price_per_second = self._price_per_second
        self._replay.usual = self._usual
        try:
            live.play(following, self._replay, self._interrupt)
            job = following.outcome()
        except (AmlError, KeyboardInterrupt) as error:
            if not following.has_started:
                self._was_not_sent(error)
            raise
        finally:
            following.close()
        self._release()
        self._replay.finish(job)
        return job

    def interruption(self, job: Job) -> KeyboardInterrupt | None:
        """What to raise if it was ■ that ended the job."""
        if not self._is_canceling or job.status != "Canceled":
            return None
        took = phrases.duration(self._replay.strip.elapsed)
        words = f"Canceled: the job {job.name} has stopped after {took}."
        return interrupted(job.name, after=words, error=self._replay.error)

    def _was_not_sent(self, error: BaseException) -> None:
        """It was refused, or ■ came twice before there was an answer."""
        if isinstance(error, KeyboardInterrupt):
            try:
                self._client.jobs.cancel(self._name)
            except AmlError:
                pass  # it never arrived
        else:
            self._release()  # nothing maps its segment

    def _release(self) -> None:
        if self._spec.variables.segment is not None:
            self._notebook.pool.release(self._name)

    def _interrupt(self, interrupts: Interrupts) -> None:
        """■: ask the job to stop and wait for its end; a second ■ waits no longer."""
        if not self._is_canceling and is_leaving(current_shell()):
            words = f"The kernel ends. The job {self._name} goes on."
            raise interrupted(self._name, after=words)
        try:
            if not self._is_canceling:
                self._is_canceling = True
                self._replay.canceling()
                interrupts.during(lambda: self._client.jobs.cancel(self._name))
                return
        except KeyboardInterrupt:
            pass
        words = f"The job {self._name} was asked to stop and still runs on {self._spec.compute}."
        raise interrupted(self._name, after=words)

    def _usual(self) -> str:
        """What the strip says of a wait: how long it usually is, or that it is longer."""
        try:
            return waits.in_short(self._client.jobs.wait(self._name))
        except AmlError:
            return ""  # it is only a hint, and whatever is wrong is told elsewhere

    def _price_per_second(self) -> float | None:
        """What its nodes list at; None if that is nothing, or not known."""
        try:
            found = self._client.compute.get(self._spec.compute)
        except AmlError:
            return None
        if not found.price_per_hour or not found.current_nodes:
            return None
        return found.price_per_hour / found.current_nodes * self._spec.instance_count / 3600
