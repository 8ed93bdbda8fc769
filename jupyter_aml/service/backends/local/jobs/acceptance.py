"""Refused before it costs anything: everything that can be known before a job is accepted.

`Acceptance.check` raises what `jobs.create` would raise and keeps nothing; `settle` also takes
the snapshot of the code folder. Both return the spec as it will be stored.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from jupyter_aml.model import notebook
from jupyter_aml.model.compute import AmlCompute, LocalCompute
from jupyter_aml.model.environment import KERNEL
from jupyter_aml.model.errors import ComputeNotRunning, Conflict, Invalid, NotFound, TooLarge
from jupyter_aml.model.job import (
    CellJob,
    CommandJob,
    JobSpec,
    KernelJob,
    NodeSpec,
    NotebookJob,
    ParentSpec,
)
from jupyter_aml.model.names import VARIABLE, check_name
from jupyter_aml.service.backends.local.attached import task as attached
from jupyter_aml.service.backends.local.data import acceptance as data
from jupyter_aml.service.backends.local.jobs import expressions
from jupyter_aml.service.backends.local.jobs.snapshots import PREFIX
from jupyter_aml.service.backends.local.state import LiveCompute

if TYPE_CHECKING:
    from jupyter_aml.service.backends.local.engine import Engine

_INLINE_LIMIT = 32 * 1024 * 1024
"""Pickled variables in the request itself; larger ones travel in a segment."""

_TAGS = 50
_TAG_NAME, _TAG_VALUE = 100, 1000
"""Azure ML's documented limits of a job's tags."""

_DISPLAY = 60


class Acceptance:
    """What stands between a request and the queue."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def check(self, spec: JobSpec) -> JobSpec:
        """Raise an error that says what to change, or return `spec` with its gaps filled."""
        if isinstance(spec, ParentSpec):
            return self._engine.kinds.of(spec).check(spec, self.check)
        spec = _at_home(spec)
        compute = self._engine.compute(spec.compute)
        _check_state(compute)
        self._engine.holding.check(spec, compute)
        self._check_nodes(spec, compute)
        spec = self._engine.environments.check(spec)
        if compute.is_attached:
            attached.check(spec, compute.name)
        _check_interpreter(spec)
        check_words(spec)
        spec = data.check(self._engine, spec)
        _check_folders(spec, compute)
        if isinstance(spec, CellJob):
            self._check_cell(spec, compute)
        elif isinstance(spec, NotebookJob):
            spec = _checked_notebook(spec)
        elif isinstance(spec, CommandJob):
            expressions.check(spec.command, spec.inputs, spec.outputs, spec.parameters)
        return msgspec.structs.replace(spec, display_name=spec.display_name or _title(spec))

    async def settle(self, spec: JobSpec) -> JobSpec:
        """`check`, then take the snapshot; what is returned can be stored and run as it is."""
        if isinstance(spec, ParentSpec):
            return await self._engine.kinds.of(spec).settle(spec, self.settle)
        engine = self._engine
        spec = self.check(await engine.environments.settle(spec))
        code = spec.code
        if code is None or code.startswith(PREFIX):
            return spec
        limit = engine.snapshot_limit_mb
        taken = await asyncio.to_thread(engine.snapshots.take, Path(code), limit)
        return msgspec.structs.replace(spec, code=PREFIX + taken.id)

    async def settle_all(self, specs: Iterable[JobSpec]) -> list[JobSpec]:
        """`settle` for each spec of one request: what a row of cells has in common only once."""
        settled: list[JobSpec] = []
        first: tuple[CellJob, CellJob] | None = None
        for spec in specs:
            if first and isinstance(spec, CellJob) and _is_like(spec, first[0]):
                settled.append(self._settled_like(first[1], spec))
                continue
            found = await self.settle(spec)
            settled.append(found)
            if isinstance(spec, CellJob) and isinstance(found, CellJob):
                first = spec, found
        return settled

    def _settled_like(self, found: CellJob, spec: CellJob) -> CellJob:
        """`settle` of a cell like the one that `found` was made of: what is its own is checked."""
        self._check_cell(spec, self._engine.compute(spec.compute))
        return msgspec.structs.replace(
            found,
            source=spec.source,
            variables=spec.variables,
            session=spec.session,
            display_name=spec.display_name or _title(spec),
        )

    def _check_nodes(self, spec: NodeSpec, compute: LiveCompute) -> None:
        most = _most_nodes(compute)
        if spec.instance_count > most:
            what = "This machine is one node" if most == 1 else f"It has at most {most} nodes"
            raise Invalid(
                f"The job needs {spec.instance_count} nodes, which {compute.name} cannot give.",
                target="instance_count",
                hint=f"{what}: create a cluster with `%aml compute create NAME --max-instances "
                f"{spec.instance_count}`, or ask for fewer. Nothing was started.",
            )
        kind = spec.distribution
        if kind is not None and kind.type == "tensorflow":
            given = kind.worker_count + kind.parameter_server_count
            if kind.worker_count and given != spec.instance_count:
                raise Invalid(
                    f"{kind.worker_count} workers and {kind.parameter_server_count} parameter "
                    f"servers do not fit on {spec.instance_count} nodes.",
                    target="distribution.worker_count",
                    hint="Their sum is the number of nodes, or leave worker_count out.",
                )

    def _check_cell(self, spec: CellJob, compute: LiveCompute) -> None:
        if not spec.source.strip():
            raise Invalid("The cell is empty.", target="source", hint="Write what to run there.")
        if len(spec.variables.pickle) > _INLINE_LIMIT:
            raise TooLarge(
                f"The pickled variables are {len(spec.variables.pickle) >> 20} MB, more than a "
                f"request carries ({_INLINE_LIMIT >> 20} MB).",
                target="variables",
                hint="Send fewer with -i NAMES, or write them to a file and read it there.",
            )
        segment = spec.variables.segment
        if segment is not None and not Path(segment.path).is_file():
            raise Invalid(
                "The file with the large variables is gone.",
                target="variables.segment",
                hint="Run the cell again.",
            )
        if spec.session:
            self._check_session(spec, compute)

    def _check_session(self, spec: CellJob, compute: LiveCompute) -> None:
        check_name("session", spec.session)
        if spec.instance_count > 1:
            raise Invalid(
                "A session keeps one process, so it cannot run on several nodes.",
                target="session",
                hint="Leave out --session or -n.",
            )
        for node in self._engine.nodes():
            started_in = node.environments.get(spec.session, spec.environment)
            if spec.session in node.sessions and started_in != spec.environment:
                raise Conflict(
                    f"Session {spec.session} is a process of the environment {started_in}.",
                    target="session",
                    hint=f"Run this cell with -e {started_in}, take another session name, or end "
                    f"it with `%aml session delete {spec.session}`.",
                )
            if spec.session in node.sessions and node.record.compute != compute.name:
                raise Conflict(
                    f"Session {spec.session} lives on {node.record.compute}.",
                    target="session",
                    hint=f"Run this cell with -c {node.record.compute}, take another session name, "
                    f"or end it with `%aml session delete {spec.session}`.",
                )


