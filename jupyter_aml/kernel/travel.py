"""Why a value cannot go to another process, and how to mend it: words for the person.

`explain` is asked only after pickling failed, so it may take its time: it looks for the smallest
part of the value that cannot be pickled and says where that is.
"""

from __future__ import annotations

import _io  # io.IOBase is an abstract class, and asking it costs ten times as much
import types
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from jupyter_aml.model.errors import CannotTravel

MOST_PARTS = 200
DEEPEST = 6


@dataclass(frozen=True)
class Obstacle:
    """``config["log"]`` (`where`) is an open file (`what`); `fix` says what to do instead."""

    where: str
    what: str
    fix: str
    raw: str = ""

    def __str__(self) -> str:
        return f"{self.where} is {self.what}. {self.fix}"


# Class (or base class) to what it is and how to mend it. Looked up by name, so that nothing is
# imported to ask; "module." stands for every class of that module.
_KNOWN: dict[str, tuple[str, str]] = {
    "builtins.generator": ("a generator, which can run only here", "Send a list: list({})."),
    "builtins.async_generator": ("an async generator", "Make it inside the cell."),
    "builtins.coroutine": ("a coroutine, which can run only here", "Await it first, or there."),
    "builtins.frame": ("a frame of this process", "Leave it here."),
    "builtins.traceback": ("a traceback of this process", "Send its text: traceback.format_tb()."),
    "builtins.PyCapsule": ("a handle of a C library", "Make it inside the cell."),
    "builtins.dict_keyiterator": ("an iterator", "Send a list: list({})."),
    "_io._IOBase": (
        "an open file, and open files stay in this process",
        "Send its path and open it inside the cell.",
    ),
    "_thread.lock": ("a lock of this process", "Make it inside the cell."),
    "_thread.RLock": ("a lock of this process", "Make it inside the cell."),
    "_thread._local": ("data of one thread", "Make it inside the cell."),
    "threading.Thread": ("a thread of this process", "Start it inside the cell."),
    "threading.Event": ("an event of this process", "Make it inside the cell."),
    "threading.Condition": ("a condition of this process", "Make it inside the cell."),
    "queue.Queue": ("a queue of this process", "Send its items as a list."),
    "_queue.SimpleQueue": ("a queue of this process", "Send its items as a list."),
    "_socket.socket": ("an open socket", "Send the address and connect inside the cell."),
    "ssl.SSLContext": ("a TLS context", "Make it inside the cell."),
    "subprocess.Popen": ("a running program of this machine", "Start it inside the cell."),
    "multiprocessing.": ("bound to processes of this machine", "Make it inside the cell."),
    "concurrent.futures.": ("bound to threads of this process", "Send its result instead."),
    "_asyncio.Task": ("a task of this process", "Await it first, and send its result."),
    "_asyncio.Future": ("a future of this process", "Await it first, and send its result."),
    "asyncio.": ("bound to the event loop of this process", "Make it inside the cell."),
    "sqlite3.": (
        "a database connection, which belongs to this process",
        "Send the path of the database and connect inside the cell.",
    ),
    "sqlalchemy.": (
        "bound to a database connection of this process",
        "Send the address and connect inside the cell, or send the data.",
    ),
    "psycopg.": ("a database connection", "Connect inside the cell, or send the data."),
    "psycopg2.": ("a database connection", "Connect inside the cell, or send the data."),
    "duckdb.": ("a database connection", "Connect inside the cell, or send the data."),
    "mmap.mmap": ("a file mapped into memory", "Send its path, or its bytes: {}[:]."),
    "weakref.ReferenceType": ("a weak reference", "Send the object itself: {}()."),
    "_ctypes.": ("memory of a C library", "Make it inside the cell."),
    "zipfile.ZipFile": ("an open archive", "Send its path and open it inside the cell."),
    "h5py.": ("an open HDF5 file", "Send its path, or the data: {}[...]."),
    "pyspark.": ("bound to the Spark session of this kernel", "Send data: {}.toPandas()."),
    "ipywidgets.": ("a widget of this notebook", "Send its value: {}.value."),
    "traitlets.": ("bound to this kernel", "Send the values it holds."),
    "IPython.": ("bound to this kernel", "Leave it here."),
    "ipykernel.": ("bound to this kernel", "Leave it here."),
    "jupyter_aml.client.": (
        "a client of the compute service, which stays here",
        "Call aml.connect() inside the cell.",
    ),
    "torch.Tensor": ("a tensor in the memory of this machine's GPU", "Send a copy: {}.cpu()."),
}


