"""How large a value would be on its way, without pickling it: an estimate within a bounded time.

Arrays and frames know their size. Of large containers a part is looked at and the rest is taken
to be like it. Nothing of the person's is called but sizes that libraries keep ready.
"""

from __future__ import annotations

import sys
import types
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

_PART = 40
"""Elements of a container that are looked at."""
_DEEPEST = 6
_MOST_VISITS = 4000
_PLAIN = (int, float, complex, bool, type(None), type(Ellipsis))
_REFERENCE = 60
"""What a module, class or function of the environment weighs: its name."""


@dataclass
class Size:
    """``buffers`` bytes travel beside the pickle as they are, ``inline`` bytes inside of it."""

    inline: int = 0
    buffers: int = 0
    complete: bool = True
    """False: there was too much to look at, and what was not looked at was guessed."""

    @property
    def total(self) -> int:
        return self.inline + self.buffers


@dataclass
class _Walk:
    namespace: dict[str, Any]
    is_late: Callable[[], bool]
    seen: dict[int, object]
    visits: int = 0
    size: Size = field(default_factory=Size)


def estimate(
    value: object, namespace: dict[str, Any], is_late: Callable[[], bool], seen: dict[int, object]
) -> Size:
    """The size of one variable; functions of the notebook with the globals that they use.

    `seen` are the parts that other variables take along: they travel once.
    """
    walk = _Walk(namespace, is_late, seen)
    walk.size.inline = round(_weigh(value, walk, 0))
    return walk.size


def _weigh(value: Any, walk: _Walk, depth: int) -> float:
    """Bytes inside the pickle; buffers are added to the walk's size."""
    if isinstance(value, _PLAIN):
        return 9
    if id(value) in walk.seen:
        return 3
    walk.seen[id(value)] = value  # held, so that no other object gets its id
    if isinstance(value, (str, bytes, bytearray)):
        return len(value) + 10
    walk.visits += 1
    if depth > _DEEPEST or walk.visits > _MOST_VISITS or (walk.visits % 64 == 0 and walk.is_late()):
        walk.size.complete = False
        return float(sys.getsizeof(value, 100))
    known = _known(value, walk)
    if known is not None:
        return known
    if isinstance(value, dict):
        return _weigh_many(len(value), value.items(), walk, depth)
    if isinstance(value, (list, tuple, set, frozenset)):
        return _weigh_many(len(value), value, walk, depth)
    return _weigh_object(value, walk, depth)


def _weigh_many(count: int, elements: Iterable[Any], walk: _Walk, depth: int) -> float:
    """A container: a part of its elements stands for all of them."""
    part = list(islice(elements, _PART))
    if not part:
        return 5
    before = walk.size.buffers
    inline = sum(_weigh(element, walk, depth + 1) for element in part)
    if count > len(part):
        walk.size.complete = False
        times = count / len(part)
        walk.size.buffers = before + round((walk.size.buffers - before) * times)
        inline *= times
    return inline + 5


def _known(value: Any, walk: _Walk) -> float | None:
    """Of values that know their own size; None for others."""
    module = type(value).__module__.partition(".")[0]
    if module == "numpy" and hasattr(value, "nbytes"):
        return _weigh_array(value, walk)
    if module == "pandas":
        return _weigh_pandas(value, walk)
    if module == "torch" and hasattr(value, "element_size"):
        walk.size.buffers += value.element_size() * value.nelement()
        return 300
    for name in ("nbytes", "estimated_size"):
        found = getattr(type(value), name, None) and getattr(value, name, None)
        found = found() if callable(found) and module == "polars" else found
        if isinstance(found, int):
            walk.size.buffers += found
            return 300
    if isinstance(value, (types.ModuleType, types.BuiltinFunctionType)):
        return _REFERENCE
    return None


def _weigh_array(value: Any, walk: _Walk) -> float:
    if getattr(value, "dtype", None) is not None and value.dtype.hasobject:
        part = list(islice(value.flat, _PART))
        each = sum(_weigh(one, walk, _DEEPEST) for one in part) / max(1, len(part))
        return each * value.size
    walk.size.buffers += int(value.nbytes)
    return 150


def _weigh_pandas(value: Any, walk: _Walk) -> float | None:
    if not hasattr(value, "memory_usage"):
        return None
    usage = value.memory_usage(deep=False)
    bare = int(usage if isinstance(usage, int) else usage.sum())
    texts = _texts(value, walk)
    walk.size.buffers += bare
    return texts + 500


def _texts(value: Any, walk: _Walk) -> float:
    """What the columns of objects weigh besides their references, by a part of each."""
    columns = [value[name] for name in value.columns] if hasattr(value, "columns") else [value]
    total = 0.0
    for column in columns:
        if str(getattr(column, "dtype", "")) in ("object", "str", "string") and len(column):
            part = list(column[:_PART])
            total += sum(_weigh(one, walk, _DEEPEST) for one in part) / len(part) * len(column)
    return total


def _weigh_object(value: Any, walk: _Walk, depth: int) -> float:
    if isinstance(value, types.FunctionType):
        return _weigh_function(value, walk, depth)
    if isinstance(value, type):
        if value.__module__ != "__main__":
            return _REFERENCE
        return sum(_weigh(part, walk, depth + 1) for part in list(vars(value).values())) + 100
    if isinstance(value, types.MethodType):
        return _weigh(value.__self__, walk, depth + 1) + _REFERENCE
    state = getattr(value, "__dict__", None)
    if isinstance(state, dict):
        return _REFERENCE + _weigh(state, walk, depth + 1)
    return float(sys.getsizeof(value, 100))


def _weigh_function(function: types.FunctionType, walk: _Walk, depth: int) -> float:
    """By value if it is the notebook's own: with its closure and the globals that it names."""
    if function.__globals__ is not walk.namespace:
        return _REFERENCE
    total = len(function.__code__.co_code) * 2.0 + 300
    for cell in function.__closure__ or ():
        try:
            total += _weigh(cell.cell_contents, walk, depth + 1)
        except ValueError:
            continue  # not set yet
    for name in function.__code__.co_names:
        if name in walk.namespace:
            total += _weigh(walk.namespace[name], walk, depth + 1)
    return total