def _is_like(spec: CellJob, first: CellJob) -> bool:
    """Whether they differ at most in what `Acceptance._settled_like` looks at."""
    own = {"source": first.source, "variables": first.variables, "session": first.session}
    return msgspec.structs.replace(spec, **own) == first


def _most_nodes(compute: LiveCompute) -> int:
    spec = compute.compute.spec
    return spec.max_instances if isinstance(spec, AmlCompute) else 1


def _at_home(spec: NodeSpec) -> NodeSpec:
    """Paths whole: a page knows the folder of its server from the home folder (``~/work``) only."""
    paths = {"code": spec.code or "", "cwd": spec.cwd}
    if not isinstance(spec, CommandJob):
        paths["notebook"] = spec.notebook
    short = {key: path for key, path in paths.items() if path.startswith("~")}
    if not short:
        return spec
    whole = {key: os.path.expanduser(path) for key, path in short.items()}
    return msgspec.structs.replace(spec, **whole)


def _check_state(compute: LiveCompute) -> None:
    state = compute.compute.state
    if state in ("Stopped", "Stopping"):
        raise ComputeNotRunning(
            f'Compute "{compute.name}" is {state.lower()}.',
            target="compute",
            hint=f"Start it with `%aml compute start {compute.name}`, or choose another compute.",
        )
    if compute.is_attached and state == "Unusable":
        raise ComputeNotRunning(
            f'Compute "{compute.name}" does not answer.',
            target="compute",
            hint="It is asked again by itself. Or choose another: `%aml compute list`. Nothing "
            "was started.",
            details=[compute.compute.error],
        )
    if state in ("Deleting", "CreateFailed", "Failed", "Unusable"):
        raise ComputeNotRunning(
            f'Compute "{compute.name}" cannot take work: it is {state}.',
            target="compute",
            hint="Choose another compute: `%aml compute list`.",
            details=[compute.compute.error] if compute.compute.error else [],
        )