def cannot_travel(noun: str, obstacles: Sequence[Obstacle], hint: str) -> CannotTravel:
    """One error that names them all. `noun` is what they are: "variable", "module"."""
    count = f"One {noun}" if len(obstacles) == 1 else f"{len(obstacles)} {noun}s"
    lines = "".join(f"\n  {obstacle}" for obstacle in obstacles)
    return CannotTravel(
        f"{count} of this notebook cannot travel to the compute:{lines}",
        target=", ".join(obstacle.where for obstacle in obstacles),
        hint=f"Nothing was started. {hint}".rstrip(),
        details=[f"{obstacle.where}: {obstacle.raw}" for obstacle in obstacles if obstacle.raw],
    )


def is_refused(value: object) -> bool:
    """Whether `value` could be pickled and would still not be itself over there: an open file."""
    return isinstance(value, _io._IOBase) and not isinstance(value, (_io.StringIO, _io.BytesIO))


def is_on_gpu(value: object) -> bool:
    """A tensor of CUDA: the job may have no such device."""
    module = type(value).__module__
    return (module == "torch" or module.startswith("torch.")) and bool(
        getattr(value, "is_cuda", False)
    )


def explain(name: str, value: object, try_pickle: Callable[[object], str | None]) -> Obstacle:
    """Why `value`, the notebook's variable `name`, cannot travel.

    `try_pickle` returns what went wrong with an object, or None. It went wrong with `value`.
    """
    where, part, raw = _smallest(name, value, try_pickle)
    what, fix = _known(part) or (_described(part, raw), "Make it inside the cell.")
    return Obstacle(where, what, fix.format(where), raw)


def _known(value: object) -> tuple[str, str] | None:
    for kind in type(value).__mro__:
        module = kind.__module__
        found = _KNOWN.get(f"{module}.{kind.__qualname__}")
        if found:
            return found
        for prefix in _prefixes(module):
            if prefix in _KNOWN:
                return _KNOWN[prefix]
    return None


def _prefixes(module: str) -> Iterator[str]:
    parts = module.split(".")
    for end in range(len(parts), 0, -1):
        yield ".".join(parts[:end]) + "."


def _described(value: object, raw: str) -> str:
    kind = type(value)
    owner = "" if kind.__module__ in ("builtins", "__main__") else f"{kind.__module__}."
    return f"a {owner}{kind.__qualname__} that cannot be pickled ({raw})"


def _smallest(
    where: str, value: object, try_pickle: Callable[[object], str | None], depth: int = 0
) -> tuple[str, object, str]:
    """The smallest part that cannot be pickled: its place, itself, and the error."""
    raw = try_pickle(value) or ""
    if depth < DEEPEST and _known(value) is None:
        for number, (step, part) in enumerate(_parts(where, value)):
            if number >= MOST_PARTS:
                break
            if part is not value and try_pickle(part) is not None:
                return _smallest(step, part, try_pickle, depth + 1)
    return where, value, raw


def _parts(where: str, value: Any) -> Iterator[tuple[str, object]]:
    """What `value` is made of, each with the way to it."""
    if isinstance(value, dict):
        for key, part in list(value.items()):
            yield f"{where}[{key!r}]", part
    elif isinstance(value, (list, tuple, set, frozenset)):
        for index, part in enumerate(list(value)):
            yield f"{where}[{index}]" if isinstance(value, (list, tuple)) else where, part
    elif isinstance(value, types.FunctionType):
        yield from _parts_of_function(where, value)
    elif isinstance(value, types.MethodType):
        yield where, value.__self__
        yield where, value.__func__
    elif isinstance(value, type):
        for name, part in list(vars(value).items()):
            if callable(part):
                yield f"{where}.{name}", part
    else:
        state = getattr(value, "__dict__", None)
        if isinstance(state, dict):
            for name, part in list(state.items()):
                yield f"{where}.{name}", part
        if type(value).__module__ == "functools":
            for name in ("func", "args", "keywords"):
                if hasattr(value, name):
                    yield f"{where}.{name}", getattr(value, name)


def _parts_of_function(where: str, function: types.FunctionType) -> Iterator[tuple[str, object]]:
    names = function.__code__.co_freevars
    for name, cell in zip(names, function.__closure__ or (), strict=False):
        try:
            yield f"{name}, used by {where},", cell.cell_contents
        except ValueError:
            continue  # not set yet
    for name in sorted(_global_names(function.__code__)):
        if name in function.__globals__:
            yield f"{name}, used by {where},", function.__globals__[name]
    for part in function.__defaults__ or ():
        yield f"a default of {where}", part


def _global_names(code: types.CodeType) -> set[str]:
    names = set(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            names |= _global_names(constant)
    return names
