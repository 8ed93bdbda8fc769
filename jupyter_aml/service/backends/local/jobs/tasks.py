"""What a node is told to run: the ``run`` message of docs/developer/contracts.md.

Pure but for reading nothing: paths, keys and ports come in. A job's environment is clean: of the
service's own variables only those a program needs to find its tools and its language are passed
on, since the rest may hold secrets of whoever started the service.
"""

from __future__ import annotations

import base64
import hmac
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from jupyter_aml.model import notebook
from jupyter_aml.model.environment import KERNEL
from jupyter_aml.model.job import (
    CellJob,
    CommandJob,
    Input,
    Job,
    JobSpec,
    KernelJob,
    NodeSpec,
    NotebookJob,
    Output,
    ParentSpec,
)
from jupyter_aml.service.backends.local.data.places import (
    input_path,
    output_goal,
    written_directly,
)
from jupyter_aml.service.backends.local.jobs import distribution, expressions, notebooks
from jupyter_aml.service.backends.local.kernels import files as kernels

_PASSED_ON = frozenset(
    "PATH HOME USER LOGNAME SHELL LANG LANGUAGE TZ TMPDIR TEMP TMP SYSTEMROOT COMSPEC PATHEXT "
    "USERPROFILE APPDATA LOCALAPPDATA PROGRAMFILES LD_LIBRARY_PATH DYLD_LIBRARY_PATH VIRTUAL_ENV "
    "CONDA_PREFIX CUDA_HOME SSL_CERT_FILE SSL_CERT_DIR REQUESTS_CA_BUNDLE CURL_CA_BUNDLE "
    "HTTP_PROXY HTTPS_PROXY NO_PROXY ALL_PROXY XDG_CACHE_HOME XDG_DATA_HOME XDG_CONFIG_HOME".split()
)


def clean_environment(own: Mapping[str, str]) -> dict[str, str]:
    """The part of `own` that a job may see."""
    return {
        name: value
        for name, value in own.items()
        if name.upper() in _PASSED_ON or name.startswith("LC_")
    }


@lru_cache(maxsize=1)
def _own_environment() -> dict[str, str]:
    """The clean part of the service's own; it does not change while the service runs."""
    return clean_environment(os.environ)


@dataclass(frozen=True)
class Keys:
    """Secrets of one attempt, derived so that the next service knows them too."""

    secret: bytes

    @cached_property
    def _keyed(self) -> hmac.HMAC:
        """Has the secret in it already: a copy of it costs a third of a new one."""
        return hmac.new(self.secret, digestmod="sha256")

    def _derive(self, what: str, job: str, attempt: int) -> str:
        keyed = self._keyed.copy()
        keyed.update(f"{what}:{job}:{attempt}".encode())
        return keyed.hexdigest()

    def marker(self, job: str, attempt: int) -> str:
        """32 hex digits in the environment of every process of the attempt."""
        return self._derive("marker", job, attempt)[:32]

    def result(self, job: str, attempt: int) -> str:
        """Signs the result file, so that only what the job wrote is unpickled."""
        return self._derive("result", job, attempt)


@dataclass(frozen=True)
class Place:
    """One node as a task needs it."""

    affinity: Sequence[int]
    memory_bytes: int
    gpus: Sequence[str]
    threads: int


@dataclass(frozen=True)
class Layout:
    """Where a job's files lie. ``work`` is where it runs."""

    text: str
    """`folder` as text: a `Path` for each thing in it would be a tenth of a quick job."""

    @cached_property
    def folder(self) -> Path:
        return Path(self.text)

    def attempt_text(self, number: int) -> str:
        return f"{self.text}{os.sep}{number}"

    def attempt(self, number: int) -> Path:
        return Path(self.attempt_text(number))

    def work_text(self, node: int = 0) -> str:
        return f"{self.text}{os.sep}work" + (f"-{node}" if node else "")

    def work(self, node: int = 0) -> Path:
        return Path(self.work_text(node))

    @property
    def home(self) -> Path:
        return self.folder.parent.parent

    @property
    def samples(self) -> Path:
        """CPU, memory and disk of a job that ended, as JSON."""
        return self.folder / "samples.json"

    def output(self, name: str, kind: str) -> Path:
        folder = self.folder / "outputs" / name
        return folder / name if kind == "uri_file" else folder


def written_to(layout: Layout, name: str, output: Output) -> str:
    """What ``${{outputs.name}}`` stands for: where the job itself writes."""
    if written_directly(output):
        return output_goal(layout.folder, output)
    return str(layout.output(name, output.type))


def output_paths(spec: JobSpec, layout: Layout) -> dict[str, str]:
    paths = {
        name: output_goal(layout.folder, output) or str(layout.output(name, output.type))
        for name, output in spec.outputs.items()
    }
    if isinstance(spec, NotebookJob):
        paths[notebook.OUTPUT] = str(notebooks.executed(spec, layout.folder))
    return paths


KEPT_FOLDERS = ["outputs", "logs"]
"""Of a working folder of its own: Azure makes them for a command, and keeps what lies in them."""


def working_folder(spec: NodeSpec, layout: Layout, node: int) -> str:
    """Its own folder, unless a job on ``local`` said where to run."""
    return spec.cwd if spec.cwd and spec.code is None else layout.work_text(node)


