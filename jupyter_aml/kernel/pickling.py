"""The notebook's values as a pickle, large buffers aside.

A cloudpickle that (1) gives functions and classes of the notebook the globals of the place they
arrive in, as if they were defined there, (2) refuses what would arrive as something else, and
(3) notes every module that the values will need.
"""

from __future__ import annotations

import functools
import io
import pickle
import sys
import types
from dataclasses import dataclass, field
from typing import Any

import cloudpickle

from jupyter_aml.kernel.travel import is_on_gpu, is_refused

OUT_OF_BAND_BYTES = 1 << 20
"""Below this, in total, buffers stay in the pickle: the shared memory would cost more."""
_WORTH_BYTES = 1 << 16
"""A single buffer below this stays in the pickle in any case."""

_OURS = frozenset({"", "__main__", "builtins", "cloudpickle.cloudpickle"})


@dataclass
class Pickled:
    """A protocol-5 pickle; `buffers` are flat views of the values' own memory."""

    data: bytes
    buffers: list[memoryview] = field(default_factory=list)
    modules: set[str] = field(default_factory=set)
    """Modules whose functions, classes or selves are in it by name."""


class _MainGlobals:
    """Stands for the namespace of the notebook; unpickles to that of the job."""

    def __reduce__(self) -> tuple[Any, ...]:
        return vars, (sys.modules["__main__"],)


class Pickler(cloudpickle.Pickler):
    """Refuses what would arrive as something else; notes modules. `packing` has one of its own."""

    def __init__(self, file: io.BytesIO, namespace: dict[str, Any], callback: Any) -> None:
        super().__init__(file, protocol=5, buffer_callback=callback)
        # cloudpickle keeps one dictionary per namespace that its functions shall share.
        self.globals_ref[id(namespace)] = _MainGlobals()
        self.modules: set[str] = set()

    def reducer_override(self, obj: Any) -> Any:
        if isinstance(obj, (types.FunctionType, type)):
            self.modules.add(getattr(obj, "__module__", "") or "")
        elif isinstance(obj, types.ModuleType):
            self.modules.add(obj.__name__)
        elif obj is sys.stdout or obj is sys.stderr:
            return getattr, (sys, "stdout" if obj is sys.stdout else "stderr")
        elif is_refused(obj) or is_on_gpu(obj):
            raise pickle.PicklingError(f"a {type(obj).__name__} would not arrive as itself")
        return super().reducer_override(obj)


def pickled(values: dict[str, Any], namespace: dict[str, Any]) -> Pickled:
    """`values` by name. `namespace` is that of the notebook. Raises whatever pickling raises."""
    buffers: list[memoryview] = []

    def keep(buffer: pickle.PickleBuffer) -> bool:
        try:
            view = buffer.raw()
        except BufferError:
            return True  # not contiguous: it is copied into the pickle
        if view.nbytes < _WORTH_BYTES:
            return True
        buffers.append(view)
        return False

    result = _dump(values, namespace, keep)
    if sum(view.nbytes for view in buffers) >= OUT_OF_BAND_BYTES:
        result.buffers = buffers
    elif buffers:
        result = _dump(values, namespace, None)
    return _aside(result) if len(result.data) >= OUT_OF_BAND_BYTES else result


class _Inner:
    """A pickle that is itself a buffer: it unpickles to what that pickle holds."""

    def __init__(self, data: bytes, buffers: list[memoryview]) -> None:
        self._data = data
        self._buffers = buffers

    def __reduce__(self) -> tuple[Any, ...]:
        own = [pickle.PickleBuffer(view) for view in self._buffers]
        return functools.partial(pickle.loads, buffers=own), (pickle.PickleBuffer(self._data),)


def _aside(large: Pickled) -> Pickled:
    """The same with the pickle itself (a long list, say) among the buffers.

    What goes with the request is encoded as text there, which costs more than the rest together.
    """
    found: list[memoryview] = []
    inner = _Inner(large.data, large.buffers)
    data = pickle.dumps(inner, 5, buffer_callback=lambda buffer: found.append(buffer.raw()))
    return Pickled(data, found, large.modules)


def problem(value: object, namespace: dict[str, Any]) -> str | None:
    """What goes wrong when `value` is pickled; None if nothing does."""
    try:
        _dump(value, namespace, lambda buffer: False)  # noqa: ARG005 - taken, and dropped
    except Exception as error:  # whatever a foreign __reduce__ raises
        return f"{type(error).__name__}: {error}"
    return None


def _dump(value: object, namespace: dict[str, Any], callback: Any) -> Pickled:
    file = io.BytesIO()
    pickler = Pickler(file, namespace, callback)
    pickler.dump(value)
    by_value = cloudpickle.list_registry_pickle_by_value()
    return Pickled(file.getvalue(), modules=pickler.modules - _OURS - by_value)