def _check_interpreter(spec: NodeSpec) -> None:
    """The kernel's own must be there; that of another environment may yet have to be built."""
    if spec.environment != KERNEL:
        return
    if spec.python and not _is_program(spec.python):
        raise NotFound(
            f"The interpreter {spec.python} is not there.",
            target="python",
            hint="Restart the kernel: its environment was moved or deleted.",
        )


def _is_program(path: str) -> bool:
    """A path is looked at as it is; a name, and on Windows both, as a shell would find it."""
    if os.path.isabs(path) and os.name == "posix":
        return os.path.isfile(path) and os.access(path, os.X_OK)
    return shutil.which(path) is not None


def check_words(spec: JobSpec) -> None:
    """Names and values that the operating system or Azure ML would refuse later."""
    for name, value in spec.environment_variables.items():
        if not name or "=" in name or "\0" in name + value:
            raise Invalid(
                f"{name!r} cannot be an environment variable.",
                target="environment_variables",
                hint="A name has no '=', and neither name nor value holds a NUL character.",
            )
    _check_keys("outputs", spec.outputs)
    if isinstance(spec, CellJob):
        _check_keys("data", spec.data)
    if isinstance(spec, NotebookJob):
        _check_keys("inputs", spec.inputs)
    if isinstance(spec, CommandJob):
        _check_keys("inputs", spec.inputs)
        if "\0" in spec.command:
            raise Invalid("The command holds a NUL character.", target="command")
    if len(spec.tags) > _TAGS:
        raise Invalid(f"A job has at most {_TAGS} tags.", target="tags")
    for name, value in spec.tags.items():
        if len(name) > _TAG_NAME or len(value) > _TAG_VALUE:
            raise Invalid(
                f"The tag {name[:40]!r} is too long.",
                target="tags",
                hint=f"At most {_TAG_NAME} characters of name and {_TAG_VALUE} of value.",
            )


def _check_keys(where: str, names: Mapping[str, object]) -> None:
    for name in names:
        if not re.match(VARIABLE, name):
            raise Invalid(
                f"{name!r} cannot name one of the {where}.",
                target=where,
                hint="Letters, digits and _, first no digit.",
            )


def _check_folders(spec: NodeSpec, compute: LiveCompute) -> None:
    own_machine = isinstance(compute.compute.spec, LocalCompute) or isinstance(spec, KernelJob)
    if spec.cwd and not own_machine and spec.code is None:
        raise Invalid(
            f"Only the compute local runs in a folder of this machine; {compute.name} does not.",
            target="cwd",
            hint="Send the folder as `code`.",
        )
    if spec.cwd and not os.path.isdir(spec.cwd):
        raise NotFound(f"The folder {spec.cwd} is not there.", target="cwd")


def _checked_notebook(spec: NotebookJob) -> NotebookJob:
    """Refuse what is no notebook, or cannot run; return it without its outputs."""
    if spec.instance_count > 1 or spec.distribution is not None:
        raise Invalid(
            "A notebook runs in one process, so it cannot use several nodes.",
            target="instance_count",
            hint="Leave out the number of nodes; start distributed work from a cell of it.",
        )
    if notebook.OUTPUT in spec.outputs:
        raise Invalid(
            f"The output {notebook.OUTPUT!r} is the executed copy.",
            target=f"outputs.{notebook.OUTPUT}",
            hint="Give your output another name.",
        )
    twice = sorted(spec.parameters.keys() & spec.inputs.keys())
    if twice:
        raise Invalid(
            f"{twice[0]} is a parameter and an input.",
            target=f"inputs.{twice[0]}",
            hint="An input is a parameter too, which holds the path: name one of them otherwise.",
        )
    document = notebook.read(spec.content)
    given = {**spec.parameters, **spec.inputs}
    said = [*spec.warnings, *notebook.check_parameters(document, given)]
    content = json.dumps(notebook.without_outputs(document), ensure_ascii=False)
    return msgspec.structs.replace(spec, content=content, warnings=list(dict.fromkeys(said)))


def _title(spec: NodeSpec) -> str:
    """A display name for a job that was given none: the first line that says something."""
    if isinstance(spec, NotebookJob):
        return notebook.file_name(spec.notebook).removesuffix(".ipynb")[:_DISPLAY]
    if isinstance(spec, KernelJob):
        return "Kernel"
    text = spec.source if isinstance(spec, CellJob) else spec.command
    lines = (line.strip() for line in text.splitlines())
    first = next(
        (line for line in lines if line and not line.startswith(("%", "!", "#"))), text.strip()
    )
    return first[:_DISPLAY]
