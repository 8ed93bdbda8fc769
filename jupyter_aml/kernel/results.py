"""The variables that a job left, brought into the notebook.

Only what the person's own jobs wrote is unpickled: the service checks a result's signature (with
a key that only it and the job have) before it tells of the result at all, and it comes over the
authenticated API or, on the same machine, from the files that the service named, in folders of
this user only. Large buffers are mapped copy-on-write: they cost nothing until they are read.
"""

from __future__ import annotations

import io
import mmap
import os
import pickle
import types
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import cloudpickle.cloudpickle as rules

from jupyter_aml.client.client import Client
from jupyter_aml.client.segment import offsets, total
from jupyter_aml.kernel import origins
from jupyter_aml.model.errors import CannotTravel
from jupyter_aml.model.job import Job, ResultInfo

SIGNATURE_BYTES = 32

ALWAYS_FETCHED_BYTES = (1 << 20) + (1 << 12)
"""Results smaller than this (an array of 1 MB is) come back without asking for a limit."""
_MB = 1 << 20


class Left:
    """What a cell left: its variables, what it raised, and its last value."""

    def __init__(self, found: dict[str, Any]) -> None:
        self.variables: dict[str, Any] = found.get("variables") or {}
        self.exception: BaseException | None = found.get("exception")
        self.has_value = "value" in found
        self.value: Any = found.get("value")


def load(client: Client, job: Job, namespace: dict[str, Any]) -> Left:
    """Read the result of `job`. Functions of the notebook in it see `namespace` as their globals.

    Raise `CannotTravel` if it cannot be read in this process; it stays with the job.
    """
    info = job.result
    if info is None or not info.path:
        return Left({})
    try:
        data, buffers = _read(client, job.name, info)
        found = _Reader(data, buffers, namespace).load()
    except Exception as error:  # whatever unpickling foreign classes raises
        names = ", ".join(info.names) or "its exception"
        raise CannotTravel(
            f"What the job {job.name} left ({names}) cannot be read in this kernel: "
            f"{type(error).__name__}: {error}",
            target=job.name,
            hint=f"Install here what it needs, then: %aml job fetch {job.name}",
        ) from error
    left = Left(found)
    origins.note(job.name, [*left.variables.values(), left.value])
    return left


def too_large(client: Client, info: ResultInfo) -> dict[str, int]:
    """Names (and bytes) of variables over the person's limit: they stay with the job."""
    if sum(info.names.values()) < ALWAYS_FETCHED_BYTES:
        return {}
    limit = client.preferences.get().fetch_limit_mb * _MB
    return {name: size for name, size in info.names.items() if size > limit}


def _read(client: Client, job: str, info: ResultInfo) -> tuple[memoryview, list[memoryview]]:
    """The pickle and its buffers, from this machine's files where they are."""
    path = Path(info.path)
    if _is_ours(path, client.home):
        data = memoryview(path.read_bytes())[SIGNATURE_BYTES:]
        return data, _mapped(path.with_name("result.buf"), info.lengths)
    whole = memoryview(bytearray().join(client.jobs.result(job)))
    end = len(whole) - total(info.lengths)
    return whole[SIGNATURE_BYTES:end], _cut(whole[end:], info.lengths)


def _is_ours(path: Path, home: Path) -> bool:
    """A file of this user in the home that this client uses."""
    try:
        found = path.lstat()
    except OSError:
        return False
    is_ours = not hasattr(os, "getuid") or found.st_uid == os.getuid()
    return is_ours and path.is_relative_to(home)


def _mapped(path: Path, lengths: list[int]) -> list[memoryview]:
    if not lengths or not total(lengths):
        return [memoryview(bytearray()) for _ in lengths]
    with path.open("rb") as file:
        # Private to this process: writing to an array of it does not change the stored result.
        whole = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY))
    return _cut(whole, lengths)


def _cut(whole: memoryview, lengths: list[int]) -> list[memoryview]:
    return [whole[at : at + length] for at, length in zip(offsets(lengths), lengths, strict=True)]


def _tracked() -> Mapping[str, type]:
    """The classes that cloudpickle has sent or received in this process."""
    return getattr(rules, "_DYNAMIC_CLASS_TRACKER_BY_ID", {})


class _Reader(pickle.Unpickler):
    """cloudpickle's own rules, but for the notebook's own functions and classes.

    Functions see the notebook's variables, and nothing there is overwritten by what travelled
    with them. A class of the notebook that comes back is the one that is here already.
    """

    def __init__(
        self, data: memoryview, buffers: list[memoryview], namespace: dict[str, Any]
    ) -> None:
        super().__init__(io.BytesIO(data), buffers=buffers)
        self._namespace = namespace
        self._known: set[int] = set()

    def find_class(self, module: str, name: str) -> Any:
        found = super().find_class(module, name)
        if module != rules.__name__:
            return found
        if name == "_make_function":
            return self._make_function
        if name == "_function_setstate":
            return self._set_function
        if name == "_class_setstate":
            return self._set_class
        if name in ("_make_skeleton_class", "_make_skeleton_enum"):
            return self._noted(found)
        return found

    def _make_function(
        self, code: types.CodeType, namespace: Any, name: Any, defaults: Any, closure: Any
    ) -> types.FunctionType:
        if isinstance(namespace, dict) and namespace.get("__name__") == "__main__":
            namespace = self._namespace
        return types.FunctionType(code, namespace, name, defaults, closure)

    def _set_function(self, function: types.FunctionType, state: Any) -> None:
        if function.__globals__ is not self._namespace:
            rules._function_setstate(function, state)
            return
        attributes, slots = state
        for name, value in slots["__globals__"].items():
            self._namespace.setdefault(name, value)
        builtins = self._namespace.get("__builtins__")
        rules._function_setstate(function, (attributes, {**slots, "__globals__": {}}))
        if builtins is not None:
            self._namespace["__builtins__"] = builtins

    def _noted(self, make: Callable[..., type]) -> Callable[..., type]:
        """`make`, which tells a class that was here before from a new one."""

        def skeleton(*arguments: Any) -> type:
            here = set(map(id, _tracked().values()))
            made = make(*arguments)
            if id(made) in here:
                self._known.add(id(made))
            return made

        return skeleton

    def _set_class(self, made: type, state: Any) -> type:
        return made if id(made) in self._known else rules._class_setstate(made, state)
