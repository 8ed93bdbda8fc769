"""Steps that need not run again: an earlier job had done the same with the same.

The same is a key of everything that decides what a step leaves: its command and code, environment
and variables, its outputs and the content of its inputs. Where and how it ran is no part of it.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import msgspec

from jupyter_aml.model.job import CommandJob, Input, InputValue, Job, JobSpec, Output, ReusedJob
from jupyter_aml.model.spec import JobFields
from jupyter_aml.service.backends.local.data.places import is_web
from jupyter_aml.service.backends.local.parents.kind import Check, Settle
from jupyter_aml.service.backends.local.parents.planning import Action, Create, End, View
from jupyter_aml.service.store import component_rows, rows
from jupyter_aml.service.store.db import Store

KEY = "jupyter_aml.reuse_key"
"""The property of a step's job that holds its key."""

_MOST_BYTES = 2 * 1024**3
"""Of inputs that are read to know what they hold; larger ones go by size and time."""

_BLOCK = 1024 * 1024
_ABOUT = (
    "compute display_name description experiment_name tags properties azure parent timeout "
    "retries warnings"
).split()
"""Fields of a job that change nothing of what it leaves."""


class Reuse:
    """Of one engine. `uploads` is where what data assets hold lies, by its content."""

    def __init__(self, store: Store, uploads: Path) -> None:
        self._store = store
        self._uploads = f"{uploads}{os.sep}"

    def of(self, spec: JobSpec) -> JobSpec:
        """`spec` with its key, or the job that stands for an earlier one. Blocks."""
        if not isinstance(spec, CommandJob):
            return spec  # the steps of a pipeline are reused one by one; a sweep runs
        try:
            key = self.key(spec)
        except OSError:
            return spec  # what cannot be read is refused, or fails, where it is needed
        with contextlib.closing(self._store.another_reader()) as reader:
            earlier = component_rows.reusable(reader, key)
            found = rows.get_job(reader, earlier) if earlier else None
        if found is not None and _is_there(found):
            return reused(spec, found)
        return msgspec.structs.replace(spec, properties={**spec.properties, KEY: key})

    def keep(self, job: Job) -> None:
        """A step has ended: from now on it can be reused, if it went well."""
        key = job.spec.properties.get(KEY)
        if key and job.status == "Completed" and isinstance(job.spec, CommandJob):
            name = job.name
            self._store.post(lambda conn: component_rows.save_reusable(conn, key, name))

    def key(self, spec: CommandJob) -> str:
        """Raises `OSError` where an input cannot be read."""
        defaults = {name: getattr(_PLAIN, name) for name in _ABOUT}
        inputs: dict[str, InputValue] = {
            name: self._content(value) if isinstance(value, Input) else value
            for name, value in spec.inputs.items()
        }
        plain = msgspec.structs.replace(spec, **defaults, inputs=inputs)
        told = msgspec.json.encode(plain, order="deterministic")
        return hashlib.sha256(told).hexdigest()

    def _content(self, value: Input) -> Input:
        """`value` with what lies there in place of where it lies."""
        if is_web(value.path):
            return value
        if value.path.startswith(self._uploads):  # by content already
            content = value.path.removeprefix(self._uploads)
        else:
            content = tree_key(Path(value.path))
        return msgspec.structs.replace(value, path=content, reference="")


_PLAIN = CommandJob(command="-")


def _is_there(job: Job) -> bool:
    outputs = job.spec.outputs
    paths = [job.outputs.get(name, "") for name in outputs]
    return job.status == "Completed" and all(path and os.path.exists(path) for path in paths)


def reused(spec: CommandJob, found: Job) -> ReusedJob:
    """The job that stands for `spec`, which `found` has done."""
    shared = {name: getattr(spec, name) for name in JobFields.__struct_fields__}
    shared["outputs"] = {
        name: Output(path=found.outputs[name], type=output.type)
        for name, output in spec.outputs.items()
    }
    return ReusedJob(job=found.name, inputs=spec.inputs, registered=found.registered, **shared)


class Reused:
    """The kind of `ReusedJob`: a parent without parts, which ends at once."""

    def check(self, spec: ReusedJob, _check: Check) -> ReusedJob:
        return spec

    async def settle(self, spec: ReusedJob, _settle: Settle) -> ReusedJob:
        return spec

    def metric(self, _spec: ReusedJob) -> str:
        return ""

    def plan(self, view: View) -> list[Action]:
        spec = view.job.spec
        assert isinstance(spec, ReusedJob)
        outputs = {name: output.path for name, output in spec.outputs.items()}
        reason = f"reused from {spec.job}"
        return [End("Completed", reason, outputs=outputs, registered=spec.registered)]

    def spec_of(self, view: View, create: Create) -> JobSpec:
        raise AssertionError(f"{view.job.name} makes no jobs, and {create.name} is one")

    def told(self, _view: View, _child: Job) -> str:
        return ""

    def ended(self, _child: Job) -> None:
        pass


# -- content ------------------------------------------------------------------------------


def tree_key(path: Path) -> str:
    """A key of what a file or folder holds, names included. Raises `OSError`. Blocks."""
    files = list(_files(path))
    large = sum(found.st_size for _, _, found in files) > _MOST_BYTES
    digest = hashlib.blake2b(digest_size=32)
    for inner, file, found in files:
        content = f"{found.st_size} {found.st_mtime_ns}" if large else _digest(file)
        digest.update(f"{inner}\0{content}\n".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def _files(path: Path) -> Iterator[tuple[str, str, os.stat_result]]:
    if not path.is_dir():
        yield path.name, str(path), path.stat()
        return
    for base, folders, names in os.walk(path, followlinks=True):
        folders.sort()
        for name in sorted(names):
            file = os.path.join(base, name)
            yield os.path.relpath(file, path), file, os.stat(file)


def _digest(path: str) -> str:
    digest = hashlib.blake2b(digest_size=32)
    with open(path, "rb") as stream:
        while block := stream.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()
