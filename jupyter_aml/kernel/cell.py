"""``%%aml``: this cell, run as a job, behaving as a cell that ran here.

One request carries the cell there and its events back. Output appears as it is made, variables
come back, errors are raised here, ■ cancels the job and waits until it has really stopped.
"""

from __future__ import annotations

import sys
from typing import Any

from jupyter_aml.client.client import Client
from jupyter_aml.grammar import CellOptions, phrases
from jupyter_aml.kernel import results
from jupyter_aml.kernel.attached import Attached
from jupyter_aml.kernel.handle import JobHandle
from jupyter_aml.kernel.notebook import Notebook
from jupyter_aml.kernel.outputs import Replay
from jupyter_aml.kernel.place import is_notebook, place_of
from jupyter_aml.kernel.preparing import Prepared, prepare
from jupyter_aml.kernel.raising import exception_of
from jupyter_aml.kernel.results import Left
from jupyter_aml.kernel.shown import Shown
from jupyter_aml.model.event import Event
from jupyter_aml.model.job import Job

# Why a name that nobody asked for by name did not come back, where that is as it should be.
_EXPECTED = ("the cell did not set it", "it is a module", "its name begins with")


def run_cell(
    notebook: Notebook, shell: Any, options: CellOptions, line: str, body: str
) -> JobHandle | None:
    """Run `body` as a job and return when it has ended; with ``--detach`` return its handle.

    Raise what the cell raised.
    """
    place = place_of(shell)
    prepared = prepare(notebook, shell, place, options, line, body)
    if options.detach:
        return _detached(notebook, prepared)
    replay = Replay(shell, prepared.job, prepared.spec.compute, live=is_notebook(shell))
    for note in (notebook.said_once.notice(shell, place), *prepared.warnings):
        if note:
            replay.note(note)
    attached = Attached(notebook, prepared.job, prepared.spec, replay)
    job = attached.run()
    left = _Return(notebook.client, shell, prepared, replay).bring(job, options)
    notebook.brought.add(job.name)
    if prepared.spec.session:
        names = [*prepared.spec.variables.names, *prepared.cell.assigned]
        notebook.sessions.agreed(notebook.client, prepared.spec.session, shell.user_ns, names)
    if job.status != "Completed":
        raise attached.interruption(job) or exception_of(job, replay.error, left.exception)
    return None


def _detached(notebook: Notebook, prepared: Prepared) -> JobHandle:
    try:
        job = notebook.client.jobs.create(prepared.spec, prepared.job)
    except BaseException:  # refused or interrupted: no job will ever read its variables
        notebook.pool.release(prepared.job)
        raise
    return JobHandle(job.name, client=notebook.client, job=job)


class _Return:
    """What comes back from a job that has ended, into the notebook."""

    def __init__(self, client: Client, shell: Any, prepared: Prepared, replay: Replay) -> None:
        self._client = client
        self._shell = shell
        self._prepared = prepared
        self._replay = replay

    def bring(self, job: Job, options: CellOptions) -> Left:
        """Assign the variables that it left, and tell of those that stay."""
        left = self._variables(job, options)
        if self._replay.result is not None:
            self._remember(left, self._replay.result)
        if job.status == "Completed":
            self._bind_modules()
        for warning in job.warnings:
            if warning not in self._prepared.warnings:
                self._replay.note(f"Note: {warning}")
        return left

    def _variables(self, job: Job, options: CellOptions) -> Left:
        info = job.result
        if info is None:
            return Left({})
        stays = results.too_large(self._client, info)
        left = results.load(self._client, job, self._shell.user_ns)
        brought = {n: value for n, value in left.variables.items() if n not in stays}
        if brought:
            self._shell.push(brought)
        for name, size in stays.items():
            self._replay.note(
                f"{name} ({phrases.size(size)}) stays with the job: it is over your fetch limit. "
                f"To bring it here: %aml job fetch {job.name} {name}"
            )
        for name, why in info.kept.items():
            if name in (options.outputs or ()) or not why.startswith(_EXPECTED):
                self._replay.note(f"{name} did not come back: {why}.")
        return left

    def _remember(self, left: Left, result: Event) -> None:
        """``_`` and ``Out[n]``, as for a local cell."""
        value = left.value if left.has_value else Shown(result.data, result.metadata)
        self._shell.displayhook.update_user_ns(value)
        self._shell.displayhook.fill_exec_result(value)

    def _bind_modules(self) -> None:
        """Names that the cell's imports bind, as far as the modules are loaded here anyway.

        Loading more would cost seconds and memory for what may be needed over there only.
        """
        for name, module in self._prepared.cell.modules.items():
            if module in sys.modules and self._shell.user_ns.get(name) is not sys.modules[module]:
                self._shell.user_ns[name] = sys.modules[module]