def command_line(spec: CommandJob, job: Job, layout: Layout) -> str:
    """What the shell is given, with the job's files where `layout` has them."""
    values = {"name": job.name}
    for name, value in spec.inputs.items():
        is_data = isinstance(value, Input)
        told = input_path(layout.folder, name, value) if is_data else str(value)
        values[f"inputs.{name}"] = told
    for name, output in spec.outputs.items():
        values[f"outputs.{name}"] = written_to(layout, name, output)
    values |= {f"search_space.{name}": str(value) for name, value in spec.parameters.items()}
    return expressions.resolve(spec.command, values)


@lru_cache(maxsize=64)
def _environment_of(python: str, *, is_kernels: bool) -> Mapping[str, str]:
    """What all jobs of an interpreter have in common."""
    env = dict(_own_environment())
    if not is_kernels:  # else they are those of whoever started the service
        env.pop("CONDA_PREFIX", None)
        env["VIRTUAL_ENV"] = str(Path(python).parent.parent)
    env["PATH"] = os.pathsep.join([os.path.dirname(python), env.get("PATH", os.defpath)])
    return MappingProxyType(env)


def _environment(job: Job, python: str, also: Mapping[str, str]) -> dict[str, str]:
    spec = job.spec
    env = {
        **_environment_of(python, is_kernels=spec.environment == KERNEL),
        **also,
        "AZUREML_RUN_ID": job.name,
        "AZUREML_ARM_PROJECT_NAME": spec.experiment_name,
        "JUPYTER_AML_JOB": job.name,
        "JUPYTER_AML_ATTEMPT": str(job.attempt),
    }
    if not isinstance(spec, CellJob):
        env["PYTHONUNBUFFERED"] = "1"
    if isinstance(spec, CommandJob):
        env |= parameters(spec)
    return env | spec.environment_variables


def parameters(spec: CommandJob) -> dict[str, str]:
    """A trial's parameters as variables. Azure's two documents differ on their names: both."""
    kinds = ("AZUREML_SWEEP_", "AZUREML_PARAMETER_")
    return {kind + name: str(value) for name, value in spec.parameters.items() for kind in kinds}


def build(
    job: Job,
    keys: Keys,
    layout: Layout,
    places: Sequence[Place],
    *,
    session_idle: float,
    also: Mapping[str, str] = MappingProxyType({}),
) -> list[dict[str, Any]]:
    """One ``run`` message for each node of the job, in rank order.

    `also` are variables of others (MLflow's, Azure's SDK's); those that the job sets itself win.
    """
    spec = job.spec
    assert not isinstance(spec, ParentSpec)
    python = spec.python or sys.executable
    base = _environment(job, python, also)
    is_distributed = len(places) > 1 or spec.distribution is not None
    ports = distribution.free_ports(len(places)) if is_distributed else []
    messages: list[dict[str, Any]] = []
    first_rank = 0
    for node, place in enumerate(places):
        processes: list[dict[str, str]] = [{}]
        if is_distributed:
            processes = distribution.processes(spec.distribution, len(places), node, ports)
        message: dict[str, Any] = {
            "op": "run",
            "job": job.name,
            "attempt": job.attempt,
            "rank": first_rank,
            "marker": keys.marker(job.name, job.attempt),
            "dir": layout.attempt_text(job.attempt),
            "cwd": (cwd := working_folder(spec, layout, node)),
            "own_folder": cwd == layout.work_text(node),
            "env": base | processes[0],
            "python": python,
            "affinity": list(place.affinity),
            "memory": place.memory_bytes,
            "gpus": list(place.gpus),
            "threads": place.threads,
            "session": "",
            "session_idle": session_idle,
        }
        if len(processes) > 1:
            message["processes"] = [
                {"rank": first_rank + local, "env": extra} for local, extra in enumerate(processes)
            ]
        if isinstance(spec, KernelJob):  # it drives other compute of the same service
            message["env"] = {**message["env"], "JUPYTER_AML_HOME": str(layout.home)}
        message |= _payload(spec, job, layout, keys)
        messages.append(message)
        first_rank += len(processes)
    return messages


def _payload(spec: NodeSpec, job: Job, layout: Layout, keys: Keys) -> dict[str, Any]:
    if isinstance(spec, CommandJob):
        line = command_line(spec, job, layout)
        return {"kind": "command", "command": line, "folders": KEPT_FOLDERS}
    if isinstance(spec, NotebookJob):
        python = spec.python or sys.executable
        line = notebooks.command(spec, python, layout.folder, layout.attempt(job.attempt))
        return {"kind": "command", "command": line}
    if isinstance(spec, KernelJob):
        python = spec.python or sys.executable
        line = kernels.command(spec, python, layout.home, layout.attempt(job.attempt))
        return {"kind": "command", "command": line, "beside": True}
    return _cell(spec, job, layout, keys)


def _cell(spec: CellJob, job: Job, layout: Layout, keys: Keys) -> dict[str, Any]:
    variables = spec.variables
    segment = None
    if variables.segment is not None:
        stored = f"{layout.text}{os.sep}inputs.buf"
        path = stored if os.path.exists(stored) else variables.segment.path
        segment = {"path": path, "lengths": variables.segment.lengths}
    return {
        "kind": "cell",
        "source": spec.source,
        "pickle": base64.b64encode(variables.pickle).decode("ascii"),
        "inputs": "",
        "segment": segment,
        "imports": variables.imports,
        "collect": spec.collect,
        "execution_count": spec.execution_count,
        "key": keys.result(job.name, job.attempt),
        "data": {n: input_path(layout.folder, n, value) for n, value in spec.data.items()},
        "preload": spec.preload,
        "session": spec.session,
        "path0": layout.work_text() if spec.code is not None else spec.cwd,
    }
