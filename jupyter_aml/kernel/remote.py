"""``@aml.remote``: a function that runs as a job, and returns its value here."""

from __future__ import annotations

import functools
import inspect
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Generic, ParamSpec, TypeVar, cast, overload

import msgspec

from jupyter_aml.kernel import folder, modules, results
from jupyter_aml.kernel.attached import Attached
from jupyter_aml.kernel.handle import RETURNED, JobHandle, returned
from jupyter_aml.kernel.notebook import Notebook, notebook_of
from jupyter_aml.kernel.outputs import Replay
from jupyter_aml.kernel.place import is_notebook
from jupyter_aml.kernel.raising import exception_of
from jupyter_aml.kernel.shell import current_shell, namespace
from jupyter_aml.kernel.variables import take
from jupyter_aml.model.job import CellInputs, CellJob
from jupyter_aml.model.names import LOCAL, new_job_name

P = ParamSpec("P")
T = TypeVar("T")


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """Where and how a remote function runs; the words of ``%%aml``."""

    compute: str | None = None
    environment: str = "kernel"
    nodes: int = 1
    session: str = ""
    env: Mapping[str, str] = {}
    experiment_name: str = "Default"
    timeout: float | None = None
    """Seconds."""
    retries: int = 0
    tags: dict[str, str] = {}


class RemoteFunction(Generic[P, T]):
    """What `remote` makes of a function. ``.function`` is the function itself."""

    def __init__(self, function: Callable[P, T], options: Options) -> None:
        functools.update_wrapper(self, function)
        self.function = function
        self.options = options

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> T:
        """Run it there, show what it prints, return its value. Raise what it raises."""
        notebook = notebook_of(current_shell())
        name, spec = self._spec(notebook, args, kwargs)
        return cast("T", _run(notebook, name, spec))

    def submit(self, *args: P.args, **kwargs: P.kwargs) -> JobHandle:
        """Start it there and return at once; the handle's `result` is the function's value."""
        notebook = notebook_of(current_shell())
        name, spec = self._spec(notebook, args, kwargs)
        job = notebook.client.jobs.create(spec, name)
        return JobHandle(name, client=notebook.client, job=job)

    def map(self, *arguments: Iterable[Any]) -> list[JobHandle]:
        """A job for each call that the built-in ``map`` would make; return their handles at once.

        They are accepted together: all of them, or none and the error says why. At most
        `model.many.MOST_AT_ONCE`, which is a thousand.
        """
        notebook = notebook_of(current_shell())
        calls = [self._spec(notebook, one, {}) for one in zip(*arguments, strict=False)]
        specs, names = [spec for _, spec in calls], [name for name, _ in calls]
        jobs = notebook.client.jobs.create_many(specs, names)
        return [JobHandle(job.name, client=notebook.client, job=job) for job in jobs]

    def __repr__(self) -> str:
        where = self.options.compute or "the preferred compute"
        return f"<{self._called()}, run as a job on {where}>"

    def _spec(
        self, notebook: Notebook, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> tuple[str, CellJob]:
        """The call as a cell: ``returned = train(*args, **kwargs)``."""
        options = self.options
        called = self._called()
        values = {called: self.function, "args": args, "kwargs": kwargs}
        taken = take(values, namespace(), values)
        here = os.getcwd()
        compute = options.compute or notebook.default_compute()
        own = modules.local_modules(taken.modules, here)
        is_local = compute == LOCAL
        if not is_local:
            folder.check_modules(own, here)
        cwd, code = folder.where(compute, here)
        name = new_job_name()
        segment = None
        if taken.buffers:
            notebook.free_segments()
            segment = notebook.pool.write(taken.buffers, name)
        awaits = "await " if inspect.iscoroutinefunction(self.function) else ""
        return name, CellJob(
            source=f"{RETURNED} = {awaits}{called}(*args, **kwargs)",
            compute=compute,
            display_name=called,
            variables=CellInputs(
                names=list(values),
                pickle=taken.data,
                segment=segment,
                imports=folder.path_statements(own, here, is_local=is_local),
            ),
            collect=[RETURNED],
            session=options.session,
            environment=options.environment,
            python=sys.executable,
            environment_variables=dict(options.env),
            instance_count=options.nodes,
            experiment_name=options.experiment_name,
            tags=options.tags,
            timeout=options.timeout,
            retries=options.retries,
            cwd=cwd,
            code=code,
        )

    def _called(self) -> str:
        name = getattr(self.function, "__name__", "")
        taken = name in ("args", "kwargs", RETURNED)
        return name if name.isidentifier() and not taken else "function"


def _run(notebook: Notebook, name: str, spec: CellJob) -> Any:
    shell = current_shell()
    replay = Replay(shell, name, spec.compute, live=is_notebook(shell))
    attached = Attached(notebook, name, spec, replay)
    job = attached.run()
    left = results.load(notebook.client, job, namespace())
    if job.status == "Completed":
        return returned(job, left.variables)
    raise attached.interruption(job) or exception_of(job, replay.error, left.exception)


@overload
def remote(function: Callable[P, T]) -> RemoteFunction[P, T]: ...
@overload
def remote(
    **options: Any,
) -> Callable[[Callable[P, T]], RemoteFunction[P, T]]: ...
def remote(function: Callable[..., Any] | None = None, **options: Any) -> Any:
    """Run a function as a job: ``@aml.remote(compute="cpu-cluster", timeout=600)``.

    Calling it runs it there and returns its value; ``.submit(...)`` returns a `JobHandle` at once,
    ``.map(values)`` one for each value.
    The options are the fields of `Options`; without ``compute`` it is the preferred one.
    """
    chosen = Options(**options)
    if function is not None:
        return RemoteFunction(function, chosen)
    return lambda function: RemoteFunction(function, chosen)
